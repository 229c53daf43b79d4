import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import {
  MAX_BUSINESS_DAYS,
  addBusinessDays,
  businessDaysBetween,
  isBusinessDay,
  nonWorkingDays,
  type BusinessCalendar,
  type CalendarRule,
} from './business-calendar.js';

const calendar = (rule: CalendarRule, ...closures: string[]): BusinessCalendar => ({
  rule,
  closures: new Set(closures),
});
const lfpa = calendar('LFPA28');
const lft = calendar('LFT74');

/** Legal days of a year as 'MM-DD'. */
const daysOf = (rule: CalendarRule, year: number): string[] =>
  nonWorkingDays(calendar(rule), year).map(({ day }) => day.slice(5));

const plusDays = (day: string, days: number): string => Temporal.PlainDate.from(day).add({ days }).toString();

/** Every day of a year. */
function daysIn(year: number): string[] {
  const length = Temporal.PlainDate.from({ year, month: 1, day: 1 }).daysInYear;
  return Array.from({ length }, (_, index) => plusDays(`${year}-01-01`, index));
}

describe('LFPA 28', () => {
  const every = ['01-01', '02-05', '03-21', '05-01', '05-05', '09-01', '09-16', '11-20', '12-25'];

  it.each([2025, 2026, 2027, 2028, 2029])('keeps its nine fixed dates in %i', (year) => {
    expect(daysOf('LFPA28', year)).toEqual(every);
  });

  it.each([2018, 2024, 2030, 2036])('adds 1 December in %i, when the executive changes', (year) => {
    expect(daysOf('LFPA28', year)).toEqual([...every.slice(0, 8), '12-01', '12-25']);
  });

  it('does not know the Mondays nor the 1 October of the labour law', () => {
    for (const day of ['2026-02-02', '2026-03-16', '2026-11-16', '2024-10-01', '2030-10-01']) {
      expect(isBusinessDay(lfpa, day)).toBe(true);
      expect(isBusinessDay(lft, day)).toBe(false);
    }
  });
});

describe('LFT 74', () => {
  it.each([
    // year, first Monday of February, third Mondays of March and November
    [2024, '02-05', '03-18', '11-18'],
    [2025, '02-03', '03-17', '11-17'],
    [2026, '02-02', '03-16', '11-16'],
    [2027, '02-01', '03-15', '11-15'],
    [2028, '02-07', '03-20', '11-20'],
    [2029, '02-05', '03-19', '11-19'],
    [2030, '02-04', '03-18', '11-18'],
  ])('moves three days to Mondays in %i', (year, february, march, november) => {
    const inauguration = year === 2024 || year === 2030 ? ['10-01'] : [];
    expect(daysOf('LFT74', year)).toEqual([
      '01-01',
      february,
      march,
      '05-01',
      '09-16',
      ...inauguration,
      november,
      '12-25',
    ]);
  });

  it('moved the day of the inauguration from 1 December to 1 October with the reform of 2024', () => {
    expect(daysOf('LFT74', 2018)).toContain('12-01');
    expect(daysOf('LFT74', 2018)).not.toContain('10-01');
    expect(daysOf('LFT74', 2024)).not.toContain('12-01');
  });

  it('does not know the days only LFPA 28 names', () => {
    for (const day of ['2026-02-05', '2025-05-05', '2026-09-01', '2026-11-20']) {
      expect(isBusinessDay(lft, day)).toBe(true);
      expect(isBusinessDay(lfpa, day)).toBe(false);
    }
  });
});

