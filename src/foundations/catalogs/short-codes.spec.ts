import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isShortCode, shortCodeFor } from './short-codes.js';

describe('a short code made from a name', () => {
  it.each([
    ['Fraude o engaño', [], 'FRA'],
    ['Ñoñerías', [], 'NON'],
    ['Acoso', ['ACO'], 'ACOS'],
    ['Abc', ['ABC'], 'ABC2'],
    ['Abc', ['ABC', 'ABC2', 'ABC3'], 'ABC4'],
    ['Sc', [], 'SC2'],
    ['№ 7', [], 'CAT'],
    ['', ['CAT'], 'CAT2'],
  ])('%j beside %j is %s', (label, taken, code) => {
    expect(shortCodeFor(label, new Set(taken))).toBe(code);
  });

  it('is always one that the table takes and nobody has', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 12 }), { maxLength: 60 }), (labels) => {
        const taken = new Set<string>();
        for (const label of labels) {
          const code = shortCodeFor(label, taken);
          expect([isShortCode(code), taken.has(code)]).toEqual([true, false]);
          taken.add(code);
        }
      }),
    );
  });
});
