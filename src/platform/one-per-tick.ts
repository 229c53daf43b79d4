import { setImmediate as nextTurn } from 'node:timers/promises';
import { DomainError } from './errors.js';

/** Pieces that wait at once; each takes some milliseconds, so the last one waits seconds. */
const MAX_WAITING = 300;

let last: Promise<unknown> = Promise.resolve();
let waiting = 0;

/**
 * Runs work that holds the event loop for milliseconds, one piece per turn of the loop in this process.
 * Between two pieces everybody else has a turn: however many ask for large figures, a report goes on.
 * @throws UNAVAILABLE (503) when too many wait
 */
export async function onePerTick<T>(work: () => T): Promise<T> {
  if (waiting >= MAX_WAITING) throw new DomainError('UNAVAILABLE', 503, undefined, { retryAfter: 2 });
  waiting += 1;
  const mine = last.then(async () => {
    try {
      return work();
    } finally {
      waiting -= 1;
      await nextTurn();
    }
  });
  last = mine.catch(() => undefined);
  return mine;
}
