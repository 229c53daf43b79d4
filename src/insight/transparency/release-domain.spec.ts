import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  applyNoise,
  cellLabel,
  cellOf,
  cellsOf,
  countCells,
  firstDay,
  isClosed,
  lastDay,
  nextPeriod,
  periodKind,
  periodOf,
  releaseDomain,
  STATE_KEYS,
} from './release-domain.js';

const municipal = releaseDomain({ level: 'municipal', municipality: '15002' }, ['FRAUD', 'BRIBERY']);
const state = releaseDomain({ level: 'state', state: '20' }, ['FRAUD', 'BRIBERY']);
const federal = releaseDomain({ level: 'federal' }, ['FRAUD', 'BRIBERY']);
const territories = (domain: typeof federal): string[] => [
  ...new Set(cellsOf(domain).map((cell) => cell.territory)),
];

describe('release domain', () => {
  it('holds the own municipality, other and not stated for a municipality', () => {
    expect(territories(municipal)).toEqual(['15002', 'other', 'not_stated']);
  });

  it('holds the own state, other and not stated for a state', () => {
    expect(territories(state)).toEqual(['20', 'other', 'not_stated']);
  });

  it('holds the 32 states and not stated for a federal body', () => {
    expect(STATE_KEYS).toHaveLength(32);
    expect(territories(federal)).toEqual([...STATE_KEYS, 'not_stated']);
    expect(territories(federal).slice(0, 2).concat(STATE_KEYS.slice(-1))).toEqual(['01', '02', '32']);
  });

  it('crosses every territory with the frozen categories, not listed and not stated', () => {
    expect(cellsOf(municipal).slice(0, 4)).toEqual([
      { territory: '15002', category: 'BRIBERY' },
      { territory: '15002', category: 'FRAUD' },
      { territory: '15002', category: 'not_listed' },
      { territory: '15002', category: 'not_stated' },
    ]);
    expect(cellsOf(federal)).toHaveLength(33 * 4);
  });

  it('is the same whatever the order of the categories, and survives storage as JSON', () => {
    const reordered = releaseDomain({ level: 'federal' }, ['BRIBERY', 'FRAUD']);
    expect(cellsOf(reordered)).toEqual(cellsOf(federal));
    const stored = JSON.parse(JSON.stringify(federal)) as typeof federal;
    expect(cellsOf(releaseDomain(stored.jurisdiction, stored.categories))).toEqual(cellsOf(federal));
  });

  it('sends a report to its territory as the institution sees it', () => {
    const where = (domain: typeof federal, municipality: string | null): string =>
      cellOf(domain, { municipality, category: null }).territory;
    expect(['15002', '15033', '20067', null].map((key) => where(municipal, key))).toEqual([
      '15002',
      'other',
      'other',
      'not_stated',
    ]);
    expect(['20067', '15002', null].map((key) => where(state, key))).toEqual(['20', 'other', 'not_stated']);
    expect(['09014', '32058', '33001', 'x', null].map((key) => where(federal, key))).toEqual([
      '09',
      '32',
      'not_stated',
      'not_stated',
      'not_stated',
    ]);
  });

  it('keeps a category added after the freeze apart from one that nobody stated', () => {
    const what = (category: string | null): string =>
      cellOf(federal, { municipality: null, category }).category;
    expect(['FRAUD', 'ADDED_LATER', null].map(what)).toEqual(['FRAUD', 'not_listed', 'not_stated']);
  });

  it('sends every report, however odd, to exactly one cell', () => {
    const known = fc.constantFrom('15002', '20067', '09014', '00000', '99999', 'FRAUD', 'BRIBERY', '');
    const fact = fc.option(fc.oneof(known, fc.string()));
    fc.assert(
      fc.property(
        fc.constantFrom(municipal, state, federal),
        fact,
        fact,
        (domain, municipality, category) => {
          const label = cellLabel(cellOf(domain, { municipality, category }));
          expect(cellsOf(domain).filter((cell) => cellLabel(cell) === label)).toHaveLength(1);
        },
      ),
      { seed: 20261, numRuns: 300 },
    );
  });

  it('refuses categories that would collide and keys that are not from INEGI', () => {
    for (const categories of [['A', 'A'], ['other'], ['not_stated'], ['not_listed'], ['A|B'], ['']]) {
      expect(() => releaseDomain({ level: 'federal' }, categories)).toThrow(RangeError);
    }
    expect(() => releaseDomain({ level: 'state', state: '33' }, [])).toThrow(RangeError);
    expect(() => releaseDomain({ level: 'municipal', municipality: '1500' }, [])).toThrow(RangeError);
  });
});

