import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { checkCharacter, isFolio, newAccessCode, newFolio, parseAccessCode, parseFolio } from './folio.js';

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const body = fc.string({ unit: fc.constantFrom(...ALPHABET), minLength: 8, maxLength: 8 });

describe('folio', () => {
  it('has prefix, year, eight random characters and a check character', () => {
    const folio = newFolio('CNV', 2026);
    expect(folio).toMatch(/^CNV-2026-[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]$/);
    expect(isFolio(folio)).toBe(true);
    expect(newFolio('CNV', 2026)).not.toBe(folio);
  });

  it('finds every single wrong character', () => {
    fc.assert(
      fc.property(body, fc.nat(7), fc.constantFrom(...ALPHABET), (text, at, other) => {
        fc.pre(text[at] !== other);
        expect(checkCharacter(text.slice(0, at) + other + text.slice(at + 1))).not.toBe(checkCharacter(text));
      }),
    );
  });

  it('finds every swap of two neighbours, except 0 with Z', () => {
    fc.assert(
      fc.property(body, fc.nat(6), (text, at) => {
        const [a, b] = [text[at]!, text[at + 1]!];
        fc.pre(a !== b && ![a, b].every((c) => c === '0' || c === 'Z'));
        expect(checkCharacter(text.slice(0, at) + b + a + text.slice(at + 2))).not.toBe(checkCharacter(text));
      }),
    );
  });

  it('forgives how people write it', () => {
    const folio = `CNV-2026-10V1-1Q9T-${checkCharacter('10V11Q9T')}`;
    for (const typed of [
      folio.toLowerCase(),
      folio.replaceAll('-', ''),
      folio.replaceAll('-', ' '),
      `  ${folio} `,
      folio.replaceAll('-', '–'),
      folio.replace('10V1', 'LOUI'),
      folio.replace('10V1', 'iovl'),
      folio.replace('2026', '2O26'),
      folio.replaceAll('-', ' / '),
      folio.replace('2026', '２０２６'),
    ]) {
      expect(parseFolio(typed)).toBe(folio);
    }
    for (const wrong of [
      '',
      'CNV',
      folio.slice(0, -1),
      `${folio}X`,
      folio.replace('10V1', '10V2'),
      'x'.repeat(10_000),
    ]) {
      expect(parseFolio(wrong)).toBeNull();
    }
  });
});

describe('access code', () => {
  it('is sixteen digits in fours and read back however it is spaced', () => {
    const code = newAccessCode();
    expect(code).toMatch(/^\d{4}-\d{4}-\d{4}-\d{4}$/);
    const digits = code.replaceAll('-', '');
    for (const typed of [code, digits, code.replaceAll('-', ' '), ` ${code}`, code.replaceAll('-', '.')]) {
      expect(parseAccessCode(typed)).toBe(digits);
    }
    const codes = [
      '0123-1056-7890-1101',
      'o123 I056 7890 ll0i',
      '０１２３,1056;7890/1101',
      '0123.1056.7890.1101',
    ];
    expect(new Set(codes.map(parseAccessCode))).toEqual(new Set(['0123105678901101']));
    expect(parseAccessCode('1234')).toBeNull();
    expect(parseAccessCode('x'.repeat(16))).toBeNull();
  });
});
