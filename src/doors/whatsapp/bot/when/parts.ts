import {
  contains,
  earlier,
  hull,
  isBefore,
  lengthOf,
  monthIn,
  monthOf,
  monthsOf,
  oneDay,
  weekdayFrom,
  weekOf,
  yearOf,
  type Day,
  type Span,
} from './calendar.js';
import { dayOfMonth, monthMoment, partOf, RANK, yearly, yearMoment, type Moment } from './moments.js';
import { pattern } from './words/pattern.js';
import { longestRow, row, type Found, type Row } from './rows.js';
import { SPANS, weekBack } from './spans.js';
import type { Token } from './words/token.js';
import { DAYS, wholeYear } from './days.js';

type Cut = (span: Span, values: readonly number[]) => Span | undefined;

/** First and last day of a part of a month, first and last month of a part of a year. They overlap. */
const EARLY = third([1, 12], [1, 4]);
const MIDDLE = third([9, 22], [4, 9]);
const LATE = third([19, 31], [9, 12]);

function third([first, last]: [number, number], months: [number, number]): Cut {
  return (span) => {
    if (isYear(span)) return hull(months.map((month) => monthIn(span.from.year, month)));
    return isMonth(span) ? cutDays(span, first, last) : undefined;
  };
}

function isYear(span: Span): boolean {
  return lengthOf(span) >= 365 && span.from.dayOfYear === 1;
}

function isMonth(span: Span): boolean {
  return contains(span, monthOf(span.from)) && contains(monthOf(span.from), span);
}

function cutDays({ from, to }: Span, first: number, last: number): Span {
  return { from: from.add({ days: first - 1 }), to: earlier(to, from.add({ days: last - 1 })) };
}

/**
 * "la primera semana de octubre". Some count days 1 to 7, some the rows of a calendar, some the first whole
 * week. The span holds all of them.
 */
function weekOfMonth(week: number): Cut {
  return (month) => {
    if (!isMonth(month)) return undefined;
    const inMonth = ({ from, to }: Span): Span => ({
      from: isBefore(from, month.from) ? month.from : from,
      to: earlier(to, month.to),
    });
    const daysOn = (day: Day): Span => ({ from: day, to: day.add({ days: 6 }) });
    const firstMonday = weekdayFrom(month.from, 1);
    const sunday = month.from.subtract({ days: month.from.dayOfWeek % 7 });
    const firsts = [month.from, weekOf(month.from).from, sunday, firstMonday];
    if (week > 0) {
      const weeks = firsts.map((day) => inMonth(daysOn(day.add({ weeks: week - 1 }))));
      return isBefore(month.to, weeks[0]!.from) ? undefined : hull(weeks);
    }
    const lastSunday = weekdayFrom(month.to.subtract({ days: 6 }), 7);
    const lasts = [month.to, lastSunday].map((day) => ({ from: day.subtract({ days: 6 }), to: day }));
    return hull([...lasts, { from: weekOf(month.to).from, to: month.to }]);
  };
}

/** "el primer lunes de marzo"; week 0 is the last one. */
function weekdayOfMonth(week: number): Cut {
  return (month, [weekday = 1]) => {
    if (!isMonth(month)) return undefined;
    const first = weekdayFrom(month.from, weekday);
    const day =
      week > 0 ? first.add({ weeks: week - 1 }) : weekdayFrom(month.to.subtract({ days: 6 }), weekday);
    return isBefore(month.to, day) ? undefined : oneDay(day);
  };
}

function days(first: number, last: number): Cut {
  return (span) => (isMonth(span) ? cutDays(span, first, last) : undefined);
}

const OF = 'de|del [la|el]';

