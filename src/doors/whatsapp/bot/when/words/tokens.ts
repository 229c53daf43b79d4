import { withoutUnseen } from '../../../../../platform/typed-text.js';
import { withNumberWords } from './numbers.js';
import { meantWord, SHORT_MONTHS, SHORT_WEEKDAYS } from './spelling.js';
import type { Token } from './token.js';

/** A longer message is an account. Nobody answers the question for a day with it. */
const LONGEST = 1_000;

/** One piece: a time, an amount with commas, digits with separators, letters, or a sign. */
const PIECE =
  /\d{1,2}:\d{2}(?::\d{2})?|\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:(?:\s?[/-]\s?|\.)\d+)*|[a-z]+|[,;.!?\n$%#/-]/g;
/** "1ro", "1º": the first day of a month. */
const FIRST = /\b1(?:ro|ero|o|er(?= de ))\b\.?/g;
/** "1ra semana", "2do lunes" */
const ORDINAL = /\b([1-5])(?:er|ra|era|do|da|to|ta)\b/g;
const ORDINALS: Readonly<Record<string, readonly string[]>> = {
  a: ['primera', 'segunda', 'tercera', 'cuarta', 'quinta'],
  o: ['primer', 'segundo', 'tercer', 'cuarto', 'quinto'],
};
/** "12demarzo" */
const GLUED = /(\d)de(?=[a-z])/g;
const HALF_OF_DAY = /(?<![a-z])([ap])\.?\s?m\b\.?/g;
const REPEATED = /([a-z])\1{2,}/g;
/** The period behind a short form ends no sentence. */
const AFTER_SHORT = new RegExp(
  `\\b(${[...SHORT_MONTHS, ...SHORT_WEEKDAYS].join('|')}|sept|mier|col|av|calz|no|num|aprox|hrs?)\\.`,
  'g',
);

/** The words of a text in the spelling of a dictionary, without accents. Nothing when it is too long. */
export function tokensOf(text: string): Token[] {
  if (text.length > LONGEST) return [];
  const plain = withoutUnseen(text.normalize('NFKD'))
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/\p{Dash}/gu, '-')
    .replace(FIRST, '1')
    .replace(GLUED, '$1 de ')
    .replace(
      ORDINAL,
      (all, digit: string) => ORDINALS[all.endsWith('a') ? 'a' : 'o']?.[Number(digit) - 1] ?? '',
    )
    .replace(HALF_OF_DAY, ' $1m ')
    .replace(REPEATED, '$1')
    .replace(AFTER_SHORT, '$1 ');
  return withNumberWords((plain.match(PIECE) ?? []).flatMap(tokensOfPiece));
}

function tokensOfPiece(piece: string): Token[] {
  if (/^[a-z]/.test(piece)) return [{ word: meantWord(piece) }];
  if (/^[,;.!?\n]/.test(piece)) return [{ word: ',' }];
  if (!/^\d/.test(piece)) return [{ word: piece }];
  if (piece.includes(':')) return [{ word: 'clock' }];
  if (piece.includes(',')) return [{ word: 'amount' }];
  return numbersOf(piece);
}

/** The numbers of "12", "12/03", "12.3.26", "1.5". More than three parts are a telephone or a file number. */
function numbersOf(piece: string): Token[] {
  const parts = piece.split(/\s?[/.-]\s?/);
  const [one = '', two = ''] = parts;
  if (parts.length > 3 || parts.some((part) => part.length > 4)) return [{ word: 'amount' }];
  if (parts.length === 2 && piece.includes('.')) {
    return [{ word: '#', number: Number(`${one}.${two}`), digits: NaN }];
  }
  const sign = parts.length === 2 && piece.includes('-') ? '-' : '/';
  return parts.flatMap((part, index) => [...(index > 0 ? [{ word: sign }] : []), numberToken(part)]);
}

function numberToken(digits: string): Token {
  return { word: '#', number: Number(digits), digits: digits.length };
}
