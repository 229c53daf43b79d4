import pg from 'pg';
import { errorCode } from '../error-code.js';
import { StartError } from '../errors.js';
import { Client } from './client.js';
import { connect } from './connect.js';
import { ROLES } from './roles.js';

/**
 * Rights that PostgreSQL gives to PUBLIC (every login of the cluster) and that this service takes back.
 * CREATE DATABASE does not copy rights on a database from a template, and a migration does not set them. So
 * they are set where databases are made.
 */

/**
 * The roles that connect to a database of the service. A login with another name is a member of one of these
 * roles.
 */
const CONNECTING = [ROLES.app, ROLES.public, ROLES.jobs];

/**
 * Returns SQL that lets only the logins of the service into a database, and lets nobody make temporary tables
 * in it. It is safe to repeat. The owner of the database or a superuser runs it.
 * @param others further roles that connect: the owner of the tables, where it does not own the database
 */
export function connectSql(database: string, others: readonly string[] = []): string[] {
  const name = pg.escapeIdentifier(database);
  const roles = [...CONNECTING, ...others.map((role) => pg.escapeIdentifier(role))];
  return [
    closeSql(database),
    `revoke temporary on database ${name} from ${CONNECTING.join(', ')}`,
    `grant connect on database ${name} to ${roles.join(', ')}`,
  ];
}

/** Returns SQL that closes a database to every login without an explicit right. */
export function closeSql(database: string): string {
  return `revoke connect, temporary on database ${pg.escapeIdentifier(database)} from public`;
}

/**
 * Returns SQL that takes certain functions from PUBLIC, in the database in which it runs. With these
 * functions any login can watch what others do, stop them, or fill the disk. A superuser runs it, and it is
 * safe to repeat.
 * @param database the only database in which the SQL may run: in another database it would have no use and is
 *   refused
 * @param owner of the tables
 */
export function watchingSql(database: string, owner: string): string {
  const writers = [ROLES.app, ROLES.releaser, owner].map((role) => pg.escapeIdentifier(role)).join(', ');
  const groups = [
    [`proname = any (array['${OWN_TRANSACTION.join("', '")}'])`, writers],
    // These functions tell the owner where the database is. Releases belong to one place (ADR 0016).
    [
      `proname = any (array['pg_control_system', 'pg_control_checkpoint'])`,
      `pg_monitor, ${pg.escapeIdentifier(owner)}`,
    ],
    [
      `proname ~ '^pg_(stat_get|control)_' or proname = any (array['${WATCHING.join("', '")}'])`,
      'pg_monitor',
    ],
    [`oid = 'age(xid)'::regprocedure`, 'pg_monitor'],
    [`proname ~ '^pg_(try_)?advisory_'`, pg.escapeIdentifier(owner)],
    [`proname = any (array['${FILLING.join("', '")}'])`, ''],
  ];
  return `do $rights$
declare f record;
begin
  if current_database() <> ${pg.escapeLiteral(database)} then raise exception 'connect to the database % first', ${pg.escapeLiteral(database)}; end if;
  for f in
    select signature, keepers from (
      select oid, oid::regprocedure as signature,
             case ${groups.map(([which, keepers]) => `when ${which} then '${keepers}'`).join('\n                  ')} end as keepers
        from pg_proc where pronamespace = 'pg_catalog'::regnamespace) functions
     where keepers is not null and has_function_privilege('public', oid, 'execute')
  loop
    execute format('revoke execute on function %s from public', f.signature);
    if f.keepers <> '' then execute format('grant execute on function %s to %s', f.signature, f.keepers); end if;
  end loop;
end $rights$`;
}

/**
 * The number of the own transaction. Policies and triggers of the tables ask for it, as the login that
 * writes.
 */
const OWN_TRANSACTION = [
  'pg_current_xact_id',
  'pg_current_xact_id_if_assigned',
  'txid_current',
  'txid_current_if_assigned',
];
/**
 * Functions about sessions, locks, sizes, and the counters of transactions and of the log. All counts of rows
 * and blocks (pg_stat_get_*) are also taken. With them a login that may read nothing still sees the instant
 * at which a report is filed. Monitoring keeps them.
 */
