import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import {
  backUp,
  joinEmbeddedServer,
  removeEmbeddedServer,
  restoreBackup,
  type RestoreOptions,
} from '../src/index.js';

const folder = mkdtempSync(join(tmpdir(), 'embedded-backup-'));
// The user as whom the database of a root process runs passes through.
chmodSync(folder, 0o711);
const [first, second] = [join(folder, 'first'), join(folder, 'second')];
const to = join(folder, 'backup');
const log = (): void => undefined;

beforeAll(async () => {
  await within(first, async (query) => {
    await query('create table kept as select 1 as number');
    await backUp({ dataDir: first, to, log });
    await query('update kept set number = 2');
  });
});
afterAll(async () => {
  for (const dataDir of [first, second]) await removeEmbeddedServer(dataDir);
  rmSync(folder, { recursive: true, force: true });
});

type Query = (sql: string) => Promise<Record<string, unknown>[]>;

async function within<T>(dataDir: string, work: (query: Query) => Promise<T>): Promise<T> {
  const server = await joinEmbeddedServer({ dataDir, purpose: 'command', settings: { fsync: 'off' } });
  try {
    return await asked(server.superuserUrl('postgres'), work);
  } finally {
    await server.leave();
  }
}

async function asked<T>(url: string, work: (query: Query) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(async (sql) => (await client.query<Record<string, unknown>>(sql)).rows);
  } finally {
    await client.end();
  }
}

const numbersIn = (dataDir: string): Promise<unknown> =>
  within(dataDir, async (query) => (await query('select number from kept'))[0]?.number);

function restoring(dataDir: string, more: Partial<RestoreOptions> = {}): RestoreOptions {
  return {
    from: to,
    dataDir,
    force: false,
    log,
    prove: async () => undefined,
    beside: { moveAside: () => undefined, put: () => undefined },
    ...more,
  };
}

describe('a backup', () => {
  it('holds what was committed before the copy began, and opens in another place', async () => {
    const seen: unknown[] = [];
    const prove = async (urlOf: (database: string) => string): Promise<void> => {
      seen.push(...(await asked(urlOf('postgres'), (query) => query('select number from kept'))));
    };
    const nobody = (): void => {
      throw new Error('there was no database');
    };
    const beside = { moveAside: nobody, put: () => undefined };
    await restoreBackup(restoring(second, { prove, beside }));
    expect(seen).toEqual([{ number: 1 }]);
    expect(await numbersIn(second)).toBe(1);
    expect(await numbersIn(first)).toBe(2);
  });

  it('does not go into a folder that holds something, nor into the database itself', async () => {
    await expect(backUp({ dataDir: first, to, log })).rejects.toThrow('is not empty');
    const inside = await within(
      first,
      async (query) => (await query('show data_directory'))[0]!.data_directory,
    );
    await expect(backUp({ dataDir: first, to: join(String(inside), 'copy'), log })).rejects.toThrow('itself');
  });

  it('is removed when what belongs to it cannot be written', async () => {
    const other = join(folder, 'other');
    const after = async (): Promise<void> => {
      throw new Error('no secrets');
    };
    await expect(backUp({ dataDir: first, to: other, log, after })).rejects.toThrow('no secrets');
    expect(existsSync(other)).toBe(false);
  });
});

describe('a restore', () => {
  it('that is refused by whoever looks into the copy leaves the database as it was', async () => {
    const prove = async (): Promise<void> => {
      throw new Error('of another office');
    };
    const put = (): void => {
      throw new Error('must not come to this');
    };
    const options = restoring(first, { force: true, prove, beside: { moveAside: put, put } });
    await expect(restoreBackup(options)).rejects.toThrow('of another office');
    expect(await numbersIn(first)).toBe(2);
  });

  it('leaves a database that is there alone unless it is told otherwise, and then keeps it aside', async () => {
    await expect(restoreBackup(restoring(first))).rejects.toThrow('--force');
    const told: string[] = [];
    const beside = {
      moveAside: (dataDir: string, suffix: string, earlier: string): void =>
        void told.push(dataDir, suffix, earlier),
      put: (dataDir: string): void => void told.push(dataDir),
    };
    await restoreBackup(restoring(first, { force: true, beside }));
    const [, suffix, earlier] = told;
    expect(told).toEqual([
      first,
      expect.stringMatching(/^\.before-/),
      expect.stringContaining(suffix!),
      first,
    ]);
    expect(readdirSync(earlier!)).toContain('PG_VERSION');
    expect(await numbersIn(first)).toBe(1);
    rmSync(earlier!, { recursive: true, force: true });
  });

  it('finds a file that was changed', async () => {
    writeFileSync(join(to, 'data', 'PG_VERSION'), '19\n');
    await expect(restoreBackup(restoring(first, { force: true }))).rejects.toThrow(
      'damaged: data/PG_VERSION',
    );
    expect(await numbersIn(first)).toBe(1);
  });
});
