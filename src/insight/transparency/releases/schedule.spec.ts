import { describe, expect, it } from '@jest/globals';
import {
  categoriesOf,
  domainOf,
  duePeriods,
  nextVersion,
  versionOf,
  type DomainVersion,
} from './schedule.js';

const first: DomainVersion = {
  version: 1,
  validFrom: '2026-06-01',
  periodKind: 'month',
  level: 'municipal',
  territory: '15002',
  categories: ['FRAUD', 'OTHER'],
  epsilon: 1,
};
const second: DomainVersion = {
  ...first,
  version: 2,
  validFrom: '2026-09-01',
  categories: ['BRIBERY', 'FRAUD', 'OTHER'],
};
const third: DomainVersion = { ...second, version: 3, categories: ['FRAUD'] };
const category = (code: string, validFrom = '2026-01-01', validTo: string | null = null) => ({
  code,
  validFrom,
  validTo,
});

describe('the version that rules a period', () => {
  it('is the newest that was valid on its first day', () => {
    const versions = [first, second, third];
    expect(
      ['2026-06', '2026-08', '2026-09', '2027-01'].map((period) => versionOf(versions, period)?.version),
    ).toEqual([1, 1, 3, 3]);
  });

  it('does not exist before the first one, nor for another kind of period', () => {
    expect(versionOf([first], '2026-05')).toBeNull();
    expect(versionOf([first], '2026-Q3')).toBeNull();
    expect(
      versionOf([{ ...first, validFrom: '2026-07-01', periodKind: 'quarter' }], '2026-Q3')?.version,
    ).toBe(1);
  });

  it('becomes the domain with its own cells', () => {
    expect(domainOf(first)).toEqual({
      jurisdiction: { level: 'municipal', municipality: '15002' },
      categories: ['FRAUD', 'OTHER'],
    });
    expect(() => domainOf({ ...first, territory: null })).toThrow(RangeError);
  });
});

describe('what the worker publishes', () => {
  it('is every closed period not yet out, oldest first, from the fifth day of the following month', () => {
    expect(duePeriods([first, second], new Set(), '2026-10-04')).toEqual(['2026-06', '2026-07', '2026-08']);
    expect(duePeriods([first, second], new Set(['2026-07']), '2026-10-05')).toEqual([
      '2026-06',
      '2026-08',
      '2026-09',
    ]);
    expect(duePeriods([first], new Set(), '2026-06-30')).toEqual([]);
  });

  it('starts with the first version and is nothing without one', () => {
    expect(duePeriods([], new Set(), '2026-10-05')).toEqual([]);
    expect(duePeriods([{ ...first, validFrom: '2026-09-01' }], new Set(), '2026-10-05')).toEqual(['2026-09']);
  });

  it('waits for the fifth day after the last month of a quarter', () => {
    const quarters = [{ ...first, validFrom: '2026-07-01', periodKind: 'quarter' as const }];
    expect(duePeriods(quarters, new Set(), '2026-10-04')).toEqual([]);
    expect(duePeriods(quarters, new Set(), '2026-10-05')).toEqual(['2026-Q3']);
  });
});

describe('the version fixed for the next period', () => {
  const institution = { kind: 'municipal' as const, territory: '15002' };

  it('is none while the categories stay the same', () => {
    const same = [category('OTHER'), category('FRAUD')];
    expect(nextVersion(institution, same, [first], '2026-10-31')).toBeNull();
  });

  it('follows an added or ended category from the next period on, never in the present one', () => {
    const changed = [
      category('FRAUD'),
      category('OTHER', '2026-01-01', '2026-10-20'),
      category('NEW', '2026-10-15'),
    ];
    expect(nextVersion(institution, changed, [first], '2026-10-31')).toEqual({
      ...first,
      version: 2,
      validFrom: '2026-11-01',
      categories: ['FRAUD', 'NEW'],
    });
  });

  it('may be fixed again before it starts, and the newest rules', () => {
    const changed = [category('FRAUD'), category('OTHER'), category('NEW')];
    const once = nextVersion(institution, changed, [first], '2026-10-10')!;
    expect(nextVersion(institution, changed, [first, once], '2026-10-31')).toBeNull();
    const again = nextVersion(institution, [category('FRAUD')], [first, once], '2026-10-31')!;
    expect([again.version, again.validFrom]).toEqual([3, '2026-11-01']);
    expect(versionOf([first, once, again], '2026-11')).toEqual(again);
  });

  it('is none where the owner has made no first one: nobody else chooses ε and the kind of period', () => {
    expect(
      nextVersion({ kind: 'federal', territory: null }, [category('FRAUD')], [], '2026-10-31'),
    ).toBeNull();
  });

  it('keeps ε and the kind of period of the version before', () => {
    const quarters = { ...first, validFrom: '2026-07-01', periodKind: 'quarter' as const, epsilon: 0.4 };
    expect(nextVersion(institution, [category('FRAUD')], [quarters], '2026-10-31')).toMatchObject({
      version: 2,
      validFrom: '2027-01-01',
      periodKind: 'quarter',
      epsilon: 0.4,
    });
  });
});

describe('the categories of a period', () => {
  it('are those in force on any of its days', () => {
    const all = [
      category('WHOLE'),
      category('ENDED_BEFORE', '2026-01-01', '2026-10-31'),
      category('ENDS_WITHIN', '2026-01-01', '2026-11-01'),
      category('BEGINS_WITHIN', '2026-11-30'),
      category('BEGINS_AFTER', '2026-12-01'),
    ];
    expect(categoriesOf('2026-11', all)).toEqual(['BEGINS_WITHIN', 'ENDS_WITHIN', 'WHOLE']);
  });
});
