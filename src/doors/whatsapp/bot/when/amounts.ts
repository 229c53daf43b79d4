import { earlier, type Day, type Span } from './calendar.js';
import { amountMoment } from './moments.js';
import { pattern } from './words/pattern.js';
import type { Found, Strength } from './rows.js';
import type { Token } from './words/token.js';

/**
 * Amounts of time: "hace tres días", "hace como dos semanas", "hace mes y medio". How they become days:
 *
 * - Up to seven days without "como" are exact: "hace 3 días" is one day.
 * - People round everything else. "hace dos semanas" holds what rounds to two weeks: three days more or
 *   less. For a month it is 15 days, for a year half a year. A tenth of the amount, if that is more.
 * - "como", "unos", "casi", "más o menos" widen it to a quarter of the amount, at least half of the unit,
 *   rounded up. "hace como dos semanas" is 18 to 10 days ago, "hace como 3 días" 4 to 2.
 * - With halves ("mes y medio", "medio año") people round to half units: a quarter of the unit.
 * - "unos días" are 2 to 10 days, "unas semanas" 10 to 70 days, "unos meses" a month to a year.
 * - "hace dos horas" may have been before midnight: yesterday or today.
 */
interface Unit {
  words: readonly string[];
  days: number;
  /** Units of a calendar are counted in months. */
  months?: number;
  /** How far people round a whole number of it, in days. */
  rounding: number;
  /** What "unos" and "varios" mean, in days. */
  some?: readonly [number, number];
}

const UNITS: readonly Unit[] = [
  { words: ['hora', 'horas', 'hrs', 'hr'], days: 1 / 24, rounding: 0, some: [0, 1] },
  { words: ['dia', 'dias'], days: 1, rounding: 0, some: [2, 10] },
  { words: ['semana', 'semanas'], days: 7, rounding: 3, some: [10, 70] },
  { words: ['quincena', 'quincenas'], days: 15, rounding: 7 },
  { words: ['mes', 'meses'], days: 30.44, months: 1, rounding: 15, some: [30, 366] },
  { words: ['bimestre', 'bimestres'], days: 60.9, months: 2, rounding: 30 },
  { words: ['semestre', 'semestres'], days: 182.6, months: 6, rounding: 91 },
  { words: ['ano', 'anos'], days: 365.24, months: 12, rounding: 183 },
];
const YEAR_IN_DAYS = 365;

/** More is no answer. */
const MOST_DAYS = 36_525;
const EXACT_DAYS = 7;

const BEGINS: readonly [string, Strength][] = [
  ['hace', 'anywhere'],
  // "tiene 3 meses" may be the age of a child.
  ['tiene|tienen|van', 'alone'],
];
const VAGUE = ['como', 'unos', 'unas', 'casi', 'aproximadamente', 'aprox', 'tipo', 'cerca', 'alrededor'];
const BEFORE = [pattern('mas o menos'), pattern('por ahi|hay de'), pattern(`${VAGUE.join('|')} [de]`)];
const AFTER = ['mas o menos', 'aproximadamente|aprox', 'o algo asi', 'o menos'].map(pattern);
const SAYS_NOTHING = ['ya', 'apenas', 'solo', 'entre', 'exactamente'];
const SOME = ['unos', 'unas', 'algunos', 'algunas', 'varios', 'varias', 'pocos', 'pocas'];
const BETWEEN = ['o', 'a', 'y', '-', ',', 'u'];
const AND_HALF = pattern('y medio|media');
const PAIR = pattern('[un] par de');

/** How much, as least and most of a unit. */
export interface Amount {
  end: number;
  unit: Unit;
  least: number;
  most: number;
  vague?: boolean;
  /** "unos", "varios" */
  some?: boolean;
}

const BEGINNINGS = BEGINS.map(([line, strength]) => ({ begins: pattern(`${line} [ya]`), strength }));

/** "hace dos semanas", "dos semanas atrás" */
export function amountAt(tokens: readonly Token[], at: number, today: Day): Found | undefined {
  for (const { begins, strength } of BEGINNINGS) {
    const begin = begins(tokens, at);
    if (begin) return foundIn(readAmount(tokens, begin.end), strength, today);
  }
  const amount = readAmount(tokens, at);
  const isBack = amount && tokens[amount.end]?.word === 'atras';
  return isBack ? foundIn({ ...amount, end: amount.end + 1 }, 'anywhere', today) : undefined;
}

function foundIn(amount: Amount | undefined, strength: Strength, today: Day): Found | undefined {
  const span = amount && daysOf(amount, today);
  if (!span) return undefined;
  // "hace un año, en marzo": of this year or of the last one?
  const confirms = amount.unit.days < YEAR_IN_DAYS;
  return { end: amount.end, moments: [amountMoment(span, confirms)], strength, numbered: false };
}

