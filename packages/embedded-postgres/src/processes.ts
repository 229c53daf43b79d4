import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { errorCode } from './embedded-error.js';

/**
 * Identifies a process, so that a later process with the same pid is not taken for it. `started` is '' when
 * the system does not report the start.
 */
export interface ProcessId {
  readonly pid: number;
  readonly started: string;
}

/** The running process itself. */
export function ownProcess(): ProcessId {
  return { pid: process.pid, started: startMark(process.pid) ?? '' };
}

/**
 * Whether exactly this process still runs. A zombie counts as ended: it holds no files and answers nobody.
 */
export function isAlive(id: ProcessId): boolean {
  const started = startMark(id.pid);
  return started !== undefined && (started === '' || id.started === '' || started === id.started);
}

/**
 * When a process started, as an opaque mark. The mark is '' when the process runs but its start is unknown.
 * It is undefined when the process does not run. Linux: boot id and field 22 of /proc/<pid>/stat (proc(5)).
 * Elsewhere: ps(1).
 */
export function startMark(pid: number): string | undefined {
  if (!Number.isInteger(pid) || pid <= 0) return undefined;
  return process.platform === 'linux' ? fromProc(pid) : fromPs(pid);
}

function fromProc(pid: number): string | undefined {
  const stat = readText(`/proc/${pid}/stat`);
  if (stat === undefined) return fromSignal(pid);
  // The program's name stands in brackets. The name itself may hold spaces and brackets.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  // Ticks count from boot. The same pid and tick can occur again after a restart of the machine, so add the
  // boot id.
  return 'ZX'.includes(fields[0] ?? '') ? undefined : `${bootId()}:${fields[19] ?? ''}`;
}

/** Test a process with signal 0: for a process that /proc hides (hidepid), and for systems without ps. */
function fromSignal(pid: number): string | undefined {
  try {
    process.kill(pid, 0);
    return '';
  } catch (error) {
    return errorCode(error) === 'EPERM' ? '' : undefined;
  }
}

function fromPs(pid: number): string | undefined {
  const ps = spawnSync('ps', ['-o', 'stat=', '-o', 'lstart=', '-p', String(pid)], {
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C' },
  });
  if (ps.error) return fromSignal(pid);
  const line = ps.stdout.trim();
  if (line === '' || line.startsWith('Z')) return undefined;
  return line.split(/\s+/).slice(1).join('-');
}

let boot: string | undefined;

function bootId(): string {
  boot ??= (readText('/proc/sys/kernel/random/boot_id') ?? '').slice(0, 8);
  return boot;
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/**
 * Ask again every few milliseconds until the answer is true.
 * @param limit milliseconds
 * @returns false when the time is up
 */
export async function until(done: () => boolean, limit: number): Promise<boolean> {
  const end = performance.now() + limit;
  while (!done()) {
    if (performance.now() > end) return false;
    await delay(20);
  }
  return true;
}
