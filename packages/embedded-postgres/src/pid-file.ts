import { spawnSync } from 'node:child_process';
import { closeSync, ftruncateSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { ownProcess, startMark, type ProcessId } from './processes.js';

/** A postmaster that runs on a data folder. */
export interface Postmaster extends ProcessId {
  readonly port: number;
  /** '' until the postmaster listens, then starting, ready (it accepts connections) or stopping. */
  readonly status: string;
}

/**
 * Find the postmaster of this folder in `postmaster.pid` (PostgreSQL: src/include/utils/pidfile.h; line 1
 * pid, line 4 port, line 8 status). Check that the process really is this postmaster.
 */
export function findPostmaster(dataFolder: string): Postmaster | undefined {
  const lines = readPidFile(dataFolder);
  if (!lines) return undefined;
  // A single-user server writes its pid as a negative number.
  const pid = Math.abs(Number.parseInt(lines[0] ?? '', 10));
  const started = startMark(pid);
  if (started === undefined || !servesFolder(pid, dataFolder)) return undefined;
  return { pid, started, port: Number(lines[3] ?? 0), status: lines[7]?.trim() ?? '' };
}

/**
 * Make a left-over pid file harmless. Call this when `findPostmaster` found no postmaster.
 *
 * PostgreSQL refuses to start when a process with the noted pid exists. This process may be a stranger with
 * the same pid or a zombie that was not reaped. Do not remove the file: PostgreSQL also uses it to check that
 * no orphaned backend still uses the shared memory named in it. So write our own pid into it. PostgreSQL is
 * our child and knows that its parent is no other server (CreateLockFile in
 * src/backend/utils/init/miscinit.c).
 */
export function disarmPidFile(dataFolder: string): void {
  const lines = readPidFile(dataFolder);
  if (!lines) return;
  const path = join(dataFolder, 'postmaster.pid');
  // The file is empty: the server was killed, or the disk was full, before the server wrote anything.
  if (lines.join('').trim() === '') rmSync(path);
  // Overwrite the file in place, because a full disk has no room for a new file.
  else overwrite(path, [ownProcess().pid, ...lines.slice(1)].join('\n'));
}

function overwrite(path: string, text: string): void {
  const file = openSync(path, 'r+');
  try {
    ftruncateSync(file, writeSync(file, text, 0));
  } finally {
    closeSync(file);
  }
}

/** Whether the process works in this folder. A postmaster changes into its data folder and stays there. */
function servesFolder(pid: number, dataFolder: string): boolean {
  try {
    const [its, ours] = [statSync(`/proc/${pid}/cwd`), statSync(dataFolder)];
    return its.dev === ours.dev && its.ino === ours.ino;
  } catch {
    return commandOf(pid).includes(dataFolder);
  }
}

/** The command line of a process, for systems without /proc and for processes of other users. */
function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    const ps = spawnSync('ps', ['-ww', '-o', 'command=', '-p', String(pid)], { encoding: 'utf8' });
    return ps.stdout ?? '';
  }
}

function readPidFile(dataFolder: string): string[] | undefined {
  try {
    return readFileSync(join(dataFolder, 'postmaster.pid'), 'utf8').split('\n');
  } catch {
    return undefined;
  }
}
