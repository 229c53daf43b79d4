import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { localDay } from '../../platform/clock.js';
import { businessDaysBetween, type BusinessCalendar } from '../catalogs/business-calendar.js';
import { DEFAULT_TERMS, METRICS, endOfDay, openClock, stage, verdict, type ClockFacts } from './deadline.js';

const calendar: BusinessCalendar = { rule: 'LFPA28', closures: new Set() };
const timeZone = 'America/Mexico_City';
const at = (instant: string): Date => new Date(instant);

/**
 * A deadline of the tests: due on Friday 27 November 2026, which ends at 06:00 UTC of the 28th in the central
 * zone.
 */
const dueOn = '2026-11-27';
const deadline = at('2026-11-28T06:00:00Z');
const before = (instant: Date, ms = 1): Date => new Date(instant.getTime() - ms);
const facts = (rest: Partial<ClockFacts>): ClockFacts => ({
  dueOn,
  timeZone,
  now: at('2026-11-25T18:00:00Z'),
  ...rest,
});

describe('a clock that opens', () => {
  it('has terms of 3, 3, 10 and 60 business days by default, each marked a proposal', () => {
    expect(METRICS.map((metric) => DEFAULT_TERMS[metric].businessDays)).toEqual([3, 3, 10, 60]);
    for (const metric of METRICS) expect(DEFAULT_TERMS[metric].source).toBe('propuesta');
  });

  it('counts from the next business day and skips what is closed', () => {
    const clock = openClock({
      metric: 'first_response',
      startedOn: '2026-11-19',
      businessDays: 10,
      calendar,
    });
    // 20 November is a legal day: the tenth business day is not 3 but 4 December.
    expect(clock).toEqual({
      metric: 'first_response',
      startedOn: '2026-11-19',
      dueOn: '2026-12-04',
      warnOn: '2026-12-02',
    });
  });

  it.each([
    // term, business day of the warning
    [1, 1],
    [2, 1],
    [3, 2],
    [4, 3],
    [5, 4],
    [10, 8],
    [20, 15],
    [60, 45],
  ])('of %i business days warns on business day %i', (businessDays, warning) => {
    const clock = openClock({ metric: 'resolution', startedOn: '2026-11-19', businessDays, calendar });
    expect(businessDaysBetween(calendar, clock.startedOn, clock.warnOn)).toBe(warning);
  });

  it('warns before its last day unless it has only one, and never before three quarters of a term of four or more', () => {
    const anyStart = fc
      .integer({ min: 0, max: 1000 })
      .map((days) => localDay(new Date(days * 86_400_000 + 1.7e12), 'UTC'));
    const rule = fc.property(anyStart, fc.integer({ min: 1, max: 120 }), (startedOn, businessDays) => {
      const clock = openClock({ metric: 'triage', startedOn, businessDays, calendar });
      expect(clock.warnOn < clock.dueOn).toBe(businessDays > 1);
      const used = businessDaysBetween(calendar, startedOn, clock.warnOn);
      if (businessDays >= 4) expect(used / businessDays).toBeGreaterThanOrEqual(0.75);
    });
    fc.assert(rule, { numRuns: 100 });
  });

  it('is refused for a term of no days', () => {
    const open = () => openClock({ metric: 'triage', startedOn: '2026-11-19', businessDays: 0, calendar });
    expect(open).toThrow(RangeError);
  });
});

describe('the end of a local day', () => {
  it.each([
    ['America/Mexico_City', '2026-07-15', '2026-07-16T06:00:00.000Z'], // no daylight saving since 2022
    ['America/Mexico_City', '2026-12-15', '2026-12-16T06:00:00.000Z'],
    ['America/Tijuana', '2026-07-15', '2026-07-16T07:00:00.000Z'],
    ['America/Tijuana', '2026-12-15', '2026-12-16T08:00:00.000Z'],
    ['America/Matamoros', '2026-07-15', '2026-07-16T05:00:00.000Z'],
    ['America/Matamoros', '2026-12-15', '2026-12-16T06:00:00.000Z'],
    ['America/Cancun', '2026-07-15', '2026-07-16T05:00:00.000Z'],
    ['America/Cancun', '2026-12-15', '2026-12-16T05:00:00.000Z'],
    ['America/Hermosillo', '2026-07-15', '2026-07-16T07:00:00.000Z'],
    ['America/Hermosillo', '2026-12-15', '2026-12-16T07:00:00.000Z'],
  ])('in %s on %s is %s', (zone, day, instant) => {
    expect(endOfDay(day, zone).toISOString()).toBe(instant);
  });

  it.each([
    ['2026-03-07', '2026-03-08', 23],
    ['2026-10-31', '2026-11-01', 25],
    ['2026-11-01', '2026-11-02', 24],
  ])('comes when the zone says: in Tijuana the day after %s, %s, has %i hours', (eve, day, hours) => {
    const length = endOfDay(day, 'America/Tijuana').getTime() - endOfDay(eve, 'America/Tijuana').getTime();
    expect(length / 3_600_000).toBe(hours);
  });

  it('leaves a day of 23 or 25 hours alone where there is no daylight saving', () => {
    for (const zone of ['America/Mexico_City', 'America/Cancun', 'America/Hermosillo']) {
      for (const [eve, day] of [
        ['2026-03-07', '2026-03-08'] as const,
        ['2026-10-31', '2026-11-01'] as const,
      ]) {
        expect(endOfDay(day, zone).getTime() - endOfDay(eve, zone).getTime()).toBe(24 * 3_600_000);
      }
    }
  });

  it('holds where a zone skips midnight: the next day starts at one in the morning', () => {
    // Santiago moved its clocks from 00:00 to 01:00 on 2024-09-08.
    expect(endOfDay('2024-09-07', 'America/Santiago').toISOString()).toBe('2024-09-08T04:00:00.000Z');
  });

  it('agrees with the local day of an instant, to the millisecond, in every zone', () => {
    const zones = fc.constantFrom(
      'Mexico_City',
      'Tijuana',
      'Matamoros',
      'Cancun',
      'Hermosillo',
      'Ciudad_Juarez',
      'Ojinaga',
    );
    const instants = fc
      .integer({ min: Date.UTC(2024, 0, 1), max: Date.UTC(2031, 0, 1) })
      .map((ms) => new Date(ms));
    const rule = fc.property(instants, zones, (instant, city) => {
      const zone = `America/${city}`;
      const end = endOfDay(localDay(instant, zone), zone);
      expect(instant < end).toBe(true);
      expect(localDay(before(end), zone)).toBe(localDay(instant, zone));
      expect(localDay(end, zone) > localDay(instant, zone)).toBe(true);
    });
    fc.assert(rule, { numRuns: 200 });
  });

  it('is refused for a zone or a day that does not exist', () => {
    expect(() => endOfDay('2026-11-27', 'America/Acolman')).toThrow(RangeError);
    expect(() => endOfDay('2026-02-30', timeZone)).toThrow(RangeError);
    expect(() => localDay(new Date(Number.NaN), timeZone)).toThrow(RangeError);
  });
});