const WATCHING = [
  'mxid_age',
  'pg_blocking_pids',
  'pg_current_snapshot',
  'pg_current_wal_flush_lsn',
  'pg_current_wal_insert_lsn',
  'pg_current_wal_lsn',
  'pg_database_size',
  'pg_get_multixact_members',
  'pg_get_replication_slots',
  'pg_indexes_size',
  'pg_isolation_test_session_is_blocked',
  'pg_last_committed_xact',
  'pg_lock_status',
  'pg_notification_queue_usage',
  'pg_prepared_xact',
  'pg_relation_size',
  'pg_safe_snapshot_blocking_pids',
  'pg_stat_have_stats',
  'pg_table_size',
  'pg_tablespace_size',
  'pg_total_relation_size',
  'pg_xact_commit_timestamp',
  'pg_xact_commit_timestamp_origin',
  'pg_xact_status',
  'txid_current_snapshot',
  'txid_status',
];
/** Large objects (which any login may make), the log, and the queue of NOTIFY. */
const FILLING = ['lo_creat', 'lo_create', 'lo_from_bytea', 'lo_put', 'pg_logical_emit_message', 'pg_notify'];

/**
 * Takes all the rights above from PUBLIC, on a server that serves only this database. A login of the service
 * does not need the other databases of the server either.
 * @param superuserUrl gives the URL of a database of the server
 */
export async function closeServer(
  superuserUrl: (database: string) => string,
  database: string,
  owner: string,
): Promise<void> {
  const client = new Client({ connectionString: superuserUrl(database) });
  await client.connect();
  try {
    for (const statement of connectSql(database, [owner])) await client.query(statement);
    for (const other of ['postgres', 'template1']) await client.query(closeSql(other));
    await client.query(watchingSql(database, owner));
  } finally {
    await client.end();
  }
}

/**
 * Runs `connectSql` with a login that should own the database.
 * @param variable name of the variable that holds the URL, for messages
 * @throws StartError when it does not own it: PostgreSQL would only warn
 */
export async function closeDatabase(url: string, variable: string): Promise<void> {
  const client = await connect(url, variable);
  try {
    const { rows } = await client.query<{ name: string; login: string }>(
      'select current_database() as name, current_user as login',
    );
    const { name, login } = rows[0]!;
    try {
      for (const statement of connectSql(name, [login])) await client.query(statement);
    } catch (error) {
      // 42501: the login may not grant anything on this database.
      if (errorCode(error) !== '42501') throw error;
    }
    if (await isOpen(client))
      throw new StartError(
        `${variable}: this login does not own the database ${name}; let its owner or an administrator run what "npm run db:roles" prints.`,
      );
  } finally {
    await client.end();
  }
}

/**
 * @param logins of the service, by name
 * @throws StartError when every login may connect to this database or make temporary tables in it, or when
 *   one of the given logins may make temporary tables
 */
export async function assertClosed(client: pg.ClientBase, logins: readonly string[]): Promise<void> {
  const { rows } = await client.query<{ name: string; login: string | null }>(
    `select current_database() as name,
            (select min(login) from unnest($1::text[]) as login
              where has_database_privilege(login::name, current_database(), 'temporary')) as login`,
    [logins],
  );
  const { name, login } = rows[0]!;
  const fault = (await isOpen(client))
    ? 'is open to every login of the server'
    : login === null
      ? undefined
      : `lets ${login} make temporary tables`;
  if (fault !== undefined)
    throw new StartError(
      `The database ${name} ${fault}; run "npm run db:roles -- --run", or as an administrator what "npm run db:roles" prints.`,
    );
}

/** Tells whether PUBLIC (every login of the cluster) has any right on the database. */
async function isOpen(client: pg.ClientBase): Promise<boolean> {
  const { rows } = await client.query(
    `select from pg_database, aclexplode(coalesce(datacl, acldefault('d', datdba))) a
      where datname = current_database() and a.grantee = 0`,
  );
  return rows.length > 0;
}
