import { MONTHS, SHORT_MONTHS, SHORT_WEEKDAYS, WEEKDAYS } from './spelling.js';
import type { Token } from './token.js';

/**
 * Patterns of expressions. A pattern is a line of words:
 *   `ayer`        this word
 *   `de|del`      one of these words
 *   `[mes]`       this word, or nothing in its place
 *   `{day}`       a slot of `SLOTS`; its value comes back
 */
export interface Match {
  /** The place behind the last word. */
  end: number;
  /** The values of the slots, in their order. */
  values: number[];
}

export type Matcher = (tokens: readonly Token[], at: number) => Match | undefined;

/** What a slot reads from a word. Undefined: the word is nothing for this slot. */
const SLOTS: Readonly<Record<string, (token: Token) => number | undefined>> = {
  /** Also 45 fits: "45 de marzo" is a date that does not exist, and not the month. */
  day: (token) => (token.word === 'primero' ? 1 : numberOf(token, 1, 2)),
  n: (token) => token.number,
  year: (token) => numberOf(token, 4, 4),
  yy: (token) => numberOf(token, 2, 2),
  month: (token) => placeIn(MONTHS, token),
  /** A month, also in its short form. */
  mon: (token) => placeIn(MONTHS, token) ?? placeIn(SHORT_MONTHS, token),
  weekday: (token) => placeIn(WEEKDAYS, token),
  /** A day of the week, also in its short form. */
  wd: (token) => placeIn(WEEKDAYS, token) ?? placeIn(SHORT_WEEKDAYS, token),
};

interface Part {
  optional: boolean;
  words?: readonly string[];
  slot?: (token: Token) => number | undefined;
}

export function pattern(line: string): Matcher {
  const parts = line.split(' ').map(partOf);
  return (tokens, at) => match(parts, 0, tokens, at);
}

function partOf(text: string): Part {
  const optional = text.startsWith('[');
  const inner = optional ? text.slice(1, -1) : text;
  if (!inner.startsWith('{')) return { optional, words: inner.split('|') };
  const slot = SLOTS[inner.slice(1, -1)];
  if (!slot) throw new Error(`no slot ${inner}`);
  return { optional, slot };
}

function match(
  parts: readonly Part[],
  part: number,
  tokens: readonly Token[],
  at: number,
): Match | undefined {
  const next = parts[part];
  if (!next) return { end: at, values: [] };
  const token = tokens[at];
  const value = token && valueOf(next, token);
  const rest = value && match(parts, part + 1, tokens, at + 1);
  if (rest) return { end: rest.end, values: [...value, ...rest.values] };
  return next.optional ? match(parts, part + 1, tokens, at) : undefined;
}

/** The value of a slot in a list; an empty list for a word that fits; undefined when nothing fits. */
function valueOf({ words, slot }: Part, token: Token): number[] | undefined {
  if (words) return words.includes(token.word) ? [] : undefined;
  const value = slot?.(token);
  return value === undefined ? undefined : [value];
}

function numberOf({ number, digits = 0 }: Token, least: number, most: number): number | undefined {
  return digits >= least && digits <= most ? number : undefined;
}

function placeIn(names: readonly string[], { word }: Token): number | undefined {
  const place = names.indexOf(word);
  return place < 0 ? undefined : place + 1;
}
