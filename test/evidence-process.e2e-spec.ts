import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { randomBytes, randomInt } from 'node:crypto';
import { readdirSync, utimesSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { sha256Hex } from '../src/platform/crypto/sha256.js';
import { DESK } from './builders/cases.js';
import { Harness } from './setup/harness.js';
import { cleanUp, newDataDir } from './support/data-dirs.js';
import { Running } from './support/process.js';

jest.setTimeout(300_000);

/** In each round every process is killed at an instant of its own, with four uploads under way: 56 in all. */
const [ROUNDS, PROCESSES] = [7, 2];
/** Bytes of a file, and milliseconds over which it is sent. */
const SIZE = 512 * 1024;
const SENDING = 250;
const PIECES = 8;
/** Bytes of a part of an upload that can be resumed. */
const PART = SIZE / 8;

/** Shares database and files with the processes, and lives on when they are killed. */
let h: Harness;
beforeAll(async () => {
  h = await Harness.start();
});
afterAll(async () => {
  await h.stop();
  await cleanUp();
});

interface Api {
  process: Running;
  url: string;
}

async function startApi(): Promise<Api> {
  const process = Running.start('main --api', { ...h.env(), DATA_DIR: newDataDir() });
  return { process, url: (await process.listens()).url };
}

interface Found {
  integrity: string;
  evidence: { sha256: string }[];
}

interface Answer {
  status: number;
  location?: string;
  offset: number;
}

/** Sends a body slowly. @returns null when nobody answered */
function send(
  method: string,
  address: string,
  headers: Record<string, string | number>,
  pieces: readonly (Buffer | string)[],
): Promise<Answer | null> {
  return new Promise((resolve) => {
    const sent = request(address, { method, headers });
    sent.on('error', () => resolve(null));
    sent.on('response', (response) => {
      const { location, 'upload-offset': offset } = response.headers;
      response.resume().on('error', () => undefined);
      resolve({ status: response.statusCode!, location, offset: Number(offset) });
    });
    const write = async (): Promise<void> => {
      for (const piece of pieces) {
        sent.write(piece);
        await pause(SENDING / PIECES / 2);
      }
      sent.end();
    };
    void write();
  });
}

function assertStatus(answer: Answer | null, expected: number): Answer | null {
  if (answer && answer.status !== expected) throw new Error(`answered ${answer.status}`);
  return answer;
}

/** Sends a file as one form. @returns its digest when it was acknowledged */
async function sendForm(api: string, token: string): Promise<string | null> {
  const bytes = randomBytes(SIZE);
  const answer = await send(
    'POST',
    `${api}/api/v1/tracking/evidence`,
    { Authorization: `Bearer ${token}`, 'Content-Type': 'multipart/form-data; boundary=x' },
    [
      '--x\r\nContent-Disposition: form-data; name="file"; filename="a.bin"\r\n\r\n',
      ...Array.from({ length: PIECES }, (_, n) =>
        bytes.subarray((n * SIZE) / PIECES, ((n + 1) * SIZE) / PIECES),
      ),
      '\r\n--x--\r\n',
    ],
  );
  return assertStatus(answer, 201) && sha256Hex(bytes);
}

/** An upload that can be resumed, as its sender knows it. */
class Resumable {
  readonly bytes = randomBytes(SIZE);
  location?: string;
  acknowledged = 0;

  constructor(private readonly token: string) {}

  get complete(): boolean {
    return this.acknowledged === SIZE;
  }

  /** Begins, or goes on from where the service says. Stops when nobody answers. */
  async send(api: string): Promise<void> {
    if (this.location === undefined) {
      const begun = assertStatus(await this.ask('POST', `${api}/api/v1/uploads`), 201);
      if (!begun) return;
      this.location = begun.location!;
    }
    const address = api + this.location;
    const known = assertStatus(await this.ask('HEAD', address), 200);
    if (!known) return;
    // What was acknowledged is there. More may be: the answer was lost, or a part was cut.
    expect(known.offset).toBeGreaterThanOrEqual(this.acknowledged);
    this.acknowledged = known.offset;
    while (!this.complete) {
      const part = this.bytes.subarray(this.acknowledged, this.acknowledged + PART);
      const headers = {
        'Upload-Offset': this.acknowledged,
        'Content-Type': 'application/offset+octet-stream',
        'Content-Length': part.length,
      };
      const half = Math.ceil(part.length / 2);
      const halves = [part.subarray(0, half), part.subarray(half)];
      const answer = assertStatus(await this.ask('PATCH', address, headers, halves), 204);
      if (!answer) return;
      this.acknowledged = answer.offset;
    }
  }

  private ask(
    method: string,
    address: string,
    headers: Record<string, string | number> = { 'Upload-Length': SIZE },
    pieces: readonly Buffer[] = [],
  ): Promise<Answer | null> {
    const { token } = this;
    return send(
      method,
      address,
      { Authorization: `Bearer ${token}`, 'Tus-Resumable': '1.0.0', ...headers },
      pieces,
    );
  }
}

/** Names of the files in the store: of objects, or also of what is being written. */
function files(): string[] {
  return readdirSync(h.files, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== 'owner')
    .map((entry) => join(entry.parentPath, entry.name));
}

it('kills at any point of an upload lose nothing acknowledged, and a sweep removes what is left', async () => {
  const due: { folio: string; digest: string }[] = [];
  const ends = { answered: 0, unanswered: 0, notBegun: 0, goOn: 0, complete: 0 };
  for (let round = 0; round < ROUNDS; round++) {
    const apis = await Promise.all(Array.from({ length: PROCESSES }, startApi));
    await Promise.all(
      apis.map(async (api) => {
        const receipt = await h.file();
        const { folio } = receipt;
        const token = await h.trackingToken(receipt);
        const began = performance.now();
        due.push({ folio, digest: (await sendForm(api.url, token))! });
        const usual = Math.round(performance.now() - began);
        const uploads = [new Resumable(token), new Resumable(token)];
        const under = [sendForm, sendForm].map(async (send) => {
          await pause(randomInt(2 * SENDING));
          return send(api.url, token);
        });
        const parts = uploads.map(async (upload) => {
          await pause(randomInt(SENDING));
          await upload.send(api.url);
        });
        // From the first byte to some time after the last: sealing, moving, committing and answering.
        await pause(randomInt(100, 2 * SENDING + 2 * usual));
        await api.process.stop('SIGKILL');
        for (const digest of await Promise.all(under)) {
          ends[digest ? 'answered' : 'unanswered'] += 1;
          if (digest) due.push({ folio, digest });
        }
        await Promise.all(parts);
        for (const upload of uploads) {
          ends[upload.location === undefined ? 'notBegun' : upload.complete ? 'complete' : 'goOn'] += 1;
          if (upload.location === undefined) continue;
          await upload.send(h.url);
          expect(upload.complete).toBe(true);
          due.push({ folio, digest: sha256Hex(upload.bytes) });
        }
      }),
    );
  }
  // Before and after the answer, and between two parts.
  console.info('where the kills were:', ends);
  expect(Math.min(ends.answered, ends.unanswered, ends.goOn)).toBeGreaterThan(0);

  // Uploads of which all had come, and whose process ended before they were evidence.
  await h.run('end-uploads');
  for (const { folio, digest } of due) {
    const { body } = await h.as<Found>(DESK, 'GET', `/cases/${folio}`);
    expect(body.integrity).toBe('ok');
    expect(body.evidence.map(({ sha256 }) => sha256)).toContain(digest);
  }
  const named = await h.sql<{ object: string }>('owner', 'select object from evidence_files');
  const objects = named.map(({ object }) => object).sort();
  const stored = (): string[] => files().map((path) => path.slice(-40));
  expect(stored()).toEqual(expect.arrayContaining(objects));

  // Three days later.
  const past = new Date(Date.now() - 3 * 24 * 3_600_000);
  for (const path of files()) utimesSync(path, past, past);
  await h.run('remove-remains-of-uploads');
  expect(stored().sort()).toEqual(objects);
});
