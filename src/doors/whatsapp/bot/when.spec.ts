import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { whenInWords, whenOf, type When } from './when.js';

const TABLE = new URL('../../../../test/fixtures/whatsapp/said/when.tsv', import.meta.url);
/** Day, answer, and what is understood. */
const ANSWERS = readFileSync(TABLE, 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => line.split('\t') as [today: string, answer: string, days: string]);
const TODAY = '2026-11-25';

/** The days as the table writes them. */
function told(answer: string, today: string): string {
  const when = whenOf(answer, today);
  if (when === undefined || when === 'unknown') return when ?? '-';
  return when.from === when.to ? `${when.from}` : `${when.from ?? ''}..${when.to ?? ''}`;
}

describe('when it happened', () => {
  it('has many answers to learn from', () => {
    expect(ANSWERS.length).toBeGreaterThan(250);
    expect(ANSWERS.every((line) => line.length === 3)).toBe(true);
  });

  it.each(ANSWERS)('on %s, "%s": %s', (today, answer, days) => {
    expect(told(answer, today)).toBe(days);
  });

  it('is read within a moment from any message, however it is made', () => {
    const lines = [
      '3 y ',
      'el 3 y ',
      'lunes ',
      'entre ',
      'semana del 5 ',
      '29 de febrero o ',
      'a ',
      '3-',
      'no ',
    ];
    for (const line of lines) {
      const start = performance.now();
      whenOf(line.repeat(1_000).slice(0, 1_000), TODAY);
      whenOf(line.repeat(100_000), TODAY);
      expect(performance.now() - start).toBeLessThan(5_000);
    }
  });
});

describe('days in words', () => {
  it.each<[string, When]>([
    ['el martes 24 de noviembre de 2026', { from: '2026-11-24', to: '2026-11-24' }],
    ['entre el domingo 1 y el martes 10 de noviembre de 2026', { from: '2026-11-01', to: '2026-11-10' }],
    [
      'entre el lunes 28 de septiembre y el viernes 2 de octubre de 2026',
      { from: '2026-09-28', to: '2026-10-02' },
    ],
    [
      'entre el miércoles 31 de diciembre de 2025 y el jueves 1 de enero de 2026',
      { from: '2025-12-31', to: '2026-01-01' },
    ],
    ['en marzo de 2025', { from: '2025-03-01', to: '2025-03-31' }],
    ['entre marzo y mayo de 2025', { from: '2025-03-01', to: '2025-05-31' }],
    ['en 2024', { from: '2024-01-01', to: '2024-12-31' }],
    ['entre 2022 y 2024', { from: '2022-01-01', to: '2024-12-31' }],
    ['desde el jueves 1 de enero de 2026', { from: '2026-01-01' }],
    ['el martes 23 de diciembre de 2025 o antes', { to: '2025-12-23' }],
    ['', {}],
  ])('%s', (words, when) => {
    expect(whenInWords(when)).toBe(words);
  });
});

describe('any answer on any day', () => {
  const FIRST = Temporal.PlainDate.from('1990-01-01');
  const day = fc.integer({ min: 0, max: 60_000 }).map((days) => FIRST.add({ days }).toString());
  const VOCABULARY = [
    ...ANSWERS.flatMap(([, answer]) => answer.split(' ')),
    ...[',', '-', '/', 'y', 'o', 'al', 'hasta', '31', '30', '29', '0', '1999', '9999', '00'],
  ];
  const word = fc.constantFrom(...VOCABULARY);
  const words = fc.array(word, { maxLength: 12 }).map((all) => all.join(' '));
  const expression = fc.constantFrom(...ANSWERS.map(([, answer]) => answer));
  const answer = fc.oneof(words, expression, fc.string({ unit: 'binary', maxLength: 60 }));

  it('gives days that exist, in their order, and none to come', () => {
    fc.assert(
      fc.property(day, answer, (today, text) => {
        const when = whenOf(text, today);
        if (when === undefined || when === 'unknown') return;
        const days = [when.from, when.to].filter((one) => one !== undefined);
        expect(days.length).toBeGreaterThan(0);
        for (const one of days) expect(Temporal.PlainDate.from(one).toString()).toBe(one);
        expect([...days].sort()).toEqual(days);
        expect([...days, today].sort().at(-1)).toBe(today);
        expect(whenInWords(when)).not.toBe('');
      }),
      { numRuns: 1_500 },
    );
  });

  it('is told in words that mean the same days', () => {
    fc.assert(
      fc.property(day, answer, (today, text) => {
        const when = whenOf(text, today);
        if (when === undefined || when === 'unknown') return;
        expect([today, text, whenOf(whenInWords(when), today)]).toEqual([today, text, when]);
      }),
      { numRuns: 1_500 },
    );
  });

  it('a day or a month is told in words that mean it', () => {
    fc.assert(
      fc.property(day, fc.integer({ min: 0, max: 6_000 }), (today, back) => {
        const past = Temporal.PlainDate.from(today).subtract({ days: back });
        const one = { from: past.toString(), to: past.toString() };
        expect(whenOf(whenInWords(one), today)).toEqual(one);
        const { year, month } = past.subtract({ months: 1 });
        const first = Temporal.PlainDate.from({ year, month, day: 1 });
        const whole = { from: first.toString(), to: first.with({ day: first.daysInMonth }).toString() };
        expect(whenOf(whenInWords(whole), today)).toEqual(whole);
      }),
      { numRuns: 500 },
    );
  });

  it('a day that is said without its year is held by what is understood', () => {
    fc.assert(
      fc.property(day, fc.integer({ min: 0, max: 364 }), (today, back) => {
        const past = Temporal.PlainDate.from(today).subtract({ days: back });
        const name = past.toLocaleString('es-MX', { day: 'numeric', month: 'long' });
        const numbers = `${past.day}/${past.month}`;
        fc.pre(numbers !== '24/7');
        for (const said of [name, numbers]) expect(told(said, today)).toBe(past.toString());
      }),
      { numRuns: 300 },
    );
  });
});
