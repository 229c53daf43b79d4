import pg from 'pg';
import type { Config } from '../config.js';
import { joinEmbeddedServer } from '../embedded/join.js';
import { StartError } from '../errors.js';
import { KeptSecrets, newSecret, SECRET_NAMES } from '../secrets.js';
import type { KeyRing, Secrets } from '../crypto/keyring.js';
import type { ConnectionUrls } from './database.js';
import { assertSchema, assertVersion, migrate, type MigrationClass } from './migrator.js';
import { assertRuntimeLogin, createRoles, missingRoles, reason, ROLES, type LoginName } from './roles.js';

export interface Prepared {
  urls: ConnectionUrls;
  /** The owner's URL where this process may know it: the embedded server, or outside production. */
  ownerUrl?: string;
  /** Ends this process's part in an embedded server; call it last. */
  leave(): Promise<void>;
}

const DATABASE = 'denuncia';
const OWNER = 'denuncia_owner';

/**
 * Brings the database to where this program can run on it.
 * Embedded or outside production: makes roles and runs migrations. Production: only checks, and refuses what is wrong.
 * @throws StartError, EmbeddedError: one line each
 */
export async function prepareDatabase(
  config: Config,
  purpose: 'all' | 'api' | 'worker' | 'command',
  migrations: MigrationClass[],
  log: (line: string) => void,
): Promise<Prepared> {
  if (config.database === null) return prepareEmbedded(config, purpose, migrations, log);
  return config.production ? checkProduction(config.database, migrations) : prepareExternal(config, migrations);
}

async function prepareEmbedded(
  config: Config,
  purpose: 'all' | 'api' | 'worker' | 'command',
  migrations: MigrationClass[],
  log: (line: string) => void,
): Promise<Prepared> {
  if (config.production)
    throw new StartError('DATABASE_URL is missing: production does not run on the embedded server.');
  const server = await joinEmbeddedServer({ dataDir: config.dataDir, purpose, log });
  try {
    const kept = new KeptSecrets(config.dataDir);
    const passwords = keptPasswords(kept);
    const ownerPassword = kept.get('database-owner', newSecret);
    await createRoles(server.superuserUrl('postgres'), passwords);
    await makeDatabase(server.superuserUrl('postgres'), ownerPassword);
    const ownerUrl = server.url(DATABASE, OWNER, ownerPassword);
    await migrate(ownerUrl, migrations);
    return {
      urls: {
        app: server.url(DATABASE, ROLES.app, passwords.app),
        public: server.url(DATABASE, ROLES.public, passwords.public),
      },
      ownerUrl,
      leave: () => server.leave(),
    };
  } catch (error) {
    await server.leave();
    throw error;
  }
}

async function makeDatabase(superuserUrl: string, ownerPassword: string): Promise<void> {
  const client = new pg.Client({ connectionString: superuserUrl });
  await client.connect();
  try {
    await client.query('select pg_advisory_lock(482615)');
    const { rows: roles } = await client.query('select 1 from pg_roles where rolname = $1', [OWNER]);
    if (roles.length === 0) await client.query(`create role ${OWNER} login`);
    await client.query(`alter role ${OWNER} password ${pg.escapeLiteral(ownerPassword)}`);
    const { rows } = await client.query('select 1 from pg_database where datname = $1', [DATABASE]);
    if (rows.length === 0) await client.query(`create database ${DATABASE} owner ${OWNER}`);
  } finally {
    await client.end();
  }
}

/** Outside production `DATABASE_URL` alone, an owner or superuser, creates and derives the rest. */
async function prepareExternal(config: Config, migrations: MigrationClass[]): Promise<Prepared> {
  const given = config.database!;
  const ownerUrl = given.owner ?? given.app;
  const facts = await inspect(ownerUrl);
  if (given.owner !== undefined || given.public !== undefined) {
    // The logins are given: only the schema is brought up to date.
    if (facts.missing.length > 0 && facts.mayCreateRoles) await createRoles(ownerUrl, urlPasswords(config));
    await migrate(ownerUrl, migrations);
    return { urls: { app: given.app, public: given.public ?? given.app }, ownerUrl, leave: async () => undefined };
  }
  const passwords = keptPasswords(new KeptSecrets(config.dataDir));
  if (!facts.mayCreateRoles) {
    throw new StartError(
      'DATABASE_URL: this login may not create roles. Use a superuser or one with CREATEROLE, or run "npm run db:roles".',
    );
  }
  await createRoles(ownerUrl, passwords);
  await migrate(ownerUrl, migrations);
  return {
    urls: {
      app: withLogin(ownerUrl, ROLES.app, passwords.app),
      public: withLogin(ownerUrl, ROLES.public, passwords.public),
    },
    ownerUrl,
    leave: async () => undefined,
  };
}

async function checkProduction(
  given: NonNullable<Config['database']>,
  migrations: MigrationClass[],
): Promise<Prepared> {
  const names = [
    await assertRuntimeLogin(given.app, 'DATABASE_URL'),
    await assertRuntimeLogin(given.public!, 'DATABASE_PUBLIC_URL'),
  ];
  if (given.jobs !== undefined) names.push(await assertRuntimeLogin(given.jobs, 'DATABASE_JOBS_URL'));
  if (new Set(names).size !== names.length)
    throw new StartError('The database URLs share a login; each needs its own (npm run db:roles).');
  const client = new pg.Client({ connectionString: given.app });
  await client.connect();
  try {
    await assertVersion(client);
    await assertSchema(client, migrations);
  } finally {
    await client.end();
  }
  return { urls: { app: given.app, public: given.public! }, leave: async () => undefined };
}

async function inspect(url: string): Promise<{ missing: string[]; mayCreateRoles: boolean }> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  try {
    await client.connect();
  } catch (error) {
    await client.end().catch(() => undefined);
    throw new StartError(
      `DATABASE_URL: cannot connect to the database (${reason(error)}). Check host, user and password.`,
    );
  }
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

/** Passwords as they stand in the URLs of the environment. */
export function urlPasswords(config: Pick<Config, 'database' | 'dataDir'>): Record<LoginName, string> {
  const passwordOf = (url: string | undefined): string =>
    (url ? decodeURIComponent(new URL(url).password) : '') || newSecret();
  return {
    app: passwordOf(config.database?.app),
    public: passwordOf(config.database?.public),
    jobs: passwordOf(config.database?.jobs),
  };
}

function withLogin(url: string, user: string, password: string): string {
  const changed = new URL(url);
  changed.username = user;
  changed.password = encodeURIComponent(password);
  return changed.toString();
}

/**
 * Refuses a start with other secrets than those the database was made with: what they would write could never be read
 * together with what is there.
 * @throws StartError naming the secret
 */
export async function checkKeys(appUrl: string, ring: KeyRing): Promise<void> {
  const client = new pg.Client({ connectionString: appUrl });
  await client.connect();
  try {
    for (const [key, name] of Object.entries(SECRET_NAMES) as [keyof Secrets, string][]) {
      await client.query('insert into key_checks (name, value) values ($1, $2) on conflict do nothing', [
        key,
        ring.check(key),
      ]);
      const { rows } = await client.query<{ value: Buffer }>('select value from key_checks where name = $1', [key]);
      if (!rows[0]!.value.equals(ring.check(key))) {
        throw new StartError(
          `${name} is not the one this database was made with. Restore the right secret; nothing was written.`,
        );
      }
    }
  } finally {
    await client.end();
  }
}
