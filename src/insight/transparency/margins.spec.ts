import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { cellsDigest } from './cells-digest.js';
import {
  certaintyBound,
  DIMENSIONS,
  display,
  margin,
  privacyStatement,
  type ReleasedCell,
  sumCells,
  totalOf,
} from './margins.js';
import { noiseMargin } from './noise-margin.js';
import { drawCells, noiseKey } from './noise.js';
import { applyNoise, cellLabel, cellsOf, releaseDomain } from './release-domain.js';

const EPSILON = 1;
const master = createHash('sha256').update('test master').digest();
const domain = releaseDomain({ level: 'federal' }, [
  'BRIBERY',
  'EMBEZZLEMENT',
  'FRAUD',
  'NEPOTISM',
  'BAD_SERVICE',
  'OTHER',
]);
const labels = cellsOf(domain).map(cellLabel);
const periods = ['2026-08', '2026-09', '2026-10'];

/** Counts from 0 to 15, most of them small, the same for ever. */
const exactCount = (period: string, label: string): number => {
  const byte = createHash('sha256').update(`${period} ${label}`).digest()[0]!;
  return byte < 200 ? byte % 5 : byte % 16;
};
const exactOf = (period: string): Map<string, number> =>
  new Map(labels.map((label) => [label, exactCount(period, label)]));

function release(period: string, exact: ReadonlyMap<string, number>): ReleasedCell[] {
  const digest = cellsDigest(
    cellsOf(domain).map((cell) => ({ ...cell, value: exact.get(cellLabel(cell)) ?? 0 })),
  );
  const key = noiseKey(master, { table: 'reports', version: 1, institution: 'CONAVI-DEMO', period, digest });
  return applyNoise(domain, exact, drawCells(key, EPSILON, labels)).map((cell) => ({
    ...cell,
    period,
    epsilon: EPSILON,
  }));
}
const published = periods.flatMap((period) => release(period, exactOf(period)));

/** |hits − expected| in standard deviations of a binomial. */
const zScore = (hits: number, tries: number, odds: number): number =>
  (hits - tries * odds) / Math.sqrt(tries * odds * (1 - odds));

describe('margins', () => {
  it('follow each version of a sum that spans several', () => {
    const [first, second] = published as [ReleasedCell, ReleasedCell];
    const mixed = totalOf([first, { ...second, epsilon: 0.5 }]);
    expect(mixed.margin).toBe(
      noiseMargin(
        new Map([
          [1, 1],
          [0.5, 1],
        ]),
      ),
    );
    expect(mixed.margin).toBeGreaterThanOrEqual(margin(1, 0.5));
  });

  it('hold the exact figure in at least 95 of 100 single cells and sums of eight', () => {
    const noise = published.map((cell) => cell.value - exactCount(cell.period, cellLabel(cell)));
    const eights = Array.from({ length: Math.floor(noise.length / 8) }, (_, i) =>
      noise.slice(8 * i, 8 * i + 8).reduce((sum, z) => sum + z, 0),
    );
    for (const [sums, cells] of [
      [noise, 1],
      [eights, 8],
    ] as const) {
      const within = sums.filter((z) => Math.abs(z) <= margin(cells, EPSILON)).length;
      expect(zScore(within, sums.length, 0.95)).toBeGreaterThan(-3);
    }
  });
});

describe('public sums', () => {
  it('are the sum of their frozen cells for any filter and grouping, and add up to the total', () => {
    const byCell = new Map(published.map((cell) => [`${cell.period}|${cellLabel(cell)}`, cell.value]));
    const subset = <T>(values: readonly T[]): fc.Arbitrary<T[]> => fc.subarray([...values]);
    const codes = (dimension: 'territory' | 'category'): string[] => [
      ...new Set(published.map((cell) => cell[dimension])),
    ];
    fc.assert(
      fc.property(
        subset(periods),
        subset(codes('territory')),
        subset(codes('category')),
        subset(DIMENSIONS),
        (inPeriods, inTerritories, inCategories, by) => {
          const cells = published.filter(
            (cell) =>
              inPeriods.includes(cell.period) &&
              inTerritories.includes(cell.territory) &&
              inCategories.includes(cell.category),
          );
          const direct = inPeriods
            .flatMap((p) =>
              inTerritories.flatMap((t) => inCategories.map((c) => byCell.get(`${p}|${t}|${c}`)!)),
            )
            .reduce((sum, value) => sum + value, 0);
          const rows = sumCells(cells, by);
          const total = totalOf(cells);
          expect(total.value).toBe(direct);
          expect(rows.reduce((sum, row) => sum + row.value, 0)).toBe(direct);
          expect(rows.reduce((sum, row) => sum + row.cells, 0)).toBe(total.cells);
          expect(total.margin).toBe(margin(total.cells, EPSILON));
          expect(rows.every((row) => row.margin === margin(row.cells, EPSILON))).toBe(true);
        },
      ),
      { seed: 20263, numRuns: 500 },
    );
  });

  it('carry their dimensions, one row per combination, in order', () => {
    const rows = sumCells(published, ['period']);
    expect(rows.map((row) => row.dimensions)).toEqual(periods.map((period) => ({ period })));
    expect(sumCells(published, ['category', 'territory'])).toHaveLength(33 * 8);
    expect(sumCells(published, [])).toEqual([{ dimensions: {}, ...totalOf(published) }]);
    expect(totalOf([])).toEqual({ value: 0, cells: 0, periodCount: 0, margin: 0 });
  });

  it('stay negative in the data and are clamped and hidden only where shown', () => {
    expect(display({ value: -3, margin: 2.7 })).toEqual({ value: 0, belowMargin: true, text: '< margen' });
    expect(display({ value: 2, margin: 2.7 }, 'en')).toEqual({
      value: 2,
      belowMargin: true,
      text: '< margin',
    });
    expect(display({ value: 3, margin: 2.7 })).toEqual({ value: 3, belowMargin: false, text: '3' });
  });
});

