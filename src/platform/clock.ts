import { Temporal } from 'temporal-polyfill';

/**
 * The zone of the days in log lines about reporters. A UTC day beside local days would tell whether it was
 * evening.
 */
export const LOG_ZONE = 'America/Mexico_City';

/**
 * The only source of time. Services, sweeps and rules read it. SQL `now()` is never used. So a demo or a test
 * can run in another month (`CLOCK_START`), and every stored instant agrees with every rule.
 */
export class Clock {
  private readonly offset: number;

  /** @param start instant at which this clock starts; absent = the time of the machine. */
  constructor(start?: Date) {
    this.offset = start ? start.getTime() - Date.now() : 0;
  }

  now(): Date {
    return new Date(Date.now() + this.offset);
  }

  /** Returns the local day ('YYYY-MM-DD') in an IANA time zone. */
  today(timeZone: string): string {
    return localDay(this.now(), timeZone);
  }
}

/** A clock that moves only when the program moves it. Demo data and tests use it to go through months. */
export class ManualClock extends Clock {
  private instant: Date;

  constructor(start: Date) {
    super();
    this.instant = start;
  }

  override now(): Date {
    return new Date(this.instant);
  }

  set(instant: Date): void {
    this.instant = instant;
  }
}

/** Returns the day before a day, both as 'YYYY-MM-DD'. */
export function dayBefore(day: string): string {
  return daysBefore(day, 1);
}

/** The day so many days before a day 'YYYY-MM-DD'. */
export function daysBefore(day: string, days: number): string {
  return Temporal.PlainDate.from(day).subtract({ days }).toString();
}

/**
 * The last answer for each zone. One report asks dozens of times, and a look into the zone's tables costs 30
 * microseconds. Within one minute the day is the same, because days begin and zones change on whole minutes
 * (since 1972, when the last zone with seconds ended).
 */
const lastDays = new Map<string, { minute: number; day: string }>();
const MINUTE = 60_000;

/**
 * Returns the local day ('YYYY-MM-DD') of an instant in an IANA time zone. RangeError for an unknown zone or
 * an invalid Date.
 */
export function localDay(instant: Date, timeZone: string): string {
  const minute = Math.floor(instant.getTime() / MINUTE);
  const last = lastDays.get(timeZone);
  if (last?.minute === minute) return last.day;
  const zoned = Temporal.Instant.fromEpochMilliseconds(instant.getTime()).toZonedDateTimeISO(timeZone);
  const day = zoned.toPlainDate().toString();
  lastDays.set(timeZone, { minute, day });
  return day;
}

/**
 * Returns the instant at which the local day of `instant` began in an IANA time zone. This time tells no more
 * than the day.
 */
export function startOfDay(instant: Date, timeZone: string): Date {
  const day = Temporal.PlainDate.from(localDay(instant, timeZone));
  return new Date(day.toZonedDateTime(timeZone).epochMilliseconds);
}

/**
 * Writes an instant as ISO 8601 with the zone's offset, in whole seconds. The API writes every instant in
 * this way.
 */
export function isoWithOffset(instant: Date, timeZone: string): string {
  return Temporal.Instant.fromEpochMilliseconds(instant.getTime())
    .toZonedDateTimeISO(timeZone)
    .toString({ timeZoneName: 'never', smallestUnit: 'second' });
}
