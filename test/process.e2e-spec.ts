import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { joinEmbeddedServer, removeEmbeddedServer, type EmbeddedServer } from '../src/platform/embedded/join.js';
import { isAlive, until } from '../src/platform/embedded/processes.js';
import { SECRET_NAMES } from '../src/platform/secrets.js';
import { Burst, file } from './support/burst.js';
import { embeddedState, endAll, refusal, Running, runToEnd, type Env } from './support/process.js';

/** Real processes on a machine that may be busy: what counts is what they do, not how fast this machine is. */
jest.setTimeout(180_000);

const folders: string[] = [];

/** A DATA_DIR that the database user of a root process can reach. */
function newDataDir(): string {
  const folder = mkdtempSync(join(tmpdir(), 'denuncia-process-'));
  if (process.getuid?.() === 0) chmodSync(folder, 0o711);
  folders.push(folder);
  return join(folder, 'data');
}

async function query<Row extends pg.QueryResultRow>(url: string, sql: string, values: unknown[] = []): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(sql, values)).rows;
  } finally {
    await client.end();
  }
}

const runs = (pid: number): boolean => isAlive({ pid, started: '' });
const secret = (): string => randomBytes(32).toString('base64');

async function call(
  method: string,
  url: string,
  body?: unknown,
  token?: string,
): Promise<{ status: number; body: unknown }> {
  const response = await fetch(url, {
    method,
    headers: {
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: await response.json() };
}

const signIn = (url: string, email: string, password: string): Promise<{ status: number; body: unknown }> =>
  call('POST', `${url}/api/v1/auth/sessions`, { email, password });

afterAll(async () => {
  await endAll();
  for (const folder of folders) {
    await removeEmbeddedServer(join(folder, 'data')).catch(() => false);
    await removeEmbeddedServer(join(folder, 'restored')).catch(() => false);
    rmSync(folder, { recursive: true, force: true });
  }
});

/** How often each folio and each key stands in the database of a DATA_DIR. */
async function foliosIn(dataDir: string): Promise<string[]> {
  const rows = await query<{ folio: string }>(embeddedState(dataDir).url('denuncia'), 'select folio from cases');
  return rows.map(({ folio }) => folio);
}

describe('npm start without configuration', () => {
  const dataDir = newDataDir();
  const env = { DATA_DIR: dataDir };
  const backup = join(dataDir, '..', 'backup');
  let service: Running;
  let url: string;
  /** Acknowledged by any process of this sequence. */
  const acknowledged: string[] = [];
  let beforeBackup: { folio: string; accessCode: string };

  const serving = async (started: Running): Promise<void> => {
    service = started;
    ({ url } = await started.listens());
  };

  /** Every acknowledged folio is there once. */
  const nothingIsLost = async (): Promise<void> => {
    const folios = await foliosIn(dataDir);
    expect(new Set(folios).size).toBe(folios.length);
    expect(acknowledged.filter((folio) => !folios.includes(folio))).toEqual([]);
  };

  it('serves with demo data, tells accounts and keys, and lets a second start alone', async () => {
    await serving(Running.start('main', env));
    for (const told of [/Demo password {5}\S{16}/, /Channel keys .*-cnv-web/, /investigador@/, /curl -s http/])
      expect(service.stdout).toMatch(told);
    expect(await call('GET', `${url}/health/ready`)).toMatchObject({
      status: 200,
      body: { status: 'up', schema: 'up' },
    });
    expect(statSync(join(dataDir, 'secrets', 'PEPPER')).mode & 0o777).toBe(0o600);
    if (process.getuid?.() === 0) expect(statSync(`/proc/${embeddedState(dataDir).pid}`).uid).not.toBe(0);

    expect(await refusal('main', env)).toEqual([
      `Denuncia Abierta already runs on this DATA_DIR (pid ${service.pid}). Stop it first, or set DATA_DIR and PORT.`,
    ]);
    expect((await call('GET', `${url}/health/live`)).status).toBe(200);
  });

  it('serves Swagger UI with all its files, and the document', async () => {
    const page = await fetch(`${url}/docs`);
    expect([page.status, page.headers.get('content-type')]).toEqual([200, expect.stringContaining('text/html')]);
    const html = await page.text();
    const assets = [...html.matchAll(/(?:src|href)="(\.?\/?docs?\/[^"]+|\.\/[^"]+)"/g)].map(([, path]) => path!);
    expect(assets.length).toBeGreaterThanOrEqual(4);
    for (const asset of assets)
      expect([asset, (await fetch(new URL(asset, `${url}/docs`))).status]).toEqual([asset, 200]);
    const { body } = await call('GET', `${url}/openapi.json`);
    expect(body).toMatchObject({ openapi: '3.1.0', paths: { '/api/v1/reports': { post: {} } } });
  });

  it('loses no acknowledged report to kill -9 in the middle of a burst, and files none twice', async () => {
    const burst = new Burst(url);
    await burst.reaches(120);
    expect(await service.stop('SIGKILL')).toBeNull();
    const filed = await burst.over();
    acknowledged.push(...burst.acknowledged.map(({ folio }) => folio!));
    const before = await foliosIn(dataDir);

    await serving(Running.start('main', { ...env, DEMO_PASSWORD: 'otra contraseña de demostración' }));
    expect(service.stdout).toContain('Adopted the database that an earlier run left behind');
    expect(await foliosIn(dataDir)).toEqual(expect.arrayContaining(before));
    await nothingIsLost();

    // Reporters whose answer never came send again with the same key: each has one report, whatever had been stored.
    const unanswered = filed.filter(({ folio }) => folio === undefined);
    const again = await Promise.all(
      [...unanswered, ...burst.acknowledged.slice(0, 20)].map(({ key }) => file(url, key)),
    );
    expect(again.slice(unanswered.length).map(({ folio }) => folio)).toEqual(
      burst.acknowledged.slice(0, 20).map(({ folio }) => folio),
    );
    acknowledged.push(...again.slice(0, unanswered.length).map(({ folio }) => folio!));
    await nothingIsLost();
    const { folio, accessCode } = burst.acknowledged.at(-1)!;
    expect((await call('POST', `${url}/api/v1/tracking/sessions`, { folio, accessCode })).status).toBe(201);
  });

  it('takes a changed DEMO_PASSWORD for all demo accounts and tells it', async () => {
    expect(service.stdout).toContain('Demo password     otra contraseña de demostración');
    for (const email of ['mesa@conavi.demo', 'admin@acolman.demo'])
      expect((await signIn(url, email, 'otra contraseña de demostración')).status).toBe(201);
  });

  it('backs up while reports come in, and loses none when service and database are killed together', async () => {
    const first = await file(url, randomBytes(16).toString('hex'));
    beforeBackup = { folio: first.folio!, accessCode: first.accessCode! };
    const burst = new Burst(url, 4);
    await burst.reaches(10);
    const { code, stdout } = await runToEnd('commands/backup', env, ['--to', backup]);
    expect([code, stdout.split('\n')]).toEqual([
      0,
      [
        `Backup in ${backup}`,
        `Its secrets in ${backup}.secrets`,
        'Whoever has both reads every report: keep the file apart from the folder, and both off this machine.',
      ],
    ]);
    expect([statSync(backup).mode & 0o777, statSync(`${backup}.secrets`).mode & 0o777]).toEqual([0o700, 0o600]);
    process.kill(embeddedState(dataDir).pid, 'SIGKILL');
    await service.stop('SIGKILL');
    await burst.over();
    acknowledged.push(beforeBackup.folio, ...burst.acknowledged.map(({ folio }) => folio!));

    await serving(Running.start('main', env));
    await nothingIsLost();
    expect(service.stdout).toContain('Demo password     otra contraseña de demostración');
  });

  it('finishes on SIGTERM what it has begun: every 201 is stored, the exit code is 0, the database stops last', async () => {
    const { pid } = embeddedState(dataDir);
    const burst = new Burst(url);
    await burst.reaches(60);
    expect(await service.stop('SIGTERM')).toBe(0);
    await burst.over();
    acknowledged.push(...burst.acknowledged.map(({ folio }) => folio!));
    expect(runs(pid)).toBe(false);
  });

  it('shares one database between start:api and start:worker; the last to leave stops it', async () => {
    const api = Running.start('main', env, ['--api']);
    const worker = Running.start('worker', env);
    const [listening] = await Promise.all([api.listens(), worker.says(/worker runs/)]);
    await nothingIsLost();
    const { pid } = embeddedState(dataDir);
    expect(await refusal('commands/restore', env, ['--from', backup, '--force'])).toEqual([
      expect.stringMatching(/^The database of this DATA_DIR is in use \(pid \d+\)\. Stop the service first\.$/),
    ]);
    expect(await worker.stop()).toBe(0);
    expect((await call('GET', `${listening.url}/health/ready`)).status).toBe(200);
    expect(await api.stop('SIGINT')).toBe(0);
    expect(runs(pid)).toBe(false);
  });

  it('restores a backup elsewhere: a report taken before it is there and can be read', async () => {
    const restored = { DATA_DIR: join(dataDir, '..', 'restored') };
    expect(await runToEnd('commands/restore', restored, ['--from', backup])).toMatchObject({ code: 0, stderr: '' });
    await serving(Running.start('main', restored));
    const { status, body } = await call('POST', `${url}/api/v1/tracking/sessions`, beforeBackup);
    expect(status).toBe(201);
    const shown = await call('GET', `${url}/api/v1/tracking/case`, undefined, (body as { token: string }).token);
    expect(shown).toMatchObject({ status: 200, body: { folio: beforeBackup.folio, status: 'received' } });
    const folios = await foliosIn(restored.DATA_DIR);
    expect(folios).toContain(beforeBackup.folio);
    expect(folios.filter((folio) => !acknowledged.includes(folio)).length).toBeLessThan(folios.length);
    const { body: session } = await signIn(url, 'mesa@conavi.demo', 'otra contraseña de demostración');
    const path = `${url}/api/v1/cases/${beforeBackup.folio}`;
    const opened = await call('GET', path, undefined, (session as { accessToken: string }).accessToken);
    expect(opened).toMatchObject({
      status: 200,
      body: { report: { narrative: expect.stringContaining('ventanilla') } },
    });
    expect(await service.stop()).toBe(0);
  });

  it('restores only what is whole, fits its secrets and leaves what is there alone', async () => {
    const restored = { DATA_DIR: join(dataDir, '..', 'restored') };
    const other = { DATA_DIR: join(dataDir, '..', 'other') };
    const incomplete = join(dataDir, '..', 'incomplete');
    mkdirSync(incomplete);
    const wrong = join(dataDir, '..', 'wrong.secrets');
    writeFileSync(
      wrong,
      Object.values(SECRET_NAMES)
        .map((name) => `${name}=${secret()}`)
        .join('\n'),
    );
    const victim = join(backup, 'data', 'base', '1', readdirSync(join(backup, 'data', 'base', '1'))[0]!);
    const refusals = await Promise.all([
      refusal('commands/restore', restored, ['--from', backup]),
      refusal('commands/restore', other, ['--from', incomplete]),
      refusal('commands/restore', other, ['--from', backup, '--secrets', wrong]),
    ]);
    writeFileSync(victim, 'x', { flag: 'a' });
    refusals.push(await refusal('commands/restore', other, ['--from', backup]));
    expect(refusals).toEqual([
      [
        `There is a database in ${join(restored.DATA_DIR, 'postgres')}. Set DATA_DIR elsewhere, or move it aside with --force.`,
      ],
      [expect.stringMatching(/is no backup, or one that was interrupted: backup\.json is missing\.$/)],
      Object.values(SECRET_NAMES).map((name) => `${name} is not the one this database was made with.`),
      [expect.stringMatching(/^The backup is damaged: data\/base\/1\/\S+ is missing or changed\.$/)],
    ]);
    expect(existsSync(join(other.DATA_DIR, 'postgres'))).toBe(false);
  });
});

describe('faults of the start', () => {
  it('tells one line per fault of a production configuration', async () => {
    const equal = secret();
    const production = { NODE_ENV: 'production' };
    const [bare, wrong] = await Promise.all([
      refusal('main', production),
      refusal('worker', {
        ...production,
        DATABASE_URL: 'mysql://x',
        DATABASE_PUBLIC_URL: 'postgres://a:b@127.0.0.1:1/c',
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

  it('tells in one line that DATA_DIR cannot be used or the database does not answer', async () => {
    const folder = newDataDir();
    const file = `${folder}-file`;
    writeFileSync(file, '');
    folders.push(file);
    const [unwritable, unreachable] = await Promise.all([
      refusal('main', { DATA_DIR: join(file, 'data') }),
      refusal('main', { DATA_DIR: folder, DATABASE_URL: 'postgres://a:b@127.0.0.1:1/c' }),
    ]);
    expect(unwritable).toEqual([`DATA_DIR ${join(file, 'data')} is not a folder: set DATA_DIR to a folder.`]);
    expect(unreachable).toEqual([
      'DATABASE_URL: cannot connect to the database (nobody answers at that host and port). Check host, user and password.',
    ]);
  });
});

describe('a PostgreSQL of its own', () => {
  let server: EmbeddedServer;
  const secrets: Env = Object.fromEntries(Object.values(SECRET_NAMES).map((name) => [name, secret()]));
  const login = (user: string, database = 'prod'): string => server.url(database, user, `password of ${user}`);
  const sql = <Row extends pg.QueryResultRow>(text: string, database = 'prod'): Promise<Row[]> =>
    query<Row>(server.superuserUrl(database), text);
  let owner: Env;
  let production: Env;

  beforeAll(async () => {
    server = await joinEmbeddedServer({ dataDir: newDataDir(), purpose: 'command', settings: { fsync: 'off' } });
    // As a provider gives it: the owner of a database who may make roles, no superuser.
    await sql(`create role owner login createrole password 'password of owner'`, 'postgres');
    await sql('create database prod owner owner', 'postgres');
    owner = { DATABASE_OWNER_URL: login('owner') };
    production = {
      NODE_ENV: 'production',
      ...secrets,
      DATABASE_URL: login('denuncia_app'),
      DATABASE_PUBLIC_URL: login('denuncia_public_reader'),
      DATABASE_JOBS_URL: login('denuncia_jobs'),
    };
  });
  afterAll(() => server.leave());

  it('makes the logins: printed with placeholders, or run by an owner who may', async () => {
    const missing = refusal('commands/migrate', owner);
    const printed = await runToEnd('commands/db-roles', production);
    expect(printed.stdout).toContain(`alter role denuncia_app with login password '<password of denuncia_app>';`);
    expect(printed.stdout).toContain('-- create role denuncia_backup login bypassrls');
    expect(printed.stdout).not.toContain("password of denuncia_app'");
    expect(await missing).toEqual([
      expect.stringMatching(/^Database roles are missing: .* Run "npm run db:roles" first\.$/),
    ]);

    expect(await refusal('commands/db-roles', owner, ['--run'])).toEqual([
      'DATABASE_URL is missing: --run takes owner, users and passwords from the URLs.',
      'DATABASE_PUBLIC_URL is missing: --run takes owner, users and passwords from the URLs.',
    ]);
    for (const _ of ['first', 'again']) {
      const { code, stdout } = await runToEnd('commands/db-roles', { ...production, ...owner }, ['--run']);
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
    const both = await Promise.all([runToEnd('commands/migrate', owner), runToEnd('commands/migrate', owner)]);
    expect(both.map(({ code }) => code)).toEqual([0, 0]);
    const told = both.map(({ stdout }) => stdout).sort();
    expect(told).toEqual([expect.stringMatching(/^applied Foundations\d+\napplied /), 'nothing to do']);
  });

  it('creates an institution and its administrator, safe to repeat', async () => {
    const args = ['--code', 'MUNI-PRUEBA', '--name', 'Municipio de Prueba', '--prefix', 'MUP', '--calendar', 'LFT74'];
    const all = [...args, '--territory', '15002', '--admin-email', 'Admin@prueba.gob.mx'];
    const first = await runToEnd('commands/institution-create', { ...production, ...owner }, all);
    expect([first.code, first.stderr]).toEqual([0, '']);
    const lines = first.stdout.split('\n');
    expect(lines[0]).toMatch(/^Institution MUNI-PRUEBA created: added 5 areas, \d+ categories, \d+ routing rules$/);
    const password = /^One-time password (\S{19})$/m.exec(first.stdout)![1]!;

    const [second, other] = await Promise.all([
      runToEnd('commands/institution-create', { ...production, ...owner }, all),
      refusal('commands/institution-create', production, all),
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

    const api = Running.start('main', production, ['--api']);
    const { url } = await api.listens();
    expect((await signIn(url, 'admin@prueba.gob.mx', password)).status).toBe(201);
    const report = { institution: 'MUNI-PRUEBA', mode: 'anonymous', narrative: 'Cobran por un trámite gratuito.' };
    expect(await call('POST', `${url}/api/v1/reports`, report)).toMatchObject({
      status: 201,
      body: { channel: 'web' },
    });
    expect((await call('GET', `${url}/health/ready`)).body).toMatchObject({ status: 'up' });
    expect(api.stdout).not.toContain('Demo');
    const port = new URL(url).port;
    expect(await refusal('main', { ...production, PORT: port }, ['--api'])).toEqual([
      `Port ${port} on 127.0.0.1 is in use. Set PORT to another one.`,
    ]);
    expect(await api.stop()).toBe(0);
  });

  it('refuses logins with too many rights, and secrets of another database', async () => {
    const pepper = secret();
    const [asOwner, asSuperuser, shared, wrongRole, badPassword, wrongKeys] = await Promise.all([
      refusal('main', { ...production, DATABASE_URL: login('owner') }),
      refusal('worker', { ...production, DATABASE_URL: server.superuserUrl('prod') }),
      refusal('main', { ...production, DATABASE_PUBLIC_URL: production.DATABASE_URL! }),
      refusal('main', { ...production, DATABASE_PUBLIC_URL: login('denuncia_jobs'), DATABASE_JOBS_URL: '' }),
      refusal('main', { ...production, DATABASE_URL: server.url('prod', 'denuncia_app', 'wrong') }),
      refusal('main', { ...production, KEY_ENCRYPTION_KEY: secret(), PEPPER: pepper }),
    ]);
    const advice = (role: string): string => `use a login made by "npm run db:roles" (e.g. ${role}).`;
    expect(asOwner).toEqual([`DATABASE_URL: the login owner owns tables; ${advice('denuncia_app')}`]);
    expect(asSuperuser).toEqual([`DATABASE_URL: the login postgres is a superuser; ${advice('denuncia_app')}`]);
    expect(shared).toEqual(['The database URLs share a login; each needs its own (npm run db:roles).']);
    expect(wrongRole).toEqual([
      `DATABASE_PUBLIC_URL: the login denuncia_jobs has no rights of denuncia_public_reader; ${advice('denuncia_public_reader')}`,
    ]);
    expect(badPassword).toEqual([
      'DATABASE_URL: cannot connect to the database (user or password refused). Check host, user and password.',
    ]);
    const restore = 'is not the one this database was made with. Restore the right secret; nothing was written.';
    expect(wrongKeys).toEqual([`KEY_ENCRYPTION_KEY ${restore}`, `PEPPER ${restore}`]);
  });

  it('refuses a schema that a later version migrated', async () => {
    await sql(`insert into schema_migrations (timestamp, name) values (9999999999999, 'Later9999999999999')`);
    const newer = 'The database schema is newer than this program. Deploy the version that migrated it.';
    expect(await Promise.all([refusal('main', production), refusal('commands/migrate', owner)])).toEqual([
      [newer],
      [newer],
    ]);
    await sql(`delete from schema_migrations where name = 'Later9999999999999'`);
  });

  it('runs under logins of other names, which db:roles makes members of the roles', async () => {
    const own = {
      ...production,
      DATABASE_URL: login('muni app'),
      DATABASE_PUBLIC_URL: login('muni_public'),
      DATABASE_JOBS_URL: '',
    };
    expect((await runToEnd('commands/db-roles', { ...own, ...owner }, ['--run'])).stderr).toBe('');
    const service = Running.start('main', own);
    const { url } = await service.listens();
    const report = {
      institution: 'MUNI-PRUEBA',
      mode: 'confidential',
      reporter: { name: 'Ana' },
      narrative: 'Cobran de más.',
    };
    expect((await call('POST', `${url}/api/v1/reports`, report)).status).toBe(201);
    expect((await call('GET', `${url}/api/v1/public/stats/releases?institution=MUNI-PRUEBA`)).status).toBe(200);
    const users = await sql<{ name: string }>(
      `select distinct usename as name from pg_stat_activity where application_name like 'denuncia-abierta%'`,
    );
    expect(users).toEqual([{ name: 'muni app' }]);
    expect(await service.stop()).toBe(0);
    // A member inherits what the application may do, and not what it may only become within a transaction.
    const [rights] = await query<{ app: boolean; releaser: boolean }>(
      own.DATABASE_URL,
      `select pg_has_role('denuncia_app', 'usage') as app, pg_has_role('denuncia_releaser', 'usage') as releaser`,
    );
    expect(rights).toEqual({ app: true, releaser: false });
  });

  it('derives everything from DATABASE_URL alone outside production, on a clock that starts where CLOCK_START says', async () => {
    await sql('create database alone', 'postgres');
    const env = {
      DATA_DIR: newDataDir(),
      DATABASE_URL: server.superuserUrl('alone'),
      CLOCK_START: '2026-12-05T23:30:00-06:00',
    };
    const service = Running.start('main', env);
    const { url } = await service.listens();
    const report = { institution: 'CONAVI-DEMO', mode: 'anonymous', narrative: 'Pidieron dinero en la ventanilla.' };
    const { status, body } = await call('POST', `${url}/api/v1/reports`, report);
    expect([status, body]).toEqual([
      201,
      expect.objectContaining({ folio: expect.stringMatching(/^CNV-2026-/), receivedOn: '2026-12-05' }),
    ]);
    const users = await sql<{ name: string }>(
      `select distinct usename as name from pg_stat_activity where application_name like 'denuncia-abierta%'`,
      'alone',
    );
    expect(users).toEqual([{ name: 'denuncia_app' }]);
    expect(await service.stop()).toBe(0);
    expect(await until(() => !existsSync(join(env.DATA_DIR, 'postgres')), 0)).toBe(true);
  });
});
