import { joinEmbeddedServer, type EmbeddedServer } from '@denuncia-abierta/embedded-postgres';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import pg from 'pg';
import { SECRET_NAMES } from '../src/platform/secrets.js';
import { call, signIn } from './support/calls.js';
import { cleanUp, newDataDir, query } from './support/data-dirs.js';
import { refusal, Running, runToEnd, type Env } from './support/process.js';
import { until } from './support/until.js';

/**
 * Real processes on a machine that may be busy: what counts is what they do, not how fast this machine is.
 */
jest.setTimeout(180_000);

const secret = (): string => randomBytes(32).toString('base64');

afterAll(cleanUp);

describe('a production configuration', () => {
  it('tells one line per fault of a production configuration', async () => {
    const equal = secret();
    const production = { NODE_ENV: 'production' };
    const [bare, wrong] = await Promise.all([
      refusal('main', production),
      refusal('worker', {
        ...production,
        DATABASE_URL: 'mysql://x',
        DATABASE_PUBLIC_URL: 'postgres://a:b@127.0.0.1:1/c',
        DATABASE_JOBS_URL: 'postgres://d:e@127.0.0.1:1/c',
        KEY_ENCRYPTION_KEY: 'YWJj',
        PEPPER: Buffer.alloc(32, 'ab').toString('base64'),
        STATS_NOISE_KEY_FILE: '/does/not/exist',
        SESSION_KEY: equal,
        INBOX_KEY: equal,
        CLOCK_START: '2026-12-05T09:00:00-06:00',
        DEMO_PASSWORD: 'x',
        PORT: '70000',
      }),
    ]);
    expect(bare).toEqual([
      'DATABASE_URL is missing: production needs its own logins (npm run db:roles).',
      'DATABASE_PUBLIC_URL is missing: production needs its own logins (npm run db:roles).',
      'DATABASE_JOBS_URL is missing: production needs its own logins (npm run db:roles).',
      ...Object.values(SECRET_NAMES).map((name) => `${name} is missing. "npm run secrets" makes one.`),
    ]);
    expect(wrong).toEqual([
      'PORT must be a whole number from 0 to 65535.',
      'CLOCK_START is refused in production.',
      'DEMO_PASSWORD is refused in production.',
      'DATABASE_URL is not a URL such as postgres://user:password@host:5432/database.',
      'KEY_ENCRYPTION_KEY is not base64 of 32 bytes. "npm run secrets" makes a good one.',
      'PEPPER is not random. "npm run secrets" makes a good one.',
      'STATS_NOISE_KEY_FILE cannot be read (ENOENT).',
      'SESSION_KEY and INBOX_KEY are equal; each needs its own value.',
    ]);
  });
});

