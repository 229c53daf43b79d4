import {
  earlier,
  halfMonthOf,
  hull,
  isSame,
  monthIn,
  monthOf,
  weekdayFrom,
  weekOf,
  yearOf,
  type Day,
  type Span,
} from './calendar.js';
import { dayOfMonth, fixedMoment, monthMoment, RANK, yearMoment, type Moment } from './moments.js';
import { wholeYear } from './days.js';
import { row, type Row } from './rows.js';

/** Nobody answers with an older year: such a number is something else. */
export const FIRST_YEAR = 1970;

/** A unit of time that is said with "este", "pasado" or "antepasado". */
interface Unit {
  names: string;
  rank: number;
  /** The span that lies so many units before the one of today. */
  back: (today: Day, units: number) => Span;
}

/**
 * A week begins on Monday for some and on Sunday for others, who look into a Mexican calendar. The span holds
 * the weeks of both.
 */
export function weekBack(today: Day, weeks: number): Span {
  const day = today.subtract({ weeks });
  const sunday = day.subtract({ days: day.dayOfWeek % 7 });
  return hull([weekOf(day), { from: sunday, to: sunday.add({ days: 6 }) }]);
}

function halfMonthBack(today: Day, halves: number): Span {
  let half = halfMonthOf(today);
  for (let left = halves; left > 0; left--) half = halfMonthOf(half.from.subtract({ days: 1 }));
  return half;
}

const UNITS: readonly Unit[] = [
  { names: 'semana', rank: RANK.week, back: weekBack },
  { names: 'quincena', rank: RANK.week, back: halfMonthBack },
  { names: 'mes', rank: RANK.month, back: (today, months) => monthOf(today.subtract({ months })) },
  { names: 'ano', rank: RANK.year, back: (today, years) => yearOf(today.year - years) },
];

const UNIT_ROWS: readonly Row[] = UNITS.flatMap(({ names, rank, back }) => {
  const ago =
    (units: number) =>
    (_values: number[], today: Day): Moment =>
      fixedMoment(back(today, units), rank);
  return [
    row(`este|esta|presente ${names}`, ago(0)),
    row(`${names} en curso`, ago(0)),
    row(`${names} actual|presente`, ago(0)),
    row(`[en] [la] ${names} pasado|pasada|anterior`, ago(1)),
    row(`pasado|pasada ${names}`, ago(1)),
    row(`[en] [la] ${names} antepasado|antepasada`, ago(2)),
    row(`${names} que paso`, ago(1)),
    row(`ultimo|ultima ${names}`, (_values, today) =>
      fixedMoment({ from: back(today, 1).from, to: today }, rank),
    ),
    // "esta semana pasada": this one or the last one.
    row(`este|esta ${names} pasado|pasada`, (_values, today) =>
      fixedMoment({ from: back(today, 1).from, to: today }, rank),
    ),
    row(`este|esta ${names} que paso`, (_values, today) =>
      fixedMoment({ from: back(today, 1).from, to: today }, rank),
    ),
  ];
});

/** "los últimos tres meses": until today. */
const ROLLING: readonly [string, (today: Day, n: number) => Day][] = [
  ['ultimos {n} dias', (today, days) => today.subtract({ days })],
  ['ultimas {n} semanas', (today, weeks) => today.subtract({ weeks })],
  ['ultimos {n} meses', (today, months) => today.subtract({ months })],
  ['ultimos {n} anos', (today, years) => today.subtract({ years })],
];

/** Friday to Sunday: some count the evening of Friday. */
function weekend(today: Day, said: 'plain' | 'this' | 'past', weeks = 0): Span {
  const friday = weekdayFrom(today.subtract({ days: 6 }), 5);
  const sunday = friday.add({ days: 2 });
  const isOver = weekOf(friday).from.until(weekOf(today).from).days > 0;
  const last = isOver ? friday : friday.subtract({ days: 7 });
  // During a weekend "el fin de semana" may be this one or the last one. On a Friday also "este".
  const from = said === 'past' || isOver ? last : said === 'this' && !isSame(friday, today) ? friday : last;
  const to = said === 'past' ? last.add({ days: 2 }) : earlier(sunday, today);
  return { from: from.subtract({ weeks }), to: to.subtract({ weeks }) };
}

const WEEKENDS: readonly [string, 'plain' | 'this' | 'past', number?][] = [
  ['fin [de] semana', 'plain'],
  ['finde', 'plain'],
  ['este fin [de] semana', 'this'],
  ['este finde', 'this'],
  ['fin|finde pasado|anterior', 'past'],
  ['fin [de] semana pasado|anterior|pasada', 'past'],
  ['pasado|ultimo fin [de] semana', 'past'],
  ['este fin [de] semana pasado', 'past'],
  ['este finde pasado', 'past'],
  ['este fin [de] semana que paso', 'past'],
  ['fin|finde antepasado', 'past', 1],
  ['fin [de] semana antepasado', 'past', 1],
];

