import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { WordIndex, wordsOf } from './word-index.js';

/** The rule as it reads, phrase by phrase. */
function contains(words: readonly string[], phrase: string): boolean {
  const parts = wordsOf(phrase);
  if (parts.length === 0) return false;
  return words.some((_, at) =>
    parts.every((part, i) =>
      i === parts.length - 1 ? (words[at + i] ?? '').startsWith(part) : words[at + i] === part,
    ),
  );
}

const ownersOf = (lists: string[][], text: string): number[] =>
  [...new WordIndex(lists).ownersIn(text)].sort((a, b) => a - b);

/**
 * Few letters, so that texts and phrases meet; accents composed and apart, ñ, digits, signs that end a word.
 */
const written = (maxLength: number) =>
  fc
    .array(fc.constantFrom(...'aab b ñáÁÑÜ7.- ', 'a\u0301', 'n\u0303', 'ß', 'İ', '語', '😀'), { maxLength })
    .map((letters) => letters.join(''));

describe('an index of words', () => {
  it('finds what a look for each phrase finds', () => {
    const lists = fc.array(fc.array(fc.oneof(written(6), fc.string({ maxLength: 4 })), { maxLength: 6 }), {
      maxLength: 5,
    });
    fc.assert(
      fc.property(lists, fc.oneof(written(40), fc.string()), (phrases, text) => {
        const words = wordsOf(text);
        const expected = phrases.flatMap((list, owner) =>
          list.some((phrase) => contains(words, phrase)) ? owner : [],
        );
        expect(ownersOf(phrases, text)).toEqual(expected);
      }),
      { numRuns: 2000 },
    );
  });

  it('tells every owner of a phrase, and of phrases that begin alike each that fits', () => {
    const lists = [
      ['pidio dinero'],
      ['dinero', 'pidio'],
      ['pidio din'],
      ['pidio dinero ayer'],
      ['pidi dinero'],
      ['¡!', ''],
    ];
    expect(ownersOf(lists, 'Me PIDIÓ dinero')).toEqual([0, 1, 2]);
  });

  it.each([
    ['words of their own', (n: number) => `zz${n}`],
    ['long beginnings in common', (n: number) => `${'a '.repeat(25)}z${n}`],
  ])(
    'costs little with the most phrases there can be against a text that repeats one word: %s',
    (_, phrase) => {
      const lists = Array.from({ length: 200 }, (_, rule) =>
        Array.from({ length: 100 }, (_, n) => phrase(rule * 100 + n)),
      );
      const index = new WordIndex(lists);
      const start = performance.now();
      expect(index.ownersIn('a '.repeat(10_000)).size).toBe(0);
      // Some 7 ms; looking for each phrase took 900 to 20,000.
      expect(performance.now() - start).toBeLessThan(300);
    },
  );
});
