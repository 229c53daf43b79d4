import { describe, expect, it } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { toCsv } from './csv.js';

describe('CSV of published figures', () => {
  it('has a snake_case header, CRLF after every line, numbers as they are', () => {
    expect(
      toCsv(
        ['categoryLabel', 'value', 'margin'],
        [
          { categoryLabel: 'Fraude', value: -3, margin: 2.7 },
          { categoryLabel: 'Otra', value: 0, margin: 2.7 },
        ],
      ),
    ).toBe('category_label,value,margin\r\nFraude,-3,2.7\r\nOtra,0,2.7\r\n');
  });

  it('is the header alone when nothing is published', () => {
    expect(toCsv(['period', 'value'], [])).toBe('period,value\r\n');
  });

  it('never begins a text like a formula', () => {
    const texts = ['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1'];
    const lines = parse<{ label: string }>(
      toCsv(
        ['label'],
        texts.map((label) => ({ label })),
      ),
      { columns: true, trim: false },
    );
    expect(lines.map(({ label }) => label)).toEqual(texts.map((text) => `'${text}`));
  });

  it('gives every text back through a parser, quotes, commas and line ends included', () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1 }).filter((value) => !/^[=+\-@\t\r\ufeff]/.test(value));
    fc.assert(
      fc.property(fc.array(fc.tuple(text, fc.integer()), { minLength: 1 }), (pairs) => {
        const csv = toCsv(
          ['name', 'value'],
          pairs.map(([name, value]) => ({ name, value })),
        );
        const records = parse(csv, { from_line: 2, record_delimiter: '\r\n' });
        expect(records).toEqual(pairs.map(([name, value]) => [name, String(value)]));
      }),
      { seed: 20264, numRuns: 200 },
    );
  });
});
