import pg from 'pg';
import { errorCode } from '../error-code.js';
import { StartError } from '../errors.js';
import { connect } from './connect.js';

/**
 * The logins of an installation. Grants and policies in the migrations name them, so they must exist first.
 * They belong to the cluster and not to one database. So this step makes them, and not a migration.
 */
export const ROLES = {
  /** API and worker. Under row-level security. No UPDATE, DELETE or TRUNCATE on the audit trail. */
  app: 'denuncia_app',
  /** Reads released statistics only. */
  public: 'denuncia_public_reader',
  /**
   * Reads the counted columns and inserts releases. The app enters this role with SET LOCAL ROLE, never by
   * inheritance.
   */
  releaser: 'denuncia_releaser',
  /** Takes entries out of the queue of the public log. Nobody logs in as this role until the log is built. */
  sequencer: 'denuncia_sequencer',
  /** Owns the schema of the job queue. It has no right on any table of the service. */
  jobs: 'denuncia_jobs',
} as const;

export type LoginName = 'app' | 'public' | 'jobs';

export interface Login {
  /** With another name than in `ROLES`, the login becomes a member of that role. */
  user: string;
  /** Absent = the statement has a placeholder that a person must replace. */
  password?: string;
}

export const DEFAULT_LOGINS: Readonly<Record<LoginName, Login>> = {
  app: { user: ROLES.app },
  public: { user: ROLES.public },
  jobs: { user: ROLES.jobs },
};

/**
 * Settings of the logins. They are set on the login, because a transaction pooler refuses settings at the
 * start of a session. The time limits are so long that no statement of the service comes near them. The
 * server's compiler (`jit`) stays off. It starts by estimated cost, and a plan that must not read whole
 * tables has a very large estimate. The compiler took 150 ms for a statement of one millisecond.
 */
const SETTINGS: Readonly<Record<LoginName, readonly string[]>> = {
  app: ['jit = off', `statement_timeout = '30s'`, `idle_in_transaction_session_timeout = '60s'`],
  public: ['jit = off', `statement_timeout = '5s'`],
  jobs: ['jit = off'],
};

/**
 * Returns SQL that makes the roles (PostgreSQL 15 and later). It is safe to repeat.
 * It does not name attributes that only a superuser may name (NOSUPERUSER, NOBYPASSRLS). A new role has these
 * attributes anyway.
 * @param logins null = the role is made, but nobody can log in as it
 */
export function rolesSql(logins: Readonly<Record<LoginName, Login | null>> = DEFAULT_LOGINS): string[] {
  return [
    createRole(ROLES.releaser),
    createRole(ROLES.sequencer),
    ...(Object.keys(logins) as LoginName[]).flatMap((name) => [
      createRole(ROLES[name]),
      ...(logins[name] ? loginSql(name, logins[name]) : []),
    ]),
    // Set NOINHERIT before the grant. Membership then gives the app nothing until it says SET ROLE in a
    // transaction.
    `alter role ${ROLES.app} noinherit`,
    `grant ${ROLES.releaser} to ${ROLES.app}`,
  ];
}

function loginSql(name: LoginName, { user, password }: Login): string[] {
  const role = ROLES[name];
  const quoted = user === role ? role : pg.escapeIdentifier(user);
  const secret =
    password === undefined ? `'<password of ${user.replaceAll("'", "''")}>'` : pg.escapeLiteral(password);
  return [
    ...(user === role ? [] : [createRole(user)]),
    `alter role ${quoted} with login password ${secret}`,
    ...(user === role ? [] : [`grant ${role} to ${quoted}`]),
    ...SETTINGS[name].map((setting) => `alter role ${quoted} set ${setting}`),
  ];
}

function createRole(role: string): string {
  const [literal, identifier] = [pg.escapeLiteral(role), pg.escapeIdentifier(role)];
  return `do $roles$ begin if not exists (select from pg_roles where rolname = ${literal}) then create role ${identifier} nologin; end if; end $roles$`;
}

/**
 * Makes the default logins with these passwords. The URL must be of a superuser or a login with CREATEROLE.
 */
export async function createRoles(
  url: string,
  passwords: Readonly<Record<LoginName, string>>,
): Promise<void> {
  return applyRoles(url, 'DATABASE_URL', {
    app: { user: ROLES.app, password: passwords.app },
    public: { user: ROLES.public, password: passwords.public },
    jobs: { user: ROLES.jobs, password: passwords.jobs },
  });
}

