import { realpathSync } from 'node:fs';
import pg from 'pg';
import { SUPERUSER } from './state.js';

/**
 * What a server answers: it serves this folder; it starts or stops; it does not let us in, and why; nobody
 * answers.
 */
export type Answer = 'ready' | 'busy' | 'silent' | `refused: ${string}`;

/** Logs in as superuser and asks which folder the server works on. */
export async function probe(port: number, password: string, dataFolder: string): Promise<Answer> {
  // Everything is named, because PG* variables of the environment fill what is not.
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

/** By SQLSTATE (PostgreSQL, appendix A). */
function classify({ code = '', message }: pg.DatabaseError): Answer {
  // Every connection is taken, so it serves.
  if (code === '53300') return 'ready';
  // Operator intervention: it starts, recovers or shuts down.
  return code.startsWith('57P') ? 'busy' : `refused: ${message}`;
}

function samePlace(one: string, other: string): boolean {
  try {
    return realpathSync(one) === realpathSync(other);
  } catch {
    return false;
  }
}
