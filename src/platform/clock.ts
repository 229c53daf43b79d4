import { Temporal } from 'temporal-polyfill';

/** The zone of the days in log lines about reporters: a UTC day beside local ones would tell the evening. */
export const LOG_ZONE = 'America/Mexico_City';

/**
 * The only source of time. Services, sweeps and rules read it; SQL `now()` is never used, so that a demo or a
 * test can live in another month (`CLOCK_START`) and every stored instant agrees with every rule.
 */
export class Clock {
  private readonly offset: number;

  /** @param start instant at which this clock starts; absent = the machine's time. */
  constructor(start?: Date) {
    this.offset = start ? start.getTime() - Date.now() : 0;
  }

  now(): Date {
    return new Date(Date.now() + this.offset);
  }

  /** The local day ('YYYY-MM-DD') in an IANA time zone. */
  today(timeZone: string): string {
    return localDay(this.now(), timeZone);
  }
}

/** A clock that moves only when told to; demo data and tests walk through months with it. */
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

/** The day before a day, both 'YYYY-MM-DD'. */
export function dayBefore(day: string): string {
  return Temporal.PlainDate.from(day).subtract({ days: 1 }).toString();
}

/**
 * The last answer by zone: one report asks dozens of times, and the zone's tables cost 30 microseconds.
 * Within one minute the day is the same: days begin and zones change on whole minutes (since 1972, when the
 * last zone with seconds gave them up).
 */
const lastDays = new Map<string, { minute: number; day: string }>();
const MINUTE = 60_000;

/**
 * The local day ('YYYY-MM-DD') of an instant in an IANA time zone. RangeError for an unknown zone or an
 * invalid Date.
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
 * The instant at which the local day of `instant` began in an IANA time zone: a time that tells no more than
 * the day.
 */
export function startOfDay(instant: Date, timeZone: string): Date {
  const day = Temporal.PlainDate.from(localDay(instant, timeZone));
  return new Date(day.toZonedDateTime(timeZone).epochMilliseconds);
}

/** ISO 8601 with the zone's offset, whole seconds: how every instant leaves the API. */
export function isoWithOffset(instant: Date, timeZone: string): string {
  return Temporal.Instant.fromEpochMilliseconds(instant.getTime())
    .toZonedDateTimeISO(timeZone)
    .toString({ timeZoneName: 'never', smallestUnit: 'second' });
}
