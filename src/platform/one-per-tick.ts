import { setImmediate as nextTurn } from 'node:timers/promises';
import { DomainError } from './errors.js';

/**
 * The largest number of pieces that wait at once. Each piece takes some milliseconds, so the last one waits
 * for seconds.
 */
const MAX_WAITING = 300;

let last: Promise<unknown> = Promise.resolve();
let waiting = 0;

/**
 * Runs work that holds the event loop for milliseconds, one piece per tick in this process. Between two
 * pieces all other work has a turn. So a report continues, however many clients ask for large figures.
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
