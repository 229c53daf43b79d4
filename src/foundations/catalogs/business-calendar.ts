import { DomainError } from '../../platform/errors.js';

/**
 * The law whose non-working days apply: LFPA 28 (federal administration) or LFT 74 (labour law). For states
 * and municipalities, their own law says which of the two applies.
 */
export type CalendarRule = 'LFPA28' | 'LFT74';

/**
 * The working days of one institution. `closures` are the institution's own non-working days ('YYYY-MM-DD'):
 * agreements in the official gazette, vacations, election days (LFT 74-IX leaves those to the electoral
 * laws).
 */
export interface BusinessCalendar {
  rule: CalendarRule;
  closures: ReadonlySet<string>;
}

/** A non-working day that is not only a weekend. `label` is Spanish text for people. */
export interface NonWorkingDay {
  day: string;
  label: string;
}

/**
 * Inside this file a day is the number of days since 1970-01-01. Such numbers are exact and have no time
 * zone. They are also much cheaper than calendar objects, and every report opens four clocks of up to 60
 * days.
 */
type DayNumber = number;

const MS_PER_DAY = 86_400_000;
const MONDAY = 1;
const SATURDAY = 6;
const SUNDAY = 0;

/**
 * Stop a search after this many days without a business day. A calendar without one working day in a whole
 * year is a mistake of the person who loaded it, and the search would never end.
 */
const MAX_DAYS_WITHOUT_BUSINESS_DAY = 366;

/**
 * About twenty years. This is longer than any legal term, and short enough that a mistyped term cannot block
 * a process.
 */
export const MAX_BUSINESS_DAYS = 5_000;

const toNumber = (year: number, month: number, day: number): DayNumber =>
  Date.UTC(year, month - 1, day) / MS_PER_DAY;
const toText = (day: DayNumber): string => new Date(day * MS_PER_DAY).toISOString().slice(0, 10);
/** 1970-01-01 was a Thursday (4). */
const weekday = (day: DayNumber): number => (((day + 4) % 7) + 7) % 7;

function parseDay(day: string): DayNumber {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(day);
  const number = match ? toNumber(Number(match[1]), Number(match[2]), Number(match[3])) : Number.NaN;
  // Compare with the day written back as text. This rejects days that Date.UTC silently moves (2026-02-30)
  // and the years 0 to 99, which Date.UTC moves to 1900.
  if (Number.isNaN(number) || toText(number) !== day) throw new RangeError(`not a day YYYY-MM-DD: ${day}`);
  return number;
}

/** Returns the day of a rule in a year, or undefined when the rule has no day in that year. */
type YearRule = (year: number) => DayNumber | undefined;

const fixed =
  (month: number, day: number): YearRule =>
  (year) =>
    toNumber(year, month, day);

const nthMonday =
  (nth: number, month: number): YearRule =>
  (year) => {
    const first = toNumber(year, month, 1);
    return first + ((MONDAY - weekday(first) + 7) % 7) + (nth - 1) * 7;
  };

/** The federal executive takes office in 2018, 2024, 2030 and so on. */
const isInaugurationYear = (year: number): boolean => (year - 2024) % 6 === 0;

/** LFT 74-VII: 1 October since the reform of DOF 30-09-2024, and 1 December before the reform. */
const inaugurationOfLft: YearRule = (year) =>
  isInaugurationYear(year) ? toNumber(year, year >= 2024 ? 10 : 12, 1) : undefined;

/**
 * LFPA 28 was not reformed with the labour law and keeps 1 December. This is a Sunday in 2024 and 2030, so
 * the rule first has an effect in 2036.
 */
const inaugurationOfLfpa: YearRule = (year) => (isInaugurationYear(year) ? toNumber(year, 12, 1) : undefined);

interface LabelledRule {
  label: string;
  on: YearRule;
}

const INAUGURATION_LABEL = 'Transmisión del Poder Ejecutivo Federal';

const RULES: Readonly<Record<CalendarRule, readonly LabelledRule[]>> = {
  // LFPA 28 names fixed dates. Unlike in the labour law, no date moves to a Monday.
  LFPA28: [
    { label: 'Año Nuevo', on: fixed(1, 1) },
    { label: 'Día de la Constitución', on: fixed(2, 5) },
    { label: 'Natalicio de Benito Juárez', on: fixed(3, 21) },
    { label: 'Día del Trabajo', on: fixed(5, 1) },
    { label: 'Batalla de Puebla', on: fixed(5, 5) },
    { label: 'Primero de septiembre (artículo 28 de la LFPA)', on: fixed(9, 1) },
    { label: 'Día de la Independencia', on: fixed(9, 16) },
    { label: 'Día de la Revolución', on: fixed(11, 20) },
    { label: INAUGURATION_LABEL, on: inaugurationOfLfpa },
    { label: 'Navidad', on: fixed(12, 25) },
  ],
  LFT74: [
    { label: 'Año Nuevo', on: fixed(1, 1) },
    { label: 'Día de la Constitución (primer lunes de febrero)', on: nthMonday(1, 2) },
    { label: 'Natalicio de Benito Juárez (tercer lunes de marzo)', on: nthMonday(3, 3) },
    { label: 'Día del Trabajo', on: fixed(5, 1) },
    { label: 'Día de la Independencia', on: fixed(9, 16) },
    { label: INAUGURATION_LABEL, on: inaugurationOfLft },
    { label: 'Día de la Revolución (tercer lunes de noviembre)', on: nthMonday(3, 11) },
    { label: 'Navidad', on: fixed(12, 25) },
  ],
};

