import {
  joinEmbeddedServer,
  postGuard,
  type EmbeddedServer,
  type Purpose,
  type WatchHooks,
} from '@denuncia-abierta/embedded-postgres';
import pg from 'pg';
import type { Config } from '../config.js';
import type { KeyRing, Secrets } from '../crypto/keyring.js';
import { StartError } from '../errors.js';
import { assertQueue } from '../jobs/queue-schema.js';
import { KeptSecrets, newSecret, SECRET_NAMES } from '../secrets.js';
import { Client } from './client.js';
import { freeClock } from './clock-policy.js';
import { connect } from './connect.js';
import { assertClosed, closeDatabase, closeServer } from './database-rights.js';
import type { ConnectionUrls } from './database.js';
import { assertSchema, assertVersion, migrate, type MigrationClass } from './migrator.js';
import {
  applyRoles,
  assertRuntimeLogin,
  createRoles,
  missingRoles,
  ownerSql,
  ROLES,
  type Login,
  type LoginName,
} from './roles.js';
import { checkSettings } from './server-settings.js';

export interface Prepared {
  /** `jobs` is there in every process that works jobs. */
  urls: ConnectionUrls & { jobs?: string };
  /** URL of the owner, when this process may know it: with the embedded server, or outside production. */
  ownerUrl?: string;
  /** Ends this process's part in an embedded server. Call it last. */
  leave(): Promise<void>;
  /**
   * Restarts an embedded server whenever it ends. For other servers this is the task of their administrator.
   */
  watch(hooks: WatchHooks): void;
}

const DATABASE = 'denuncia';
const OWNER = 'denuncia_owner';
/** For a server that somebody else runs. */
const ELSEWHERE = { leave: async (): Promise<void> => undefined, watch: (): void => undefined };

/**
 * Prepares the database, so that this program can run on it. With the embedded server or outside production:
 * makes roles and runs migrations. In production: only checks, and refuses what is wrong.
 * @throws StartError, EmbeddedError: one line each
 */
export async function prepareDatabase(
  config: Config,
  purpose: Purpose,
  migrations: MigrationClass[],
  log: (line: string) => void,
): Promise<Prepared> {
  const prepared = await prepareServer(config, purpose, migrations, log);
  try {
    await checkSettings(config.production, { ...prepared.urls, jobs: config.database?.jobs }, log);
    return prepared;
  } catch (error) {
    await prepared.leave();
    throw error;
  }
}

function prepareServer(
  config: Config,
  purpose: Purpose,
  migrations: MigrationClass[],
  log: (line: string) => void,
): Promise<Prepared> {
  if (config.database === null) return prepareEmbedded(config, purpose, migrations, log);
  return config.production
    ? checkRuntime(config.database, purpose, migrations)
    : prepareExternal(config, config.database, purpose, migrations);
}

/** Tells whether a process of this purpose works the job queue. */
export function worksJobs(purpose: Purpose): boolean {
  return purpose === 'all' || purpose === 'worker';
}

/**
 * For use outside production. Brings the schema to the version of this program and frees the clock, because a
 * demo makes its own past.
 */
async function bringUp(ownerUrl: string, migrations: MigrationClass[], variable?: string): Promise<void> {
  await migrate(ownerUrl, migrations, variable);
  await freeClock(ownerUrl);
}

async function prepareEmbedded(
  config: Config,
  purpose: Purpose,
  migrations: MigrationClass[],
  log: (line: string) => void,
): Promise<Prepared> {
  if (config.production)
    throw new StartError('DATABASE_URL is missing: production does not run on the embedded server.');
  const opened = await openEmbedded(config.dataDir, purpose, log);
  try {
    await bringUp(opened.ownerUrl, migrations);
    return opened;
  } catch (error) {
    await opened.leave();
    throw error;
  }
}

