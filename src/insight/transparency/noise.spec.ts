import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { drawCells, noiseKey, noiseTable, roundEpsilon } from './noise.js';

/** Fixed keys: every statistical test below has one outcome for ever and cannot fail by chance. */
const master = Buffer.from(Array.from({ length: 32 }, (_, i) => i));
const scope = {
  table: 'reports',
  version: 1,
  institution: 'CONAVI-DEMO',
  period: '2026-10',
  digest: 'd'.repeat(64),
};
const fixedKey = (name: string): Buffer => createHash('sha256').update(name).digest();
const labels = (count: number): string[] => Array.from({ length: count }, (_, i) => `cell|${i}`);
const oddsOf = (z: number, epsilon: number): number => {
  const a = Math.exp(-epsilon);
  return ((1 - a) / (1 + a)) * a ** Math.abs(z);
};
const bitsOff = (got: bigint, known: bigint): number =>
  (got > known ? got - known : known - got).toString(2).length;
const histogram = (values: readonly number[]): Map<number, number> => {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
};

/**
 * The largest ε that the outcomes prove, from one-sided 3.5 sigma bounds on every value and every tail:
 * counts n and n+1 give the same histogram shifted by one.
 */
function provenEpsilon(noise: readonly number[]): number {
  const counts = histogram(noise);
  let proven = 0;
  let lowerTail = 0;
  for (let z = -14; z <= 14; z++) {
    const here = counts.get(z) ?? 0;
    const next = counts.get(z + 1) ?? 0;
    lowerTail += here;
    for (const [a, b] of [
      [here, next],
      [lowerTail, lowerTail + next],
      [noise.length - lowerTail, noise.length - lowerTail - next],
    ] as const) {
      const [big, small] = a > b ? [a, b] : [b, a];
      const ratio = (big - 3.5 * Math.sqrt(big)) / (small + 3.5 * Math.sqrt(small + 1));
      if (ratio > 0) proven = Math.max(proven, Math.log(ratio));
    }
  }
  return proven;
}

describe('noise table', () => {
  it('agrees with the closed form of p(0) and p(0)+p(1), computed elsewhere with 80 digits', () => {
    const known = [
      [
        1,
        675384981974206612576441501809306991480227125152n,
        1172305481462718161243509149857649142168090680585n,
      ],
      [
        0.3,
        217595720414025847589115222667515678966864674919n,
        539993469264410786086456324955811185906484394522n,
      ],
      [
        10,
        1461368939212023035762309437635002904410080532879n,
        1461501631306417641443156992747247170044766339787n,
      ],
      [
        0.01,
        7307447290856817979319090770474436954665623701n,
        21776921241754021772482637895488738712713773546n,
      ],
    ] as const;
    for (const [epsilon, zero, one] of known) {
      const table = noiseTable(epsilon);
      expect(bitsOff(table[0]!, zero)).toBeLessThanOrEqual(20);
      expect(bitsOff(table[2]!, one)).toBeLessThanOrEqual(20);
    }
  });

  it('gives +z and −z the same odds, growing without a gap to all but 2^−100 of the whole', () => {
    for (const epsilon of [0.01, 0.2, 1, 10]) {
      const table = noiseTable(epsilon);
      const steps = table.map((entry, i) => entry - (table[i - 1] ?? 0n));
      expect(steps.every((step, i) => step > 0n && (i % 2 === 0 || step === steps[i + 1]))).toBe(true);
      const missing = (1n << 160n) - table.at(-1)!;
      expect(missing >= 0n && missing < 1n << 60n).toBe(true);
    }
  });

  it('rounds ε down to a multiple of 2^−40', () => {
    expect(roundEpsilon(1)).toBe(1);
    expect(roundEpsilon(0.3) * 2 ** 40).toBe(329853488332);
    expect(roundEpsilon(1 - 2 ** -50)).toBe(1 - 2 ** -40);
    expect(noiseTable(1 + 2 ** -41)).toEqual(noiseTable(1));
    expect(noiseTable(1 + 2 ** -40)).not.toEqual(noiseTable(1));
  });

  it('refuses an ε that is no number or outside 0.01 to 10', () => {
    for (const epsilon of [NaN, 0, -1, 0.009, 10.01, Infinity]) {
      expect(() => noiseTable(epsilon)).toThrow(RangeError);
    }
  });
});

