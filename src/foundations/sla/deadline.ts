import { Temporal } from 'temporal-polyfill';
import { localDay } from '../../platform/clock.js';
import { addBusinessDays, type BusinessCalendar } from '../catalogs/business-calendar.js';

/** What a clock measures. */
export const METRICS = ['acknowledgement', 'triage', 'first_response', 'resolution'] as const;
export type Metric = (typeof METRICS)[number];

/** Where a term comes from. It is shown beside the term, so that nobody presents a proposal as law. */
export const TERM_SOURCES = [
  'ley',
  'ley_analogia',
  'nota_prensa',
  'referencia_internacional',
  'propuesta',
] as const;
export type TermSource = (typeof TERM_SOURCES)[number];

export interface Term {
  businessDays: number;
  source: TermSource;
}

/**
 * Default terms. No law fixes these terms for denuncias. Each institution replaces them by its own terms with
 * their source.
 */
export const DEFAULT_TERMS: Readonly<Record<Metric, Readonly<Term>>> = {
  acknowledgement: { businessDays: 3, source: 'propuesta' },
  triage: { businessDays: 3, source: 'propuesta' },
  first_response: { businessDays: 10, source: 'propuesta' },
  resolution: { businessDays: 60, source: 'propuesta' },
};

/** One clock; days are local days 'YYYY-MM-DD' of the institution. */
export interface OpenClock {
  metric: Metric;
  startedOn: string;
  /** Last day of the term. The whole day counts (see `endOfDay`). */
  dueOn: string;
  /** First day on which the clock counts as about to expire. */
  warnOn: string;
}

/**
 * Opens a clock of `businessDays` on the local day `startedOn`. The term counts from the next business day
 * (LFPA 17-B). Throws the same errors as `addBusinessDays`.
 */
export function openClock(input: {
  metric: Metric;
  startedOn: string;
  businessDays: number;
  calendar: BusinessCalendar;
}): OpenClock {
  const { metric, startedOn, businessDays, calendar } = input;
  return {
    metric,
    startedOn,
    dueOn: addBusinessDays(calendar, startedOn, businessDays),
    warnOn: addBusinessDays(calendar, startedOn, warningDay(businessDays)),
  };
}

/**
 * Returns the business day of the term on which the warning begins: three quarters of the term, rounded up (8
 * of 10, 45 of 60). In terms of two and three days this would be the last day, which is too late to act. They
 * warn one day earlier. A term of one day warns on that day.
 */
function warningDay(businessDays: number): number {
  return Math.max(1, Math.min(Math.ceil((businessDays * 3) / 4), businessDays - 1));
}

/**
 * Remembers ends of days. A look into the tables of a zone costs tens of microseconds, and lists decide
 * hundreds of clocks that are due on the same few days.
 */
const endsOfDays = new Map<string, number>();
const MAX_REMEMBERED_DAYS = 10_000;

/**
 * Returns the instant at which a local day is over in an IANA zone: the first instant of the next day there,
 * exclusive. This instant is the only deadline of a clock due on that day, everywhere (API, sweeps, figures).
 * An act at 23:59:59.999 is in time, and an act at 00:00:00.000 is late. Days of 23 or 25 hours end when the
 * zone says. RangeError for an unknown zone or for text that is not a date.
 */
export function endOfDay(day: string, timeZone: string): Date {
  const key = `${day} ${timeZone}`;
  let end = endsOfDays.get(key);
  if (end === undefined) {
    end = Temporal.PlainDate.from(day).add({ days: 1 }).toZonedDateTime(timeZone).epochMilliseconds;
    if (endsOfDays.size >= MAX_REMEMBERED_DAYS) endsOfDays.clear();
    endsOfDays.set(key, end);
  }
  return new Date(end);
}

/**
 * - running: still open and in time.
 * - met: stopped in time.
 * - breached: the deadline passed first.
 * - cancelled: no longer owed.
 */
export type Verdict = 'running' | 'met' | 'breached' | 'cancelled';

/**
 * What decides a clock: stored facts and the present instant. It never includes what a sweep has seen or
 * marked.
 */
export interface ClockFacts {
  dueOn: string;
  timeZone: string;
  /**
   * The act of staff that stopped the clock, or the cancellation when `cancelled`. Acts of reporters have
   * only a day and never stop a clock.
   */
  stoppedAt?: Date | null;
  cancelled?: boolean;
  now: Date;
}

/**
 * Decides a clock from timestamps alone. So the answer is the same however late or often a sweep runs.
 * Anything that ends a clock at or after the deadline leaves it breached, also a cancellation: merging a late
 * case must not remove its breach from the figures. Only a cancellation without `stoppedAt` counts as
 * cancelled from the start.
 */
export function verdict({ dueOn, timeZone, stoppedAt, cancelled = false, now }: ClockFacts): Verdict {
  if (cancelled && !stoppedAt) return 'cancelled';
  const inTime = (stoppedAt ?? now) < endOfDay(dueOn, timeZone);
  if (!inTime) return 'breached';
  if (cancelled) return 'cancelled';
  return stoppedAt ? 'met' : 'running';
}

/**
 * What people see of a clock. A running clock is on_time, then warning from `warnOn` on, then overdue. An
 * ended clock is met, late (ended after the deadline) or cancelled. overdue and late both stand for the
 * verdict breached.
 */
export const STAGES = ['on_time', 'warning', 'overdue', 'met', 'late', 'cancelled'] as const;
export type Stage = (typeof STAGES)[number];

/** Returns the stage of a clock at `now`. `verdict` explains its facts. */
export function stage(facts: ClockFacts & { warnOn: string }): Stage {
  const decided = verdict(facts);
  switch (decided) {
    case 'running':
      return localDay(facts.now, facts.timeZone) >= facts.warnOn ? 'warning' : 'on_time';
    case 'breached':
      return facts.stoppedAt ? 'late' : 'overdue';
    default:
      return decided;
  }
}
