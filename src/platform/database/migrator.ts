import pg from 'pg';
import { DataSource, type MigrationInterface } from 'typeorm';
import { errorCode } from '../error-code.js';
import { StartError } from '../errors.js';
import { connect } from './connect.js';
import { enterJobsRole, missingRoles } from './roles.js';

export type MigrationClass = new () => MigrationInterface;

const MINIMUM_VERSION = 150000;
const LOCK = 482614;

/**
 * Runs pending migrations as the owner login. Only one process at a time does this (TypeORM has no lock of
 * its own).
 * @param variable name of the variable that holds the URL, for messages
 * @returns names of the migrations that ran
 * @throws StartError unreachable or too old database, missing roles or rights, a schema newer than this
 *   program
 */
export async function migrate(
  ownerUrl: string,
  migrations: MigrationClass[],
  variable = 'DATABASE_OWNER_URL',
): Promise<string[]> {
  const guard = await connect(ownerUrl, variable);
  try {
    await assertVersion(guard);
    const missing = await missingRoles(guard);
    if (missing.length > 0) {
      throw new StartError(
        `Database roles are missing: ${missing.join(', ')}. Run "npm run db:roles" first.`,
      );
    }
    await guard.query('select pg_advisory_lock($1)', [LOCK]);
    await enterJobsRole(guard, variable);
    await refuseNewer(guard, migrations);
    const source = migrationSource(ownerUrl, migrations);
    await source.initialize();
    try {
      const done = await source.runMigrations({ transaction: 'each' });
      return done.map((migration) => migration.name);
    } finally {
      await source.destroy();
    }
  } catch (error) {
    // 42501: insufficient privilege. A login gets this error when it owns neither the database nor its
    // schema.
    if (errorCode(error) !== '42501') throw error;
    throw new StartError(
      `${variable}: this login may not change the schema (${(error as Error).message}); use the owner of the database.`,
    );
  } finally {
    await guard.end();
  }
}

/** Makes the data source of the owner login. The tests that undo migrations use it too. */
export function migrationSource(ownerUrl: string, migrations: MigrationClass[]): DataSource {
  return new DataSource({
    type: 'postgres',
    url: ownerUrl,
    migrations,
    migrationsTableName: 'schema_migrations',
    poolSize: 2,
    logging: false,
  });
}

/**
 * Refuses a schema that is older or newer than this program. Every process runs this at its start, and
 * `/health/ready` runs it too.
 */
export async function assertSchema(
  client: { query: pg.Pool['query'] },
  migrations: MigrationClass[],
): Promise<void> {
  const applied = await appliedMigrations(client);
  const known = migrations.map((migration) => migration.name);
  const pending = known.filter((name) => !applied.includes(name));
  if (pending.length > 0) {
    throw new StartError(
      `The database schema is older than this program (${pending.length} pending). Run "npm run migrate".`,
    );
  }
  const unknown = applied.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw new StartError(
      'The database schema is newer than this program. Deploy the version that migrated it.',
    );
  }
}

/** @throws StartError when the schema has migrations that this program does not know */
export async function refuseNewer(client: pg.ClientBase, migrations: MigrationClass[]): Promise<void> {
  const applied = await appliedMigrations(client);
  if (applied.some((name) => !migrations.some((migration) => migration.name === name))) {
    throw new StartError(
      'The database schema is newer than this program. Deploy the version that migrated it.',
    );
  }
}

async function appliedMigrations(client: { query: pg.Pool['query'] }): Promise<string[]> {
  try {
    const { rows } = await client.query<{ name: string }>('select name from schema_migrations order by id');
    return rows.map((row) => row.name);
  } catch (error) {
    // 42P01: the table does not exist, so the database was never migrated.
    if (errorCode(error) === '42P01') return [];
    throw error;
  }
}

/** @throws StartError when PostgreSQL is older than 15 */
export async function assertVersion(client: pg.ClientBase): Promise<void> {
  const { rows } = await client.query<{ version: string; label: string }>(
    `select current_setting('server_version_num') as version, current_setting('server_version') as label`,
  );
  if (Number(rows[0]!.version) < MINIMUM_VERSION) {
    throw new StartError(`PostgreSQL ${rows[0]!.label} is too old; version 15 or later is needed.`);
  }
}
