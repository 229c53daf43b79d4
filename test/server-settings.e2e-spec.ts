import { joinEmbeddedServer, type EmbeddedServer } from '@denuncia-abierta/embedded-postgres';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { randomBytes, randomUUID } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { ROLES } from '../src/platform/database/roles.js';
import { settingFaults } from '../src/platform/database/server-settings.js';
import { SECRET_NAMES } from '../src/platform/secrets.js';
import { urlFor } from './setup/constants.js';
import { asSuperuser, superuserUrl } from './setup/harness.js';
import { cleanUp, newDataDir, query } from './support/data-dirs.js';
import { refusal, Running, runToEnd, type Env } from './support/process.js';

jest.setTimeout(180_000);
afterAll(cleanUp);

describe('what a server is set to do, seen from the session of a login', () => {
  const user = `s_${randomUUID().replaceAll('-', '')}`;
  const url = (): string => urlFor(superuserUrl(), 'postgres', user, 'x');
  const set = (name: string, value: string) =>
    asSuperuser((client) => client.query(`alter role ${user} set ${name} = ${pg.escapeLiteral(value)}`));
  const faults = () => settingFaults([{ variable: 'DATABASE_URL', url: url() }]);
  const asked = (...statements: string[]) =>
    asSuperuser(async (client) => {
      for (const statement of statements) await client.query(statement);
    });
  beforeAll(() =>
    asked(`create role ${user} login password 'x'`, `grant connect on database postgres to ${user}`),
  );
  afterAll(() => asked(`revoke connect on database postgres from ${user}`, `drop role ${user}`));

  it.each<[string, Record<string, string>]>([
    ['log_statement', { log_statement: 'mod' }],
    ['log_statement', { log_statement: 'all' }],
    ['log_min_duration_statement', { log_min_duration_statement: '0' }],
    ['log_min_duration_statement', { log_min_duration_statement: '5000' }],
    ['log_min_duration_sample', { log_min_duration_sample: '100', log_statement_sample_rate: '0.01' }],
    ['log_transaction_sample_rate', { log_transaction_sample_rate: '0.5' }],
    ['log_duration', { log_duration: 'on' }],
    ['log_statement_stats', { log_statement_stats: 'on' }],
    ['log_parser_stats', { log_parser_stats: 'on' }],
    ['log_planner_stats', { log_planner_stats: 'on' }],
    ['log_executor_stats', { log_executor_stats: 'on' }],
    ['debug_print_parse', { debug_print_parse: 'on' }],
    ['debug_print_rewritten', { debug_print_rewritten: 'on' }],
    ['debug_print_plan', { debug_print_plan: 'on' }],
    ['log_parameter_max_length_on_error', { log_parameter_max_length_on_error: '-1' }],
    ['pgaudit.log', { 'pgaudit.log': 'ddl, WRITE' }],
    ['pgaudit.log', { 'pgaudit.log': 'all, -misc' }],
    ['pgaudit.role', { 'pgaudit.role': 'auditor' }],
    ['auto_explain.log_min_duration', { 'auto_explain.log_min_duration': '0' }],
    [
      'auto_explain.log_min_duration',
      { session_preload_libraries: 'auto_explain', 'auto_explain.log_min_duration': '1s' },
    ],
  ])('%s is told when it is %j for this login alone, with how to switch it off', async (name, settings) => {
    expect(await faults()).toEqual([]);
    for (const [setting, value] of Object.entries(settings)) await set(setting, value);
    const told = await faults();
    await asSuperuser((client) => client.query(`alter role ${user} reset all`));
    expect(told).toHaveLength(1);
    expect(told[0]).toMatch(
      new RegExp(
        `^The database server has ${name} = .*: .*\\. Have its administrator set ${name} = .* \\(sessions of DATABASE_URL\\)\\.$`,
      ),
    );
    expect(told[0]).not.toContain('\n');
  });

  it.each<[Record<string, string>]>([
    [{ log_statement: 'ddl' }],
    [{ log_min_duration_sample: '100' }],
    [{ log_statement_sample_rate: '1' }],
    [{ 'pgaudit.log': 'ddl, role' }],
    [{ 'pgaudit.log': 'none' }],
    [{ 'auto_explain.log_min_duration': '0', 'auto_explain.sample_rate': '0' }],
    [{ 'auto_explain.log_min_duration': '-1' }],
  ])('%j alone tells nothing and is left alone', async (settings) => {
    for (const [setting, value] of Object.entries(settings)) await set(setting, value);
    const told = await faults();
    await asSuperuser((client) => client.query(`alter role ${user} reset all`));
    expect(told).toEqual([]);
  });
});

