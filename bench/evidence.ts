import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import sharp from 'sharp';
import { load, round, send, type Call, type LoadResult } from './load.js';
import { signIn } from './service.js';

const MIB = 1024 * 1024;
const BOUNDARY = 'x-bench-x';
/** Files of 20 MiB that a case takes. */
const FILES_OF_A_CASE = 24;

/** A form with one file of so many bytes. The first bytes differ, or it would be the same file again. */
export class Form {
  private readonly head = Buffer.from(
    `--${BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="a.bin"\r\n\r\n`,
  );
  private readonly tail = Buffer.from(`\r\n--${BOUNDARY}--\r\n`);
  private readonly bytes: Buffer;
  private sent = 0;

  constructor(content: Buffer | number) {
    this.bytes = typeof content === 'number' ? randomBytes(content) : content;
    if (typeof content === 'number') this.bytes.write('prueba');
  }

  get length(): number {
    return this.head.length + this.bytes.length + this.tail.length;
  }

  /** Sends it. @returns milliseconds, NaN when it was not answered with 201 */
  async post(agent: Agent, port: number, path: string, token?: string): Promise<number> {
    const began = performance.now();
    this.sent += 1;
    const number = Buffer.from(String(this.sent).padStart(12, '0'));
    const status = await new Promise<number>((resolve) => {
      const message = request(
        {
          agent,
          host: '127.0.0.1',
          port,
          method: 'POST',
          path,
          headers: {
            'Content-Type': `multipart/form-data; boundary=${BOUNDARY}`,
            'Content-Length': this.length,
            ...(token ? { Authorization: `Bearer ${token}` } : {}),
          },
        },
        (response) => response.resume().on('end', () => resolve(response.statusCode!)),
      );
      message.on('error', () => resolve(0));
      message.write(this.head);
      message.write(this.bytes.subarray(0, 16));
      if (this.bytes.length > 1000) message.write(number);
      message.write(this.bytes.subarray(this.bytes.length > 1000 ? 28 : 16));
      message.end(this.tail);
    });
    return status === 201 ? performance.now() - began : NaN;
  }
}

/** A new report, with the token of its reporter. */
export async function newCase(port: number, report: string): Promise<{ folio: string; token: string }> {
  const agent = new Agent();
  const filed = await send(agent, port, { method: 'POST', path: '/api/v1/reports', body: report });
  const { folio, accessCode } = JSON.parse(filed.text) as { folio: string; accessCode: string };
  const body = JSON.stringify({ folio, accessCode });
  const opened = await send(agent, port, { method: 'POST', path: '/api/v1/tracking/sessions', body });
  return { folio, token: (JSON.parse(opened.text) as { token: string }).token };
}

interface Uploads {
  mibPerSecond: number;
  p95: number;
  failures: number;
}

/**
 * Uploads of 20 MiB over four connections for so many seconds.
 * @param tokenOf gives the token for an upload; without it the endpoint wants none
 */
export async function upload(
  port: number,
  path: string,
  seconds: number,
  tokenOf?: () => Promise<string>,
): Promise<Uploads> {
  const agent = new Agent({ keepAlive: true, maxSockets: 4 });
  const times: number[] = [];
  let failures = 0;
  const end = performance.now() + seconds * 1000;
  const began = performance.now();
  const worker = async (): Promise<void> => {
    const form = new Form(20 * MIB);
    while (performance.now() < end) {
      const ms = await form.post(agent, port, path, await tokenOf?.());
      if (Number.isNaN(ms)) failures += 1;
      else times.push(ms);
    }
  };
  await Promise.all(Array.from({ length: 4 }, worker));
  const elapsed = (performance.now() - began) / 1000;
  agent.destroy();
  times.sort((a, b) => a - b);
  const p95 = times[Math.min(times.length - 1, Math.floor(times.length * 0.95))] ?? NaN;
  return { mibPerSecond: round((times.length * 20) / elapsed), p95: round(p95), failures };
}

/** Gives tokens of cases that still take a file; each case is filed when it is needed. */
export function tokens(port: number, report: string): () => Promise<string> {
  let left = 0;
  let current = Promise.resolve('');
  return () => {
    if (left === 0) {
      current = newCase(port, report).then(({ token }) => token);
      left = FILES_OF_A_CASE;
    }
    left -= 1;
    return current;
  };
}

/** Resident memory of a process in MiB. */
export function residentOf(pid: number): number {
  const match = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Math.round(Number(match?.[1] ?? NaN) / 1024);
}

/** The most memory that a process takes beyond what it has now, during eight uploads of 100 MiB at once. */
export async function growth(port: number, pid: number, report: string): Promise<number> {
  const agent = new Agent({ maxSockets: 8 });
  const before = residentOf(pid);
  let most = before;
  const timer = setInterval(() => (most = Math.max(most, residentOf(pid))), 20);
  const form = new Form(100 * MIB);
  await Promise.all(
    Array.from({ length: 8 }, async () =>
      form.post(agent, port, '/api/v1/tracking/evidence', (await newCase(port, report)).token),
    ),
  );
  clearInterval(timer);
  agent.destroy();
  return most - before;
}

/** A photo as a phone takes it: 12 Mpx with the noise of a sensor. */
export async function photo(seed: number): Promise<Buffer> {
  const noise = randomBytes(500 * 375 * 3);
  noise[0] = seed;
  return sharp(noise, { raw: { width: 500, height: 375, channels: 3 } })
    .resize(4000, 3000)
    .jpeg({ quality: 88 })
    .toBuffer();
}

/** Seconds from the answer to an upload of a photo until its copy can be opened. */
export async function openable(port: number, report: string, picture: Buffer): Promise<number> {
  const auth = await signIn(port);
  const { folio, token } = await newCase(port, report);
  const agent = new Agent({ keepAlive: true });
  await new Form(picture).post(agent, port, '/api/v1/tracking/evidence', token);
  const began = performance.now();
  const headers = { Authorization: auth };
  for (;;) {
    const { text } = await send(agent, port, { method: 'GET', path: `/api/v1/cases/${folio}`, headers });
    if (text.includes('"state":"ready"')) break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  agent.destroy();
  return round((performance.now() - began) / 1000);
}

/** Reports one after the other, alone and while ten photos are converted. */
export async function besideConversions(
  port: number,
  report: string,
  pictures: readonly Buffer[],
  seconds: number,
): Promise<{ alone: LoadResult; beside: LoadResult }> {
  const file = (): Call => ({ method: 'POST', path: '/api/v1/reports', body: report });
  await load(port, 1, 2, file, 201);
  const alone = await load(port, 1, seconds, file, 201);
  const { token } = await newCase(port, report);
  const agent = new Agent();
  for (const picture of pictures)
    await new Form(picture).post(agent, port, '/api/v1/tracking/evidence', token);
  agent.destroy();
  return { alone, beside: await load(port, 1, seconds, file, 201) };
}