const MONTH_ROWS: readonly Row[] = [
  row('en|durante|todo {month}', ([month = 0]) => monthMoment(month)),
  row('mes de {mon}', ([month = 0]) => monthMoment(month)),
  row('por ahi|hay|ay|alli|aya de|en {month}', ([month = 0]) => monthMoment(month)),
  row('como por|en|a {month}', ([month = 0]) => monthMoment(month)),
  row('un|algun|cualquier|cierto dia de {month}', ([month = 0]) => monthMoment(month)),
  row('un|algun|cierto {weekday} de {month}', ([_day, month = 0]) => monthMoment(month)),
  row('{mon}', ([month = 0]) => (month === 3 ? undefined : monthMoment(month)), 'alone'),
  row('{month}', ([month = 0]) => monthMoment(month), 'alone'),
  row('[en] {month} pasado|ultimo|anterior', ([month = 0]) => pastMonth(month)),
  row('[en] [el] pasado|ultimo {month}', ([month = 0]) => pastMonth(month)),
  row('[en] {mon} [de|del|-|/] [ano] {year}', ([month = 0, year = 0]) => [
    monthMoment(month),
    yearMoment(year),
  ]),
  row('[en] {mon} [de] [el] ano {year}', ([month = 0, year = 0]) => [monthMoment(month), yearMoment(year)]),
  row('[en] {mon} de|del|-|/ [ano] {yy}', ([month = 0, yy = 0], today) => [
    monthMoment(month),
    yearMoment(wholeYear(yy, today)),
  ]),
  row('[en] {mon} de hace {n} anos', ([month = 0, years = 0], today) => [
    monthMoment(month),
    yearMoment(today.year - Math.min(years, 100)),
  ]),
  row('[en] {mon} de hace un ano', ([month = 0], today) => [monthMoment(month), yearMoment(today.year - 1)]),
  row('{day} -|/ {year}', ([month = 0, year = 0]) => monthAndYear(month, year), 'opening'),
  row('{year} -|/ {day}', ([year = 0, month = 0]) => monthAndYear(month, year), 'opening'),
];

/** "marzo pasado", said in March, may mean this one or that of last year: too wide to be of use. */
function pastMonth(month: number): Moment {
  const { within, rank } = monthMoment(month);
  const alone = (today: Day): Span | undefined => {
    const year = today.month > month ? today.year : today.year - 1;
    return today.month === month ? undefined : monthIn(year, month);
  };
  return { rank, within, alone };
}

function monthAndYear(month: number, year: number): Moment[] | undefined {
  return month <= 12 ? [monthMoment(month), yearMoment(year)] : undefined;
}

/** "el viernes 20 del presente" */
const THIS_MONTH = row(
  'presente|corriente',
  (_values, today) => fixedMoment(monthOf(today), RANK.month),
  'alone',
);

/** "el 12 del mes pasado" */
const MONTHS_BACK: readonly [string, number][] = [
  ['[el|dia] {day} de este mes', 0],
  ['[el|dia] {day} del presente|actual|corriente [mes]', 0],
  ['[el|dia] {day} del mes en curso', 0],
  ['[el|dia] {day} del [mes] pasado|anterior [mes]', 1],
  ['[el|dia] {day} del mes antepasado', 2],
];

const yearIfReal = (year: number, today: Day): Moment | undefined =>
  year >= FIRST_YEAR && year <= today.year + 20 ? yearMoment(year) : undefined;

const YEAR_ROWS: readonly Row[] = [
  row('{year}', ([year = 0], today) => yearIfReal(year, today), 'alone'),
  row('en|durante [el|todo] [ano] {year}', ([year = 0], today) => yearIfReal(year, today), 'clause'),
  row('ano {year}', ([year = 0], today) => yearIfReal(year, today)),
  row('ano {yy}', ([yy = 0], today) => yearMoment(wholeYear(yy, today)), 'clause'),
  // "en el 24" is a year. "en el 12" may also be a day, a room or a bus.
  row(
    'en el {yy}',
    ([yy = 0], today) => (wholeYear(yy, today) > today.year - 10 ? yearMoment(wholeYear(yy, today)) : []),
    'alone',
  ),
];

export const SPANS: readonly Row[] = [
  ...UNIT_ROWS,
  ...ROLLING.map(([line, first]) =>
    row(line, ([n = 0], today) =>
      fixedMoment({ from: first(today, Math.min(n, 1_000)), to: today }, RANK.month),
    ),
  ),
  ...WEEKENDS.map(([line, said, weeks = 0]) =>
    row(line, (_values, today) => fixedMoment(weekend(today, said, weeks), RANK.weekend)),
  ),
  row('este fin', (_values, today) => fixedMoment(weekend(today, 'this'), RANK.weekend), 'clause'),
  row(
    'en la quincena',
    (_values, today) => fixedMoment({ from: halfMonthBack(today, 1).from, to: today }, RANK.week),
    'clause',
  ),
  ...MONTH_ROWS,
  THIS_MONTH,
  ...MONTHS_BACK.map(([line, months]) =>
    row(
      line,
      ([day = 0], today) => [dayOfMonth(day), fixedMoment(monthOf(today.subtract({ months })), RANK.month)],
      'anywhere',
      true,
    ),
  ),
  ...YEAR_ROWS,
];