/**
 * What a law says about one year. It is computed once, because it never changes. Closures do change and are
 * looked up each time.
 */
interface LegalYear {
  first: DayNumber;
  last: DayNumber;
  /** The text of each day of the year that the law leaves open. Undefined for the other days. */
  open: readonly (string | undefined)[];
  labels: ReadonlyMap<string, string>;
}

const legalYears: Readonly<Record<CalendarRule, Map<number, LegalYear>>> = {
  LFPA28: new Map(),
  LFT74: new Map(),
};

function legalYear(rule: CalendarRule, year: number): LegalYear {
  const known = legalYears[rule].get(year);
  if (known) return known;
  const first = toNumber(year, 1, 1);
  const last = toNumber(year, 12, 31);
  const labels = new Map<string, string>();
  for (const { label, on } of RULES[rule]) {
    const day = on(year);
    if (day !== undefined) labels.set(toText(day), label);
  }
  const open: (string | undefined)[] = [];
  for (let day = first; day <= last; day += 1) {
    const text = toText(day);
    open.push(isWeekend(day) || labels.has(text) ? undefined : text);
  }
  const made = { first, last, open, labels };
  legalYears[rule].set(year, made);
  return made;
}

/**
 * LFPA 28 excludes Saturdays and Sundays explicitly. LFT 74 does not name Saturdays. But the offices that
 * handle denuncias are administrative and closed on Saturdays. If Saturdays counted, a term could expire on a
 * day on which nobody can act.
 */
function isWeekend(day: DayNumber): boolean {
  const dayOfWeek = weekday(day);
  return dayOfWeek === SATURDAY || dayOfWeek === SUNDAY;
}

function isOpen(calendar: BusinessCalendar, day: DayNumber): boolean {
  // The mean length of a year gives the right year. Around New Year the result may be wrong by one year.
  const guess = 1970 + Math.floor(day / 365.2425);
  let year = legalYear(calendar.rule, guess);
  if (day < year.first) year = legalYear(calendar.rule, guess - 1);
  else if (day > year.last) year = legalYear(calendar.rule, guess + 1);
  const text = year.open[day - year.first];
  return text !== undefined && !calendar.closures.has(text);
}

/**
 * Tells whether the institution works on `day` ('YYYY-MM-DD'). A malformed day is a RangeError, here and
 * below.
 */
export function isBusinessDay(calendar: BusinessCalendar, day: string): boolean {
  return isOpen(calendar, parseDay(day));
}

/**
 * Returns the last day of a term of `days` business days that starts on `from`. Counting begins with the next
 * business day (LFPA 17-B). So 1 is the first business day after `from`, whether `from` itself is a business
 * day or not.
 * RangeError unless `days` is a whole number from 1 to MAX_BUSINESS_DAYS; DomainError
 * CALENDAR_WITHOUT_BUSINESS_DAYS (422) when 366 days in a row hold no business day.
 */
export function addBusinessDays(calendar: BusinessCalendar, from: string, days: number): string {
  if (!Number.isInteger(days) || days < 1 || days > MAX_BUSINESS_DAYS) {
    throw new RangeError(`a term has 1 to ${MAX_BUSINESS_DAYS} whole business days, not ${days}`);
  }
  let day = parseDay(from);
  let left = days;
  let closedInARow = 0;
  while (left > 0) {
    day += 1;
    if (isOpen(calendar, day)) {
      left -= 1;
      closedInARow = 0;
    } else if (++closedInARow >= MAX_DAYS_WITHOUT_BUSINESS_DAY) {
      throw new DomainError(
        'CALENDAR_WITHOUT_BUSINESS_DAYS',
        422,
        `El calendario no tiene ningún día hábil en el año que termina el ${toText(day)}. Revisa los días de cierre de la institución.`,
      );
    }
  }
  return toText(day);
}

/**
 * Counts the business days after `from`, up to and including `to`. This is the reverse of `addBusinessDays`.
 * The result is zero when there is no business day between them. It is negative when `to` is before `from`,
 * so that spans can be added in any order.
 */
export function businessDaysBetween(calendar: BusinessCalendar, from: string, to: string): number {
  const start = parseDay(from);
  const end = parseDay(to);
  const [first, last] = start <= end ? [start, end] : [end, start];
  let count = 0;
  for (let day = first + 1; day <= last; day += 1) if (isOpen(calendar, day)) count += 1;
  return start <= end ? count : 0 - count;
}

/**
 * Lists the legal non-working days and closures of a year in order, for people to check. A weekend appears
 * only when one of these days falls on it. A closure on a legal day appears once, with the name that the law
 * gives it.
 */
export function nonWorkingDays(calendar: BusinessCalendar, year: number): NonWorkingDay[] {
  const days = new Map<string, string>();
  for (const day of calendar.closures) {
    if (day.startsWith(`${year}-`)) days.set(day, 'Cierre de la institución');
  }
  for (const [day, label] of legalYear(calendar.rule, year).labels) days.set(day, label);
  return [...days].map(([day, label]) => ({ day, label })).sort((a, b) => (a.day < b.day ? -1 : 1));
}
