import { describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import { assertSchema, assertVersion, refuseNewer, type MigrationClass } from './migrator.js';

/**
 * Answers every query alike: PostgreSQL of other versions and schemas of other releases cannot be started
 * here.
 */
function answering(rows: Record<string, unknown>[] | Error): pg.ClientBase {
  const query = (): Promise<unknown> =>
    rows instanceof Error ? Promise.reject(rows) : Promise.resolve({ rows });
  return { query } as unknown as pg.ClientBase;
}

class First1 {
  async up(): Promise<void> {}
  async down(): Promise<void> {}
}
class Second2 extends First1 {}
const MIGRATIONS: MigrationClass[] = [First1, Second2];

const applied = (...names: string[]): pg.ClientBase => answering(names.map((name) => ({ name })));

describe('the version of PostgreSQL', () => {
  it.each([
    ['140019', '14.19 (Debian 14.19-1)'],
    ['90624', '9.6.24'],
  ])('%s is refused by its name', async (version, label) => {
    await expect(assertVersion(answering([{ version, label }]))).rejects.toThrow(
      `PostgreSQL ${label} is too old; version 15 or later is needed.`,
    );
  });

  it.each(['150000', '160004', '180004'])('%s is accepted', async (version) => {
    await expect(assertVersion(answering([{ version, label: version }]))).resolves.toBeUndefined();
  });
});

describe('the schema', () => {
  it('is accepted when exactly the known migrations ran', async () => {
    await expect(assertSchema(applied('First1', 'Second2'), MIGRATIONS)).resolves.toBeUndefined();
  });

  it.each([
    ['one that lacks a migration', applied('First1'), '1 pending'],
    [
      'one that never was migrated',
      answering(Object.assign(new Error('no such table'), { code: '42P01' })),
      '2 pending',
    ],
  ])('is refused as older: %s', async (_name, client, count) => {
    await expect(assertSchema(client, MIGRATIONS)).rejects.toThrow(
      `The database schema is older than this program (${count}). Run "npm run migrate".`,
    );
  });

  it('is refused as newer when it has migrations this program does not know, also by the migrator', async () => {
    const newer = 'The database schema is newer than this program. Deploy the version that migrated it.';
    const client = applied('First1', 'Second2', 'Third3');
    await expect(assertSchema(client, MIGRATIONS)).rejects.toThrow(newer);
    await expect(refuseNewer(client, MIGRATIONS)).rejects.toThrow(newer);
    await expect(refuseNewer(applied('First1'), MIGRATIONS)).resolves.toBeUndefined();
  });
});
