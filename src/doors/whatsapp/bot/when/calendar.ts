import { Temporal } from 'temporal-polyfill';

export type Day = Temporal.PlainDate;

/** Days from the first to the last, both inclusive. */
export interface Span {
  from: Day;
  to: Day;
}

export function isBefore(one: Day, other: Day): boolean {
  return Temporal.PlainDate.compare(one, other) < 0;
}

export function isSame(one: Day, other: Day): boolean {
  return one.equals(other);
}

export function earlier(one: Day, other: Day): Day {
  return isBefore(other, one) ? other : one;
}

export function later(one: Day, other: Day): Day {
  return isBefore(one, other) ? other : one;
}

/** How many days lie between; negative when `other` is earlier. */
export function daysFrom(one: Day, other: Day): number {
  return one.until(other, { largestUnit: 'day' }).days;
}

/** How many days a span has. */
export function lengthOf({ from, to }: Span): number {
  return daysFrom(from, to) + 1;
}

export function contains(outer: Span, inner: Span): boolean {
  return !isBefore(inner.from, outer.from) && !isBefore(outer.to, inner.to);
}

export function overlaps(one: Span, other: Span): boolean {
  return !isBefore(one.to, other.from) && !isBefore(other.to, one.from);
}

/** The shortest span that holds all. */
export function hull(spans: readonly Span[]): Span {
  return spans.reduce((one, other) => ({
    from: earlier(one.from, other.from),
    to: later(one.to, other.to),
  }));
}

export function oneDay(day: Day): Span {
  return { from: day, to: day };
}

/** Undefined for 31 February and for 29 February of most years. */
export function dayIn(year: number, month: number, day: number): Day | undefined {
  const isDate = month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth(year, month);
  return isDate ? Temporal.PlainDate.from({ year, month, day }) : undefined;
}

function daysInMonth(year: number, month: number): number {
  return Temporal.PlainYearMonth.from({ year, month }).daysInMonth;
}

export function monthOf(day: Day): Span {
  return { from: day.with({ day: 1 }), to: day.with({ day: day.daysInMonth }) };
}

export function monthIn(year: number, month: number): Span {
  return monthOf(Temporal.PlainDate.from({ year, month, day: 1 }));
}

export function yearOf(year: number): Span {
  return { from: monthIn(year, 1).from, to: monthIn(year, 12).to };
}

/** The week of a day from Monday to Sunday. */
export function weekOf(day: Day): Span {
  const from = day.subtract({ days: day.dayOfWeek - 1 });
  return { from, to: from.add({ days: 6 }) };
}

/** First or second half of the month of a day. Wages are paid by it: quincena. */
export function halfMonthOf(day: Day): Span {
  const { from, to } = monthOf(day);
  const middle = from.with({ day: 15 });
  return day.day <= 15 ? { from, to: middle } : { from: middle.add({ days: 1 }), to };
}

/** The first of the given days of the week (1 Monday … 7 Sunday), from a day on. */
export function weekdayFrom(day: Day, weekday: number): Day {
  return day.add({ days: (weekday - day.dayOfWeek + 7) % 7 });
}

/** The years that a span touches. */
export function yearsOf({ from, to }: Span): number[] {
  return Array.from({ length: to.year - from.year + 1 }, (_, index) => from.year + index);
}

/** The months that a span touches, each as a span. */
export function monthsOf(span: Span): Span[] {
  const months: Span[] = [];
  for (let day = span.from.with({ day: 1 }); !isBefore(span.to, day); day = day.add({ months: 1 })) {
    months.push(monthOf(day));
  }
  return months;
}

/** Easter Sunday of the Gregorian calendar (the anonymous rule of 1876, Meeus/Jones/Butcher). */
export function easter(year: number): Day {
  const golden = year % 19;
  const century = Math.floor(year / 100);
  const inCentury = year % 100;
  const correction = Math.floor((8 * century + 13) / 25);
  const epact = (19 * golden + century - Math.floor(century / 4) - correction + 15) % 30;
  const weekday = (32 + 2 * (century % 4) + 2 * Math.floor(inCentury / 4) - epact - (inCentury % 4)) % 7;
  const late = Math.floor((golden + 11 * epact + 22 * weekday) / 451);
  const days = epact + weekday - 7 * late + 114;
  return Temporal.PlainDate.from({ year, month: Math.floor(days / 31), day: (days % 31) + 1 });
}
