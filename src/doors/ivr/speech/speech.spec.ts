import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isPlainText } from '../../../platform/http/validation.js';
import { daysUntil, spokenDay, spokenUntil } from './days.js';
import { ACTION_LABELS, choicesOf, LANGUAGES, MAIN, MODES, offer } from './menus.js';
import { spokenCount, spokenQuantity } from './numbers.js';
import { plainSpeech } from './plain-speech.js';
import { PROMPTS } from './prompts.js';

describe('a number in words', () => {
  it.each([
    [0, 'cero', 'zero'],
    [1, 'uno', 'one'],
    [16, 'dieciséis', 'sixteen'],
    [21, 'veintiuno', 'twenty-one'],
    [30, 'treinta', 'thirty'],
    [31, 'treinta y uno', 'thirty-one'],
    [99, 'noventa y nueve', 'ninety-nine'],
    [100, 'cien', 'one hundred'],
    [101, 'ciento uno', 'one hundred one'],
    [515, 'quinientos quince', 'five hundred fifteen'],
    [999, 'novecientos noventa y nueve', 'nine hundred ninety-nine'],
    [1000, 'mil', 'one thousand'],
    [2026, 'dos mil veintiséis', 'two thousand twenty-six'],
    [2100, 'dos mil cien', 'two thousand one hundred'],
  ])('%i', (value, es, en) => {
    expect([spokenCount(value, 'es'), spokenCount(value, 'en')]).toEqual([es, en]);
  });

  it('is another for each number, and has no digit', () => {
    for (const language of ['es', 'en'] as const) {
      const all = Array.from({ length: 10_000 }, (_, value) => spokenCount(value, language));
      expect(new Set(all).size).toBe(10_000);
      expect(all.filter((words) => !/^[a-zéíóúñ -]+$/.test(words))).toEqual([]);
    }
  });

  it.each([-1, 1.5, 10_000, NaN])('is none for %d', (value) => {
    expect(() => spokenCount(value, 'es')).toThrow(RangeError);
  });

  it('agrees with what is counted', () => {
    const days = (n: number) => spokenQuantity(n, 'día', 'días', 'es');
    expect([1, 2, 21, 31].map(days)).toEqual(['un día', 'dos días', 'veintiún días', 'treinta y un días']);
    expect(spokenQuantity(1, 'day', 'days', 'en')).toBe('one day');
  });
});

describe('a day in words', () => {
  it('is said as people say it', () => {
    expect(spokenDay('2026-11-25', 'es')).toBe('veinticinco de noviembre de dos mil veintiséis');
    expect(spokenDay('2027-01-01', 'es')).toBe('primero de enero de dos mil veintisiete');
    expect(spokenDay('2028-02-29', 'en')).toBe('February twenty-ninth, two thousand twenty-eight');
    expect(spokenDay('2026-12-31', 'en')).toBe('December thirty-first, two thousand twenty-six');
  });

  it('is near or far', () => {
    const until = (day: string) => spokenUntil(day, '2026-11-24', 'es');
    expect(['2026-11-24', '2026-11-25', '2026-11-26', '2026-12-24'].map(until)).toEqual([
      'vence hoy',
      'vence mañana',
      'faltan dos días',
      'faltan treinta días',
    ]);
    expect(spokenUntil('2026-11-26', '2026-11-24', 'en')).toBe('two days are left');
    expect(daysUntil('2026-11-20', '2026-11-24')).toBe(-4);
  });
});

describe('a text of staff for a voice', () => {
  it('has no markup, and keeps its words and figures', () => {
    expect(plainSpeech('Hola <break time="9s"/> & gracias: $500 (15 %).', 'es')).toEqual([
      'Hola break time "9s"/ y gracias: $500 (15 %).',
    ]);
    expect(plainSpeech('*Uno* _dos_ `tres` 😀\u200b\u202e\n\ncuatro', 'en')).toEqual(['Uno dos tres cuatro']);
  });

  it('comes in pieces that end with a sentence, and loses no word', () => {
    const words = fc.stringMatching(/^[a-zñé]{1,30}$/);
    const ends = fc.constantFrom('', '.', '?', '…', '!');
    fc.assert(
      fc.property(fc.array(fc.tuple(words, ends), { minLength: 1, maxLength: 300 }), (parts) => {
        const text = parts.map(([word, end]) => word + end).join(' ');
        const pieces = plainSpeech(text, 'es');
        expect(pieces.join(' ')).toBe(text);
        for (const piece of pieces) expect(piece.length).toBeLessThanOrEqual(400);
      }),
    );
  });

  it.each(['', ' ', '\n', '***', '<>', '😀', '...'])('is nothing for «%s»', (text) => {
    expect(plainSpeech(text, 'es')).toEqual([]);
  });

  it('cuts a word that is longer than a piece, and never half a character', () => {
    const pieces = plainSpeech('𝒜'.repeat(1000), 'es');
    expect(pieces.join('')).toBe('𝒜'.repeat(1000));
    for (const piece of pieces) expect(isPlainText(piece)).toBe(true);
  });
});

describe('menus', () => {
  const may = [true, false].flatMap((write) =>
    [true, false].flatMap((answer) => [true, false].map((hearAll) => ({ write, answer, hearAll }))),
  );

  it('say each key as a word, in the language of the call', () => {
    expect(MAIN.map((choice) => offer(choice, 'es'))).toEqual([
      'Para denunciar con su voz, marque uno.',
      'Para saber cómo va su denuncia, marque dos.',
    ]);
    expect(offer(MAIN[0]!, 'en')).toBe('To report with your voice, press one.');
    // Each language is offered in its own words.
    for (const language of ['es', 'en'] as const)
      expect(LANGUAGES.map((choice) => offer(choice, language))).toEqual([
        'Para español, marque uno.',
        'For English, press two.',
      ]);
  });

  it('give each key one action, and a key of a case always the same', () => {
    const lists = [LANGUAGES, MAIN, MODES, ...may.map(choicesOf)];
    for (const list of lists) expect(new Set(list.map(({ digit }) => digit)).size).toBe(list.length);
    const ofCases = new Map<string, string>();
    for (const { digit, action } of may.flatMap(choicesOf)) {
      expect(ofCases.get(digit) ?? action).toBe(action);
      ofCases.set(digit, action);
    }
    const used = new Set(lists.flat().map(({ action }) => action));
    expect([...used].sort()).toEqual(Object.keys(ACTION_LABELS).sort());
  });

  it('and prompts hold no digit and no markup', () => {
    const said = [
      ...Object.values(PROMPTS).flatMap(({ es, en }) => [es, en]),
      ...[...MAIN, ...MODES, ...may.flatMap(choicesOf)].flatMap((choice) => [
        offer(choice, 'es'),
        offer(choice, 'en'),
      ]),
    ];
    for (const text of said) expect(text).toMatch(/^[^\d<>&*#_]+[.?]$/);
  });
});
