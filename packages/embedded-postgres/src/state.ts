import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { giveToOwner } from './data-dir.js';
import { errorCode } from './embedded-error.js';

/** Name of the PostgreSQL superuser of every embedded server. */
export const SUPERUSER = 'postgres';

/**
 * The contents of `<DATA_DIR>/embedded.json` (0600). The database can be opened without this file: see
 * `resetPassword`.
 */
export interface EmbeddedState {
  /** Pid of the postmaster that was started last; 0 before the first start. */
  readonly pid: number;
  /**
   * Port on 127.0.0.1. Each start keeps it while it is free, so that a running process finds a restarted
   * server.
   */
  readonly port: number;
  readonly password: string;
  /**
   * The PostgreSQL data folder. It lies below DATA_DIR, unless root had to put it where an unprivileged user
   * can reach it.
   */
  readonly dataFolder: string;
}

/** @returns undefined when there is none (or none that can be understood) */
export function readState(dataDir: string): EmbeddedState | undefined {
  try {
    const state = JSON.parse(readFileSync(stateFile(dataDir), 'utf8')) as Partial<EmbeddedState>;
    const { pid, port, password, dataFolder } = state;
    return typeof password === 'string' && typeof dataFolder === 'string'
      ? { pid: pid ?? 0, port: port ?? 0, password, dataFolder }
      : undefined;
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Write a new file, flush it and rename it, because the file holds the only copy of the password. */
export function writeState(dataDir: string, state: EmbeddedState): void {
  const temporary = `${stateFile(dataDir)}.new`;
  const file = openSync(temporary, 'w', 0o600);
  try {
    writeSync(file, `${JSON.stringify(state, null, 2)}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  giveToOwner(temporary, dataDir);
  renameSync(temporary, stateFile(dataDir));
}

function stateFile(dataDir: string): string {
  return join(dataDir, 'embedded.json');
}
