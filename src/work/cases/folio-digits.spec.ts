import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { folioDigits, parseFolioDigits } from './folio-digits.js';
import { ALPHABET, checkCharacter, isFolio, newAccessCode, newFolio, parseAccessCode } from './folio.js';

const folios = fc
  .tuple(
    fc.integer({ min: 2000, max: 2089 }),
    fc.array(fc.constantFrom(...ALPHABET), { minLength: 8, maxLength: 8 }),
  )
  .map(([year, characters]) => {
    const body = characters.join('');
    return `CNV-${year}-${body.slice(0, 4)}-${body.slice(4)}-${checkCharacter(body)}`;
  });
const plain = (folio: string): string => folioDigits(folio).replaceAll('-', '');

describe('a folio in digits', () => {
  it('is read back as the same folio, with fifteen digits in fours', () => {
    fc.assert(
      fc.property(folios, (folio) => {
        const digits = folioDigits(folio);
        expect(digits).toMatch(/^\d{4}-\d{4}-\d{4}-\d{3}$/);
        expect(parseFolioDigits(digits, 'CNV')).toBe(folio);
      }),
    );
  });

  it('of each new folio is one that the service reads', () => {
    for (let n = 0; n < 200; n++) {
      const folio = newFolio('ACO', 2026);
      expect([parseFolioDigits(folioDigits(folio), 'ACO'), isFolio(folio)]).toEqual([folio, true]);
    }
  });

  it.each([
    ['CNV-2026-0000-0000-0', '2858-7302-3221-768'],
    ['CNV-2026-7K3M-Q9TZ-4', '2884-8343-9839-674'],
    ['CNV-2000-0000-0000-0', '0000-0000-0000-000'],
    ['CNV-2089-ZZZZ-ZZZZ-0', '9895-6046-4998-391'],
  ])('of %s is %s and never changes: people wrote it down', (folio, digits) => {
    expect(folioDigits(folio)).toBe(digits);
  });

  it('shows every single wrong digit', () => {
    fc.assert(
      fc.property(folios, fc.nat(14), fc.integer({ min: 1, max: 9 }), (folio, at, by) => {
        const right = plain(folio);
        const wrong = right.slice(0, at) + ((Number(right[at]) + by) % 10) + right.slice(at + 1);
        expect(parseFolioDigits(wrong, 'CNV')).toBeNull();
      }),
    );
  });

  it('shows every swap of two neighbours', () => {
    fc.assert(
      fc.property(folios, fc.nat(13), (folio, at) => {
        const right = plain(folio);
        fc.pre(right[at] !== right[at + 1]);
        const wrong = right.slice(0, at) + right[at + 1]! + right[at]! + right.slice(at + 2);
        expect(parseFolioDigits(wrong, 'CNV')).toBeNull();
      }),
    );
  });

  it('shows a digit that is missing, and nearly always one too many', () => {
    fc.assert(
      fc.property(folios, fc.nat(14), (folio, at) => {
        const right = plain(folio);
        expect(parseFolioDigits(right.slice(0, at) + right.slice(at + 1), 'CNV')).toBeNull();
      }),
    );
    // One with a zero in front would be a second form of the same folio.
    expect(parseFolioDigits(`0${plain('CNV-2026-7K3M-Q9TZ-4')}`, 'CNV')).toBeNull();
  });

  it('is no access code, and an access code of these years is no folio in digits', () => {
    fc.assert(fc.property(folios, (folio) => expect(parseAccessCode(folioDigits(folio))).toBeNull()));
    for (let n = 0; n < 200; n++) {
      const found = parseFolioDigits(newAccessCode(), 'CNV');
      if (found !== null) expect(Number(found.split('-')[1])).toBeGreaterThan(2089);
    }
  });

  it('goes on after 2090 with one digit more', () => {
    const folio = newFolio('CNV', 2091);
    expect(plain(folio)).toHaveLength(16);
    expect(parseFolioDigits(folioDigits(folio), 'CNV')).toBe(folio);
  });

  it.each(['', ' ', '0', 'abc', '1'.repeat(300), '2858730226176x', '٢٨٥٨', '-'.repeat(15), '9'.repeat(17)])(
    'is not «%s»',
    (typed) => {
      expect(parseFolioDigits(typed, 'CNV')).toBeNull();
    },
  );

  it('forgives spaces, hyphens and signs between the digits', () => {
    const folio = newFolio('CNV', 2026);
    const digits = folioDigits(folio);
    for (const typed of [digits.replaceAll('-', ' '), ` ${plain(folio)} `, digits.replaceAll('-', '.')])
      expect(parseFolioDigits(typed, 'CNV')).toBe(folio);
  });
});
