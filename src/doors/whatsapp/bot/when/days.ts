import { isSame, oneDay, weekOf, weekdayFrom, type Day, type Span } from './calendar.js';
import {
  dayOfMonth,
  fixedMoment,
  monthMoment,
  RANK,
  weekdayMoment,
  yearMoment,
  type Moment,
} from './moments.js';
import { row, type Row } from './rows.js';

/** Days that are counted back from today: how they are said, the first and the last of them. */
const COUNTED_BACK: readonly [string, number, number][] = [
  ['hoy [mismo]', 0, 0],
  ['ahorita [mismo]', 0, 0],
  ['justo ahora', 0, 0],
  ['hace un|poquito rato|momento|momentito|instante', 0, 0],
  ['hace rato', 0, 0],
  ['hace [unos|pocos|como] minutos', 0, 0],
  ['hace [como|unos] {n} minutos|min|mins', 0, 0],
  ['esta manana|mananita|tarde|noche|madrugada', 0, 0],
  ['en este momento|instante', 0, 0],
  ['ayer', 1, 1],
  // The night from yesterday to today. Nobody says on which side of midnight.
  ['anoche', 1, 0],
  ['antier', 2, 2],
  ['antes de ayer', 2, 2],
  ['antes|ante ayer', 2, 2],
  ['antenoche', 2, 1],
  ['antes de anoche', 2, 1],
  ['trasantier', 3, 3],
  ['estos dias', 7, 0],
  ['ultimos dias', 7, 0],
];

/**
 * Two digits of a year. Those up to this year are of this century, those from 70 of the last one; the others
 * would lie in the future.
 */
export function wholeYear(yy: number, today: Day): number {
  const century = today.year - (today.year % 100);
  return century + yy > today.year && yy >= 70 ? century - 100 + yy : century + yy;
}

/** "el lunes": on a Monday it may be this one or the last one. */
function plainWeekday(weekday: number): (today: Day) => Span {
  return (today) => {
    const day = lastWeekday(today, weekday);
    return { from: isSame(day, today) ? day.subtract({ days: 7 }) : day, to: day };
  };
}

/**
 * "el lunes pasado": some mean the last Monday before today, others the Monday of the last week. It is the
 * same day when the last Monday lies in the last week.
 */
function pastWeekday(weekday: number, weeks = 0): (today: Day) => Span {
  return (today) => {
    const day = lastWeekday(today.subtract({ days: 1 }), weekday);
    const sameWeek = isSame(weekOf(day).from, weekOf(today).from);
    const to = day.subtract({ weeks });
    return { from: sameWeek ? to.subtract({ days: 7 }) : to, to };
  };
}

/** "este lunes": the last one, today included. */
function thisWeekday(weekday: number): (today: Day) => Span {
  return (today) => oneDay(lastWeekday(today, weekday));
}

function lastWeekday(today: Day, weekday: number): Day {
  return weekdayFrom(today.subtract({ days: 6 }), weekday);
}

const weekday =
  (alone: (weekday: number) => (today: Day) => Span) =>
  ([day = 1]: number[]): Moment =>
    weekdayMoment(day, alone(day));

const WEEKDAY_ROWS: readonly Row[] = [
  row('el|dia {weekday}', weekday(plainWeekday)),
  row('{weekday}', weekday(plainWeekday), 'alone'),
  // "mar" may be Tuesday or March.
  row('{wd}', ([day = 1]) => (day === 2 ? undefined : weekdayMoment(day, plainWeekday(day))), 'alone'),
  row('[el|dia] {weekday} pasado|anterior', weekday(pastWeekday)),
  row('pasado|ultimo {weekday}', weekday(pastWeekday)),
  row('este {weekday} [pasado]', weekday(thisWeekday)),
  row(
    '[el|dia] {weekday} antepasado',
    weekday((day) => pastWeekday(day, 1)),
  ),
  row(
    '[el|dia] {wd} [,] [el|dia] {day}',
    ([day = 1, n = 0]) => [weekdayMoment(day), dayOfMonth(n)],
    'clause',
  ),
];

const date = (day: number, month: number, year?: number): Moment[] => [
  dayOfMonth(day),
  monthMoment(month),
  ...(year === undefined ? [] : [yearMoment(year)]),
];

/** "12 de marzo" in its spellings, and what may follow for the year. */
const DATES = ['[en] [el|dia] {day} de|del mes de {mon}', '[en] [el|dia] {day} [de|del|-|/] {mon}'];
const YEARS = ['{year}', '-|/ {year}', 'de|del [ano] {year}', 'de [el] ano {year}'];
const SHORT_YEARS = ['-|/ {yy}', 'de|del [ano] {yy}'];