describe('the rules', () => {
  it('are those of the published table', () => {
    const csv = readFileSync(new URL('./data/dias_inhabiles_reglas.csv', import.meta.url), 'utf8');
    const rows = parse<{ norma: string; regla: string; tipo: string }>(csv, { columns: true });
    const table = (norm: string, type: string) =>
      rows.filter(({ norma, tipo }) => norma === norm && tipo === type);
    const fixedDays = (norm: string) => table(norm, 'fija').map(({ regla }) => regla);
    // In a year without an inauguration what is not fixed is movable.
    expect(daysOf('LFPA28', 2026)).toEqual(fixedDays('LFPA 28').sort());
    expect(daysOf('LFT74', 2026)).toEqual(expect.arrayContaining(fixedDays('LFT 74')));
    expect(daysOf('LFT74', 2026)).toHaveLength(fixedDays('LFT 74').length + table('LFT 74', 'movil').length);
    expect(table('LFPA 28', 'condicional')[0]?.regla).toMatch(/^12-01/);
    expect(table('LFT 74', 'condicional')[0]?.regla).toMatch(/^10-01/);
  });

  it.each([
    ['LFPA28' as const, [255, 252, 253, 256, 254, 255, 254]],
    ['LFT74' as const, [254, 254, 254, 256, 255, 255, 253]],
  ])('leave the right number of business days from 2024 to 2030 under %s', (rule, counts) => {
    const counted = counts.map(
      (_, i) => daysIn(2024 + i).filter((day) => isBusinessDay(calendar(rule), day)).length,
    );
    expect(counted).toEqual(counts);
  });

  it('hold at the turn of every year from 1950 to 2150: 1 January closed, 31 December and 2 January open on weekdays', () => {
    for (let year = 1950; year <= 2150; year += 1) {
      expect(isBusinessDay(lft, `${year}-01-01`)).toBe(false);
      for (const day of [`${year}-12-31`, `${year}-01-02`]) {
        expect(isBusinessDay(lft, day)).toBe(Temporal.PlainDate.from(day).dayOfWeek < 6);
      }
    }
  });

  it('never count a Saturday or Sunday, under either law', () => {
    for (const day of [...daysIn(2024), ...daysIn(2026)]) {
      if (Temporal.PlainDate.from(day).dayOfWeek < 6) continue;
      expect([isBusinessDay(lfpa, day), isBusinessDay(lft, day)]).toEqual([false, false]);
    }
  });
});

describe('a term', () => {
  it.each([
    // start, business days, end under LFPA 28, end under LFT 74
    ['2026-11-20', 1, '2026-11-23', '2026-11-23'],
    ['2026-11-20', 10, '2026-12-04', '2026-12-04'],
    ['2026-11-13', 1, '2026-11-16', '2026-11-17'],
    ['2026-11-13', 10, '2026-11-30', '2026-11-30'],
    ['2026-11-21', 3, '2026-11-25', '2026-11-25'],
    ['2026-12-23', 60, '2027-03-22', '2027-03-23'],
    ['2024-09-27', 3, '2024-10-02', '2024-10-03'],
    ['2030-09-27', 60, '2030-12-23', '2030-12-24'],
    ['2026-04-30', 60, '2026-07-27', '2026-07-24'],
    ['2024-02-28', 1, '2024-02-29', '2024-02-29'],
  ])('from %s of %i business days ends %s (LFPA) and %s (LFT)', (from, days, underLfpa, underLft) => {
    expect(addBusinessDays(lfpa, from, days)).toBe(underLfpa);
    expect(addBusinessDays(lft, from, days)).toBe(underLft);
  });

  it('starts alike on a Friday, the Saturday and the Sunday after it', () => {
    const ends = ['2026-11-20', '2026-11-21', '2026-11-22'].map((from) => addBusinessDays(lft, from, 3));
    expect(ends).toEqual(['2026-11-25', '2026-11-25', '2026-11-25']);
  });

  it('skips the closures of the institution, across the new year too', () => {
    const closed: string[] = [];
    for (let day = '2025-12-22'; day <= '2026-01-06'; day = plusDays(day, 1)) closed.push(day);
    expect(addBusinessDays(calendar('LFPA28', ...closed), '2025-12-19', 1)).toBe('2026-01-07');
    expect(addBusinessDays(lfpa, '2025-12-19', 1)).toBe('2025-12-22');
  });

  it('is not longer for a closure that falls on a weekend or on a legal day', () => {
    const closed = calendar('LFPA28', '2026-11-21', '2026-12-25');
    expect(addBusinessDays(closed, '2026-11-19', 40)).toBe(addBusinessDays(lfpa, '2026-11-19', 40));
  });

  it('sees a closure added to the set at once', () => {
    const closures = new Set<string>();
    const live: BusinessCalendar = { rule: 'LFT74', closures };
    expect(addBusinessDays(live, '2026-11-20', 1)).toBe('2026-11-23');
    closures.add('2026-11-23');
    expect(addBusinessDays(live, '2026-11-20', 1)).toBe('2026-11-24');
  });

  it('is refused when a whole year holds no business day', () => {
    const closures = new Set<string>();
    for (let i = 0; i <= 370; i += 1) closures.add(plusDays('2026-11-20', i));
    const shut: BusinessCalendar = { rule: 'LFT74', closures };
    expect(() => addBusinessDays(shut, '2026-11-20', 1)).toThrow(
      expect.objectContaining({ code: 'CALENDAR_WITHOUT_BUSINESS_DAYS', status: 422 }),
    );
    expect(businessDaysBetween(shut, '2026-11-20', '2027-11-20')).toBe(0);
  });

  it.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, MAX_BUSINESS_DAYS + 1])(
    'of %d days is refused',
    (days) => {
      expect(() => addBusinessDays(lft, '2026-11-20', days)).toThrow(RangeError);
    },
  );

  it.each(['2026-02-30', '2026-13-01', '2026-1-1', '20261120', '2026-11-20T10:00:00Z', '0026-01-01', ''])(
    'from %p, which is no day, is refused',
    (day) => {
      expect(() => addBusinessDays(lft, day, 1)).toThrow(RangeError);
      expect(() => isBusinessDay(lft, day)).toThrow(RangeError);
      expect(() => businessDaysBetween(lft, '2026-11-20', day)).toThrow(RangeError);
    },
  );
});

