import { realpathSync } from 'node:fs';
import pg from 'pg';
import { SUPERUSER } from './state.js';

/**
 * The answer of a server:
 * - `ready`: it serves this folder.
 * - `busy`: it starts or stops.
 * - `silent`: nobody answers.
 * - `refused`: it does not let us in, with the reason.
 */
export type Answer = 'ready' | 'busy' | 'silent' | `refused: ${string}`;

/** Log in as superuser and ask which folder the server works on. */
export async function probe(port: number, password: string, dataFolder: string): Promise<Answer> {
  // Set every option, because PG* variables of the environment fill in the missing ones.
  const client = new pg.Client({
    host: '127.0.0.1',
    port,
    user: SUPERUSER,
    password,
    database: 'postgres',
    ssl: false,
    options: '-c search_path=pg_catalog',
    connectionTimeoutMillis: 3_000,
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<{ data_directory: string }>('SHOW data_directory');
    const folder = rows[0]?.data_directory ?? '';
    return folder === dataFolder || samePlace(folder, dataFolder) ? 'ready' : `refused: it serves ${folder}`;
  } catch (error) {
    return error instanceof pg.DatabaseError ? classify(error) : 'silent';
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Turn a database error into an answer, by its SQLSTATE (PostgreSQL, appendix A). */
function classify({ code = '', message }: pg.DatabaseError): Answer {
  // All connections are in use, so the server works.
  if (code === '53300') return 'ready';
  // Class "operator intervention": the server starts, recovers or shuts down.
  return code.startsWith('57P') ? 'busy' : `refused: ${message}`;
}

function samePlace(one: string, other: string): boolean {
  try {
    return realpathSync(one) === realpathSync(other);
  } catch {
    return false;
  }
}