const PARTS: readonly (readonly [string, Cut])[] = [
  ['principios|principio|inicio|inicios|comienzo|comienzos|prinsipios|entrada', EARLY],
  ['mediados|mediado|medio|mitad', MIDDLE],
  ['finales|final|fines|fin', LATE],
  ['primeros dias', days(1, 10)],
  ['primer|primero dia', days(1, 1)],
  ['ultimo dia', (month) => (isMonth(month) ? oneDay(month.to) : undefined)],
  [
    'ultimos dias',
    (month) => (isMonth(month) ? { ...month, from: month.to.subtract({ days: 9 }) } : undefined),
  ],
  ['primera quincena', days(1, 15)],
  ['segunda|ultima quincena', days(16, 31)],
  ['primera|primer semana', weekOfMonth(1)],
  ['segunda semana', weekOfMonth(2)],
  ['tercera|tercer semana', weekOfMonth(3)],
  ['cuarta semana', weekOfMonth(4)],
  ['ultima semana', weekOfMonth(0)],
  ['primer {weekday}', weekdayOfMonth(1)],
  ['segundo {weekday}', weekdayOfMonth(2)],
  ['tercer {weekday}', weekdayOfMonth(3)],
  ['cuarto {weekday}', weekdayOfMonth(4)],
  ['ultimo {weekday}', weekdayOfMonth(0)],
];

const MATCHERS = PARTS.map(([line, cut]) => ({ matcher: pattern(`${line} ${OF}`), cut }));

/** Any month or year, of which only a part is said: "a fines de mes". */
const anyMonth: Moment = { rank: RANK.month, within: monthsOf };
const anyYear: Moment = yearly(RANK.year, yearOf);

const UNNAMED: readonly Row[] = [row('mes', () => anyMonth), row('ano', () => anyYear)];
const WHOLES: readonly Row[] = [
  ...UNNAMED,
  row('{mon}', ([month = 0]) => monthMoment(month)),
  row('{year}', ([year = 0]) => yearMoment(year)),
  row('{yy}', ([yy = 0], today) => yearMoment(wholeYear(yy, today))),
  ...SPANS,
];

const WEEK_OF = pattern('semana de|del [dia] [lunes|martes|miercoles|jueves|viernes|sabado|domingo]');
const DATES: readonly Row[] = [row('{day}', ([day = 0]) => dayOfMonth(day), 'clause', true), ...DAYS];

/** "la semana del 5 de octubre": the week in which a day lies, whether it begins on Sunday or on Monday. */
export function weekOfDayAt(tokens: readonly Token[], at: number, today: Day): Found | undefined {
  const match = WEEK_OF(tokens, at);
  const date = match && longestRow(DATES, tokens, match.end, today);
  if (!date?.numbered) return undefined;
  const [day, ...others] = [...date.moments].sort((one, other) => one.rank - other.rank);
  return { ...date, moments: [partOf(day!, ({ from }) => weekBack(from, 0)), ...others], numbered: false };
}

/** A part of a month or year: "a principios de marzo", "la segunda quincena de agosto". */
export function partAt(tokens: readonly Token[], at: number, today: Day): Found | undefined {
  for (const { matcher, cut } of MATCHERS) {
    const match = matcher(tokens, at);
    const whole = match && longestRow(WHOLES, tokens, match.end, today);
    if (!whole) continue;
    // Of "marzo de 2025" it is a part of the month.
    const [smallest, ...others] = [...whole.moments].sort((one, other) => one.rank - other.rank);
    const part = partOf(smallest!, (span) => cut(span, match.values));
    const alone = isUnnamed(smallest!) ? { alone: latestPart(part, cut === LATE) } : {};
    return { ...whole, moments: [{ ...part, ...alone }, ...others], strength: 'anywhere', numbered: false };
  }
  return undefined;
}

function isUnnamed(moment: Moment): boolean {
  return moment === anyMonth || moment === anyYear;
}

/**
 * The last such part that has begun. "a fines de mes", said on the 25th, may be this month or the last one:
 * the span holds both. Of a year this would be too wide to be of use.
 */
function latestPart(part: Moment, late: boolean): (today: Day) => Span | undefined {
  return (today) => {
    const window = { from: today.subtract({ years: 2 }), to: today.add({ years: 1 }) };
    const begun = part.within(window).filter(({ from }) => !isBefore(today, from));
    const last = begun.at(-1);
    if (!last) return undefined;
    const to = earlier(last.to, today);
    const isOpen = late && isBefore(today, last.to);
    if (!isOpen) return { from: last.from, to };
    return part.rank > RANK.month ? undefined : { from: begun.at(-2)?.from ?? last.from, to };
  };
}
