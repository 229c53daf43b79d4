import { pattern } from './pattern.js';
import type { Token } from './token.js';

/**
 * Times of the day. An answer is about days, so they are taken out: "ayer como a las 5 pm" is "ayer". What is
 * no time stays: "a las 3 semanas".
 */
const PART_OF_DAY = 'manana|mananita|tarde|tardecita|noche|nochecita|madrugada';
const PATTERNS = [
  `a|como|eran|desde|entre|hasta|de|y|sobre|tipo|fue|fueron las|la {n}`,
  'a|como|eran|desde|entre|hasta|de|y|sobre|tipo las|la clock',
  'a la una',
  'clock',
  '{n} am|pm',
  `{n} de la ${PART_OF_DAY}`,
  `en|por|de|a|durante|toda la ${PART_OF_DAY}`,
  'al|a|en [el] mediodia|medianoche',
  'al|a|en [el] medio dia',
  'a media noche|manana|tarde',
  'a|en primera hora',
  'tarde|noche|madrugada|tempranito|temprano',
].map(pattern);

/** What may follow an hour and belongs to it. */
const AFTER_HOUR = [
  'y media|cuarto',
  'y {n}',
  'en punto',
  'am|pm|hrs|hr|horas',
  'de|en|por la ' + PART_OF_DAY,
].map(pattern);
/** What may stand before a time and belongs to it. */
const BEFORE = ['como', 'eso', 'de', 'tipo', 'aproximadamente', 'aprox', 'muy', 'ya', 'alrededor', 'casi'];

const LAST_HOUR = 24;
/** Behind these numbers they count something else. */
const COUNTED = ['dia', 'dias', 'semana', 'semanas', 'mes', 'meses', 'ano', 'anos', 'de', '/', '-'];

export function withoutTimes(tokens: readonly Token[]): Token[] {
  const kept: Token[] = [];
  for (let at = 0; at < tokens.length;) {
    const end = timeEnd(tokens, at);
    // "esta tarde" is today.
    if (end === undefined || kept.at(-1)?.word === 'esta') kept.push(tokens[at++]!);
    else {
      at = end;
      while (kept.length > 0 && BEFORE.includes(kept.at(-1)!.word)) kept.pop();
    }
  }
  return kept;
}

function timeEnd(tokens: readonly Token[], at: number): number | undefined {
  for (const matches of PATTERNS) {
    const match = matches(tokens, at);
    if (!match || !match.values.every((hour) => hour <= LAST_HOUR)) continue;
    const isHour = match.values.length > 0 && tokens[match.end - 1]?.number !== undefined;
    const end = endOfHour(tokens, match.end);
    const isCounted = isHour && end === match.end && COUNTED.includes(tokens[end]?.word ?? '');
    if (!isCounted) return end;
  }
  return undefined;
}

function endOfHour(tokens: readonly Token[], at: number): number {
  const after = AFTER_HOUR.map((matches) => matches(tokens, at)).find((match) => match !== undefined);
  return after ? endOfHour(tokens, after.end) : at;
}