describe('drawn noise', () => {
  const noise = drawCells(fixedKey('sampler'), 1, labels(60_000));

  it('has the known answers of an independent program', () => {
    const key = noiseKey(master, scope);
    expect(key.toString('hex')).toBe('4bede7a4cd5a7b25cc7b035109f6b87f2103116e54bb0a5acd021c33e79f86f8');
    const cells = Array.from({ length: 16 }, (_, i) => `${String(i + 1).padStart(2, '0')}|FRAUD`);
    expect(drawCells(key, 1, cells)).toEqual([-1, 1, 0, 1, 0, 1, 0, -1, 0, 1, 2, 0, 0, 0, -2, 1]);
  });

  it('follows the distribution: chi-square with 16 degrees of freedom below 48', () => {
    const counts = histogram(noise.map((z) => Math.max(-8, Math.min(8, z))));
    let chiSquare = 0;
    for (let z = -8; z <= 8; z++) {
      const tail = Math.abs(z) === 8 ? 1 / (1 - Math.exp(-1)) : 1;
      const expected = noise.length * oddsOf(z, 1) * tail;
      chiSquare += ((counts.get(z) ?? 0) - expected) ** 2 / expected;
    }
    expect(counts.size).toBe(17);
    expect(chiSquare).toBeLessThan(48);
  });

  it('has mean 0 and variance 2a/(1−a)², at several ε', () => {
    for (const epsilon of [0.2, 1, 3]) {
      const draws = drawCells(fixedKey(`moments ${epsilon}`), epsilon, labels(20_000));
      const a = Math.exp(-epsilon);
      const variance = (2 * a) / (1 - a) ** 2;
      const mean = draws.reduce((sum, z) => sum + z, 0) / draws.length;
      const measured = draws.reduce((sum, z) => sum + z * z, 0) / draws.length;
      expect(Math.abs(mean)).toBeLessThan(4 * Math.sqrt(variance / draws.length));
      expect(Math.abs(measured / variance - 1)).toBeLessThan(0.1);
    }
  });

  it('is whole numbers and never minus zero', () => {
    expect(noise.every((z) => Number.isInteger(z) && !Object.is(z, -0))).toBe(true);
  });

  it('proves no more than the declared ε, while noise shrunk to six tenths is caught', () => {
    expect(provenEpsilon(noise)).toBeGreaterThan(0.85);
    expect(provenEpsilon(noise)).toBeLessThanOrEqual(1);
    expect(provenEpsilon(noise.map((z) => Math.round(0.6 * z)))).toBeGreaterThan(1.3);
    expect(provenEpsilon(drawCells(fixedKey('sampler'), 1 / 0.6, labels(60_000)))).toBeGreaterThan(1.3);
  });

  it('of a cell depends on its own label only, not on order or on other cells', () => {
    const key = noiseKey(master, scope);
    const all = labels(50);
    const drawn = drawCells(key, 1, all);
    expect(drawCells(key, 1, all)).toEqual(drawn);
    expect(drawCells(key, 1, [...all].reverse())).toEqual([...drawn].reverse());
    expect(drawCells(key, 1, [all[17]!])).toEqual([drawn[17]]);
  });

  it('refuses a label that comes twice and a key of another size', () => {
    expect(() => drawCells(noiseKey(master, scope), 1, ['a|b', 'a|b'])).toThrow(RangeError);
    expect(() => drawCells(Buffer.alloc(31), 1, ['a|b'])).toThrow(RangeError);
  });
});

describe('noise key', () => {
  it('gives two institutions, tables, versions, periods or exact tables unrelated noise', () => {
    const cells = labels(4_000);
    const ours = drawCells(noiseKey(master, scope), 1, cells);
    const equalOdds = [...histogram(ours).keys()].reduce((sum, z) => sum + oddsOf(z, 1) ** 2, 0);
    const sigma = Math.sqrt((equalOdds * (1 - equalOdds)) / cells.length);
    const others = [
      { institution: 'ACOLMAN-DEMO' },
      { table: 'x' },
      { version: 2 },
      { period: '2026-11' },
      { digest: 'e'.repeat(64) },
    ];
    for (const other of others) {
      const theirs = drawCells(noiseKey(master, { ...scope, ...other }), 1, cells);
      const equal = ours.filter((z, i) => z === theirs[i]).length / cells.length;
      const covariance = ours.reduce((sum, z, i) => sum + z * theirs[i]!, 0) / cells.length;
      expect(Math.abs(equal - equalOdds) / sigma).toBeLessThan(4);
      expect(Math.abs(covariance)).toBeLessThan((4 * 1.841) / Math.sqrt(cells.length));
    }
  });

  it('refuses a part that is empty or could run into the next one, and a short master', () => {
    expect(() => noiseKey(master, { ...scope, institution: 'A|2026-10' })).toThrow(RangeError);
    expect(() => noiseKey(master, { ...scope, version: '' })).toThrow(RangeError);
    expect(() => noiseKey(Buffer.alloc(16), scope)).toThrow(RangeError);
  });
});