describe('the list of non-working days', () => {
  it('holds closures in order, each day once, named by the law where the law names it', () => {
    const listed = nonWorkingDays(calendar('LFT74', '2026-12-24', '2026-12-25', '2025-12-24'), 2026);
    expect(listed.slice(-2)).toEqual([
      { day: '2026-12-24', label: 'Cierre de la institución' },
      { day: '2026-12-25', label: 'Navidad' },
    ]);
    expect(listed.map(({ day }) => day)).toEqual([...new Set(listed.map(({ day }) => day))].sort());
  });
});

describe('counting business days, for any calendar', () => {
  const anyDay = fc.integer({ min: 0, max: 1200 }).map((offset) => plusDays('2024-01-01', offset));
  const anyCalendar = fc.record({
    rule: fc.constantFrom<CalendarRule>('LFPA28', 'LFT74'),
    closures: fc.uniqueArray(anyDay, { maxLength: 60 }).map((days) => new Set(days)),
  });
  const anyTerm = fc.integer({ min: 1, max: 150 });
  const runs = { numRuns: 200 };

  it('adds up: from a to b and from b to c is from a to c, in any order', () => {
    const rule = fc.property(anyCalendar, anyDay, anyDay, anyDay, (cal, a, b, c) => {
      const sum = businessDaysBetween(cal, a, b) + businessDaysBetween(cal, b, c);
      expect(sum).toBe(businessDaysBetween(cal, a, c));
    });
    fc.assert(rule, runs);
  });

  it('reads a term backwards: from the start to its end lie as many days as it has', () => {
    const rule = fc.property(anyCalendar, anyDay, anyTerm, (cal, from, days) => {
      const end = addBusinessDays(cal, from, days);
      expect(businessDaysBetween(cal, from, end)).toBe(days);
      expect(isBusinessDay(cal, end)).toBe(true);
    });
    fc.assert(rule, runs);
  });

  it('never sets the end of the elapsed days after the day they were counted to', () => {
    const rule = fc.property(anyCalendar, anyDay, fc.integer({ min: 0, max: 300 }), (cal, from, span) => {
      const to = plusDays(from, span);
      const elapsed = businessDaysBetween(cal, from, to);
      if (elapsed > 0) expect(addBusinessDays(cal, from, elapsed) <= to).toBe(true);
    });
    fc.assert(rule, runs);
  });

  it('ends a longer term later and an earlier start not later', () => {
    const rule = fc.property(anyCalendar, anyDay, anyTerm, (cal, from, days) => {
      const end = addBusinessDays(cal, from, days);
      expect(addBusinessDays(cal, from, days + 1) > end).toBe(true);
      expect(addBusinessDays(cal, plusDays(from, -1), days) <= end).toBe(true);
    });
    fc.assert(rule, runs);
  });

  it('joins terms: a term started where another ended is one term of both', () => {
    const rule = fc.property(anyCalendar, anyDay, anyTerm, anyTerm, (cal, from, first, second) => {
      const middle = addBusinessDays(cal, from, first);
      expect(addBusinessDays(cal, middle, second)).toBe(addBusinessDays(cal, from, first + second));
    });
    fc.assert(rule, runs);
  });

  it('never shortens a term when a closure is added', () => {
    const rule = fc.property(anyCalendar, anyDay, anyTerm, anyDay, (cal, from, days, closure) => {
      const more = { ...cal, closures: new Set([...cal.closures, closure]) };
      expect(addBusinessDays(more, from, days) >= addBusinessDays(cal, from, days)).toBe(true);
    });
    fc.assert(rule, runs);
  });
});
