import { describe, expect, it } from '@jest/globals';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { onePerTick } from './one-per-tick.js';

describe('work that holds the event loop', () => {
  it('lets everybody else go on between two pieces, in the order in which they came', async () => {
    const seen: string[] = [];
    const pieces = Promise.all(
      Array.from({ length: 20 }, (_, n) => onePerTick(() => seen.push(`piece ${n}`))),
    );
    for (let turn = 0; turn < 10; turn++) {
      await nextTurn();
      seen.push('other');
    }
    await pieces;
    expect(seen.filter((one) => one !== 'other')).toEqual(Array.from({ length: 20 }, (_, n) => `piece ${n}`));
    // Never two pieces in one turn while somebody else wants one.
    const during = seen.slice(0, seen.lastIndexOf('other')).join();
    expect(during).not.toMatch(/piece \d+,piece/);
  });

  it('that fails fails alone', async () => {
    const [bad, good] = await Promise.allSettled([
      onePerTick(() => {
        throw new Error('broken');
      }),
      onePerTick(() => 'done'),
    ]);
    expect([bad.status, good.status]).toEqual(['rejected', 'fulfilled']);
  });

  it('is refused when too much of it waits, and taken again afterwards', async () => {
    const results = await Promise.allSettled(Array.from({ length: 400 }, () => onePerTick(() => 1)));
    const refused = results.filter(({ status }) => status === 'rejected');
    expect(refused).toHaveLength(100);
    expect(refused[0]).toMatchObject({ reason: { code: 'UNAVAILABLE', status: 503 } });
    expect(await onePerTick(() => 2)).toBe(2);
  });
});