/**
 * Runs `rolesSql`.
 * @param variable name of the variable that holds the URL, for messages
 * @throws StartError when the login may not do it
 */
export async function applyRoles(
  url: string,
  variable: string,
  logins: Readonly<Record<LoginName, Login | null>>,
): Promise<void> {
  const client = await connect(url, variable);
  try {
    // Roles are cluster-wide. When two processes start at once, both must not see "does not exist".
    await client.query('select pg_advisory_lock(482613)');
    for (const statement of rolesSql(logins)) await client.query(statement);
  } catch (error) {
    // 42501: no CREATEROLE, or a CREATEROLE login that may not alter roles which somebody else made
    // (PostgreSQL 16 and later).
    if (errorCode(error) !== '42501') throw error;
    throw new StartError(
      `${variable}: this login may not make or change the roles of the service; let an administrator run what "npm run db:roles" prints.`,
    );
  } finally {
    await client.end();
  }
}

/**
 * Returns SQL that lets the owner of the tables make the schema of the job queue for its own login. A
 * superuser or an administrator of that role runs it.
 */
export function ownerSql(owner: string): string {
  return `grant ${ROLES.jobs} to ${pg.escapeIdentifier(owner)}`;
}

/**
 * Makes sure that the login may act as the role of the job queue. Where the login may give itself this
 * membership, it does.
 * @param variable name of the variable that holds the URL, for the message
 * @throws StartError when it may not
 */
export async function enterJobsRole(client: pg.ClientBase, variable: string): Promise<void> {
  try {
    // A membership without SET, which PostgreSQL 16 knows, is no use.
    await client.query(`set role ${ROLES.jobs}`);
    await client.query('reset role');
    return;
  } catch (error) {
    if (errorCode(error) !== '42501') throw error;
  }
  try {
    await client.query(`grant ${ROLES.jobs} to current_user`);
  } catch (error) {
    if (errorCode(error) !== '42501') throw error;
    throw new StartError(
      `${variable}: this login is no member of ${ROLES.jobs}; let an administrator run what "npm run db:roles" prints.`,
    );
  }
}

/** Returns the names of the roles that the cluster lacks. */
export async function missingRoles(client: pg.ClientBase): Promise<string[]> {
  const wanted = Object.values(ROLES);
  const { rows } = await client.query<{ rolname: string }>(
    'select rolname from pg_roles where rolname = any($1)',
    [wanted],
  );
  const found = new Set(rows.map((row) => row.rolname));
  return wanted.filter((role) => !found.has(role));
}

/**
 * Refuses a run-time login that could avoid row-level security, or that is not one of our logins.
 * @returns its name
 * @throws StartError naming the login's fault
 */
export async function assertRuntimeLogin(url: string, name: LoginName): Promise<string> {
  const variable = URL_VARIABLES[name];
  const client = await connect(url, variable);
  try {
    const { rows } = await client.query<{
      name: string;
      super: boolean;
      bypass: boolean;
      owns: boolean;
      ours: boolean;
    }>(
      `select current_user as name, rolsuper as super, rolbypassrls as bypass,
              exists (select from pg_class c join pg_namespace n on n.oid = c.relnamespace
                      where n.nspname = current_schema() and c.relkind in ('r','p') and pg_has_role(c.relowner, 'member')) as owns,
              exists (select from pg_roles r where r.rolname = $1 and pg_has_role(r.oid, 'usage')) as ours
         from pg_roles where rolname = current_user`,
      [ROLES[name]],
    );
    const login = rows[0]!;
    const fault = login.super
      ? 'is a superuser'
      : login.bypass
        ? 'has BYPASSRLS'
        : login.owns
          ? 'owns tables'
          : login.ours
            ? undefined
            : `has no rights of ${ROLES[name]}`;
    if (fault)
      throw new StartError(
        `${variable}: the login ${login.name} ${fault}; use a login made by "npm run db:roles" (e.g. ${ROLES[name]}).`,
      );
    return login.name;
  } finally {
    await client.end();
  }
}

/** The variables that hold the URLs of the run-time logins. */
export const URL_VARIABLES: Readonly<Record<LoginName, string>> = {
  app: 'DATABASE_URL',
  public: 'DATABASE_PUBLIC_URL',
  jobs: 'DATABASE_JOBS_URL',
};