/** Takes part in the embedded server and makes its roles and database. Does not change the schema. */
export async function openEmbedded(
  dataDir: string,
  purpose: Purpose,
  log: (line: string) => void,
): Promise<Prepared & { ownerUrl: string }> {
  const guard = postGuard(dataDir);
  let server: EmbeddedServer | undefined;
  const leave = async (): Promise<void> => {
    await server?.leave();
    guard.dismiss();
  };
  try {
    server = await joinEmbeddedServer({ dataDir, purpose, log });
    const { url, superuserUrl } = server;
    const kept = new KeptSecrets(dataDir);
    const passwords = keptPasswords(kept);
    const ownerPassword = kept.get('database-owner', newSecret);
    await createRoles(superuserUrl('postgres'), passwords);
    await makeDatabase(superuserUrl, ownerPassword);
    return {
      urls: {
        app: url(DATABASE, ROLES.app, passwords.app),
        public: url(DATABASE, ROLES.public, passwords.public),
        jobs: url(DATABASE, ROLES.jobs, passwords.jobs),
      },
      ownerUrl: url(DATABASE, OWNER, ownerPassword),
      leave,
      watch: server.watch,
    };
  } catch (error) {
    await leave();
    throw error;
  }
}

async function makeDatabase(
  superuserUrl: (database: string) => string,
  ownerPassword: string,
): Promise<void> {
  const client = new Client({ connectionString: superuserUrl('postgres') });
  await client.connect();
  try {
    await client.query('select pg_advisory_lock(482615)');
    const { rows: roles } = await client.query('select 1 from pg_roles where rolname = $1', [OWNER]);
    if (roles.length === 0) await client.query(`create role ${OWNER} login`);
    await client.query(`alter role ${OWNER} password ${pg.escapeLiteral(ownerPassword)}`);
    await client.query(ownerSql(OWNER));
    const { rows } = await client.query('select 1 from pg_database where datname = $1', [DATABASE]);
    if (rows.length === 0) await client.query(`create database ${DATABASE} owner ${OWNER}`);
    await closeServer(superuserUrl, DATABASE, OWNER);
  } finally {
    await client.end();
  }
}

type Urls = NonNullable<Config['database']>;

/**
 * Prepares an external server outside production. When only `DATABASE_URL` is given, it must be an owner or
 * superuser. This login makes the roles and the other URLs. When `DATABASE_OWNER_URL` or
 * `DATABASE_PUBLIC_URL` is also given, `DATABASE_URL` is the run-time login as in production, and the owner
 * brings the schema up to date.
 */
async function prepareExternal(
  config: Config,
  given: Urls,
  purpose: Purpose,
  migrations: MigrationClass[],
): Promise<Prepared> {
  if (given.owner === undefined && given.public === undefined)
    return deriveFrom(given.app, config.dataDir, migrations);
  const missing = [
    ...(given.public === undefined ? ['DATABASE_PUBLIC_URL'] : []),
    ...(given.jobs === undefined && worksJobs(purpose) ? ['DATABASE_JOBS_URL'] : []),
  ];
  if (missing.length > 0)
    throw new StartError(
      missing
        .map((name) => `${name} is missing: beside another login every login is given (npm run db:roles).`)
        .join('\n'),
    );
  if (given.owner !== undefined) {
    const { missing: roles, mayCreateRoles } = await inspect(given.owner, 'DATABASE_OWNER_URL');
    if (roles.length > 0 && mayCreateRoles)
      await applyRoles(given.owner, 'DATABASE_OWNER_URL', urlLogins(given));
    await bringUp(given.owner, migrations);
    await closeDatabase(given.owner, 'DATABASE_OWNER_URL');
  }
  return { ...(await checkRuntime(given, purpose, migrations)), ownerUrl: given.owner };
}

async function deriveFrom(
  ownerUrl: string,
  dataDir: string,
  migrations: MigrationClass[],
): Promise<Prepared> {
  const { mayCreateRoles } = await inspect(ownerUrl, 'DATABASE_URL');
  if (!mayCreateRoles) {
    throw new StartError(
      'DATABASE_URL: this login may not create roles. Use a superuser or one with CREATEROLE, or run "npm run db:roles" and give every URL.',
    );
  }
  const passwords = keptPasswords(new KeptSecrets(dataDir));
  await createRoles(ownerUrl, passwords);
  await bringUp(ownerUrl, migrations, 'DATABASE_URL');
  await closeDatabase(ownerUrl, 'DATABASE_URL');
  return {
    urls: {
      app: withLogin(ownerUrl, ROLES.app, passwords.app),
      public: withLogin(ownerUrl, ROLES.public, passwords.public),
      jobs: withLogin(ownerUrl, ROLES.jobs, passwords.jobs),
    },
    ownerUrl,
    ...ELSEWHERE,
  };
}