describe('noised cells', () => {
  const zeros = cellsOf(municipal).map(() => 0);

  it('cover the whole domain: an empty cell is noised like the others and may go below zero', () => {
    const counts = countCells(municipal, [
      { municipality: '15002', category: 'FRAUD', count: 3 },
      { municipality: '15033', category: 'FRAUD', count: 1 },
      { municipality: '20067', category: 'FRAUD', count: 2 },
    ]);
    const cells = applyNoise(
      municipal,
      counts,
      zeros.map((_, i) => (i % 2 === 0 ? -1 : 2)),
    );
    expect(cells).toHaveLength(12);
    expect(cells.slice(0, 2).map((cell) => cell.value)).toEqual([-1, 5]);
    expect(cells.find((cell) => cellLabel(cell) === 'other|FRAUD')?.value).toBe(3 + 2);
  });

  it('refuse noise for another domain and counts that no cell would show', () => {
    expect(() => applyNoise(municipal, new Map(), zeros.slice(1))).toThrow(RangeError);
    expect(() => applyNoise(municipal, new Map(), [0.5, ...zeros.slice(1)])).toThrow(RangeError);
    expect(() => applyNoise(municipal, new Map([['99|FRAUD', 1]]), zeros)).toThrow(RangeError);
    expect(() => applyNoise(municipal, new Map([['15002|FRAUD', -1]]), zeros)).toThrow(RangeError);
  });
});

describe('periods', () => {
  it('name the month or the quarter of a day', () => {
    expect(periodOf('2026-11-30', 'month')).toBe('2026-11');
    expect(
      ['2026-01-01', '2026-03-31', '2026-04-01', '2026-12-31'].map((day) => periodOf(day, 'quarter')),
    ).toEqual(['2026-Q1', '2026-Q1', '2026-Q2', '2026-Q4']);
    expect([periodKind('2026-11'), periodKind('2026-Q4')]).toEqual(['month', 'quarter']);
  });

  it('end with the last day of their last month, leap years included', () => {
    expect([firstDay('2028-02'), lastDay('2028-02')]).toEqual(['2028-02-01', '2028-02-29']);
    expect([firstDay('2026-Q4'), lastDay('2026-Q4')]).toEqual(['2026-10-01', '2026-12-31']);
  });

  it('are closed from the day after their last one', () => {
    expect(['2026-10-31', '2026-11-01'].map((today) => isClosed('2026-10', today))).toEqual([false, true]);
    expect(['2026-12-31', '2027-01-01'].map((today) => isClosed('2026-Q4', today))).toEqual([false, true]);
  });

  it('follow one another without gap or overlap', () => {
    expect([nextPeriod('2026-12'), nextPeriod('2026-Q4')]).toEqual(['2027-01', '2027-Q1']);
    const day = fc.date({ min: new Date('1990-01-01'), max: new Date('2090-12-31'), noInvalidDate: true });
    fc.assert(
      fc.property(day, fc.constantFrom('month' as const, 'quarter' as const), (date, kind) => {
        const today = date.toISOString().slice(0, 10);
        const period = periodOf(today, kind);
        expect(firstDay(period) <= today && today <= lastDay(period)).toBe(true);
        expect(isClosed(period, today)).toBe(false);
        expect(isClosed(period, firstDay(nextPeriod(period)))).toBe(true);
      }),
      { seed: 20262, numRuns: 300 },
    );
  });

  it('refuse another spelling with INVALID_PERIOD', () => {
    for (const text of ['2026-13', '2026-0', '2026-Q5', '2026', '2026-q1', '2026-10-01', '', ' 2026-10']) {
      expect(() => firstDay(text)).toThrow(expect.objectContaining({ code: 'INVALID_PERIOD', status: 400 }));
    }
  });
});
