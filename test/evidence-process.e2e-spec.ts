import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { createHash, randomBytes, randomInt } from 'node:crypto';
import { readdirSync, utimesSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { call, fetched, signIn } from './support/calls.js';
import { cleanUp, embeddedState, newDataDir, query } from './support/data-dirs.js';
import { Running } from './support/process.js';
import { until } from './support/until.js';

jest.setTimeout(300_000);

const PASSWORD = 'contraseña de prueba 9';
/** The uploads under way at a kill are at different points: more than forty points of an upload. */
const KILLS = 8;
const AT_ONCE = 6;
/** Bytes of an upload, and milliseconds over which it is sent. */
const SIZE = 1024 * 1024;
const SENDING = 250;
const PIECES = 16;

const dataDir = newDataDir();
const store = join(dataDir, 'objects');
const env = { DATA_DIR: dataDir, DEMO_PASSWORD: PASSWORD };
let service: Running;
let url: string;
beforeAll(async () => {
  service = Running.start('main', env);
  ({ url } = await service.listens());
});
afterAll(cleanUp);

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

interface Receipt {
  folio: string;
  accessCode: string;
}

async function file(): Promise<Receipt & { token: string }> {
  const report = {
    institution: 'CONAVI-DEMO',
    mode: 'anonymous',
    narrative: 'Piden dinero en la ventanilla.',
  };
  const { body } = await call('POST', `${url}/api/v1/reports`, report);
  const { folio, accessCode } = body as Receipt;
  const opened = await call('POST', `${url}/api/v1/tracking/sessions`, { folio, accessCode });
  return { folio, accessCode, token: (opened.body as { token: string }).token };
}

/** Sends a file slowly. @returns the digest once it was acknowledged; null when nobody answered */
async function upload(token: string): Promise<string | null> {
  const bytes = randomBytes(SIZE);
  const head = '--x\r\nContent-Disposition: form-data; name="file"; filename="a.bin"\r\n\r\n';
  const sent = request(`${url}/api/v1/tracking/evidence`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'multipart/form-data; boundary=x' },
  });
  const answered = new Promise<number>((resolve) => {
    sent.on('error', () => resolve(0));
    sent.on('response', (response) => {
      response.resume();
      resolve(response.statusCode!);
    });
  });
  sent.write(head);
  for (let n = 0; n < PIECES; n++) {
    sent.write(bytes.subarray((n * SIZE) / PIECES, ((n + 1) * SIZE) / PIECES));
    await pause(SENDING / PIECES);
  }
  sent.end('\r\n--x--\r\n');
  const status = await answered;
  if (status !== 0 && status !== 201) throw new Error(`answered ${status}`);
  return status === 201 ? createHash('sha256').update(bytes).digest('hex') : null;
}

/** Names of the files in the store: of objects, or also of what is being written. */
function files(): string[] {
  return readdirSync(store, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== 'owner')
    .map((entry) => join(entry.parentPath, entry.name));
}

it('a kill at any point of an upload loses nothing acknowledged, and a sweep removes what is left', async () => {
  const acknowledged = new Map<string, string[]>();
  let unanswered = 0;
  for (let round = 0; round < KILLS; round++) {
    const { folio, token } = await file();
    const first = await upload(token);
    const under = Array.from({ length: AT_ONCE }, async () => {
      await pause(randomInt(SENDING));
      return upload(token);
    });
    // From the first byte to some time after the last: sealing, moving, committing and answering.
    await pause(randomInt(20, 2 * SENDING + 100));
    await service.stop('SIGKILL');
    const sent = [first, ...(await Promise.all(under))];
    acknowledged.set(
      folio,
      sent.filter((one) => one !== null),
    );
    unanswered += sent.filter((one) => one === null).length;
    service = Running.start('main --api', env);
    ({ url } = await service.listens());
  }
  // Kills before and after the answer.
  expect(unanswered).toBeGreaterThan(3);

  const { body } = await signIn(url, 'mesa@conavi.demo', PASSWORD);
  const { accessToken } = body as { accessToken: string };
  for (const [folio, digests] of acknowledged) {
    const answer = await call('GET', `${url}/api/v1/cases/${folio}`, undefined, accessToken);
    const found = answer.body as { integrity: string; evidence: { sha256: string }[] };
    expect(found.integrity).toBe('ok');
    const kept = found.evidence.map(({ sha256 }) => sha256);
    expect(digests.filter((digest) => !kept.includes(digest))).toEqual([]);
  }
  const named = await query<{ object: string }>(
    embeddedState(dataDir).url('denuncia'),
    'select object from evidence_files',
  );
  const names = new Set(files().map((path) => path.slice(-40)));
  expect(named.filter(({ object }) => !names.has(object))).toEqual([]);

  // Three days later.
  await service.stop();
  const past = new Date(Date.now() - 3 * 24 * 3_600_000);
  for (const path of files()) utimesSync(path, past, past);
  service = Running.start('main', env);
  ({ url } = await service.listens());
  const left = await until(
    async () => files(),
    (paths) => paths.length === named.length,
  );
  expect(left.map((path) => path.slice(-40)).sort()).toEqual(named.map(({ object }) => object).sort());
  await fetched(`${url}/health/live`);
});