/** The days on which something was that happened such an amount of time ago. */
export function daysOf({ unit, least, most, vague, some }: Amount, today: Day): Span | undefined {
  if (most * unit.days > MOST_DAYS) return undefined;
  if (some) {
    return (
      unit.some && {
        from: today.subtract({ days: unit.some[1] }),
        to: today.subtract({ days: unit.some[0] }),
      }
    );
  }
  if (unit.days < 1) {
    const days = Math.floor(most * unit.days);
    return {
      from: today.subtract({ days: days + 1 }),
      to: today.subtract({ days: Math.floor(least * unit.days) }),
    };
  }
  const width = widthOf({ unit, most, vague: vague === true });
  return {
    from: back(today, most, unit).subtract({ days: width }),
    to: earlier(today, back(today, least, unit).add({ days: width })),
  };
}

/** The day before today by such an amount, without what people round: "hace más de un año". */
export function backBy({ unit, least, some }: Amount, today: Day): Day | undefined {
  return some || least * unit.days > MOST_DAYS ? undefined : back(today, least, unit);
}

function widthOf({ unit, most, vague }: { unit: Unit; most: number; vague: boolean }): number {
  const days = most * unit.days;
  if (vague) return Math.max(Math.ceil(unit.days / 2), Math.ceil(days / 4));
  if (days <= EXACT_DAYS && unit.days === 1) return 0;
  const rounding = Number.isInteger(most) ? unit.rounding : Math.ceil(unit.days / 4);
  return Math.max(rounding, Math.ceil(days / 10));
}

function back(today: Day, amount: number, { months, days }: Unit): Day {
  if (months === undefined) return today.subtract({ days: Math.round(amount * days) });
  const whole = Math.floor(amount * months);
  const rest = Math.round(((amount * months - whole) * days) / months);
  return today.subtract({ months: whole }).subtract({ days: rest });
}

/** Read an amount without "hace": "como dos semanas", "un par de días", "mes y medio". */
export function readAmount(tokens: readonly Token[], at: number): Amount | undefined {
  let vague = false;
  for (let start = at; ;) {
    const amount = readQuantity(tokens, start);
    if (amount) return ended(tokens, { ...amount, vague });
    const before = BEFORE.map((matcher) => matcher(tokens, start)).find((match) => match !== undefined);
    if (!before && !SAYS_NOTHING.includes(tokens[start]?.word ?? '')) return undefined;
    vague ||= before !== undefined;
    start = before?.end ?? start + 1;
  }
}

/** What follows an amount and changes it: "y medio", "y tres meses", "más o menos". */
function ended(tokens: readonly Token[], amount: Amount): Amount {
  const more = tokens[amount.end]?.word === 'y' ? readQuantity(tokens, amount.end + 1) : undefined;
  const half = AND_HALF(tokens, amount.end);
  const whole = half
    ? { ...amount, end: half.end, least: amount.least + 0.5, most: amount.most + 0.5 }
    : more && more.unit.days < amount.unit.days && !more.some
      ? sumOf(amount, more)
      : amount;
  const after = AFTER.map((matcher) => matcher(tokens, whole.end)).find((match) => match !== undefined);
  return after ? { ...whole, end: after.end, vague: true } : whole;
}

/** "un año y tres meses" are 15 months. */
function sumOf(large: Amount, small: Amount): Amount {
  const times = Math.round(large.unit.days / small.unit.days);
  return {
    ...small,
    least: large.least * times + small.least,
    most: large.most * times + small.most,
    ...(large.vague ? { vague: true } : {}),
  };
}

function readQuantity(tokens: readonly Token[], at: number): Amount | undefined {
  const { word = '', number } = tokens[at] ?? {};
  const pair = PAIR(tokens, at);
  // "un par" is two, and often three.
  if (pair) return withUnit(tokens, pair.end, 2, 3);
  if (word === 'un' || word === 'una') return withUnit(tokens, at + 1, 1, 1);
  if (word === 'medio' || word === 'media') return withUnit(tokens, at + 1, 0.5, 0.5);
  if (SOME.includes(word)) {
    const amount = withUnit(tokens, at + 1, 0, 0);
    return amount && { ...amount, some: true };
  }
  if (number !== undefined) return withUnit(tokens, at + 1, number, number) ?? fromTo(tokens, at, number);
  // "mes y medio"
  return AND_HALF(tokens, at + 1) ? withUnit(tokens, at, 1, 1) : undefined;
}

/** "2 o 3 semanas", "dos tres días" */
function fromTo(tokens: readonly Token[], at: number, least: number): Amount | undefined {
  const next = BETWEEN.includes(tokens[at + 1]?.word ?? '') ? at + 2 : at + 1;
  const most = tokens[next]?.number;
  return most !== undefined && most > least ? withUnit(tokens, next + 1, least, most) : undefined;
}

function withUnit(tokens: readonly Token[], at: number, least: number, most: number): Amount | undefined {
  const unit = UNITS.find(({ words }) => words.includes(tokens[at]?.word ?? ''));
  return unit && { end: at + 1, unit, least, most };
}
