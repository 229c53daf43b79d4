import { readlinkSync, symlinkSync, unlinkSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { EmbeddedError, errorCode } from './embedded-error.js';
import { isAlive, ownProcess, type ProcessId } from './processes.js';

/**
 * After this many milliseconds a waiting start logs which process it waits for. A normal start of PostgreSQL
 * takes under a second.
 */
const TELL_AFTER = 5_000;

/**
 * Run `work` while no other process (and no other call in this one) runs work under the same path. Break the
 * lock of a dead process. Wait for the lock of a living process, however long it takes.
 *
 * The lock is a symbolic link whose target names its owner. A link is made and filled in one step, so a lock
 * always has an owner. Node has no flock(2).
 */
export async function withLock<T>(
  path: string,
  work: () => Promise<T>,
  log?: (line: string) => void,
): Promise<T> {
  await acquire(path, log);
  try {
    return await work();
  } finally {
    release(path);
  }
}

async function acquire(path: string, log?: (line: string) => void): Promise<void> {
  const mine = format(ownProcess());
  const since = performance.now();
  let told = false;
  for (;;) {
    try {
      symlinkSync(mine, path);
      return;
    } catch (error) {
      if (errorCode(error) !== 'EEXIST') throw error;
    }
    const holder = readHolder(path);
    if (holder !== undefined && !isAlive(parse(holder))) {
      await breakStale(path, holder);
      continue;
    }
    if (!told && holder !== undefined && performance.now() - since > TELL_AFTER) {
      told = true;
      log?.(`Waiting for process ${parse(holder).pid}, which is starting or stopping the embedded database`);
    }
    await delay(20);
  }
}

/**
 * Remove the lock of a dead process. The remover holds a second lock of the same kind and checks the first
 * lock again. Without the second lock, two waiters could both see the dead owner, and the second waiter would
 * remove the fresh lock of the first.
 */
async function breakStale(path: string, holder: string): Promise<void> {
  await withLock(`${path}.stale`, async () => {
    if (readHolder(path) === holder) unlinkSync(path);
    return Promise.resolve();
  });
}

function release(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    // The whole folder may have been removed meanwhile. Then there is nothing left to protect.
    if (errorCode(error) !== 'ENOENT') throw error;
  }
}

function readHolder(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    if (errorCode(error) === 'EINVAL')
      throw new EmbeddedError(`${path} is no lock of this program: remove it.`);
    throw error;
  }
}

function format(id: ProcessId): string {
  return `${id.pid} ${id.started}`;
}

function parse(target: string): ProcessId {
  const [pid = '', started = ''] = target.split(' ');
  return { pid: Number(pid), started };
}
