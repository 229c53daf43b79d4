import { spawnSync } from 'node:child_process';
import { closeSync, ftruncateSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { ownProcess, startMark, type ProcessId } from './processes.js';

/** A postmaster that runs on a data folder. */
export interface Postmaster extends ProcessId {
  readonly port: number;
  /** '' until it listens, then starting, ready (it accepts connections) and stopping. */
  readonly status: string;
}

/**
 * The postmaster that runs on this folder, from `postmaster.pid` (PostgreSQL: src/include/utils/pidfile.h;
 * line 1 pid, line 4 port, line 8 status), after checking that the process is really it.
 */
export function findPostmaster(dataFolder: string): Postmaster | undefined {
  const lines = readPidFile(dataFolder);
  if (!lines) return undefined;
  // A single-user server writes its pid negative.
  const pid = Math.abs(Number.parseInt(lines[0] ?? '', 10));
  const started = startMark(pid);
  if (started === undefined || !servesFolder(pid, dataFolder)) return undefined;
  return { pid, started, port: Number(lines[3] ?? 0), status: lines[7]?.trim() ?? '' };
}

/**
 * Makes a left-over pid file harmless; call it when `findPostmaster` found none.
 *
 * PostgreSQL refuses to start when the pid in it exists: taken over by a stranger, or a zombie that nobody
 * has reaped. Removing the file would take away another check, that no orphaned backend still uses the shared
 * memory named in it. So the pid becomes ours, which PostgreSQL, as our child, knows to be no other server
 * (CreateLockFile in src/backend/utils/init/miscinit.c).
 */
export function disarmPidFile(dataFolder: string): void {
  const lines = readPidFile(dataFolder);
  if (!lines) return;
  const path = join(dataFolder, 'postmaster.pid');
  // Empty: the server was killed, or the disk was full, before anything stood in it.
  if (lines.join('').trim() === '') rmSync(path);
  // Over what stands there, for a disk that is full has no room for a new file.
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

/** Whether the process works in that folder. A postmaster changes into its data folder and stays there. */
function servesFolder(pid: number, dataFolder: string): boolean {
  try {
    const [its, ours] = [statSync(`/proc/${pid}/cwd`), statSync(dataFolder)];
    return its.dev === ours.dev && its.ino === ours.ino;
  } catch {
    return commandOf(pid).includes(dataFolder);
  }
}

/** The command line, for systems without /proc and for processes of other users. */
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
