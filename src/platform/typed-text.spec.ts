import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  plainWords,
  trimmed,
  typedCode,
  typedEmail,
  typedName,
  visibleLength,
  withoutUnseen,
} from './typed-text.js';

/**
 * One of each kind that shows nothing: direction, zero width, soft hyphen, fillers, selectors, tags,
 * controls, private use.
 */
const UNSEEN = [
  ...'\u202a\u202c\u200e\u200f\u061c\u2066\u2069\u200b\u200c\u200d\u2060\ufeff\u00ad\u034f\u180e\u115f\u1160\u17b4',
  ...'\u3164\uffa0\ufe0f\u{e0001}\u{e0041}\u{e0100}\u{1d173}\u0001\u001b\u007f\ufff9\ufffc\ue000\uffff',
];
const SPACES = [...' \t\n\r\u0085\u00a0\u1680\u2000\u2007\u2009\u202f\u205f\u3000\u2028\u2029\u2800'];
const MARKS = [...'\u0301\u0303\u20e3\u0489\u0903\u{1d165}'];
const DASHES = [...'-\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe63\uff0d\u2e3a'];

const noise = (of: readonly string[]) =>
  fc.array(fc.constantFrom(...of), { maxLength: 5 }).map((all) => all.join(''));
const seen = fc.constantFrom(...'abcXYZ019ñÁ¿?@😀語');

describe('a typed code', () => {
  it.each([
    ['a number copied from a contact', '\u202a+52\u00a055\u20111234\u20115678\u202c', '+52 55-1234-5678'],
    ['full-width characters of an Asian keyboard', 'ＣＮＶ－２０２６', 'CNV-2026'],
    ['a number with a minus and a dash', '55\u22121234\u20135678', '55-1234-5678'],
    ['a key with a soft hyphen and a zero-width space', 'FRA\u00adUD\u200b', 'FRAUD'],
  ])('is %s as a keyboard writes it', (_, typed, plain) => {
    expect(typedCode(typed)).toBe(plain);
  });

  it('is the same with anything unseen anywhere in it, and with any hyphen', () => {
    const parts = fc.array(
      fc.tuple(fc.constantFrom(...'ABZ0189'), noise(UNSEEN), fc.constantFrom('', ...DASHES)),
    );
    fc.assert(
      fc.property(noise([...UNSEEN, ...SPACES]), parts, (edge, typed) => {
        const plain = typed.map(([letter, , dash]) => letter + (dash === '' ? '' : '-')).join('');
        expect(typedCode(edge + typed.flat().join('') + edge).replace(/-+/g, '-')).toBe(plain);
      }),
      { seed: 7, numRuns: 500 },
    );
  });

  it('changes nothing when it is typed again', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => typedCode(typedCode(text)) === typedCode(text)),
    );
  });

  it('keeps U+0000, for what refuses it to see it', () => {
    expect(typedCode('A\0B')).toBe('A\0B');
  });
});

describe('a typed e-mail address', () => {
  it.each([
    ' ana@x.mx\u200b',
    'ana @x.mx',
    'ana@x. mx',
    '\u202aana@x.mx\u202c',
    'ana＠x.mx',
    'ana@\u00a0x.mx',
  ])('%j is the address', (typed) => {
    expect(typedEmail(typed)).toBe('ana@x.mx');
  });

  it('keeps a space between letters: without it the address could be of somebody else', () => {
    expect(typedEmail('ana maria@x.mx')).toBe('ana maria@x.mx');
  });
});

describe('a name', () => {
  it('loses what is unseen at its ends and nothing inside', () => {
    fc.assert(
      fc.property(
        noise([...UNSEEN, ...SPACES].filter((one) => !/\p{M}/u.test(one))),
        seen,
        fc.string(),
        seen,
        (edge, a, inside, b) => {
          expect(trimmed(edge + a + inside + b + edge)).toBe(a + inside + b);
        },
      ),
    );
  });

  it('keeps the accent of its last letter, and how its emoji looks', () => {
    expect(trimmed(' Jose\u0301\u200b')).toBe('Jose\u0301');
    expect(trimmed('Vida \u2764\ufe0f ')).toBe('Vida \u2764\ufe0f');
  });

  it('costs little with many spaces inside', () => {
    const text = `a${' '.repeat(200_000)}b`;
    const start = performance.now();
    expect(trimmed(text)).toBe(text);
    expect(performance.now() - start).toBeLessThan(500);
  });
});

describe('a name', () => {
  it('is one line of composed letters, with single spaces and nothing unseen but what joins emoji', () => {
    expect(typedName('\u202e Jose\u0301\u00a0\u2066Pe\u0301rez\n\tRuiz\u200b ')).toBe('José Pérez Ruiz');
    expect(typedName('Jose\u202a\u0301')).toBe('José');
    for (const emoji of ['👩\u200d🔧', '\u2764\ufe0f', '🏴\u{e0067}\u{e0062}\u{e007f}'])
      expect(typedName(`Taller ${emoji} Sur`)).toBe(`Taller ${emoji} Sur`);
  });

  it('stays the same when it is cleaned again', () => {
    fc.assert(
      fc.property(noise([...UNSEEN, ...SPACES, ...MARKS, 'a', 'ñ']), (text) => {
        expect(typedName(typedName(text))).toBe(typedName(text));
      }),
    );
  });
});

describe('how much a text says', () => {
  it.each(
    [...UNSEEN, ...SPACES, ...MARKS].map((character) => [character.codePointAt(0)!.toString(16), character]),
  )('is nothing for any number of U+%s', (_, character) => {
    expect(visibleLength(character.repeat(30))).toBe(0);
  });

  it('counts what is seen, and one for the spaces between', () => {
    const quiet = noise([...UNSEEN, ...MARKS]);
    fc.assert(
      fc.property(fc.array(fc.tuple(seen, quiet)), quiet, (typed, before) => {
        expect(visibleLength(before + typed.flat().join(''))).toBe(typed.length);
      }),
    );
    expect(visibleLength('  Me  \u2800 robaron ')).toBe(10);
    expect(visibleLength('a\u2800'.repeat(3))).toBe(5);
  });

  it('is the same however the keyboard composes accents, and stops when it has enough', () => {
    expect(visibleLength('Núñez'.normalize('NFD'))).toBe(5);
    expect(visibleLength('x'.repeat(1000), 10)).toBe(10);
  });
});

describe('plain words', () => {
  it.each([
    ['¡SÍ!', 'si'],
    ['s\u200bí', 'si'],
    ['１', '1'],
    ['1️⃣', '1'],
    ['1ª', '1'],
    ['mor\u00addida', 'mordida'],
    ['  El  Niño, cayó. ', 'el nino cayo'],
    ['\u2800', ''],
  ])('of %j are %j', (text, words) => {
    expect(plainWords(text)).toBe(words);
  });
});

it('what is unseen leaves, spaces stay', () => {
  expect(withoutUnseen('a\u200b b\u00a0c')).toBe('a b\u00a0c');
});
