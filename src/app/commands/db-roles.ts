import pg from 'pg';
import { isPostgresUrl } from '../../platform/config.js';
import { closeDatabase, closeSql, connectSql, watchingSql } from '../../platform/database/database-rights.js';
import { urlLogins } from '../../platform/database/prepare.js';
import {
  applyRoles,
  DEFAULT_LOGINS,
  ownerSql,
  rolesSql,
  URL_VARIABLES,
  type Login,
  type LoginName,
} from '../../platform/database/roles.js';
import { StartError } from '../../platform/errors.js';
import { run } from '../../platform/run.js';
import type { Environment } from '../../platform/secrets.js';
import { withoutBlanks } from '../../platform/variables.js';
import { readArguments } from './arguments.js';

const COMMAND = {
  usage: 'npm run db:roles [-- --run]',
  does: 'Prints the SQL that makes the logins of the service, for an administrator of the database.',
  example: 'npm run --silent db:roles > logins.sql',
};
const OPTIONS = {
  run: { type: 'boolean', text: 'runs it as DATABASE_OWNER_URL, with users and passwords of the URLs' },
} as const;

const NAMES = Object.keys(URL_VARIABLES) as LoginName[];

/**
 * Print the SQL that makes the run-time logins, for an administrator. With `--run` execute it as the owner,
 * with users and passwords from the URLs of the environment.
 */
await run(async () => {
  const args = readArguments(COMMAND, OPTIONS);
  const env = withoutBlanks(process.env);
  for (const variable of ['DATABASE_OWNER_URL', ...Object.values(URL_VARIABLES)])
    if (env[variable] && !isPostgresUrl(env[variable]))
      throw new StartError(`${variable} is not a URL such as postgres://user:password@host:5432/database.`);
  const given = urlLogins({
    app: env.DATABASE_URL,
    public: env.DATABASE_PUBLIC_URL,
    jobs: env.DATABASE_JOBS_URL,
  });
  if (!args.run) {
    console.log(script(given, env));
    return;
  }
  const owner = env.DATABASE_OWNER_URL;
  const faults = faultsOf(env, given);
  if (!owner || faults.length > 0) throw new StartError(faults.join('\n'));
  await applyRoles(owner, 'DATABASE_OWNER_URL', given);
  await closeDatabase(owner, 'DATABASE_OWNER_URL');
  for (const name of NAMES)
    if (given[name]) console.log(`${given[name].user} can log in (${URL_VARIABLES[name]})`);
});

function faultsOf(env: Environment, given: Record<LoginName, Login | null>): string[] {
  const faults = ['DATABASE_OWNER_URL', 'DATABASE_URL', 'DATABASE_PUBLIC_URL']
    .filter((variable) => !env[variable])
    .map((variable) => `${variable} is missing: --run takes owner, users and passwords from the URLs.`);
  for (const name of NAMES)
    if (given[name] && (!given[name].user || !given[name].password))
      faults.push(`${URL_VARIABLES[name]} has no user or no password.`);
  const users = NAMES.flatMap((name) => given[name]?.user ?? []);
  if (new Set(users).size !== users.length)
    faults.push('The database URLs share a login; each needs its own.');
  return faults;
}

/** Make the script. Never print passwords from the URLs: printed text stays in scrollback and tickets. */
function script(given: Record<LoginName, Login | null>, env: Environment): string {
  const url = env.DATABASE_OWNER_URL ?? env.DATABASE_URL;
  const database = url === undefined ? 'denuncia' : decodeURIComponent(new URL(url).pathname.slice(1));
  const owner =
    (env.DATABASE_OWNER_URL && decodeURIComponent(new URL(env.DATABASE_OWNER_URL).username)) ||
    'denuncia_owner';
  const logins = { ...DEFAULT_LOGINS };
  for (const name of NAMES) if (given[name]?.user) logins[name] = { user: given[name].user };
  return [
    '-- Logins of Denuncia Abierta. Run as an administrator of the cluster, with the passwords filled in; safe to repeat.',
    '-- First, unless they exist: the owner, for "npm run migrate" and "npm run institution:create" only, and the database.',
    `-- create role ${pg.escapeIdentifier(owner)} login password '<password of ${owner}>';`,
    `-- create database ${pg.escapeIdentifier(database)} owner ${pg.escapeIdentifier(owner)};`,
    '',
    ...rolesSql(logins).map((statement) => `${statement};`),
    '-- The owner makes the schema of the job queue for its login.',
    `${ownerSql(owner)};`,
    '',
    '-- As the owner of the database or an administrator: nobody else comes in, and nobody makes temporary tables.',
    ...connectSql(database, [owner]).map((statement) => `${statement};`),
    '-- The same for the other databases of a server that serves nothing else:',
    ...['postgres', 'template1'].map((name) => `-- ${closeSql(name)};`),
    '',
    '-- As a superuser, connected to that database; again after a restore into a new one. Without it each login of the',
    '-- service, also the one that reads published figures only, sees in pg_stat_* and pg_locks when a report is filed.',
    `${watchingSql(database, owner)};`,
    '',
    '-- A login for pg_dump and the like. It reads every row, past row-level security: use it for backups alone.',
    `-- create role denuncia_backup login bypassrls password '<password of denuncia_backup>';`,
    '-- grant pg_read_all_data to denuncia_backup;',
    `-- grant connect on database ${pg.escapeIdentifier(database)} to denuncia_backup;`,
  ].join('\n');
}
