import { removeEmbeddedServer } from '@denuncia-abierta/embedded-postgres';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chmodSync, closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { call, fetched } from '../support/calls.js';
import { embeddedState, foliosIn, query } from '../support/data-dirs.js';
import { endAll, Running } from '../support/process.js';
import { removeFolder } from '../support/remove-folder.js';
import { until } from '../support/until.js';

/** Enough for the database with its demo data and a few segments of its log (16 MB each). */
const SIZE = '256m';
const METRICS_TOKEN = 'metrics-token';

const disk = mkdtempSync(join(tmpdir(), 'denuncia-disk-'));
const dataDir = join(disk, 'data');
const filler = join(disk, 'filler');
const acknowledged: string[] = [];
let service: Running;
let url: string;

beforeAll(async () => {
  if (process.getuid?.() !== 0)
    throw new Error('A small disk can be mounted by root only: sudo npm run test:system');
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${SIZE},mode=711`, 'tmpfs', disk]);
  chmodSync(disk, 0o711);
  service = Running.start('main', { DATA_DIR: dataDir, METRICS_TOKEN });
  ({ url } = await service.listens());
});
afterAll(async () => {
  await endAll();
  await removeEmbeddedServer(dataDir).catch(() => false);
  execFileSync('umount', [disk]);
  removeFolder(disk);
});

/** Writes until nothing more fits. */
function fill(): void {
  const file = openSync(filler, 'a');
  try {
    for (const size of [1 << 20, 4096]) {
      try {
        for (;;) writeSync(file, Buffer.alloc(size, 'x'));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
      }
    }
  } finally {
    closeSync(file);
  }
}

const makeRoom = (): void => rmSync(filler);

interface Answer {
  status: number;
  headers: Headers;
  body: { folio?: string; code?: string };
}

/** Files a long report, so that it needs pages of its own. */
async function file(key: string = randomUUID()): Promise<Answer> {
  const response = await fetched(`${url}/api/v1/reports`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'Idempotency-Key': key },
    body: JSON.stringify({
      institution: 'CONAVI-DEMO',
      mode: 'anonymous',
      narrative: randomUUID().repeat(500),
    }),
  });
  const answer = {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as Answer['body'],
  };
  if (answer.status === 201) acknowledged.push(answer.body.folio!);
  return answer;
}

const ready = () =>
  call('GET', `${url}/health/ready`) as Promise<{ status: number; body: Record<string, string> }>;

async function everythingAcknowledgedIsStored(): Promise<void> {
  const stored = await foliosIn(dataDir);
  expect(acknowledged.filter((folio) => !stored.includes(folio))).toEqual([]);
  expect(new Set(stored).size).toBe(stored.length);
}

describe('a disk that is really full', () => {
  it('is told to reporters, in readiness and in metrics, loses nothing acknowledged, and ends when there is room', async () => {
    // A fresh segment of the log, so that tables meet the full disk first.
    await query(embeddedState(dataDir).url('postgres'), 'select pg_switch_wal()');
    expect((await file()).status).toBe(201);
    fill();
    const refused = await until(file, ({ status }) => status !== 201);
    expect(refused).toMatchObject({ status: 503, body: { code: 'DISK_FULL' } });
    expect(refused.headers.get('retry-after')).toBe('30');
    expect(await until(ready, ({ body }) => body.disk === 'full')).toMatchObject({ status: 503 });
    const metrics = await fetched(`${url}/metrics`, {
      headers: { Authorization: `Bearer ${METRICS_TOKEN}` },
    });
    expect(await metrics.text()).toContain('disk_full{of="database"} 1');

    makeRoom();
    await until(ready, ({ status }) => status === 200);
    expect((await file()).status).toBe(201);
    await everythingAcknowledgedIsStored();
  });

  it('may stop the database itself, which comes back when there is room', async () => {
    // No segment of the log stays in reserve: the next one finds no room, and then PostgreSQL gives up.
    const superuser = embeddedState(dataDir).url('postgres');
    await query(superuser, 'checkpoint');
    fill();
    for (let n = 0; n < 50; n++) {
      await query(superuser, `select pg_logical_emit_message(false, 'fill', repeat('x', 1000000))`).catch(
        () => undefined,
      );
      if ((await ready()).status !== 200) break;
    }
    const down = await until(ready, ({ body }) => body.disk === 'full' && body.database === 'unreachable');
    expect(down).toMatchObject({ status: 503, body: { status: 'down' } });
    const refused = await file();
    expect([refused.status, refused.body.folio]).toEqual([503, undefined]);

    makeRoom();
    await until(ready, ({ status }) => status === 200);
    expect((await file()).status).toBe(201);
    await everythingAcknowledgedIsStored();
    expect(await service.stop()).toBe(0);
  });
});
