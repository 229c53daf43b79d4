import { findPostmaster, joinEmbeddedServer, lockOf, withLock } from '@denuncia-abierta/embedded-postgres';
import { afterAll, afterEach, describe, expect, it, jest } from '@jest/globals';
import { existsSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { Burst, file } from './support/burst.js';
import { call } from './support/calls.js';
import {
  cleanUp,
  embeddedState,
  foliosIn,
  newDataDir,
  query,
  runs,
  signalServer,
} from './support/data-dirs.js';
import { endAll, Running } from './support/process.js';

/**
 * Real processes on a machine that may be busy: what counts is what they do, not how fast this machine is.
 */
jest.setTimeout(180_000);

const dataDir = newDataDir();
const env = { DATA_DIR: dataDir };
const RESTARTED = /"event":"embedded-database-restarted"/g;

afterEach(endAll);
afterAll(cleanUp);

/** Waits until the service says what it should; the test's time limit ends a vain wait. */
async function readiness(url: string, status: number, body: Record<string, string> = {}): Promise<void> {
  for (;;) {
    const answer = await call('GET', `${url}/health/ready`);
    const fits = Object.entries(body).every(
      ([name, value]) => (answer.body as Record<string, string>)[name] === value,
    );
    if (answer.status === status && fits) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** The pid of a server process that works for the service. */
async function backend(): Promise<number> {
  const rows = await query<{ pid: number }>(
    embeddedState(dataDir).url('denuncia'),
    `select pid from pg_stat_activity where application_name = 'denuncia-abierta' limit 1`,
  );
  return rows[0]!.pid;
}

async function postmaster(): Promise<number> {
  const [row] = await query<{ pid: number }>(
    embeddedState(dataDir).url('postgres'),
    `select split_part(pg_read_file('postmaster.pid'), E'\\n', 1)::int as pid`,
  );
  return row!.pid;
}

describe('a database that is killed', () => {
  it.each([
    ['the server', async (): Promise<unknown> => process.kill(await postmaster(), 'SIGKILL')],
    ['one of its processes', async (): Promise<unknown> => process.kill(await backend(), 'SIGKILL')],
    [
      'the server and all its processes',
      async (): Promise<unknown> => signalServer(await postmaster(), 'SIGKILL'),
    ],
  ] as const)(
    '%s, in a burst: nothing acknowledged is lost, and reports go through again',
    async (_, kill) => {
      const service = Running.start('main', env);
      const { url } = await service.listens();
      const burst = new Burst(url);
      await burst.reaches(100);
      await kill();
      // Each reporter goes on until one answer fails; some may have met the new server only, so they are told
      // to end.
      await readiness(url, 200);
      const filed = await burst.stop();
      await readiness(url, 200, { worker: 'up' });

      // Whoever had no answer sends again with the same key and gets one report, whatever had been stored.
      const again = await Promise.all(
        filed.filter(({ folio }) => folio === undefined).map(({ key }) => file(url, key)),
      );
      const acknowledged = [...burst.acknowledged, ...again].map(({ folio }) => folio);
      const stored = await foliosIn(dataDir);
      expect(acknowledged).not.toContain(undefined);
      expect(acknowledged.filter((folio) => !stored.includes(folio!))).toEqual([]);
      expect(new Set(acknowledged).size).toBe(acknowledged.length);
      expect(await service.stop()).toBe(0);
    },
  );

  it('is started once by those that share it, with one line, as often as it takes', async () => {
    const api = Running.start('main', env, ['--api']);
    const worker = Running.start('worker', env);
    const [{ url }] = await Promise.all([api.listens(), worker.says(/worker runs/)]);
    const { port } = new URL(embeddedState(dataDir).url('postgres'));
    for (let round = 1; round <= 3; round++) {
      await readiness(url, 200, { worker: 'up' });
      const killed = await postmaster();
      process.kill(killed, 'SIGKILL');
      while ((await postmaster().catch(() => killed)) === killed)
        await new Promise((resolve) => setTimeout(resolve, 50));
      await readiness(url, 200);
      expect((await file(url, `again-${round}-${'0'.repeat(20)}`)).folio).toBeDefined();
      expect(`${api.stdout}${worker.stdout}`.match(RESTARTED)).toHaveLength(round);
    }
    expect(new URL(embeddedState(dataDir).url('postgres')).port).toBe(port);
    await readiness(url, 200, { worker: 'up' });
    const last = await postmaster();
    expect(await api.stop()).toBe(0);
    // The one that did not start it watches it all the same.
    process.kill(last, 'SIGKILL');
    await worker.says(
      new RegExp(`(${RESTARTED.source}[^]*){${(worker.stdout.match(RESTARTED) ?? []).length + 1}}`),
    );
    const own = await postmaster();
    expect(await worker.stop()).toBe(0);
    expect(runs(own)).toBe(false);
  });

  it('stays down when the last that used it leaves while a start of it waits', async () => {
    for (let round = 0; round < 6; round++) {
      const server = await joinEmbeddedServer({ dataDir, purpose: 'command' });
      const told: string[] = [];
      const hear = (word: string) => (): void => void told.push(word);
      server.watch({ back: hear('back'), failed: hear('failed'), lost: hear('lost') });
      let left: Promise<void> | undefined;
      await withLock(lockOf(dataDir), async () => {
        process.kill(server.pid, 'SIGKILL');
        // The watch looks twice a second.
        await new Promise((resolve) => setTimeout(resolve, 700));
        left = server.leave();
        // Both look for the lock every 20 ms: now the one comes first, now the other.
        await new Promise((resolve) => setTimeout(resolve, 4 * round));
      });
      await left;
      await new Promise((resolve) => setTimeout(resolve, 300));
      expect([findPostmaster(server.dataFolder), told.includes('lost')]).toEqual([undefined, false]);
    }
  });

  it('ends the service with a line and exit code 1 when it cannot be started, and is not made anew', async () => {
    const service = Running.start('main', env);
    await service.listens();
    const folder = join(dataDir, 'postgres');
    renameSync(folder, `${folder}.away`);
    process.kill(embeddedState(dataDir).pid, 'SIGKILL');
    expect(await service.exit()).toBe(1);
    expect(service.stderr).toContain(
      `The database ended and cannot be started again: The database in ${folder} is gone.\n`,
    );
    expect(existsSync(folder)).toBe(false);
    renameSync(`${folder}.away`, folder);
    const next = Running.start('main', env);
    await next.listens();
    expect(await next.stop()).toBe(0);
  });
});
