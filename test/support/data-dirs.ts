import { isAlive, removeEmbeddedServer } from '@denuncia-abierta/embedded-postgres';
import { chmodSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { execFileSync } from 'node:child_process';
import { errorCode } from '../../src/platform/error-code.js';
import { endAll } from './process.js';
import { removeFolder } from './remove-folder.js';

const folders: string[] = [];

/** A DATA_DIR of its own; the user as whom the database of a root process runs can reach it. */
export function newDataDir(): string {
  const folder = mkdtempSync(join(tmpdir(), 'denuncia-process-'));
  if (process.getuid?.() === 0) chmodSync(folder, 0o711);
  folders.push(folder);
  return join(folder, 'data');
}

/** Ends every process and removes every folder that this file's tests made. */
export async function cleanUp(): Promise<void> {
  await endAll();
  for (const folder of folders.splice(0)) {
    for (const name of ['data', 'restored', 'without'])
      await removeEmbeddedServer(join(folder, name)).catch(() => false);
    removeFolder(folder);
  }
}

/** The superuser's URL of the embedded server of a DATA_DIR, and the pid of its postmaster. */
export function embeddedState(dataDir: string): { pid: number; url: (database: string) => string } {
  const state = JSON.parse(readFileSync(join(dataDir, 'embedded.json'), 'utf8')) as {
    pid: number;
    port: number;
    password: string;
  };
  return {
    pid: state.pid,
    url: (database) => `postgresql://postgres:${state.password}@127.0.0.1:${state.port}/${database}`,
  };
}

export async function query<Row extends pg.QueryResultRow>(
  url: string,
  sql: string,
  values: unknown[] = [],
): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(sql, values)).rows;
  } finally {
    await client.end();
  }
}

/** Every folio in the database of a DATA_DIR whose server runs. */
export async function foliosIn(dataDir: string): Promise<string[]> {
  const rows = await query<{ folio: string }>(
    embeddedState(dataDir).url('denuncia'),
    'select folio from cases',
  );
  return rows.map(({ folio }) => folio);
}

export function runs(pid: number): boolean {
  return isAlive({ pid, started: '' });
}

/** A signal to a PostgreSQL server and all its processes, each of which leads a session of its own. */
export function signalServer(pid: number, signal: NodeJS.Signals): void {
  // Again after the signal: the server may have started one in between; and before, for a killed one has no
  // children.
  const before = childrenOf(pid);
  signalAll([pid], signal);
  signalAll([...new Set([...before, ...childrenOf(pid)])], signal);
}

/**
 * Sends a signal to processes. One that has ended meanwhile needs none: connections come and go, and so do
 * their processes.
 */
export function signalAll(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch (error) {
      if (errorCode(error) !== 'ESRCH') throw error;
    }
  }
}

function childrenOf(pid: number): number[] {
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n');
  return lines
    .map((line) => line.trim().split(/\s+/).map(Number))
    .filter(([, parent]) => parent === pid)
    .map(([child]) => child!);
}
