import { dayIn, easter, monthIn, weekdayFrom, type Day, type Span } from './calendar.js';
import { RANK, yearly, type Moment } from './moments.js';
import { row, type Row, type Strength } from './rows.js';

/** A feast: its place in a year, and how people say it. Names that may mean something else are `unsure`. */
interface Feast {
  in: (year: number) => Span | undefined;
  sure: readonly string[];
  unsure?: readonly string[];
  rank?: number;
}

/** From one day of the year to another, as month and day. */
const days =
  (firstMonth: number, firstDay: number, lastMonth = firstMonth, lastDay = firstDay) =>
  (year: number): Span | undefined => {
    const to = dayIn(year, lastMonth, lastDay);
    const from = dayIn(firstMonth > lastMonth ? year - 1 : year, firstMonth, firstDay);
    return from && to && { from, to };
  };

/** Days counted from Easter Sunday. */
const fromEaster =
  (first: number, last: number) =>
  (year: number): Span => {
    const sunday = easter(year);
    return { from: sunday.add({ days: first }), to: sunday.add({ days: last }) };
  };

const months =
  (first: number, last: number) =>
  (year: number): Span => ({
    from: monthIn(first > last ? year - 1 : year, first).from,
    to: monthIn(year, last).to,
  });

/** The third Sunday of June. */
function fathersDay(year: number): Span {
  const day = weekdayFrom(monthIn(year, 6).from, 7).add({ weeks: 2 });
  return { from: day, to: day };
}

/** Years in which the sales of the Buen Fin were longer: first and last day in November. */
const LONG_BUEN_FIN: Readonly<Record<number, readonly [number, number]>> = {
  2020: [9, 20],
  2021: [10, 16],
  2025: [13, 17],
};

/** From Friday to the third Monday of November, which is free for the 20th. It began in 2011. */
function buenFin(year: number): Span | undefined {
  if (year < 2011) return undefined;
  const november: Day = monthIn(year, 11).from;
  const monday = weekdayFrom(november, 1).add({ weeks: 2 });
  const [first, last] = LONG_BUEN_FIN[year] ?? [monday.day - 3, monday.day];
  return { from: november.with({ day: first }), to: november.with({ day: last }) };
}

const FEASTS: readonly Feast[] = [
  {
    in: days(12, 24, 12, 25),
    sure: ['en|esta navidad', 'dia de [la] navidad'],
    unsure: ['navidad'],
  },
  { in: days(12, 24), sure: ['nochebuena', 'noche buena'] },
  {
    in: days(12, 31, 1, 1),
    sure: ['en ano nuevo', 'dia de ano nuevo', 'dia primero del ano'],
    unsure: ['ano nuevo'],
  },
  { in: days(1, 5, 1, 6), sure: ['dia de [los] reyes [magos]', 'en reyes'], unsure: ['reyes'] },
  { in: days(2, 2), sure: ['dia de la candelaria'], unsure: ['candelaria'] },
  { in: days(2, 5), sure: ['dia de la constitucion'] },
  { in: days(2, 14), sure: ['dia del amor', 'dia de los enamorados', 'san valentin'] },
  { in: days(2, 24), sure: ['dia de la bandera'] },
  { in: fromEaster(-7, 0), sure: ['semana santa'] },
  { in: fromEaster(-3, -3), sure: ['jueves santo'] },
  { in: fromEaster(-2, -2), sure: ['viernes santo'] },
  { in: fromEaster(-1, -1), sure: ['sabado de gloria'] },
  { in: fromEaster(0, 0), sure: ['domingo de resurreccion|pascua'] },
  { in: fromEaster(0, 7), sure: ['semana de pascua'] },
  { in: days(4, 30), sure: ['dia del|de nino', 'dia de los ninos'] },
  { in: days(5, 1), sure: ['dia del trabajo', 'dia de los trabajadores'] },
  { in: days(5, 10), sure: ['dia de la|las madre|madres|mama|mamas', 'dia de madres'] },
  { in: days(5, 15), sure: ['dia del maestro', 'dia de los maestros'] },
  { in: fathersDay, sure: ['dia del padre|papa', 'dia de los padres'] },
  {
    in: days(9, 15, 9, 16),
    sure: ['dia de la independencia', 'fiestas patrias', 'noche del grito', 'en el grito'],
    unsure: ['grito', 'el grito', 'independencia'],
  },
  { in: days(10, 31), sure: ['en halloween', 'noche de brujas'], unsure: ['halloween'] },
  {
    in: days(10, 31, 11, 2),
    sure: ['dia|dias de [los] muertos', 'dia de [todos] [los] santos', 'dia de los fieles difuntos'],
    unsure: ['muertos', 'todos santos'],
  },
  { in: buenFin, sure: ['buen fin'] },
  { in: days(11, 20), sure: ['dia de la revolucion'] },
  {
    in: days(12, 12),
    sure: ['dia de la virgen [de] [guadalupe]', 'dia de guadalupe', 'virgen de guadalupe'],
    unsure: ['guadalupe', 'virgen'],
  },
  { in: months(3, 6), sure: ['en [la] primavera', 'primavera pasada'], rank: RANK.season },
  { in: months(6, 9), sure: ['en [el] verano', 'verano pasado'], rank: RANK.season },
  { in: months(9, 12), sure: ['en [el] otono', 'otono pasado'], rank: RANK.season },
  { in: months(12, 3), sure: ['en [el] invierno', 'invierno pasado'], rank: RANK.season },
];

export const HOLIDAYS: readonly Row[] = FEASTS.flatMap(({ in: inYear, sure, unsure = [], rank }) => {
  const moment: Moment = yearly(rank ?? RANK.holiday, inYear);
  const rows = (lines: readonly string[], strength: Strength): Row[] =>
    lines.map((line) => row(line, () => moment, strength));
  return [...rows(sure, 'anywhere'), ...rows(unsure, 'alone'), ...rows(pasts(unsure), 'anywhere')];
});

/** "la navidad pasada", "el pasado año nuevo" */
function pasts(names: readonly string[]): string[] {
  return names.flatMap((name) => [`${name} pasada|pasado`, `pasada|pasado ${name}`]);
}
