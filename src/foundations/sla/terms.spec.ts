import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Priority } from '../catalogs/priorities.js';
import { METRICS } from './deadline.js';
import { chooseTerm, type SetTerm } from './terms.js';

const term = (changes: Partial<SetTerm>): SetTerm => ({
  id: 'a',
  metric: 'resolution',
  categoryId: null,
  priority: null,
  businessDays: 40,
  source: 'ley',
  validFrom: '2026-01-01',
  validTo: null,
  createdAt: 0,
  ...changes,
});

const urgentFraud = {
  metric: 'resolution',
  categoryId: 'fraud',
  priority: 'urgent',
  on: '2026-11-20',
} as const;
const daysFor = (terms: SetTerm[]) => chooseTerm(terms, urgentFraud).businessDays;

describe('the term of a clock', () => {
  it('is the default, marked as a proposal, when the institution set none', () => {
    const days = METRICS.map((metric) => chooseTerm([], { ...urgentFraud, metric }));
    expect(days.map(({ businessDays }) => businessDays)).toEqual([3, 3, 10, 60]);
    expect(new Set(days.map(({ source }) => source))).toEqual(new Set(['propuesta']));
  });

  it('is the most specific: category and priority, then category, then priority, then neither', () => {
    const terms = [
      term({ businessDays: 1, categoryId: 'fraud', priority: 'urgent' }),
      term({ businessDays: 2, categoryId: 'fraud', validFrom: '2026-02-01' }),
      term({ businessDays: 3, priority: 'urgent', validFrom: '2026-03-01' }),
      term({ businessDays: 4, validFrom: '2026-04-01' }),
    ];
    expect([0, 1, 2, 3].map((skipped) => daysFor(terms.slice(skipped)))).toEqual([1, 2, 3, 4]);
  });

  it('is not one for another metric, category or priority', () => {
    expect(
      daysFor([
        term({ metric: 'triage', businessDays: 1 }),
        term({ categoryId: 'bribery', businessDays: 2 }),
        term({ priority: 'low', businessDays: 3 }),
      ]),
    ).toBe(60);
  });

  it('for a category does not reach reports without one', () => {
    const terms = [term({ categoryId: 'fraud', businessDays: 5 })];
    expect(chooseTerm(terms, { ...urgentFraud, categoryId: null }).businessDays).toBe(60);
  });

  it('holds on its first and its last day, and on no other side of them', () => {
    const terms = [term({ businessDays: 7, validFrom: '2026-11-02', validTo: '2026-11-20' })];
    const on = (day: string) => chooseTerm(terms, { ...urgentFraud, on: day }).businessDays;
    expect(['2026-11-01', '2026-11-02', '2026-11-20', '2026-11-21'].map(on)).toEqual([60, 7, 7, 60]);
  });

  it('is the newest of equals: by first day, then by entry', () => {
    expect(
      daysFor([
        term({ businessDays: 1, createdAt: 9 }),
        term({ businessDays: 2, validFrom: '2026-06-01', createdAt: 1 }),
        term({ businessDays: 3, validFrom: '2026-06-01', createdAt: 2 }),
      ]),
    ).toBe(3);
  });

  it('is the same whatever the order in which the terms are read', () => {
    const anyTerm = fc.record({
      id: fc.uuid(),
      metric: fc.constantFrom(...METRICS),
      categoryId: fc.constantFrom(null, 'fraud', 'bribery'),
      priority: fc.constantFrom<Priority | null>(null, 'urgent', 'low'),
      businessDays: fc.integer({ min: 1, max: 2000 }),
      source: fc.constant('ley' as const),
      validFrom: fc.constantFrom('2026-01-01', '2026-06-01', '2027-01-01'),
      validTo: fc.constantFrom(null, '2026-03-01', '2026-12-31'),
      createdAt: fc.integer({ min: 0, max: 2 }),
    });
    const shuffled = fc
      .uniqueArray(anyTerm, { selector: ({ id }) => id, maxLength: 12 })
      .chain((terms) =>
        fc.tuple(fc.constant(terms), fc.shuffledSubarray(terms, { minLength: terms.length })),
      );
    fc.assert(
      fc.property(shuffled, ([terms, again]) => {
        expect(chooseTerm(again, urgentFraud)).toEqual(chooseTerm(terms, urgentFraud));
      }),
      { numRuns: 200 },
    );
  });
});
