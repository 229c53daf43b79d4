import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { inTurns } from './in-turns.js';

interface Item {
  n: number;
  senders: string[];
}
const turns = (senders: string[][]): Item[] =>
  inTurns(
    senders.map((of, n) => ({ n, senders: of })),
    (item) => item.senders,
  );
const lists = fc.array(fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 3 }), {
  maxLength: 60,
});

describe('senders in turns', () => {
  it('lose and repeat nothing, and what shares a sender keeps its order', () => {
    fc.assert(
      fc.property(lists, (senders) => {
        const placed = turns(senders);
        expect(placed.map(({ n }) => n).sort((a, b) => a - b)).toEqual(senders.map((_, n) => n));
        placed.forEach((one, index) => {
          const later = placed
            .slice(index + 1)
            .filter(({ senders: of }) => of.some((name) => one.senders.includes(name)));
          for (const other of later) expect(other.n).toBeGreaterThan(one.n);
        });
      }),
    );
  });

  it('let the first item of somebody through before the second of anybody', () => {
    fc.assert(
      fc.property(lists, (senders) => {
        const firsts = new Set(senders.map((of) => of.join())).size;
        const place = turns([...senders, ['stranger']]).findIndex(({ senders: of }) => of[0] === 'stranger');
        expect(place).toBeLessThanOrEqual(firsts);
      }),
    );
  });

  it('let nobody wait behind what belongs to no sender', () => {
    expect(turns([...Array.from({ length: 50 }, () => []), ['stranger']])[1]?.senders).toEqual(['stranger']);
  });
});
