import { isSame, monthOf, yearOf, type Day } from './calendar.js';
import { Temporal } from 'temporal-polyfill';
import { MONTHS } from './words/spelling.js';

const WEEKDAYS = ['lunes', 'martes', 'miércoles', 'jueves', 'viernes', 'sábado', 'domingo'];

/** Say days in Spanish, as short as possible without a doubt about the year. */
export function daysInWords({ from, to }: { from?: string; to?: string }): string {
  const first = from === undefined ? undefined : Temporal.PlainDate.from(from);
  const last = to === undefined ? undefined : Temporal.PlainDate.from(to);
  if (!first) return last ? `${dayInWords(last)} o antes` : '';
  if (!last) return `desde ${dayInWords(first)}`;
  if (isSame(first, last)) return dayInWords(first);
  return wholeMonths(first, last) ?? rangeOfDays(first, last);
}

/** "en 2024", "en marzo de 2025", "entre marzo y mayo de 2025". Undefined when a month is not whole. */
function wholeMonths(first: Day, last: Day): string | undefined {
  if (!isSame(first, monthOf(first).from) || !isSame(last, monthOf(last).to)) return undefined;
  const [year, lastYear] = [yearOf(first.year), yearOf(last.year)];
  if (isSame(first, year.from) && isSame(last, lastYear.to)) {
    return first.year === last.year ? `en ${first.year}` : `entre ${first.year} y ${last.year}`;
  }
  if (first.year !== last.year) return `entre ${monthInWords(first)} y ${monthInWords(last)}`;
  if (first.month === last.month) return `en ${monthInWords(first)}`;
  return `entre ${nameOf(first)} y ${monthInWords(last)}`;
}

function rangeOfDays(first: Day, last: Day): string {
  if (first.year !== last.year) return `entre ${dayInWords(first)} y ${dayInWords(last)}`;
  const start = `el ${weekday(first)} ${first.day}`;
  return first.month === last.month
    ? `entre ${start} y ${dayInWords(last)}`
    : `entre ${start} de ${nameOf(first)} y ${dayInWords(last)}`;
}

function dayInWords(day: Day): string {
  return `el ${weekday(day)} ${day.day} de ${monthInWords(day)}`;
}

function monthInWords(day: Day): string {
  return `${nameOf(day)} de ${day.year}`;
}

function nameOf({ month }: Day): string {
  return MONTHS[month - 1] ?? '';
}

function weekday({ dayOfWeek }: Day): string {
  return WEEKDAYS[dayOfWeek - 1] ?? '';
}