const DATE_ROWS: readonly Row[] = DATES.flatMap((line) => [
  row(line, ([day = 0, month = 0]) => date(day, month), 'anywhere', true),
  ...YEARS.map((year) => row(`${line} ${year}`, ([d = 0, m = 0, y]) => date(d, m, y), 'anywhere', true)),
  ...SHORT_YEARS.map((year) =>
    row(
      `${line} ${year}`,
      ([d = 0, m = 0, y = 0], today) => date(d, m, wholeYear(y, today)),
      'anywhere',
      true,
    ),
  ),
  row(`${line} , {year}`, ([d = 0, m = 0, y]) => date(d, m, y), 'alone', true),
  row(`${line} {yy}`, ([d = 0, m = 0, y = 0], today) => date(d, m, wholeYear(y, today)), 'alone', true),
]);

/** Two numbers are day and month, as in Mexico. "24/7" means always. */
const dayAndMonth = ([day = 0, month = 0]: number[]): Moment[] | undefined =>
  day === 24 && month === 7 ? undefined : date(day, month);

function numericRows(before: string): Row[] {
  const line = `${before} {day} / {day} /`;
  return [
    row(`${line} {year}`, ([d = 0, m = 0, y]) => date(d, m, y), 'anywhere', true),
    row(`${line} {yy}`, ([d = 0, m = 0, y = 0], today) => date(d, m, wholeYear(y, today)), 'anywhere', true),
  ];
}

/** "lunes 23/11/2026": the first value is the day of the week. */
function confirmedByWeekday({ gives, ...rest }: Row): Row {
  return {
    ...rest,
    gives: ([day = 1, ...values], today) => [weekdayMoment(day), ...[gives(values, today) ?? []].flat()],
  };
}

const NUMERIC_ROWS: readonly Row[] = [
  ...numericRows('[el|dia|fecha|fue|paso|del|en]'),
  ...numericRows('[el|dia] {wd} [,] [el|dia]').map(confirmedByWeekday),
  row('{year} -|/ {day} / {day}', ([y, m = 0, d = 0]) => date(d, m, y)),
  row('el|dia|fecha|fue|paso|del|en {day} / {day}', dayAndMonth, 'anywhere', true),
  row('[el|dia] {wd} [,] [el|dia] {day} / {day}', ([w = 1, d = 0, m = 0]) => [
    weekdayMoment(w),
    ...date(d, m),
  ]),
  row('{day} / {day}', dayAndMonth, 'opening', true),
  row('el|dia|fecha {day} - {day}', dayAndMonth, 'clause', true),
  row('{day} - {day}', dayAndMonth, 'alone', true),
  row('{day} {day} {year}', ([d = 0, m = 0, y]) => date(d, m, y), 'alone'),
  row('{day} del [mes] {day}', dayAndMonth, 'alone', true),
  row('{day} del [mes] {day} de|del {year}', ([d = 0, m = 0, y]) => date(d, m, y), 'anywhere', true),
];

/** "marzo 12". A number that may be a short year is not sure: "marzo 25". */
const monthAndDay = ([month = 0, day = 0]: number[], today: Day): Moment[] | undefined => {
  const year = wholeYear(day, today);
  return year <= today.year && year > today.year - 10 ? undefined : date(day, month);
};

const DAY_ROWS: readonly Row[] = [
  row('el {day}', ([day = 0]) => (day <= 31 ? dayOfMonth(day) : undefined), 'opening', true),
  row('dia {day}', ([day = 0]) => (day <= 31 ? dayOfMonth(day) : undefined), 'clause', true),
  row('{month} {day}', monthAndDay, 'clause'),
  row(
    '{mon} {day}',
    ([month = 0, day = 0], today) => (month === 3 ? undefined : monthAndDay([month, day], today)),
    'alone',
  ),
  row('{month} el [dia] {day}', ([month = 0, day = 0]) => date(day, month)),
  row('{month} dia {day}', ([month = 0, day = 0]) => date(day, month)),
  row('{month} {day} [de|del|,] {year}', ([month = 0, day = 0, year]) => date(day, month, year)),
];

export const DAYS: readonly Row[] = [
  ...COUNTED_BACK.map(([line, first, last]) =>
    row(line, (_values, today) =>
      fixedMoment({ from: today.subtract({ days: first }), to: today.subtract({ days: last }) }, RANK.day),
    ),
  ),
  row('ahora [mismo]', (_values, today) => fixedMoment(oneDay(today), RANK.day), 'alone'),
  ...WEEKDAY_ROWS,
  ...DATE_ROWS,
  ...NUMERIC_ROWS,
  ...DAY_ROWS,
];