describe('a server that keeps the time of every commit', () => {
  let server: EmbeddedServer;
  let production: Env;
  const secret = (): string => randomBytes(32).toString('base64');
  const login = (user: string): string => server.url('prod', user, `password of ${user}`);
  const sql = (text: string, database = 'prod') =>
    query<Record<string, string>>(server.superuserUrl(database), text);
  const reload = (settings: Record<string, string>) =>
    Promise.all(
      Object.entries(settings).map(([name, value]) =>
        sql(`alter database prod set ${name} = ${pg.escapeLiteral(value)}`),
      ),
    );

  beforeAll(async () => {
    server = await joinEmbeddedServer({
      dataDir: newDataDir(),
      purpose: 'command',
      settings: { fsync: 'off', track_commit_timestamp: 'on' },
    });
    await sql(`create role owner login createrole password 'password of owner'`, 'postgres');
    await sql('create database prod owner owner', 'postgres');
    const owner = { DATABASE_OWNER_URL: login('owner') };
    production = {
      NODE_ENV: 'production',
      ...Object.fromEntries(Object.values(SECRET_NAMES).map((name) => [name, secret()])),
      DATABASE_URL: login(ROLES.app),
      DATABASE_PUBLIC_URL: login(ROLES.public),
      DATABASE_JOBS_URL: login(ROLES.jobs),
    };
    await runToEnd('app/commands/db-roles', { ...production, ...owner }, ['--run']);
    await runToEnd('app/commands/migrate', owner);
  });
  afterAll(() => server.leave());

  const COMMITS =
    'The database server has track_commit_timestamp = on: the database can tell to the microsecond when each report was stored. ' +
    'Have its administrator set track_commit_timestamp = off and restart the server, which forgets the times kept so far ' +
    '(sessions of DATABASE_URL, DATABASE_PUBLIC_URL, DATABASE_JOBS_URL).';

  it('lets the application login read the microsecond of a row: this is what must not be', async () => {
    const [row] = await query<{ at: Date | null }>(
      production.DATABASE_URL!,
      'select pg_xact_commit_timestamp(xmin) as at from schema_migrations limit 1',
    );
    expect(row!.at).toBeInstanceOf(Date);
  });

  it('is refused in production by every process, with one line', async () => {
    expect(
      await Promise.all([refusal('main', production, ['--api']), refusal('worker', production)]),
    ).toEqual([[COMMITS], [COMMITS]]);
  });

  it('and what it logs of statements and transactions: one line each, with the logins it holds for', async () => {
    await reload({ log_statement: 'all' });
    await sql(`alter role ${ROLES.app} set log_duration = on`);
    await sql(`alter role ${ROLES.public} set auto_explain.log_min_duration = 0`);
    const told = await refusal('main', production, ['--api']);
    await sql(
      `alter database prod reset all; alter role ${ROLES.app} reset log_duration; alter role ${ROLES.public} reset auto_explain.log_min_duration`,
    );
    expect(told).toEqual([
      COMMITS,
      expect.stringMatching(
        /log_statement = all: .* \(sessions of DATABASE_URL, DATABASE_PUBLIC_URL, DATABASE_JOBS_URL\)\.$/,
      ),
      expect.stringMatching(/log_duration = on: .* \(sessions of DATABASE_URL\)\.$/),
      expect.stringMatching(/auto_explain\.log_min_duration = 0, .* \(sessions of DATABASE_PUBLIC_URL\)\.$/),
    ]);
  });

  it('is a printed warning outside of production', async () => {
    const { NODE_ENV: _, ...elsewhere } = production;
    const worker = Running.start('worker', { ...elsewhere, DATA_DIR: newDataDir() });
    await worker.says(/worker runs/);
    expect(worker.stdout).toContain(`Warning: ${COMMITS} Production refuses to start so.\n`);
    expect(await worker.stop()).toBe(0);
  });
});

describe('the embedded server', () => {
  it('starts with safe settings whatever its configuration files say', async () => {
    const dataDir = newDataDir();
    const start = () => joinEmbeddedServer({ dataDir, purpose: 'command', settings: { fsync: 'off' } });
    const unsafe = {
      track_commit_timestamp: 'on',
      log_statement: 'all',
      log_min_duration_statement: '0',
      log_min_duration_sample: '0',
      log_statement_sample_rate: '1',
      log_transaction_sample_rate: '1',
      log_duration: 'on',
      log_statement_stats: 'on',
      debug_print_plan: 'on',
      log_parameter_max_length_on_error: '-1',
      log_line_prefix: '%m %x %v ',
      log_destination: 'stderr,csvlog',
      shared_preload_libraries: 'auto_explain',
    };
    const first = await start();
    const [{ data_directory: found }] = (await query<{ data_directory: string }>(
      first.superuserUrl('postgres'),
      'show data_directory',
    )) as [{ data_directory: string }];
    await first.leave();
    const lines = Object.entries(unsafe).map(([name, value]) => `${name} = '${value}'\n`);
    appendFileSync(join(found, 'postgresql.auto.conf'), lines.join(''));

    const second = await start();
    try {
      const url = second.superuserUrl('postgres');
      expect(await settingFaults([{ variable: 'DATABASE_URL', url }])).toEqual([]);
      const [{ libraries }] = (await query<{ libraries: string }>(
        url,
        `select current_setting('shared_preload_libraries') as libraries`,
      )) as [{ libraries: string }];
      expect(libraries).toBe('');
    } finally {
      await second.leave();
    }
  });
});
