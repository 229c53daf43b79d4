import { realpathSync } from 'node:fs';
import pg from 'pg';
import { SUPERUSER } from './state.js';

/** What a server answers: it serves this folder; it starts or stops; another password or folder; nobody answers. */
export type Answer = 'ready' | 'busy' | 'wrong password' | 'other folder' | 'silent';

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
    connectionTimeoutMillis: 3_000,
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<{ data_directory: string }>('SHOW data_directory');
    const folder = rows[0]?.data_directory ?? '';
    return folder === dataFolder || samePlace(folder, dataFolder) ? 'ready' : 'other folder';
  } catch (error) {
    return classify(error instanceof Error && 'code' in error ? error.code : undefined);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** SQLSTATE, PostgreSQL appendix A. */
function classify(code: unknown): Answer {
  switch (code) {
    case '28P01':
    case '28000':
      return 'wrong password';
    case '53300':
      // Every connection is taken, so it serves.
      return 'ready';
    case '57P03':
      return 'busy';
    default:
      return 'silent';
  }
}

function samePlace(one: string, other: string): boolean {
  try {
    return realpathSync(one) === realpathSync(other);
  } catch {
    return false;
  }
}
