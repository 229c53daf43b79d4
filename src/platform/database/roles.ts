import pg from 'pg';
import { StartError } from '../errors.js';

/**
 * The logins of an installation. Grants and policies in the migrations name them, so they must exist first; they
 * belong to the cluster, not to a database, and therefore to this step and not to a migration.
 */
export const ROLES = {
  /** API and worker: row-level security, no UPDATE, DELETE or TRUNCATE on the audit trail. */
  app: 'denuncia_app',
  /** Released statistics only. */
  public: 'denuncia_public_reader',
  /** Reads the counted columns, inserts releases; entered by the app with SET LOCAL ROLE, never by inheritance. */
  releaser: 'denuncia_releaser',
  /** Owner of the job queue when one arrives; no rights on case tables. */
  jobs: 'denuncia_jobs',
} as const;

export type LoginName = 'app' | 'public' | 'jobs';

/**
 * SQL that makes the roles (PostgreSQL 15 and later), safe to repeat.
 * @param passwords absent = the statement carries a placeholder to be replaced by a person
 */
export function rolesSql(passwords: Partial<Record<LoginName, string>> = {}): string[] {
  const login = (name: LoginName, options: string): string[] => {
    const role = ROLES[name];
    const password = passwords[name] === undefined ? `'<password of ${role}>'` : pg.escapeLiteral(passwords[name]);
    return [createRole(role), `alter role ${role} with login nocreatedb nocreaterole ${options} password ${password}`];
  };
  return [
    createRole(ROLES.releaser),
    // NOINHERIT: being a member gives the app nothing until it says SET ROLE in a transaction.
    ...login('app', 'noinherit'),
    ...login('public', 'inherit'),
    ...login('jobs', 'inherit'),
    `alter role ${ROLES.app} set statement_timeout = '30s'`,
    `alter role ${ROLES.app} set idle_in_transaction_session_timeout = '60s'`,
    `alter role ${ROLES.public} set statement_timeout = '5s'`,
    `grant ${ROLES.releaser} to ${ROLES.app}`,
  ];
}

function createRole(role: string): string {
  return `do $$ begin if not exists (select from pg_roles where rolname = '${role}') then create role ${role} nologin; end if; end $$`;
}

/** Runs `rolesSql` as a superuser or a login with CREATEROLE. */
export async function createRoles(url: string, passwords: Record<LoginName, string>): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    // Roles are cluster-wide: two starts at once must not both see "does not exist".
    await client.query('select pg_advisory_lock(482613)');
    for (const statement of rolesSql(passwords)) await client.query(statement);
  } finally {
    await client.end();
  }
}

/** Names of the roles that the cluster lacks. */
export async function missingRoles(client: pg.ClientBase): Promise<string[]> {
  const wanted = Object.values(ROLES);
  const { rows } = await client.query<{ rolname: string }>('select rolname from pg_roles where rolname = any($1)', [
    wanted,
  ]);
  const found = new Set(rows.map((row) => row.rolname));
  return wanted.filter((role) => !found.has(role));
}

/**
 * Refuses a run-time login that could go around row-level security.
 * @throws StartError naming the login's fault
 */
export async function assertRuntimeLogin(url: string, variable: string): Promise<string> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  try {
    await client.connect();
  } catch (error) {
    await client.end().catch(() => undefined);
    throw new StartError(
      `${variable}: cannot connect to the database (${reason(error)}). Check host, user and password.`,
    );
  }
  try {
    const { rows } = await client.query<{ name: string; super: boolean; bypass: boolean; owns: boolean }>(
      `select current_user as name, rolsuper as super, rolbypassrls as bypass,
              exists (select from pg_class c join pg_namespace n on n.oid = c.relnamespace
                      where n.nspname = current_schema() and c.relkind in ('r','p') and pg_has_role(c.relowner, 'member')) as owns
         from pg_roles where rolname = current_user`,
    );
    const login = rows[0]!;
    if (login.super || login.bypass || login.owns) {
      const fault = login.super ? 'is a superuser' : login.bypass ? 'has BYPASSRLS' : 'owns tables';
      throw new StartError(
        `${variable}: the login ${login.name} ${fault}; use a login made by "npm run db:roles" (e.g. ${ROLES.app}).`,
      );
    }
    return login.name;
  } finally {
    await client.end();
  }
}

/** Reason of a failed connection without host, user or password. */
export function reason(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return reason(error.errors[0]);
  if (error && typeof error === 'object' && 'code' in error && typeof error.code === 'string') return error.code;
  return 'unknown reason';
}
