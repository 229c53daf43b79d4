import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DEFAULT_EXPEDIENTE_TEMPLATE, seriesOf } from '../../foundations/catalogs/expediente-template.js';
import { newFolio } from './folio.js';
import { searchText } from './search-text.js';

const TEMPLATES = [
  DEFAULT_EXPEDIENTE_TEMPLATE,
  '{year}-{number}',
  'Exp. {area}/{number}/{year}',
  '{municipality}.{type} {number}_{year}',
  '{area}{type}{number}{year}',
];
const code = fc.stringMatching(/^[A-Z][A-Z0-9_]{1,20}$/);

describe('what is typed to find a case', () => {
  it('is possible for every beginning of every folio, however it is typed', () => {
    const folio = fc.tuple(fc.stringMatching(/^[A-Z]{2,6}$/), fc.integer({ min: 2000, max: 2099 }), fc.nat());
    fc.assert(
      fc.property(folio, ([prefix, year, length]) => {
        const whole = newFolio(prefix, year);
        const start = whole.slice(0, 1 + (length % whole.length));
        for (const typed of [
          start,
          start.toLowerCase(),
          start.replaceAll('-', ''),
          `\u200b${start.replaceAll('-', '\u2011')} `,
        ])
          expect([typed, searchText(typed, '{year}-{number}').possible]).toEqual([typed, true]);
        const { folio: found } = searchText(start, '{year}-{number}');
        expect(whole.startsWith(found)).toBe(true);
      }),
    );
  });

  it('is possible for every beginning of every expediente of the template', () => {
    const values = fc.record({
      year: fc.constantFrom('2026', '2031'),
      area: code,
      municipality: fc.constantFrom('01001', '20208', null),
      type: fc.option(code),
    });
    fc.assert(
      fc.property(
        fc.constantFrom(...TEMPLATES),
        values,
        fc.integer({ min: 1, max: 99_999 }),
        fc.nat(),
        (template, of, number, length) => {
          const whole = seriesOf(template, of).replaceAll('{number}', String(number).padStart(4, '0'));
          const typed = whole.slice(0, length % (whole.length + 1)).toLowerCase();
          expect([typed, searchText(typed, template).possible]).toEqual([typed, true]);
        },
      ),
    );
  });

  it.each([
    ['{year}-{number}', '20', true],
    ['{year}-{number}', '2026-0001', true],
    ['{year}-{number}', '2026/0001', false],
    ['{year}-{number}', '202-', false],
    [DEFAULT_EXPEDIENTE_TEMPLATE, 'OIC/COHECHO/1', true],
    [DEFAULT_EXPEDIENTE_TEMPLATE, 'OIC/COHECHO/1/', false],
    [DEFAULT_EXPEDIENTE_TEMPLATE, 'OIC/COHECHO//', false],
    [DEFAULT_EXPEDIENTE_TEMPLATE, '5512345678', false],
    [DEFAULT_EXPEDIENTE_TEMPLATE, 'María', false],
    [DEFAULT_EXPEDIENTE_TEMPLATE, '(.*)', false],
  ])('under %s: %j is possible: %s', (template, typed, possible) => {
    expect(searchText(typed, template).possible).toBe(possible);
  });

  it('costs little under a template made to have many ways', () => {
    const start = performance.now();
    for (let n = 0; n < 20; n++)
      expect(searchText(`${'A'.repeat(59)}!`, '{area}{type}'.repeat(6) + '{number}{year}').possible).toBe(
        false,
      );
    // Walked once; a way at a time would not end.
    expect(performance.now() - start).toBeLessThan(1000);
  });
});
