import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { MIGRATIONS } from '../src/app/migrations.js';
import { assertSchema, migrate, migrationSource } from '../src/platform/database/migrator.js';
import { OWNER } from './setup/constants.js';
import { asSuperuser, databaseUrl, Harness } from './setup/harness.js';
import { catalogueOf } from './support/catalogue.js';

const made: string[] = [];

/** An empty database that belongs to the owner login, which is no superuser. */
async function emptyDatabase(): Promise<string> {
  const name = `m_${randomUUID().replaceAll('-', '')}`;
  await asSuperuser((client) =>
    client.query(`create database ${name} owner ${OWNER.user} template template0`),
  );
  made.push(name);
  return databaseUrl(name, 'owner');
}

afterEach(async () => {
  for (const name of made.splice(0))
    await asSuperuser((client) => client.query(`drop database ${name} with (force)`));
});

async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
const catalogue = (url: string): Promise<string[]> => withClient(url, catalogueOf);
const names = MIGRATIONS.map(({ name }) => name);

describe('migrations', () => {
  it('run on an empty database under an owner that is no superuser, and a second run has nothing to do', async () => {
    const url = await emptyDatabase();
    const [owner] = await withClient(url, async (client) => {
      const sql = 'select rolsuper, rolbypassrls, rolcreaterole from pg_roles where rolname = current_user';
      return (await client.query(sql)).rows;
    });
    expect(owner).toEqual({ rolsuper: false, rolbypassrls: false, rolcreaterole: false });
    expect(await migrate(url, MIGRATIONS)).toEqual(names);
    const after = await catalogue(url);
    expect(await migrate(url, MIGRATIONS)).toEqual([]);
    expect(await catalogue(url)).toEqual(after);
  });

  it('are undone step by step: down leaves exactly what was there before up', async () => {
    const url = await emptyDatabase();
    const before: string[][] = [];
    // The table that counts migrations is there from the first on.
    await migrate(url, []);
    for (let n = 0; n < MIGRATIONS.length; n++) {
      before.push(await catalogue(url));
      expect(await migrate(url, MIGRATIONS.slice(0, n + 1))).toEqual([names[n]]);
    }
    const whole = await catalogue(url);
    const source = migrationSource(url, MIGRATIONS);
    await source.initialize();
    try {
      for (let n = MIGRATIONS.length - 1; n >= 0; n--) {
        await source.undoLastMigration({ transaction: 'each' });
        expect([names[n], await catalogue(url)]).toEqual([names[n], before[n]]);
      }
    } finally {
      await source.destroy();
    }
    expect(await migrate(url, MIGRATIONS)).toEqual(names);
    expect(await catalogue(url)).toEqual(whole);
  });

  it('run once when two processes start them at once', async () => {
    const url = await emptyDatabase();
    const runs = await Promise.all(Array.from({ length: 4 }, () => migrate(url, MIGRATIONS)));
    expect(runs.filter((done) => done.length > 0)).toEqual([names]);
    await withClient(url, async (client) => {
      const { rows } = await client.query<{ name: string }>('select name from schema_migrations order by id');
      expect(rows.map(({ name }) => name)).toEqual(names);
    });
  });

  it('need an owner that may act for the job queue, and a login that may make itself one does', async () => {
    const name = `m_${randomUUID().replaceAll('-', '')}`;
    const [plain, maker] = [`${name}_plain`, `${name}_maker`];
    const urlOf = (user: string): string =>
      Object.assign(new URL(databaseUrl(name, 'owner')), { username: user, password: 'x' }).toString();
    await asSuperuser(async (client) => {
      await client.query(`create role ${plain} login password 'x'`);
      await client.query(`create role ${maker} login createrole password 'x'`);
      await client.query(`create database ${name} owner ${plain} template template0`);
      made.push(name);
      // What PostgreSQL gives the maker of a role: 16 and later say it, before it holds for every role.
      const { rows } = await client.query<{ v: number }>(
        `select current_setting('server_version_num')::int as v`,
      );
      if (rows[0]!.v >= 160000)
        await client.query(`grant denuncia_jobs to ${maker} with admin true, inherit false, set false`);
    });
    try {
      await expect(migrate(urlOf(plain), MIGRATIONS)).rejects.toThrow(
        'DATABASE_OWNER_URL: this login is no member of denuncia_jobs; let an administrator run what "npm run db:roles" prints.',
      );
      await asSuperuser((client) => client.query(`alter database ${name} owner to ${maker}`));
      expect(await migrate(urlOf(maker), MIGRATIONS)).toEqual(names);
    } finally {
      await asSuperuser(async (client) => {
        await client.query(`drop database ${name} with (force)`);
        made.splice(made.indexOf(name), 1);
        await client.query(`drop role ${plain}, ${maker}`);
      });
    }
  });

  it('leave nothing of a step that fails', async () => {
    const url = await emptyDatabase();
    class Broken1764999999999 {
      async up(runner: { query(sql: string): Promise<unknown> }): Promise<void> {
        await runner.query('create table half_made (id int)');
        await runner.query('select 1 / 0');
      }
      async down(): Promise<void> {}
    }
    await migrate(url, MIGRATIONS);
    const before = await catalogue(url);
    // TypeORM tells the failure to the console as well.
    const told = jest.spyOn(console, 'log').mockImplementation(() => undefined);
    await expect(migrate(url, [...MIGRATIONS, Broken1764999999999])).rejects.toThrow(/division by zero/);
    told.mockRestore();
    expect(await catalogue(url)).toEqual(before);
    expect(await migrate(url, MIGRATIONS)).toEqual([]);
  });

  it('refuse a schema that is newer than the program, and every process does', async () => {
    const url = await emptyDatabase();
    const older = MIGRATIONS.slice(0, -1);
    await migrate(url, MIGRATIONS);
    await expect(migrate(url, older)).rejects.toThrow(/newer than this program/);
    await withClient(url, async (client) => {
      await expect(assertSchema(client, older)).rejects.toThrow(/newer than this program/);
      await expect(assertSchema(client, MIGRATIONS)).resolves.toBeUndefined();
    });
    const empty = await emptyDatabase();
    await withClient(empty, (client) =>
      expect(assertSchema(client, MIGRATIONS)).rejects.toThrow(/older than this program/),
    );
  });

  it('that freeze what is counted keep the days of every report, up and down, and hold what was published before', async () => {
    const url = await emptyDatabase();
    const at = names.indexOf('ReleasePlan1765000003000');
    await migrate(url, MIGRATIONS.slice(0, at));
    const report = (folio: string, day: string) =>
      `insert into cases (id, institution_id, area_id, folio, status, channel, category_id, priority, received_on, registered_on, urgency, next_due_on)
       select gen_random_uuid(), i.id, a.id, '${folio}', 'received', 'web', c.id, 'normal', '${day}', '${day}', 2, '9999-12-31'
         from institutions i, areas a, categories c`;
    const days = (client: pg.Client) =>
      client
        .query('select folio, registered_on::text as registered from cases order by folio')
        .then(({ rows }) => rows);
    await withClient(url, async (client) => {
      await client.query(
        `insert into institutions (id, code, name, prefix, kind, time_zone, calendar_rule, expediente_template, contact_text, created_at)
           values (gen_random_uuid(), 'MUNI', 'Muni', 'MU', 'federal', 'America/Mexico_City', 'LFPA28', 'x', 'x', '2026-01-01');
         insert into areas (id, institution_id, code, label, valid_from) select gen_random_uuid(), id, 'OIC', 'OIC', '2026-01-01' from institutions;
         insert into categories (id, institution_id, code, label_es, label_en, description, priority, valid_from)
           select gen_random_uuid(), id, 'FRAUD', 'x', 'x', 'x', 'normal', '2026-01-01' from institutions;
         insert into stat_domains select id, 'reports', 1, '2026-06-01', '2026-05-20', 'month', 'federal', null, '{FRAUD}', 1 from institutions;
         insert into stat_releases select id, 'reports', '2026-06', '2026-06-01', '2026-06-30', 1, 1, '2026-07-05' from institutions;
         ${report('MU-1', '2026-06-10')}`,
      );
      await migrate(url, MIGRATIONS.slice(0, at + 1));
      await client.query(report('MU-2', '2026-06-30'));
      const { rows } = await client.query(
        `select c.folio, c.registered_on::text as registered, c.figures_on::text as figures, k.code, release_hold(c.institution_id) as hold
           from cases c join categories k on k.id = c.reported_category_id order by c.folio`,
      );
      expect(rows).toEqual([
        { folio: 'MU-1', registered: '2026-06-10', figures: '2026-06-10', code: 'FRAUD', hold: 'updated' },
        { folio: 'MU-2', registered: '2026-06-30', figures: '2026-07-01', code: 'FRAUD', hold: 'updated' },
      ]);
      const before = await days(client);
      const source = migrationSource(url, MIGRATIONS.slice(0, at + 1));
      await source.initialize();
      await source.undoLastMigration({ transaction: 'each' });
      await source.destroy();
      expect(await days(client)).toEqual(before);
    });
  });

  it('that give categories a short code and dismissed cases a last day do so for what is there, and take it back', async () => {
    const url = await emptyDatabase();
    const at = names.indexOf('WordsForPeople1765000014000');
    await migrate(url, MIGRATIONS.slice(0, at));
    await withClient(url, async (client) => {
      const category = (code: string, label: string) =>
        `insert into categories (id, institution_id, code, label_es, label_en, description, priority, valid_from)
           select gen_random_uuid(), id, '${code}', '${label}', 'x', 'x', 'normal', '2026-01-01' from institutions;`;
      const ended = (folio: string, status: string, outcome: string) =>
        `with made as (
           insert into cases (id, institution_id, area_id, folio, status, outcome, channel, priority, received_on, registered_on, urgency, next_due_on)
             select gen_random_uuid(), i.id, a.id, '${folio}', '${status}', '${outcome}', 'web', 'normal', '2026-11-03', '2026-11-03', 3, '9999-12-31'
               from institutions i, areas a returning id)
         insert into case_entries (id, case_id, case_seq, kind, author, visible, day)
           select gen_random_uuid(), id, 2, 'closed', 'staff', true, '2026-11-10' from made;`;
      await client.query(
        `insert into institutions (id, code, name, prefix, kind, time_zone, calendar_rule, expediente_template, contact_text, created_at)
           values (gen_random_uuid(), 'MUNI', 'Muni', 'MU', 'federal', 'America/Mexico_City', 'LFPA28', 'x', 'x', '2026-01-01');
         insert into areas (id, institution_id, code, label, valid_from) select gen_random_uuid(), id, 'OIC', 'OIC', '2026-01-01' from institutions;
         insert into calendar_closures (id, institution_id, day, label, created_at)
           select gen_random_uuid(), id, '2026-11-12', 'Cierre', '2026-01-01' from institutions;
         insert into expediente_counters (institution_id, series, last)
           select id, series, last from institutions, (values ('exp-{number}-2026', 3), ('EXP-{number}-2026', 5), ('OIC/FRAUD/{number}/2026', 9)) s (series, last);
         ${category('ALPHA', 'Cohechos raros')} ${category('BRIBERY', 'Soborno')} ${category('FRAUD', 'Fraude')} ${category('GAMMA', 'Fraude electoral')}
         ${ended('MU-1', 'closed', 'inadmissible')} ${ended('MU-2', 'closed', 'withdrawn')} ${ended('MU-3', 'closed', 'no_elements')}`,
      );
      const rows = async (sql: string): Promise<unknown[]> =>
        (await client.query({ text: sql, rowMode: 'array' })).rows;
      const series = 'select series, last from expediente_counters order by series collate "C"';
      const before = await rows(series);
      await migrate(url, MIGRATIONS.slice(0, at + 1));
      // A known category gets its own code, also when another one stands before it.
      expect(await rows('select code, short_code from categories order by code')).toEqual([
        ['ALPHA', 'COHE'],
        ['BRIBERY', 'COH'],
        ['FRAUD', 'FRA'],
        ['GAMMA', 'FRAU'],
      ]);
      // Ten weekdays from the 10th without the closure; conclusions have their day already.
      const days = 'select folio, close_on::text from cases order by folio';
      expect(await rows(days)).toEqual([
        ['MU-1', '2026-11-25'],
        ['MU-2', '2026-11-25'],
        ['MU-3', null],
      ]);
      expect(await rows(series)).toEqual([
        ['EXP-{NUMBER}-2026', 5],
        ['OIC/FRAUD/{NUMBER}/2026', 9],
      ]);
      const source = migrationSource(url, MIGRATIONS.slice(0, at + 1));
      await source.initialize();
      await source.undoLastMigration({ transaction: 'each' });
      await source.destroy();
      expect((await rows(days)).flat().filter((one) => one !== null)).toEqual(['MU-1', 'MU-2', 'MU-3']);
      expect(await rows(series)).toEqual(before.filter((row) => !JSON.stringify(row).includes('exp-')));
    });
  });

  it('that fill a new column reach the rows of every institution, for the owner is not held by policies', async () => {
    const h = await Harness.start();
    try {
      for (const institution of ['CONAVI-DEMO', 'ACOLMAN-DEMO']) await h.file({ institution });
      const rows = await h.sql<{ institutions: number; entries: number }>(
        'owner',
        `with filled as (update cases set urgency = urgency returning institution_id)
         select count(distinct institution_id)::int as institutions, (select count(*)::int from case_entries) as entries from filled`,
      );
      expect(rows).toEqual([{ institutions: 2, entries: 2 }]);
    } finally {
      await h.stop();
    }
  });
});
