import { dataDirOf, isPostgresUrl } from '../../platform/config.js';
import { openEmbedded } from '../../platform/database/prepare.js';
import { StartError } from '../../platform/errors.js';
import type { Environment } from '../../platform/secrets.js';
import { withoutBlanks } from '../../platform/variables.js';
import type { Foundation } from '../boot.js';

export interface Owner {
  url: string;
  /** Name of the variable that holds the URL, for messages. */
  variable: string;
  /** Leave an embedded server. Call this last. */
  close(): Promise<void>;
}

/**
 * Open the login that owns the tables: `DATABASE_OWNER_URL`. Outside production `DATABASE_URL` or the
 * embedded server also serves.
 * @throws StartError, EmbeddedError: one line each
 */
export async function openOwner(given: Environment, say: (line: string) => void): Promise<Owner> {
  const env = withoutBlanks(given);
  const production = env.NODE_ENV === 'production';
  const variable = env.DATABASE_OWNER_URL || production ? 'DATABASE_OWNER_URL' : 'DATABASE_URL';
  const url = env[variable];
  if (url === undefined) {
    if (production)
      throw new StartError(`${variable} is missing: this command needs the login that owns the tables.`);
    const { ownerUrl, leave } = await openEmbedded(dataDirOf(env), 'command', say);
    return { url: ownerUrl, variable, close: leave };
  }
  if (!isPostgresUrl(url))
    throw new StartError(`${variable} is not a URL such as postgres://user:password@host:5432/database.`);
  return { url, variable, close: async () => undefined };
}

/**
 * The owner's URL for a command that has opened its foundation. The URL is given, or known because this
 * program made the logins itself.
 * @param why what needs it, for the message
 * @throws StartError when it is not given
 */
export function ownerUrlOf(env: Environment, { prepared }: Foundation, why: string): string {
  const url = env.DATABASE_OWNER_URL || prepared.ownerUrl;
  if (!url) throw new StartError(`DATABASE_OWNER_URL is missing: ${why} the login that owns the tables.`);
  return url;
}