describe('the local day of an instant', () => {
  it('is the one the people of the institution live in', () => {
    const instant = at('2026-11-21T05:30:00Z');
    expect(localDay(instant, 'America/Mexico_City')).toBe('2026-11-20');
    expect(localDay(instant, 'America/Cancun')).toBe('2026-11-21');
    expect(localDay(instant, 'America/Tijuana')).toBe('2026-11-20');
  });
});

describe('the verdict', () => {
  it('is met up to the last millisecond of the last day and breached from the next one on', () => {
    const now = at('2026-12-24T00:00:00Z');
    expect(verdict(facts({ stoppedAt: before(deadline), now }))).toBe('met');
    expect(verdict(facts({ stoppedAt: deadline, now }))).toBe('breached');
  });

  it('is running up to the same millisecond and breached from the next one on', () => {
    expect(verdict(facts({ now: before(deadline) }))).toBe('running');
    expect(verdict(facts({ now: deadline }))).toBe('breached');
    expect(verdict(facts({ stoppedAt: null, now: deadline }))).toBe('breached');
  });

  it('is breached for a stop after the deadline although no sweep ran in between', () => {
    const stoppedAt = new Date(deadline.getTime() + 1000);
    expect(verdict(facts({ stoppedAt, now: stoppedAt }))).toBe('breached');
  });

  it('never changes once the clock has stopped, however late or often it is asked', () => {
    const offsets = fc.integer({ min: -20 * 86_400_000, max: 20 * 86_400_000 });
    const rule = fc.property(offsets, fc.nat(1e11), (offset, later) => {
      const stoppedAt = new Date(deadline.getTime() + offset);
      const first = verdict(facts({ stoppedAt, now: stoppedAt }));
      expect(first).toBe(offset < 0 ? 'met' : 'breached');
      expect(verdict(facts({ stoppedAt, now: new Date(stoppedAt.getTime() + later) }))).toBe(first);
    });
    fc.assert(rule, { numRuns: 200 });
  });

  it('depends on the zone of the institution, not on that of the reader', () => {
    const stoppedAt = at('2026-11-28T06:30:00Z');
    expect(verdict(facts({ stoppedAt, timeZone: 'America/Mexico_City' }))).toBe('breached');
    expect(verdict(facts({ stoppedAt, timeZone: 'America/Tijuana' }))).toBe('met');
    expect(verdict(facts({ stoppedAt: before(stoppedAt, 3_600_000), timeZone: 'America/Cancun' }))).toBe(
      'breached',
    );
  });

  it('is cancelled when the clock was cancelled in time, for good', () => {
    const now = at('2027-06-01T00:00:00Z');
    expect(verdict(facts({ cancelled: true, stoppedAt: before(deadline), now }))).toBe('cancelled');
    expect(verdict(facts({ cancelled: true, now }))).toBe('cancelled');
  });

  it('stays breached when a late clock is cancelled afterwards', () => {
    expect(verdict(facts({ cancelled: true, stoppedAt: deadline, now: deadline }))).toBe('breached');
  });
});

describe('the stage', () => {
  const warnOn = '2026-11-26';

  it.each([
    ['on_time', '2026-11-26T05:59:59.999Z'],
    ['warning', '2026-11-26T06:00:00.000Z'],
    ['warning', '2026-11-28T05:59:59.999Z'],
    ['overdue', '2026-11-28T06:00:00.000Z'],
  ])('of a running clock is %s at %s', (expected, now) => {
    expect(stage({ ...facts({ now: at(now) }), warnOn })).toBe(expected);
  });

  it('of a stopped clock is met or late, whatever the day', () => {
    const now = at('2027-06-01T00:00:00Z');
    expect(stage({ ...facts({ stoppedAt: before(deadline), now }), warnOn })).toBe('met');
    expect(stage({ ...facts({ stoppedAt: deadline, now }), warnOn })).toBe('late');
  });

  it('of a cancelled clock is cancelled, or late when it was cancelled too late', () => {
    expect(stage({ ...facts({ cancelled: true }), warnOn })).toBe('cancelled');
    expect(stage({ ...facts({ cancelled: true, stoppedAt: deadline }), warnOn })).toBe('late');
  });
});
