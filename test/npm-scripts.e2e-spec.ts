import { until } from '@denuncia-abierta/embedded-postgres';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cleanUp, embeddedState, newDataDir, runs } from './support/data-dirs.js';
import { Running } from './support/process.js';

jest.setTimeout(180_000);

/** Far more than an orderly end takes on a busy machine. */
const PATIENCE = 60_000;

const dataDir = newDataDir();
const env = { DATA_DIR: dataDir };

beforeAll(async () => {
  // The first start makes the demo data; those below find them.
  const first = Running.start('main', env);
  await first.listens();
  await first.stop();
});
afterAll(cleanUp);

interface Started {
  npm: Running;
  /** The process that serves, which npm has started. */
  pid: number;
}

async function start(script: string): Promise<Started> {
  const before = participants();
  const npm = Running.npm(script, env);
  await npm.says(/Denuncia Abierta {2}http|listens on|worker runs/);
  return { npm, pid: participants().find((pid) => !before.includes(pid))! };
}

function participants(): number[] {
  const folder = join(dataDir, 'participants');
  return readdirSync(folder).map(
    (name) => (JSON.parse(readFileSync(join(folder, name), 'utf8')) as { pid: number }).pid,
  );
}

/** Every process whose command line names our DATA_DIR: the database and what guards it. */
function ofDataDir(): string[] {
  const lines = execFileSync('ps', ['-A', '-ww', '-o', 'pid=,args='], { encoding: 'utf8' }).split('\n');
  return lines.filter((line) => line.includes(dataDir));
}

async function everythingEnds(started: Started[]): Promise<void> {
  const database = embeddedState(dataDir).pid;
  const left = (): unknown[] =>
    [...started.map(({ pid }) => pid), database].filter(runs).concat(ofDataDir() as never[]);
  await until(() => left().length === 0, PATIENCE);
  expect(left()).toEqual([]);
  await Promise.all(started.map(({ npm }) => npm.exit()));
}

describe('what npm started', () => {
  it.each([
    ['start', 'SIGTERM'],
    ['start', 'SIGKILL'],
    ['start:api and start:worker', 'SIGINT'],
    ['start:api and start:worker', 'SIGHUP'],
    ['start:api and start:worker', 'SIGKILL'],
  ] as const)('%s: ends with its database when npm gets %s', async (scripts, signal) => {
    const started: Started[] = [];
    for (const script of scripts.split(' and ')) started.push(await start(script));
    expect(started.map(({ pid }) => runs(pid))).toEqual(started.map(() => true));
    for (const { npm } of started) process.kill(npm.pid, signal);
    await everythingEnds(started);
  });

  it('leaves no database when the server itself is killed, but waits for the last of those that share it', async () => {
    const started = [await start('start:api'), await start('start:worker')];
    const [api, worker] = started as [Started, Started];
    const database = embeddedState(dataDir).pid;
    process.kill(api.pid, 'SIGKILL');
    await api.npm.exit();
    // The guard of the first has looked when its program is gone.
    await until(() => ofDataDir().filter((line) => line.includes('after-death')).length === 1, PATIENCE);
    expect([runs(worker.pid), runs(database)]).toEqual([true, true]);
    process.kill(worker.pid, 'SIGKILL');
    await everythingEnds(started);
  });
});

describe('what a shell put into the background', () => {
  it.each(['nohup node scripts/run.mjs main --api', 'setsid npm run start:api', 'nohup npm run start:api'])(
    '%s: outlives the shell',
    async (command) => {
      const log = join(dataDir, 'background.log');
      const shell = Running.program('/bin/sh', ['-c', `${command} </dev/null >'${log}' 2>&1 & echo $!`], env);
      const [, pid] = await shell.says(/(\d+)/);
      expect(await shell.exit()).toBe(0);
      let serving: number | undefined;
      try {
        expect(await until(() => /Denuncia Abierta {2}http/.test(readFileSync(log, 'utf8')), PATIENCE)).toBe(
          true,
        );
        [serving] = participants();
        // Twice as long as it takes to look for the parent.
        await new Promise((resolve) => setTimeout(resolve, 1_000));
        expect(runs(serving!)).toBe(true);
      } finally {
        process.kill(Number(pid), 'SIGTERM');
      }
      await until(() => !runs(serving!) && ofDataDir().length === 0, PATIENCE);
      expect([runs(serving!), ofDataDir()]).toEqual([false, []]);
    },
  );
});
