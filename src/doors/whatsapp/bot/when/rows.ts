import type { Day } from './calendar.js';
import type { Moment } from './moments.js';
import { pattern, type Matcher } from './words/pattern.js';
import type { Token } from './words/token.js';

/**
 * Where in a message an expression counts, from the surest to the least sure:
 * - `anywhere`: nobody says it without meaning a day ("ayer", "12 de marzo").
 * - `clause`: the sentence or clause must end behind it ("en 2000", not "en 2000 pesos").
 * - `opening`: besides, nothing is said before it ("el 12 me cobraron", not "tomé el 12").
 * - `alone`: it is the whole answer ("marzo", not "Julio me cobró").
 */
export const STRENGTHS = ['anywhere', 'clause', 'opening', 'alone'] as const;
export type Strength = (typeof STRENGTHS)[number];

/** An expression: how it is written and what it says. */
export interface Row {
  matcher: Matcher;
  strength: Strength;
  /** Undefined: these values are no expression ("24/7"). */
  gives: (values: number[], today: Day) => Moment | readonly Moment[] | undefined;
  /** It begins with the number of a day, so that "3 y" may stand before it. */
  numbered: boolean;
}

/** An expression that was found. */
export interface Found {
  end: number;
  moments: readonly Moment[];
  strength: Strength;
  numbered: boolean;
  /** "en diciembre, como el 20" */
  vague?: boolean;
}

export function row(
  line: string,
  gives: Row['gives'],
  strength: Strength = 'anywhere',
  numbered = false,
): Row {
  return { matcher: pattern(line), strength, gives, numbered };
}

/** The longest expression of a table that begins at a place. Of two that are equally long, the first. */
export function longestRow(
  rows: readonly Row[],
  tokens: readonly Token[],
  at: number,
  today: Day,
): Found | undefined {
  let longest: Found | undefined;
  for (const { matcher, strength, gives, numbered } of rows) {
    const match = matcher(tokens, at);
    if (!match || match.end <= (longest?.end ?? at)) continue;
    const given = gives(match.values, today);
    if (given === undefined) continue;
    longest = { end: match.end, moments: [given].flat(), strength, numbered };
  }
  return longest;
}

/** The surest of several strengths: "lunes" alone is unsure, "lunes 12 de marzo" is not. */
export function surest(strengths: readonly Strength[]): Strength {
  return STRENGTHS.find((strength) => strengths.includes(strength)) ?? 'alone';
}
