import { isPostgresUrl, withoutBlanks } from '../platform/config.js';
import { urlLogins } from '../platform/database/prepare.js';
import {
  applyRoles,
  DEFAULT_LOGINS,
  rolesSql,
  URL_VARIABLES,
  type Login,
  type LoginName,
} from '../platform/database/roles.js';
import { StartError } from '../platform/errors.js';
import { run } from '../platform/run.js';
import type { Environment } from '../platform/secrets.js';
import { readArguments } from './arguments.js';

const NAMES = Object.keys(URL_VARIABLES) as LoginName[];

/**
 * Prints the SQL that makes the run-time logins, for an administrator; with `--run` executes it as the owner, with users
 * and passwords from the URLs of the environment.
 */
await run(async () => {
  const args = readArguments({ run: { type: 'boolean' } }, 'npm run db:roles [-- --run]');
  const env = withoutBlanks(process.env);
  for (const variable of ['DATABASE_OWNER_URL', ...Object.values(URL_VARIABLES)])
    if (env[variable] && !isPostgresUrl(env[variable]))
      throw new StartError(`${variable} is not a URL such as postgres://user:password@host:5432/database.`);
  const given = urlLogins({ app: env.DATABASE_URL, public: env.DATABASE_PUBLIC_URL, jobs: env.DATABASE_JOBS_URL });
  if (!args.run) {
    console.log(script(given));
    return;
  }
  const owner = env.DATABASE_OWNER_URL;
  const faults = faultsOf(env, given);
  if (!owner || faults.length > 0) throw new StartError(faults.join('\n'));
  await applyRoles(owner, 'DATABASE_OWNER_URL', given);
  for (const name of NAMES) if (given[name]) console.log(`${given[name].user} can log in (${URL_VARIABLES[name]})`);
});

function faultsOf(env: Environment, given: Record<LoginName, Login | null>): string[] {
  const faults = ['DATABASE_OWNER_URL', 'DATABASE_URL', 'DATABASE_PUBLIC_URL']
    .filter((variable) => !env[variable])
    .map((variable) => `${variable} is missing: --run takes owner, users and passwords from the URLs.`);
  for (const name of NAMES)
    if (given[name] && (!given[name].user || !given[name].password))
      faults.push(`${URL_VARIABLES[name]} has no user or no password.`);
  const users = NAMES.flatMap((name) => given[name]?.user ?? []);
  if (new Set(users).size !== users.length) faults.push('The database URLs share a login; each needs its own.');
  return faults;
}

/** Passwords never come from the URLs here: what is printed lands in scrollback and tickets. */
function script(given: Record<LoginName, Login | null>): string {
  const logins = { ...DEFAULT_LOGINS };
  for (const name of NAMES) if (given[name]?.user) logins[name] = { user: given[name].user };
  return [
    '-- Logins of Denuncia Abierta. Run as an administrator of the cluster, with the passwords filled in; safe to repeat.',
    ...rolesSql(logins).map((statement) => `${statement};`),
    '',
    '-- The owner, for "npm run migrate" and "npm run institution:create" only, and the database:',
    `-- create role denuncia_owner login password '<password of denuncia_owner>';`,
    '-- create database denuncia owner denuncia_owner;',
    '',
    '-- A login for pg_dump and the like. It reads every row, past row-level security: use it for backups alone.',
    `-- create role denuncia_backup login bypassrls password '<password of denuncia_backup>';`,
    '-- grant pg_read_all_data to denuncia_backup;',
  ].join('\n');
}
