import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { newAccessCode, newFolio, parseAccessCode } from '../../work/cases/folio.js';
import { spokenDigits, spokenFolio, spokenReceipt } from './spoken.js';

describe('what an operator reads aloud', () => {
  it('is the code in fours, in words', () => {
    expect(spokenDigits('1234-5678-9012-3456', 'es')).toBe(
      'uno dos tres cuatro, cinco seis siete ocho, nueve cero uno dos, tres cuatro cinco seis',
    );
    expect(spokenDigits('4821-0937-5566', 'en')).toBe(
      'four eight two one, zero nine three seven, five five six six',
    );
  });

  it('is the folio with its letters spelled and its groups apart', () => {
    expect(spokenFolio('CNV-2026-7K3M-Q9TZ-4', 'es')).toBe(
      'C de Carlos, N de Norma, V de Víctor; dos, cero, dos, seis; siete, K de Karla, tres, M de María; ' +
        'Q de Querétaro, nueve, T de Teresa, Z de Zacatecas; cuatro',
    );
    expect(spokenFolio('ACO-2026-0', 'en')).toBe(
      'A as in Alfa, C as in Charlie, O as in Oscar; two, zero, two, six; zero',
    );
  });

  it('spells each letter with a name that begins with it, and no two with the same', () => {
    const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
    for (const [language, pattern] of [
      ['es', / de (.)/],
      ['en', / as in (.)/],
    ] as const) {
      const spelled = [...letters].map((letter) => spokenFolio(letter, language));
      const initials = spelled.map((one) => pattern.exec(one)![1]!.normalize('NFD')[0]);
      expect(initials.join('')).toBe(letters);
      expect(new Set(spelled).size).toBe(letters.length);
    }
  });

  it('can be written down again without a doubt, whatever folio and code', () => {
    const back = (spoken: string, words: readonly string[]): string =>
      spoken
        .split(/[,;] | (?!de )/)
        .map((word) => {
          const digit = words.indexOf(word);
          return digit >= 0 ? String(digit) : word[0]!;
        })
        .join('');
    const words = 'cero uno dos tres cuatro cinco seis siete ocho nueve'.split(' ');
    fc.assert(
      fc.property(fc.constantFrom('CNV', 'ACO', 'IO'), (prefix) => {
        const [folio, accessCode] = [newFolio(prefix, 2026), newAccessCode()];
        const spoken = spokenReceipt({ folio, accessCode }).es;
        expect(back(spoken.accessCode, words)).toBe(parseAccessCode(accessCode));
        expect(back(spoken.folio.replace(/ de [^,;]+/g, ''), words)).toBe(folio.replaceAll('-', ''));
      }),
    );
  });
});
