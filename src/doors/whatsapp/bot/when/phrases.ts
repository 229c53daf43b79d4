import { backBy, readAmount } from './amounts.js';
import { earlier, isBefore, type Day, type Span } from './calendar.js';
import { chainAt, daysOfChain, goesOnEnd, type Chain } from './chains.js';
import { pattern } from './words/pattern.js';
import { RANK } from './moments.js';
import type { Strength } from './rows.js';
import type { Token } from './words/token.js';

/** What a phrase says. Without `from` it was some time before, without `to` it goes on. */
export interface Meaning {
  from?: Day;
  to?: Day;
}

export interface Phrase {
  start: number;
  end: number;
  strength: Strength;
  /** Undefined: it is about days, but none of them is possible. */
  meaning: Meaning | undefined;
  /** "en marzo o abril" */
  alternatives: boolean;
}

type Opening = 'between' | 'since' | 'from' | 'before' | 'after';

/** Words before an expression that change what it means. */
const OPENINGS: readonly [string, Opening][] = [
  ['entre', 'between'],
  ['desde', 'since'],
  ['a partir de|del', 'since'],
  ['apartir de|del', 'since'],
  ['empezo|empezaron|comenzo|comenzaron|inicio|iniciaron', 'since'],
  ['de|del', 'from'],
  ['antes de|del', 'before'],
  ['despues|luego de|del', 'after'],
];
const OPENING_MATCHERS = OPENINGS.map(([line, opening]) => ({ matches: pattern(line), opening }));
const AFTER_OPENING = ['el', 'la', 'los', 'las', 'en', 'dia', 'como', 'mas', 'o', 'menos', 'principios'];
const LESS_THAN = pattern('hace [ya] menos de');
const MORE_THAN = pattern('hace [ya] mas de');
const OR_BEFORE = pattern('o antes');
const VAGUE_AFTER = pattern('[mas] [o] menos|aproximadamente|aprox');
const VAGUE_BEFORE = [
  'como',
  'alrededor',
  'cerca',
  'aproximadamente',
  'aprox',
  'menos',
  'ahi',
  'hay',
  'por',
  'hacia',
  'tipo',
];
const BEFORE_DAY = ['el', 'de', 'del', 'a', 'dia'];
/** "como el 20" is three days more or less. */
const AROUND = 3;

/** The phrase about days that begins at a place. */
export function phraseAt(tokens: readonly Token[], start: number, today: Day): Phrase | undefined {
  const before = tokens[start - 1]?.word ?? '';
  const plain = chainAt(tokens, start, today, ['el', 'del', 'los', 'dias'].includes(before));
  if (plain) return plainPhrase(tokens, start, plain, today);
  return comparedAmount(tokens, start, today) ?? openedPhrase(tokens, start, today);
}

function plainPhrase(tokens: readonly Token[], start: number, chain: Chain, today: Day): Phrase {
  const span = daysOfChain(chain, today, false);
  const orBefore = OR_BEFORE(tokens, chain.end);
  const about = VAGUE_AFTER(tokens, chain.end);
  const isVague =
    isNumberedDay(chain) && (chain.vague || about !== undefined || isVagueBefore(tokens, start));
  return {
    start,
    end: (orBefore ?? about)?.end ?? chain.end,
    strength: chain.strength,
    meaning: orBefore && span ? { to: span.to } : span && isVague ? around(span, today) : span,
    alternatives: chain.joins.includes('or'),
  };
}

/** "como el 20 de octubre", "por ahí del 20" */
function isVagueBefore(tokens: readonly Token[], start: number): boolean {
  let at = start - 1;
  while (at >= 0 && BEFORE_DAY.includes(tokens[at]!.word)) at--;
  return VAGUE_BEFORE.includes(tokens[at]?.word ?? '');
}

/** A day that is said by its number only. "como el lunes 20" is sure. */
function isNumberedDay({ items }: Chain): boolean {
  const [moments = []] = items;
  const isNumber = moments.some(({ rank, fixed }) => rank === RANK.day && !fixed);
  return items.length === 1 && isNumber && !moments.some(({ confirms }) => confirms);
}

function around({ from, to }: Span, today: Day): Span {
  return { from: from.subtract({ days: AROUND }), to: earlier(to.add({ days: AROUND }), today) };
}

/** "hace menos de un mes", "hace más de un año" */
function comparedAmount(tokens: readonly Token[], start: number, today: Day): Phrase | undefined {
  const less = LESS_THAN(tokens, start);
  const more = MORE_THAN(tokens, start);
  const amount = readAmount(tokens, (less ?? more)?.end ?? tokens.length);
  const day = amount && backBy(amount, today);
  if (!amount || !day) return undefined;
  const meaning = less ? { from: day, to: today } : { to: day };
  return { start, end: amount.end, strength: 'anywhere', meaning, alternatives: false };
}

function openedPhrase(tokens: readonly Token[], start: number, today: Day): Phrase | undefined {
  for (const { matches, opening } of OPENING_MATCHERS) {
    const opened = matches(tokens, start);
    if (!opened) continue;
    const led = tokens[opened.end - 1]?.word === 'del';
    for (let at = opened.end; at <= opened.end + AFTER_OPENING.length; at++) {
      const chain = chainAt(tokens, at, today, led);
      if (chain) return phraseOf(tokens, start, chain, opening, today);
      if (!AFTER_OPENING.includes(tokens[at]?.word ?? '')) break;
    }
  }
  return undefined;
}

function phraseOf(
  tokens: readonly Token[],
  start: number,
  chain: Chain,
  opening: Opening,
  today: Day,
): Phrase | undefined {
  const goesOn = goesOnEnd(tokens, chain.end);
  const isRange = chain.joins[0] === 'to';
  // "de marzo" alone opens nothing: "una multa de marzo".
  if (opening === 'from' && !isRange && goesOn === undefined) return undefined;
  const span = daysOfChain(chain, today, opening === 'between');
  const endless = goesOn !== undefined || (opening === 'since' && !isRange);
  return {
    start,
    end: goesOn ?? chain.end,
    strength: openedStrength(chain),
    meaning: span && (endless ? { from: span.from } : meaningOf(span, opening, today)),
    alternatives: chain.joins.includes('or'),
  };
}

function meaningOf(span: Span, opening: Opening, today: Day): Meaning | undefined {
  if (opening === 'before') return { to: span.from.subtract({ days: 1 }) };
  if (opening !== 'after') return span;
  const from = span.to.add({ days: 1 });
  return isBefore(today, from) ? undefined : { from, to: today };
}

/** "desde marzo" is sure, "marzo" may be a name. "desde 2000" may go on with "pesos". */
function openedStrength({ strength, items }: Chain): Strength {
  const ranks = items.flat().map(({ rank }) => rank);
  if (strength === 'opening') return ranks.some((rank) => rank > RANK.day) ? 'anywhere' : strength;
  return strength !== 'anywhere' && ranks.every((rank) => rank === RANK.year) ? 'clause' : 'anywhere';
}
