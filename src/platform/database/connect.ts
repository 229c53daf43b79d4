import { errorCode } from '../error-code.js';
import { StartError } from '../errors.js';
import { Client } from './client.js';

/** Milliseconds after which an address that does not answer counts as unreachable. */
const CONNECT_TIMEOUT = 10_000;

/**
 * Opens a single connection, for checks and set-up. The caller ends it.
 * @param variable name of the variable that holds the URL, for the message
 * @throws StartError in one line without host, user or password
 */
export async function connect(url: string, variable: string): Promise<Client> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: CONNECT_TIMEOUT });
  try {
    await client.connect();
    return client;
  } catch (error) {
    await client.end().catch(() => undefined);
    throw new StartError(
      `${variable}: cannot connect to the database (${reason(error)}). Check host, user and password.`,
    );
  }
}

/** System errors and SQLSTATEs (PostgreSQL, appendix A) that come from a wrong URL or a stopped server. */
const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nobody answers at that host and port',
  ENOTFOUND: 'unknown host',
  EAI_AGAIN: 'unknown host',
  ETIMEDOUT: 'no answer in time',
  '28P01': 'user or password refused',
  '28000': 'user or password refused',
  '3D000': 'no such database',
  '53300': 'no connection left',
  '57P03': 'it is starting or stopping',
};

/** Returns the reason of a failed connection, without host, user or password. */
export function reason(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return reason(error.errors[0]);
  const code = errorCode(error);
  if (code !== undefined) return REASONS[code] ?? code;
  // The time-out of the driver has no code.
  return error instanceof Error && /timeout/.test(error.message) ? REASONS.ETIMEDOUT! : 'unknown reason';
}
