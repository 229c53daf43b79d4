import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Harness } from './setup/harness.js';
import { fixDomains, institutionId, publish } from './support/statistics.js';

let h: Harness;
let conavi: string;

beforeAll(async () => {
  h = await Harness.start({ at: new Date('2026-10-12T16:00:00Z') });
  conavi = await institutionId(h, 'CONAVI-DEMO');
  await fixDomains(h);
  await h.file({ category: 'BRIBERY', municipality: '15002' });
  await h.file({ institution: 'ACOLMAN-DEMO' });
  h.clock.set(new Date('2026-11-03T16:00:00Z'));
  expect((await publish(h, '2026-10')).status).toBe(201);
});
afterAll(() => h.stop());

describe('somebody who holds a login of the database', () => {
  it('with the public one reads the statistics and no other table', async () => {
    const tables = await h.sql<{ name: string }>(
      'owner',
      `select table_name as name from information_schema.tables where table_schema = 'public'`,
    );
    const readable: string[] = [];
    for (const { name } of tables) {
      try {
        await h.sql('public', `select 1 from "${name}" limit 1`);
        readable.push(name);
      } catch (error) {
        expect(String(error)).toMatch(/permission denied/);
      }
    }
    expect(tables.length).toBeGreaterThan(20);
    expect(readable.sort()).toEqual(['stat_cells', 'stat_domains', 'stat_releases']);
    for (const role of ['denuncia_releaser', 'denuncia_app']) {
      await expect(h.sql('public', `set role ${role}`)).rejects.toThrow(/permission denied/);
    }
  });

  it.each(['stat_domains', 'stat_releases', 'stat_cells'])(
    'with the one of the application neither reads nor writes %s, and nobody changes it',
    async (table) => {
      for (const statement of [
        `select 1 from ${table}`,
        `insert into ${table} default values`,
        `update ${table} set institution_id = null`,
        `delete from ${table}`,
        `truncate ${table}`,
      ]) {
        await expect(h.sql('app', statement)).rejects.toThrow(/permission denied/);
      }
      for (const statement of [
        `update ${table} set institution_id = institution_id`,
        `delete from ${table}`,
        `truncate ${table} cascade`,
      ]) {
        await expect(h.sql('owner', statement)).rejects.toThrow(/never changed/);
        await expect(asReleaser(statement)).rejects.toThrow(/permission denied/);
      }
    },
  );

  it('in the releaser role reads the four counted columns of cases, of the own institution, and no content', async () => {
    const columns = await h.sql<{ name: string }>(
      'owner',
      `select c.relname || '.' || a.attname as name from pg_class c join pg_attribute a on a.attrelid = c.oid
        where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and a.attnum > 0 and not a.attisdropped
          and c.relname not like 'stat\\_%' and has_column_privilege('denuncia_releaser', c.oid, a.attnum, 'select')
        order by 1`,
    );
    expect(columns.map(({ name }) => name)).toEqual([
      'cases.category_id',
      'cases.institution_id',
      'cases.municipality',
      'cases.registered_on',
    ]);
    await expect(asReleaser('select content from case_reports')).rejects.toThrow(/permission denied/);
    await expect(asReleaser('select folio from cases')).rejects.toThrow(/permission denied/);
    await expect(
      asReleaser(`select 1 / (count(*) filter (where institution_id <> '${conavi}') = 0)::int from cases`),
    ).resolves.not.toThrow();
  });

  it('in the releaser role adds nothing to a release that is out', async () => {
    await expect(
      asReleaser(`insert into stat_cells values ('${conavi}', 'reports', '2026-10', 'other', 'EXTRA', 1)`),
    ).rejects.toThrow(/row-level security/);
    await expect(
      asReleaser(
        `insert into stat_releases values ('${conavi}', 'reports', '2026-10', '2026-10-01', '2026-10-31', 1, 1, '2026-11-04')`,
      ),
    ).rejects.toThrow(/duplicate key/);
  });
});

function asReleaser(statement: string): Promise<unknown> {
  return h.sql(
    'app',
    `begin; set local role denuncia_releaser; select set_config('app.institution', '${conavi}', true); ${statement}; commit`,
  );
}
