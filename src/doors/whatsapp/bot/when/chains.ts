import { hull, isBefore, isSame, type Day, type Span } from './calendar.js';
import { expressionAt, isOfPlace } from './expressions.js';
import { dayOfMonth, lastOf, nearestTo, RANK, type Moment } from './moments.js';
import { pattern } from './words/pattern.js';
import { surest, type Found, type Strength } from './rows.js';
import type { Token } from './words/token.js';

/** How two expressions are joined: "del 3 al 5", "el 3 y 4", "marzo o abril". */
type Join = 'to' | 'and' | 'or';

/** Expressions that are joined, and how. */
export interface Chain {
  end: number;
  items: readonly (readonly Moment[])[];
  joins: readonly Join[];
  strength: Strength;
  /** "en diciembre, como el 20" */
  vague: boolean;
}

/** More is no answer, and would cost time. */
const MOST_ITEMS = 12;
const MOST_AFTER_JOIN = 3;

const JOINS: Readonly<Record<string, Join>> = {
  y: 'and',
  e: 'and',
  o: 'or',
  u: 'or',
  a: 'to',
  al: 'to',
  hasta: 'to',
  '-': 'to',
};
const AFTER_JOIN = ['el', 'la', 'los', 'las', 'en', 'de', 'del', 'dia', 'como'];
const GOES_ON = [
  'hasta [el] [dia] [de] hoy',
  'hasta ahora|ahorita',
  'hasta [el] momento',
  'hasta [la] fecha|actualidad',
  'a la fecha',
  'en adelante',
  'para aca',
].map(pattern);

/** The end of "hasta la fecha"; undefined when nothing of this kind stands here. */
export function goesOnEnd(tokens: readonly Token[], at: number): number | undefined {
  return GOES_ON.map((matches) => matches(tokens, at)?.end).find((end) => end !== undefined);
}

interface Item {
  end: number;
  moments: readonly Moment[];
  strength: Strength;
  /** It begins with the number of a day. */
  numbered: boolean;
  /** Only a number, which must get its month from another item. */
  bare: boolean;
  vague?: boolean;
}

/**
 * Read expressions that are joined.
 * @param led a number here is a day: "del 3 al 5"
 */
export function chainAt(tokens: readonly Token[], at: number, today: Day, led: boolean): Chain | undefined {
  const first = itemAt(tokens, at, today);
  if (!first) return undefined;
  const items = [first];
  const joins: Join[] = [];
  while (items.length < MOST_ITEMS) {
    const next = nextItem(tokens, items.at(-1)!.end, today);
    if (!next) break;
    items.push(next.item);
    joins.push(next.join);
  }
  const isLed = led || isDayAlone(first) || ['el', 'dia'].includes(tokens[at]!.word);
  return chainOf(items, joins, isLed);
}

/** Keep the items that may be days: a number needs a month behind it, or must be led by "el" or "del". */
function chainOf(items: readonly Item[], joins: readonly Join[], led: boolean): Chain | undefined {
  const isRun = (count: number): boolean =>
    items.slice(0, count).every(({ bare }, at) => !bare || led || hasMonthAfter(items.slice(0, count), at));
  for (let count = items.length; count > 0; count--) {
    if (!isRun(count)) continue;
    const kept = items.slice(0, count);
    return {
      end: kept.at(-1)!.end,
      items: kept.map(({ moments }) => moments),
      joins: joins.slice(0, count - 1),
      // "fuimos 3, 4 de marzo": nothing says that the 3 is a day.
      strength: kept[0]!.bare && !led ? 'opening' : surest(kept.map(({ strength }) => strength)),
      vague: kept.some(({ vague }) => vague === true),
    };
  }
  return undefined;
}

/** "3, 4 y 5 de octubre": the next item that is more than a number begins with a number too. */
function hasMonthAfter(items: readonly Item[], at: number): boolean {
  return items.slice(at + 1).find(({ bare }) => !bare)?.numbered === true;
}

function isDayAlone({ moments, numbered, bare }: Item): boolean {
  return numbered && !bare && moments.length === 1 && moments[0]!.rank === RANK.day;
}

function itemAt(tokens: readonly Token[], at: number, today: Day): Item | undefined {
  const found = expressionAt(tokens, at, today);
  const number = numberAt(tokens, at);
  if (!number) return found && { ...found, bare: false };
  return !found || isFirstOfRange(tokens, number, found, today) ? number : { ...found, bare: false };
}

/** The number of a day, with "el" or without: "el 3 y 4", "3 al 5". */
function numberAt(tokens: readonly Token[], at: number): Item | undefined {
  const { word, number = 0, digits = NaN } = tokens[at] ?? {};
  if (word === 'el' || word === 'dia')
    return tokens[at + 1]?.number === undefined ? undefined : numberAt(tokens, at + 1);
  if (!(number >= 1 && number <= 31 && digits <= 2) || isOfPlace(tokens, at)) return undefined;
  return { end: at + 1, moments: [dayOfMonth(number)], strength: 'opening', numbered: true, bare: true };
}

/** "3-5 de octubre" are days of a month, although "3-5" alone is the third of May. */
function isFirstOfRange(tokens: readonly Token[], number: Item, found: Found, today: Day): boolean {
  if (!joinAt(tokens, number.end)) return false;
  const next = expressionAt(tokens, number.end + 1, today);
  return next?.numbered === true && next.strength === 'anywhere' && next.end >= found.end;
}

function nextItem(tokens: readonly Token[], at: number, today: Day): { join: Join; item: Item } | undefined {
  const join = joinAt(tokens, at);
  if (!join || goesOnEnd(tokens, at) !== undefined) return undefined;
  for (let start = at + 1; start <= at + MOST_AFTER_JOIN; start++) {
    const item = itemAt(tokens, start, today);
    if (item) return { join, item };
    if (!AFTER_JOIN.includes(tokens[start]?.word ?? '')) return undefined;
  }
  return undefined;
}

function joinAt(tokens: readonly Token[], at: number): Join | undefined {
  const word = tokens[at]?.word ?? '';
  const betweenNumbers = tokens[at - 1]?.number !== undefined && tokens[at + 1]?.number !== undefined;
  return word === ',' && betweenNumbers ? 'and' : JOINS[word];
}

/**
 * The days of a chain, read from its end: the month of "del 3 al 5 de octubre" stands there.
 * @param between "entre el 3 y el 5": the first "y" means until
 */
export function daysOfChain({ items, joins }: Chain, today: Day, between: boolean): Span | undefined {
  const last = items.at(-1);
  let span = last && lastOf(last, today);
  for (let at = items.length - 2; at >= 0 && span; at--) {
    const join = between && at === 0 && joins[at] === 'and' ? 'to' : joins[at]!;
    span = withItem(items[at]!, join, span, today);
  }
  return span;
}

function withItem(item: readonly Moment[], join: Join, span: Span, today: Day): Span | undefined {
  if (join === 'to') {
    const first = lastOf(item, today, span.from);
    return first && !isBefore(span.from, first.from) ? { from: first.from, to: span.to } : undefined;
  }
  const other = nearestTo(item, span, today);
  if (!other) return undefined;
  return join === 'or' || isNext(other, span) || isNext(span, other) ? hull([other, span]) : undefined;
}

/** "el 3 y 4": two days of which one follows the other are one span. "el 3 y el 20" are two. */
function isNext(one: Span, other: Span): boolean {
  return isSame(one.to.add({ days: 1 }), other.from);
}
