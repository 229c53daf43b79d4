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
    const texts = ['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', '＝1+1', '＋1', '－1', '＠SUM(A1)'];
    const lines = parse<{ label: string }>(
      toCsv(
        ['label'],
        texts.map((label) => ({ label })),
      ),
      { columns: true, trim: false },
    );
    expect(lines.map(({ label }) => label)).toEqual(texts.map((text) => `'${text}`));
  });

  it('puts keys that look like numbers in quotes, with their zeros', () => {
    const row = { territory: '01', municipality: '01001', period: '2026-10', label: 'México', value: 7 };
    expect(toCsv(['territory', 'municipality', 'period', 'label', 'value'], [row]).split('\r\n')[1]).toBe(
      '"01","01001",2026-10,México,7',
    );
  });

  it('begins with a byte order mark only when asked to', () => {
    expect(toCsv(['value'], [], { bom: true })).toBe('\ufeffvalue\r\n');
    expect(toCsv(['value'], [])).toBe('value\r\n');
  });

  it('gives every text back through a parser, quotes, commas and line ends included', () => {
    const text = fc
      .string({ unit: 'grapheme', minLength: 1 })
      .filter((value) => !/^[=+\-@\t\r\n\ufeff＝＋－＠]/.test(value));
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