describe('a PostgreSQL of its own', () => {
  let server: EmbeddedServer;
  const secrets: Env = Object.fromEntries(Object.values(SECRET_NAMES).map((name) => [name, secret()]));
  const login = (user: string, database = 'prod'): string =>
    server.url(database, user, `password of ${user}`);
  const sql = <Row extends pg.QueryResultRow>(text: string, database = 'prod'): Promise<Row[]> =>
    query<Row>(server.superuserUrl(database), text);
  /** As whom the service is connected; a connection that is just being made has a name and no user yet. */
  const usersOfTheService = async (database?: string): Promise<string[]> => {
    const rows = await sql<{ user: string }>(
      `select distinct usename as user from pg_stat_activity
        where application_name like 'denuncia-abierta%' and usename is not null`,
      database,
    );
    return rows.map(({ user }) => user);
  };
  let owner: Env;
  let production: Env;

  beforeAll(async () => {
    server = await joinEmbeddedServer({
      dataDir: newDataDir(),
      purpose: 'command',
      settings: { fsync: 'off' },
    });
    // As a provider gives it: the owner of a database who may make roles, no superuser.
    await sql(`create role owner login createrole password 'password of owner'`, 'postgres');
    await sql('create database prod owner owner', 'postgres');
    owner = { DATABASE_OWNER_URL: login('owner') };
    production = {
      NODE_ENV: 'production',
      ...secrets,
      STORAGE_DIR: newDataDir(),
      DATABASE_URL: login('denuncia_app'),
      DATABASE_PUBLIC_URL: login('denuncia_public_reader'),
      DATABASE_JOBS_URL: login('denuncia_jobs'),
    };
  });
  afterAll(() => server.leave());

  it('makes the logins: printed with placeholders, or run by an owner who may', async () => {
    const missing = refusal('app/commands/migrate', owner);
    const printed = await runToEnd('app/commands/db-roles', production);
    expect(printed.stdout).toContain(
      `alter role denuncia_app with login password '<password of denuncia_app>';`,
    );
    expect(printed.stdout).toContain('-- create role denuncia_backup login bypassrls');
    expect(printed.stdout).not.toContain("password of denuncia_app'");
    expect(printed.stdout).toContain('\nrevoke connect, temporary on database "prod" from public;\n');
    expect(printed.stdout).toMatch(
      /\ngrant connect on database "prod" to denuncia_app, denuncia_public_reader, denuncia_jobs, .*;\n/,
    );
    expect(printed.stdout).toContain('-- grant connect on database "prod" to denuncia_backup;');
    expect(await missing).toEqual([
      expect.stringMatching(/^Database roles are missing: .* Run "npm run db:roles" first\.$/),
    ]);

    expect(await refusal('app/commands/db-roles', owner, ['--run'])).toEqual([
      'DATABASE_URL is missing: --run takes owner, users and passwords from the URLs.',
      'DATABASE_PUBLIC_URL is missing: --run takes owner, users and passwords from the URLs.',
    ]);
    for (const _ of ['first', 'again']) {
      const { code, stdout } = await runToEnd('app/commands/db-roles', { ...production, ...owner }, [
        '--run',
      ]);
      expect([code, stdout]).toEqual([
        0,
        'denuncia_app can log in (DATABASE_URL)\ndenuncia_public_reader can log in (DATABASE_PUBLIC_URL)\ndenuncia_jobs can log in (DATABASE_JOBS_URL)',
      ]);
    }
  });

  it('migrates when told to, one process at a time', async () => {
    expect(await refusal('main', production)).toEqual([
      expect.stringMatching(
        /^The database schema is older than this program \(\d+ pending\)\. Run "npm run migrate"\.$/,
      ),
    ]);
    const guard = new pg.Client({ connectionString: server.superuserUrl('prod') });
    await guard.connect();
    await guard.query('select pg_advisory_lock(482614)');
    const running = Promise.all([
      runToEnd('app/commands/migrate', owner),
      runToEnd('app/commands/migrate', owner),
    ]);
    const waiting = `select count(*)::int as count from pg_locks where locktype = 'advisory' and not granted`;
    const tooEarly = running.then((ended) =>
      Promise.reject(new Error(`ended before the lock: ${JSON.stringify(ended)}`)),
    );
    await Promise.race([
      until(
        () => sql<{ count: number }>(waiting),
        ([row]) => row!.count === 2,
      ),
      tooEarly,
    ]);
    tooEarly.catch(() => undefined);
    await guard.end();
    const both = await running;
    expect(both.map(({ code }) => code)).toEqual([0, 0]);
    const told = both.map(({ stdout }) => stdout).sort();
    expect(told).toEqual([expect.stringMatching(/^applied Foundations\d+\napplied /), 'nothing to do']);
  });

  it('creates an institution and its administrator, safe to repeat', async () => {
    const args = [
      '--code',
      'MUNI-PRUEBA',
      '--name',
      'Municipio de Prueba',
      '--prefix',
      'MUP',
      '--calendar',
      'LFT74',
    ];
    const all = [...args, '--territory', '15002', '--admin-email', 'Admin@prueba.gob.mx'];
    const first = await runToEnd('app/commands/institution-create', { ...production, ...owner }, all);
    expect([first.code, first.stderr]).toEqual([0, '']);
    const lines = first.stdout.split('\n');
    expect(lines[0]).toMatch(
      /^Institution MUNI-PRUEBA created: added 5 areas, \d+ categories, \d+ routing rules$/,
    );
    const password = /^One-time password (\S{19})$/m.exec(first.stdout)![1]!;

    const [second, other] = await Promise.all([
      runToEnd('app/commands/institution-create', { ...production, ...owner }, all),
      refusal('app/commands/institution-create', production, all),
    ]);
    expect([second.code, second.stdout.split('\n')]).toEqual([
      0,
      [
        'Institution MUNI-PRUEBA exists: nothing to add',
        'Administrator admin@prueba.gob.mx exists; no new password was made (--new-password makes one)',
      ],
    ]);
    expect(other).toEqual([
      'DATABASE_OWNER_URL is missing: setting up an institution needs the login that owns the tables.',
    ]);

    // A repetition for another administrator brings no area back that was left out.
    await sql(`update areas set code = 'PROPIA' where code = 'ASUNTOS_INTERNOS'`);
    const { stdout } = await runToEnd('app/commands/institution-create', { ...production, ...owner }, [
      ...all.slice(0, -1),
      'otra@prueba.gob.mx',
    ]);
    expect(stdout.split('\n')[0]).toBe('Institution MUNI-PRUEBA exists: nothing to add');
    expect(stdout).not.toContain('Left as it is');
    expect(await sql(`select 1 from areas where code = 'ASUNTOS_INTERNOS'`)).toEqual([]);

    const api = Running.start('main', production, ['--api']);
    const { url } = await api.listens();
    expect((await signIn(url, 'admin@prueba.gob.mx', password)).status).toBe(201);
    const report = {
      institution: 'MUNI-PRUEBA',
      mode: 'anonymous',
      narrative: 'Cobran por un trámite gratuito.',
    };
    expect(await call('POST', `${url}/api/v1/reports`, report)).toMatchObject({
      status: 201,
      body: { channel: 'web' },
    });
    expect((await call('GET', `${url}/health/ready`)).body).toMatchObject({ status: 'up' });
    expect(api.stdout).not.toContain('Demo');

    // An address may serve two institutions: nothing is told of the one where it has an account already.
    const elsewhere = ['--code', 'OTRA', '--name', 'Otra', '--prefix', 'OTR', '--calendar', 'LFPA28'];
    const again = await runToEnd('app/commands/institution-create', { ...production, ...owner }, [
      ...elsewhere,
      '--admin-email',
      'admin@prueba.gob.mx',
    ]);
    expect([again.code, again.stderr]).toEqual([0, '']);
    expect(again.stdout).toContain('Administrator admin@prueba.gob.mx created');
    const otherPassword = /^One-time password (\S{19})$/m.exec(again.stdout)![1]!;
    expect((await signIn(url, 'admin@prueba.gob.mx', otherPassword)).status).toBe(201);
    expect((await signIn(url, 'admin@prueba.gob.mx', password)).status).toBe(201);
    // At one institution it makes administrators only.
    await sql(
      `update accounts a set roles = '{operator}' from institutions i where i.id = a.institution_id and i.code = 'OTRA'`,
    );
    const refused = () =>
      refusal('app/commands/institution-create', { ...production, ...owner }, [
        ...elsewhere,
        '--admin-email',
        'admin@prueba.gob.mx',
        '--new-password',
      ]);
    expect(await refused()).toEqual([
      '--admin-email admin@prueba.gob.mx has an account at OTRA without the role admin. Use another address.',
    ]);
    await sql(
      `update accounts a set roles = '{admin,auditor}' from institutions i where i.id = a.institution_id and i.code = 'OTRA'`,
    );
    expect(await refused()).toEqual([
      '--admin-email admin@prueba.gob.mx has an account at OTRA whose roles no longer go together (admin, auditor). Use another address.',
    ]);

    // What reporters and mistyped paths leave in the log: counts at the end, and of refusals nothing before
    // their day is over.
    await call('GET', `${url}/api/v1/tracking/case`);
    await call('POST', `${url}/api/v1/report`, {});
    await call('POST', `${url}/api/v1/Reports`, {});
    const logged = (): string[] =>
      api.stdout.split('\n').filter((line) => /refused|unmatched|tracking|report/i.test(line));
    expect(logged()).toEqual([]);
    const port = new URL(url).port;
    expect(await refusal('main', { ...production, PORT: port }, ['--api'])).toEqual([
      `Port ${port} on 127.0.0.1 is in use. Set PORT to another one.`,
    ]);
    expect(await api.stop()).toBe(0);
    expect(logged().map((line) => JSON.parse(line) as object)).toEqual([
      { level: 40, event: 'unmatched-routes', day: expect.stringMatching(/^\d{4}-\d\d-\d\d$/), count: 2 },
    ]);
  });

  it('refuses logins with too many rights, and secrets of another database', async () => {
    const pepper = secret();
    const [asOwner, asSuperuser, shared, wrongRole, badPassword, wrongKeys] = await Promise.all([
      refusal('main', { ...production, DATABASE_URL: login('owner') }),
      refusal('worker', { ...production, DATABASE_URL: server.superuserUrl('prod') }),
      refusal('main', { ...production, DATABASE_PUBLIC_URL: production.DATABASE_URL! }),
      refusal('main', { ...production, DATABASE_PUBLIC_URL: login('denuncia_jobs'), DATABASE_JOBS_URL: '' }, [
        '--api',
      ]),
      refusal('main', { ...production, DATABASE_URL: server.url('prod', 'denuncia_app', 'wrong') }),
      refusal('main', { ...production, KEY_ENCRYPTION_KEY: secret(), PEPPER: pepper }),
    ]);
    const advice = (role: string): string => `use a login made by "npm run db:roles" (e.g. ${role}).`;
    expect(asOwner).toEqual([`DATABASE_URL: the login owner owns tables; ${advice('denuncia_app')}`]);
    expect(asSuperuser).toEqual([
      `DATABASE_URL: the login postgres is a superuser; ${advice('denuncia_app')}`,
    ]);
    expect(shared).toEqual(['The database URLs share a login; each needs its own (npm run db:roles).']);
    expect(wrongRole).toEqual([
      `DATABASE_PUBLIC_URL: the login denuncia_jobs has no rights of denuncia_public_reader; ${advice('denuncia_public_reader')}`,
    ]);
    expect(badPassword).toEqual([
      'DATABASE_URL: cannot connect to the database (user or password refused). Check host, user and password.',
    ]);
    const restore =
      'is not the one this database was made with. Restore the right secret; nothing was written.';
    expect(wrongKeys).toEqual([`KEY_ENCRYPTION_KEY ${restore}`, `PEPPER ${restore}`]);
  });

  it('refuses a database that is open to every login of the server, and db:roles shuts it', async () => {
    const shut = 'run "npm run db:roles -- --run", or as an administrator what "npm run db:roles" prints.';
    const faults = [
      ['grant connect on database prod to public', 'is open to every login of the server'],
      ['grant temporary on database prod to public', 'is open to every login of the server'],
      ['grant temporary on database prod to denuncia_app', 'lets denuncia_app make temporary tables'],
      [
        'grant temporary on database prod to denuncia_public_reader',
        'lets denuncia_public_reader make temporary tables',
      ],
    ] as const;
    for (const [open, fault] of faults) {
      await sql(open);
      expect(
        await Promise.all([refusal('main', production, ['--api']), refusal('worker', production)]),
      ).toEqual([[`The database prod ${fault}; ${shut}`], [`The database prod ${fault}; ${shut}`]]);
      expect((await runToEnd('app/commands/db-roles', { ...production, ...owner }, ['--run'])).code).toBe(0);
      for (const url of [production.DATABASE_URL!, production.DATABASE_PUBLIC_URL!])
        await expect(query(url, 'create temporary table t (id int)')).rejects.toThrow(/permission denied/);
    }
    await sql(`create role stranger login password 'password of stranger'`);
    await expect(query(login('stranger'), 'select 1')).rejects.toThrow(/permission denied for database/);
  });

  it('is not told as shut by a login that does not own the database', async () => {
    await sql('create database foreign_one', 'postgres');
    const env = { ...production, DATABASE_OWNER_URL: login('owner', 'foreign_one') };
    expect(await refusal('app/commands/db-roles', env, ['--run'])).toEqual([
      'DATABASE_OWNER_URL: this login does not own the database foreign_one; let its owner or an administrator run what "npm run db:roles" prints.',
    ]);
  });

  it('prints SQL that an administrator can run as it is, and that takes the view of the others from every login', async () => {
    const { stdout } = await runToEnd('app/commands/db-roles', { ...production, ...owner });
    const text = stdout.replaceAll(/'<password of (\w+)>'/g, "'password of $1'");
    for (let n = 0; n < 2; n++) await sql(text);
    await expect(query(production.DATABASE_PUBLIC_URL!, 'select * from pg_locks')).rejects.toThrow(
      /permission denied/,
    );
    await expect(query(production.DATABASE_PUBLIC_URL!, 'select pg_advisory_lock(482614)')).rejects.toThrow(
      /permission denied/,
    );
    expect((await runToEnd('app/commands/migrate', owner)).stdout).toBe('nothing to do');
    const service = Running.start('main', production);
    await service.listens();
    expect(await service.stop()).toBe(0);
  });

  it('stands still after a stop of two days, until an operator says that its clock is right', async () => {
    const start = async () => {
      const service = Running.start('main', production);
      const { url } = await service.listens();
      const ready = async () => (await call('GET', `${url}/health/ready`)).body as Record<string, string>;
      return { service, ready };
    };
    const before = await start();
    await until(before.ready, ({ worker }) => worker === 'up');
    expect(await before.service.stop()).toBe(0);
    await sql(`update heartbeats set at = at - interval '2 days'`);

    const after = await start();
    expect(await until(after.ready, ({ clock }) => clock !== undefined)).toMatchObject({ clock: 'jumped' });
    await after.service.says(/"event":"clock-held","code":"jumped"/);
    const shown = await runToEnd('app/commands/clock-check', production);
    expect([shown.code, shown.stderr]).toEqual([0, '']);
    expect(shown.stdout).toContain('More than a day has passed');
    expect(shown.stdout).toContain('npm run clock:check -- --confirm');
    // Asking changes nothing.
    expect(await after.ready()).toMatchObject({ clock: 'jumped' });
    const { stdout } = await runToEnd('app/commands/clock-check', production, ['--confirm']);
    expect(stdout).toContain('Confirmed. Workers go on within ten seconds.');
    expect(await until(after.ready, ({ worker }) => worker === 'up')).not.toHaveProperty('clock');
    expect(await after.service.stop()).toBe(0);
  });

  it('refuses a schema that a later version migrated', async () => {
    await sql(`insert into schema_migrations (timestamp, name) values (9999999999999, 'Later9999999999999')`);
    const newer = 'The database schema is newer than this program. Deploy the version that migrated it.';
    expect(await Promise.all([refusal('main', production), refusal('app/commands/migrate', owner)])).toEqual([
      [newer],
      [newer],
    ]);
    await sql(`delete from schema_migrations where name = 'Later9999999999999'`);
  });

  it('lets a worker refuse a queue that is older or newer than its library, and an API needs no queue', async () => {
    await sql('update job_queue.migrations set id = 35 where id = 18');
    const newer =
      'The schema of the job queue is newer than this program. Deploy the version that migrated it.';
    expect(await refusal('worker', production)).toEqual([newer]);
    await sql('delete from job_queue.migrations where id = 35');
    const older = 'The schema of the job queue is older than this program. Run "npm run migrate".';
    expect(await Promise.all([refusal('worker', production), refusal('main', production)])).toEqual([
      [older],
      [older],
    ]);
    const api = Running.start('main', { ...production, DATABASE_JOBS_URL: '' }, ['--api']);
    await api.listens();
    expect(await api.stop()).toBe(0);
    await sql('insert into job_queue.migrations (id) values (18)');
    expect(await refusal('worker', { ...production, DATABASE_JOBS_URL: '' })).toEqual([
      'DATABASE_JOBS_URL is missing: production needs its own logins (npm run db:roles).',
    ]);
  });

  it('refuses a database with demo institutions', async () => {
    await sql('update institutions set demo = true');
    const line =
      'The database holds demo institutions and accounts, which production refuses. Give it a database of its own.';
    expect(
      await Promise.all([refusal('main', production, ['--api']), refusal('worker', production)]),
    ).toEqual([[line], [line]]);
    await sql('update institutions set demo = false');
  });

  it('refuses a free clock, which a start outside of production leaves behind', async () => {
    await sql('update clock_policy set free = true');
    const line = expect.stringMatching(
      /^The clock of this database is free, .*update clock_policy set free = false\.$/,
    );
    expect(
      await Promise.all([refusal('main', production, ['--api']), refusal('worker', production)]),
    ).toEqual([[line], [line]]);
    await sql('update clock_policy set free = false');
    // Without the owner nobody can free it.
    const { NODE_ENV: _production, ...outside } = production;
    expect(await refusal('worker', { ...outside, CLOCK_START: '2026-12-05T09:00:00-06:00' })).toEqual([
      'CLOCK_START needs a free clock, which the owner sets: give DATABASE_OWNER_URL too.',
    ]);
  });

  it('shows and lifts holds of releases with the owner’s login only', async () => {
    expect(await refusal('app/commands/releases-check', production)).toEqual([
      'DATABASE_OWNER_URL is missing: the releases are guarded by the login that owns the tables.',
    ]);
    const { code, stdout } = await runToEnd('app/commands/releases-check', { ...production, ...owner });
    expect([code, stdout.split('\n')]).toEqual([
      0,
      ['MUNI-PRUEBA: no releases; not held', 'OTRA: no releases; not held'],
    ]);
  });

  it('runs under logins of other names, which db:roles makes members of the roles', async () => {
    const own = {
      ...production,
      DATABASE_URL: login('muni app'),
      DATABASE_PUBLIC_URL: login('muni_public'),
      DATABASE_JOBS_URL: login('muni_jobs'),
    };
    expect((await runToEnd('app/commands/db-roles', { ...own, ...owner }, ['--run'])).stderr).toBe('');
    const service = Running.start('main', own);
    const { url } = await service.listens();
    const report = {
      institution: 'MUNI-PRUEBA',
      mode: 'confidential',
      reporter: { name: 'Ana' },
      narrative: 'Cobran de más.',
    };
    expect((await call('POST', `${url}/api/v1/reports`, report)).status).toBe(201);
    expect((await call('GET', `${url}/api/v1/public/stats/releases?institution=MUNI-PRUEBA`)).status).toBe(
      200,
    );
    expect(await usersOfTheService()).toEqual(['muni app', 'muni_jobs']);
    expect(await service.stop()).toBe(0);
    // A member inherits what the application may do, and not what it may only become within a transaction.
    const [rights] = await query<{ app: boolean; releaser: boolean }>(
      own.DATABASE_URL,
      `select pg_has_role('denuncia_app', 'usage') as app, pg_has_role('denuncia_releaser', 'usage') as releaser`,
    );
    expect(rights).toEqual({ app: true, releaser: false });
  });

  it('derives everything from DATABASE_URL alone outside production, without the embedded server', async () => {
    await sql('create database alone', 'postgres');
    const env = { DATA_DIR: newDataDir(), DATABASE_URL: server.superuserUrl('alone') };
    const worker = Running.start('worker', env);
    await worker.says(/worker runs/);
    expect(await usersOfTheService('alone')).toEqual(['denuncia_app', 'denuncia_jobs']);
    await expect(query(login('stranger', 'alone'), 'select 1')).rejects.toThrow(
      /permission denied for database/,
    );
    expect(await worker.stop()).toBe(0);
    expect(readdirSync(env.DATA_DIR).sort()).toEqual(['objects', 'participants', 'secrets']);
  });
});