/**
 * Only checks: each login is separate and has no more rights than it needs, and the schema is the version of
 * this program.
 */
async function checkRuntime(given: Urls, purpose: Purpose, migrations: MigrationClass[]): Promise<Prepared> {
  const logins = Object.values(urlLogins(given)).flatMap((login) => login?.user ?? []);
  if (new Set(logins).size !== logins.length)
    throw new StartError('The database URLs share a login; each needs its own (npm run db:roles).');
  for (const name of ['app', 'public', 'jobs'] as const)
    if (given[name]) await assertRuntimeLogin(given[name], name);
  const client = await connect(given.app, 'DATABASE_URL');
  try {
    await assertVersion(client);
    await assertSchema(client, migrations);
    await assertClosed(client, logins);
  } finally {
    await client.end();
  }
  if (worksJobs(purpose)) await checkQueue(given.jobs!);
  return { urls: { app: given.app, public: given.public!, jobs: given.jobs }, ...ELSEWHERE };
}

async function checkQueue(url: string): Promise<void> {
  const client = await connect(url, 'DATABASE_JOBS_URL');
  try {
    await assertQueue(client);
  } finally {
    await client.end();
  }
}

async function inspect(
  url: string,
  variable: string,
): Promise<{ missing: string[]; mayCreateRoles: boolean }> {
  const client = await connect(url, variable);
  try {
    await assertVersion(client);
    const { rows } = await client.query<{ may: boolean }>(
      'select rolsuper or rolcreaterole as may from pg_roles where rolname = current_user',
    );
    return { missing: await missingRoles(client), mayCreateRoles: rows[0]!.may };
  } finally {
    await client.end();
  }
}

function keptPasswords(kept: KeptSecrets): Record<LoginName, string> {
  return {
    app: kept.get('database-app', newSecret),
    public: kept.get('database-public', newSecret),
    jobs: kept.get('database-jobs', newSecret),
  };
}

/** Returns the users and passwords of the URLs. A login without a URL cannot log in. */
export function urlLogins(urls: Partial<Pick<Urls, LoginName>>): Record<LoginName, Login | null> {
  const loginOf = (text: string | undefined): Login | null => {
    if (text === undefined) return null;
    const { username, password } = new URL(text);
    return { user: decodeURIComponent(username), password: decodeURIComponent(password) };
  };
  return { app: loginOf(urls.app), public: loginOf(urls.public), jobs: loginOf(urls.jobs) };
}

function withLogin(url: string, user: string, password: string): string {
  const changed = new URL(url);
  changed.username = user;
  changed.password = encodeURIComponent(password);
  return changed.toString();
}

/**
 * Refuses a start with other secrets than the secrets of this database. Data written under other secrets
 * could never be read together with the existing data. Stores the checks of the secrets in a database that
 * has none yet.
 * @throws StartError with one line per wrong secret
 */
export async function checkKeys(appUrl: string, ring: KeyRing): Promise<void> {
  const client = await connect(appUrl, 'DATABASE_URL');
  try {
    const names = Object.keys(SECRET_NAMES) as (keyof Secrets)[];
    const refuse = async (): Promise<void> => {
      const wrong = await wrongKeys(client, ring, names);
      if (wrong.length > 0)
        throw new StartError(
          wrong
            .map(
              (name) =>
                `${SECRET_NAMES[name]} is not the one this database was made with. Restore the right secret; nothing was written.`,
            )
            .join('\n'),
        );
    };
    // Check before anything is written, so that a start with one wrong secret leaves no trace of the others.
    await refuse();
    const noted = await client.query(
      'insert into key_checks (name, value) select * from unnest($1::text[], $2::bytea[]) on conflict do nothing',
      [names, names.map((name) => ring.check(name))],
    );
    // Another process may have stored its own checks in between.
    if (noted.rowCount !== 0) await refuse();
  } finally {
    await client.end();
  }
}

/**
 * Returns which of these secrets are not the secrets of the database. A secret without a stored check counts
 * as right.
 */
export async function wrongKeys(
  client: pg.ClientBase,
  ring: KeyRing,
  names: readonly (keyof Secrets)[],
): Promise<(keyof Secrets)[]> {
  const { rows } = await client.query<{ name: string; value: Buffer }>('select name, value from key_checks');
  return names.filter((name) => rows.some((row) => row.name === name && !row.value.equals(ring.check(name))));
}