describe('privacy statement', () => {
  it('gives the certainty that ε allows', () => {
    expect(certaintyBound(1)).toBeCloseTo(0.7311, 4);
    expect(certaintyBound(2)).toBeCloseTo(0.8808, 4);
  });

  it('says in both languages 73 % for the existence of a report and 88 % between two cells at ε = 1', () => {
    const { es, en } = privacyStatement(1);
    for (const text of [es, en]) {
      expect(text).toContain('ε = 1)');
      expect(text).toContain('73 %');
      expect(text).toContain('88 %');
    }
    expect(es).toContain('una denuncia');
    expect(en).toContain('one report');
  });

  it('counts only the tables published today', () => {
    expect(privacyStatement(1).es).toContain('Es la única tabla publicada');
    expect(privacyStatement(1, [0.5, 0.3, 0.2]).es).toMatch(/4 tablas.*ε = 2 .*88 %/);
  });
});

describe('an attacker', () => {
  it('who subtracts two answers learns a count exactly only where the noise happened to be zero', () => {
    let hits = 0;
    for (const target of published) {
      const row = published.filter(
        (cell) => cell.period === target.period && cell.territory === target.territory,
      );
      const without = row.filter((cell) => cell.category !== target.category);
      const difference = totalOf(row).value - totalOf(without).value;
      if (difference === exactCount(target.period, cellLabel(target))) hits++;
    }
    const zeroNoise = (1 - Math.exp(-EPSILON)) / (1 + Math.exp(-EPSILON));
    expect(Math.abs(zScore(hits, published.length, zeroNoise))).toBeLessThan(4);
  });

  it('who subtracts two answers of a threshold design learns nearly every small count (negative control)', () => {
    const threshold = 10;
    const answer = (count: number): number | null => (count > 0 && count < threshold ? null : count);
    const year = labels.map((label) => exactCount('2026-10', label));
    const all = year.reduce((sum, count) => sum + count, 0);
    const small = year.filter((count) => count > 0 && count < threshold);
    const exact = small.filter((count) => {
      const [whole, rest] = [answer(all), answer(all - count)];
      return answer(count) === null && whole !== null && rest !== null && whole - rest === count;
    });
    expect(small.length).toBeGreaterThan(100);
    expect(exact).toHaveLength(small.length);
  });

  it('who files nine reports sees through a threshold always, through the noise no more than ε allows', () => {
    const fakes = 9;
    const tries = 20_000;
    const names = Array.from({ length: tries }, (_, i) => `try|${i}`);
    const noise = drawCells(createHash('sha256').update('sybil').digest(), EPSILON, names);
    let throughThreshold = 0;
    let throughNoise = 0;
    noise.forEach((z, i) => {
      const others = i % 2;
      const thresholdShows = others + fakes >= 10;
      if (thresholdShows === (others === 1)) throughThreshold++;
      const shown = others + fakes + z;
      if (shown - fakes >= 1 === (others === 1)) throughNoise++;
    });
    const sigma = Math.sqrt((0.73 * 0.27) / tries);
    expect(throughThreshold).toBe(tries);
    expect(throughNoise / tries).toBeLessThan(certaintyBound(EPSILON) + 4 * sigma);
    expect(throughNoise / tries).toBeGreaterThan(certaintyBound(EPSILON) - 4 * sigma);
  });

  it('who knows that a report exists and doubts between two cells reaches the bound of 2ε, no more', () => {
    const key = createHash('sha256').update('two cells').digest();
    const tries = 10_000;
    const noise = drawCells(
      key,
      EPSILON,
      Array.from({ length: 2 * tries }, (_, i) => `try|${i}`),
    );
    let agree = 0;
    let right = 0;
    for (let i = 0; i < tries; i++) {
      const inFirst = 1 + noise[2 * i]! >= 1;
      const inSecond = noise[2 * i + 1]! >= 1;
      if (inFirst === inSecond) continue;
      agree++;
      if (inFirst) right++;
    }
    const bound = certaintyBound(2 * EPSILON);
    expect(Math.abs(zScore(right, agree, bound))).toBeLessThan(4);
    expect(right / agree).toBeGreaterThan(certaintyBound(EPSILON));
  });

  it('learns nothing exact from a period that a restored database publishes over other reports', () => {
    const corrected = exactOf('2026-10');
    corrected.set('15|FRAUD', corrected.get('15|FRAUD')! + 1);
    const again = release('2026-10', corrected);
    const first = published.filter((cell) => cell.period === '2026-10');
    const changed = again.filter((cell, i) => cell.value !== first[i]!.value);
    // Two independent draws are equal in (1−a)(1+a²)/(1+a)³ of the cells, 28 % at ε = 1.
    expect(changed.length).toBeGreaterThan(0.6 * first.length);
    expect(release('2026-10', exactOf('2026-10'))).toEqual(first);
  });

  it('would find the changed cell exactly under noise that does not follow the counts (negative control)', () => {
    const key = createHash('sha256').update('one key for both').digest();
    const noise = drawCells(key, EPSILON, labels);
    const corrected = exactOf('2026-10');
    corrected.set('15|FRAUD', corrected.get('15|FRAUD')! + 1);
    const first = applyNoise(domain, exactOf('2026-10'), noise);
    const changed = applyNoise(domain, corrected, noise).flatMap((cell, i) =>
      cell.value === first[i]!.value ? [] : [[cellLabel(cell), cell.value - first[i]!.value]],
    );
    expect(changed).toEqual([['15|FRAUD', 1]]);
  });
});
