import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { noiseMargin, noiseWithin } from './noise-margin.js';
import { drawCells, noiseTable } from './noise.js';

const ONE = 1n << 160n;
const of = (...parts: [epsilon: number, count: number][]): Map<number, number> => new Map(parts);

/** Odds of one cell from the sampler's own table, by distance from zero and in units of 2^−160. */
function oddsOf(epsilon: number): bigint[] {
  const table = noiseTable(epsilon);
  return table.map((sum, i) => sum - (table[i - 1] ?? 0n)).filter((_, i) => i % 2 === 0);
}

/** P(S = k) for k = −reach … reach by convolution in whole numbers. */
function exactSum(epsilons: readonly number[]): bigint[] {
  let sum = [ONE];
  for (const epsilon of epsilons) {
    const odds = oddsOf(epsilon).slice(0, 200);
    const next = Array.from({ length: sum.length + 2 * odds.length - 2 }, () => 0n);
    sum.forEach((p, i) => {
      for (let k = 1 - odds.length; k < odds.length; k++)
        next[i + k + odds.length - 1]! += (p * odds[Math.abs(k)]!) >> 160n;
    });
    sum = next;
  }
  return sum;
}

function exactWithin(sum: readonly bigint[], m: number): number {
  const middle = (sum.length - 1) / 2;
  const inside = sum.slice(Math.max(0, middle - m), middle + m + 1).reduce((all, p) => all + p, 0n);
  return Number((inside * 10n ** 18n) / ONE) / 1e18;
}

describe('the margin of a sum of cells', () => {
  it('is 3, 4 and 5 for one, two and three cells at ε 1, which hold 97.3, 96.9 and 97.1 %', () => {
    expect([0, 1, 2, 3].map((cells) => noiseMargin(of([1, cells])))).toEqual([0, 3, 4, 5]);
    expect([1, 2, 3].map((n, i) => Number(noiseWithin(of([1, n]), 3 + i).toFixed(3)))).toEqual([
      0.973, 0.969, 0.971,
    ]);
  });

  it.each([
    [[1]],
    [[1, 1]],
    [[1, 1, 1, 1, 1]],
    [[0.5]],
    [[3, 3]],
    [[10]],
    [[1, 0.5]],
    [[2, 2, 0.7]],
    [[0.3, 0.3]],
  ])('agrees with the exact convolution for cells of ε %j', (epsilons) => {
    const exact = exactSum(epsilons);
    const cells = new Map<number, number>();
    for (const epsilon of epsilons) cells.set(epsilon, (cells.get(epsilon) ?? 0) + 1);
    for (let m = 0; m <= 40; m++)
      expect(Math.abs(noiseWithin(cells, m) - exactWithin(exact, m))).toBeLessThan(1e-12);
    let smallest = 0;
    while (exactWithin(exact, smallest) < 0.95) smallest += 1;
    expect(noiseMargin(cells)).toBe(smallest);
  });

  it('is the smallest whole number that holds at least 95 of 100, for any mixture', () => {
    const part = fc.tuple(
      fc.constantFrom(0.01, 0.1, 0.25, 0.5, 1, 2, 10),
      fc.integer({ min: 0, max: 40_000 }),
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 4 }), (parts) => {
        const cells = new Map(parts);
        const m = noiseMargin(cells);
        expect(Number.isInteger(m)).toBe(true);
        if (m === 0) return;
        expect(noiseWithin(cells, m)).toBeGreaterThanOrEqual(0.95);
        expect(noiseWithin(cells, m - 1)).toBeLessThan(0.95);
      }),
      { seed: 20261, numRuns: 150 },
    );
  });

  it('grows with every cell and with less ε, and nears 1.96 standard deviations', () => {
    let before = 0;
    for (const cells of [1, 2, 5, 20, 100, 1_000, 30_000]) {
      const m = noiseMargin(of([1, cells]));
      expect(m).toBeGreaterThan(before);
      expect(noiseMargin(of([0.5, cells]))).toBeGreaterThan(m);
      if (cells >= 1_000) expect(Math.abs(m - 1.96 * Math.sqrt(cells * 1.841_346))).toBeLessThanOrEqual(1);
      before = m;
    }
  });

  it('holds the noise that the sampler draws, as often as it says', () => {
    const key = createHash('sha256').update('coverage').digest();
    const noise = drawCells(
      key,
      1,
      Array.from({ length: 80_000 }, (_, i) => `cell|${i}`),
    );
    for (const size of [1, 2, 3, 8, 20]) {
      const sums = Array.from({ length: noise.length / size }, (_, i) =>
        noise.slice(size * i, size * (i + 1)).reduce((sum, z) => sum + z, 0),
      );
      const m = noiseMargin(of([1, size]));
      const share = sums.filter((z) => Math.abs(z) <= m).length / sums.length;
      const expected = noiseWithin(of([1, size]), m);
      expect(Math.abs(share - expected)).toBeLessThan(
        4 * Math.sqrt((expected * (1 - expected)) / sums.length),
      );
    }
  });
});
