import { dataDirOf } from '../../platform/config.js';
import { StartError } from '../../platform/errors.js';
import type { Environment } from '../../platform/secrets.js';
import { withoutBlanks } from '../../platform/variables.js';

/**
 * DATA_DIR, for commands that work on the embedded database.
 * @throws StartError when the service uses another database
 */
export function embeddedDataDir(given: Environment): string {
  const env = withoutBlanks(given);
  const reason = env.DATABASE_URL
    ? 'DATABASE_URL is set'
    : env.NODE_ENV === 'production'
      ? 'NODE_ENV is production'
      : undefined;
  if (reason)
    throw new StartError(
      `backup and restore serve the embedded database, and ${reason}: use pg_dump or pg_basebackup with a login of their own ("npm run db:roles" shows it).`,
    );
  return dataDirOf(env);
}
