import { beforeEach, describe, expect, it } from '@jest/globals';
import { workDueRows, type DueRows } from './due-rows.js';

let worked: string[];
let tried: string[];
let told: number;
beforeEach(() => {
  worked = [];
  tried = [];
  told = 0;
});

/**
 * Pages of three; a row that begins with `bad` cannot be worked, one that begins with `held` is another
 * process's.
 */
function due(rows: readonly string[]): DueRows<string> {
  return {
    page: async (after) => {
      const from = after === undefined ? 0 : rows.indexOf(after) + 1;
      return rows.slice(from, from + 3);
    },
    work: async (some) => {
      if (some.some((row) => row.startsWith('bad'))) throw new Error(some.join());
      const mine = some.filter((row) => !row.startsWith('held'));
      worked.push(mine.join('+'));
      return mine.length;
    },
    failed: async (row) => void tried.push(row),
  };
}

const run = (rows: readonly string[], turn: { batch?: number; share?: number } = {}): Promise<number> =>
  workDueRows(due(rows), { batch: 1, share: Infinity, ...turn }, () => (told += 1));

describe('due rows', () => {
  it('are worked page after page, so many in one transaction', async () => {
    expect(await run(['a', 'b', 'c', 'd', 'e'], { batch: 2 })).toBe(5);
    expect(worked).toEqual(['a+b', 'c', 'd+e']);
  });

  it('are worked one by one when their batch fails, and only the one that cannot be worked is left', async () => {
    expect(await run(['a', 'bad', 'c', 'd'], { batch: 3 })).toBe(3);
    expect([worked, tried, told]).toEqual([['a', 'c', 'd'], ['bad'], 2]);
  });

  it('that fail do not hide those behind them, however many they are', async () => {
    expect(await run(['bad 1', 'bad 2', 'bad 3', 'bad 4', 'a'])).toBe(1);
    expect([worked, tried.length, told]).toEqual([['a'], 4, 4]);
  });

  it('end with the page under way when the share is reached; what another process works does not count', async () => {
    expect(await run(['held', 'a', 'b', 'c', 'd'], { share: 2 })).toBe(2);
    expect(worked).toEqual(['', 'a', 'b']);
  });

  it('whose page cannot be read fail the run', async () => {
    const broken = { ...due([]), page: () => Promise.reject(new Error('no page')) };
    await expect(workDueRows(broken, { batch: 1, share: 1 }, () => undefined)).rejects.toThrow('no page');
  });
});
