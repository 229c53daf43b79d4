import { ALPHABET, checkCharacter, compact } from './folio.js';

/** The first year that has a form in digits. */
const FIRST_YEAR = 2000;
/** How many folios one year has: 8 characters of 5 bits. */
const OF_A_YEAR = 2 ** 40;
/** Digits without the check digit, until the year 2090. Later folios have one more. */
const LENGTH = 14;
/** Longest form, check digit included: far beyond any year in which this program runs. */
const LONGEST = 16;

/**
 * The quasigroup of H. M. Damm (2004). One check digit over it catches every single wrong digit and every
 * swap of two neighbours.
 */
const DAMM = [
  '0317598642',
  '7092154863',
  '4206871359',
  '1750983426',
  '6123045978',
  '3674209581',
  '5869720134',
  '8945362017',
  '9438617205',
  '2581436790',
] as const;

/**
 * The folio in digits alone, for the keys of a telephone: `2884-8343-9839-674`. It holds year, random
 * characters and one check digit. The prefix is not in it: whoever reads it knows the institution. It has
 * fifteen digits, one less than an access code, so that a program can tell them apart.
 * @param folio as `newFolio` makes it, of the year 2000 or later
 */
export function folioDigits(folio: string): string {
  const [, year, ...body] = folio.split('-');
  const characters = [...body.slice(0, 2).join('')];
  const random = characters.reduce((sum, one) => sum * ALPHABET.length + ALPHABET.indexOf(one), 0);
  const digits = String((Number(year) - FIRST_YEAR) * OF_A_YEAR + random).padStart(LENGTH, '0');
  return `${digits}${damm(digits)}`.replace(/(\d{4})(?=\d)/g, '$1-');
}

/**
 * The folio that somebody typed in digits, or null when a digit is wrong or missing. Ignores the separators
 * that `parseFolio` ignores.
 * @param prefix of the institution whose folio it is
 */
export function parseFolioDigits(typed: string, prefix: string): string | null {
  if (typed.length > 200) return null;
  const digits = compact(typed);
  if (!/^\d+$/.test(digits) || digits.length <= LENGTH || digits.length > LONGEST) return null;
  if (damm(digits) !== 0) return null;
  const value = Number(digits.slice(0, -1));
  // A longer form of a year that has a shorter one is nobody's folio.
  if (String(value).padStart(LENGTH, '0').length !== digits.length - 1) return null;
  const year = FIRST_YEAR + Math.floor(value / OF_A_YEAR);
  const body = bodyOf(value % OF_A_YEAR);
  return `${prefix}-${year}-${body.slice(0, 4)}-${body.slice(4)}-${checkCharacter(body)}`;
}

function bodyOf(random: number): string {
  let body = '';
  for (let left = random, n = 0; n < 8; n++, left = Math.floor(left / ALPHABET.length))
    body = ALPHABET[left % ALPHABET.length]! + body;
  return body;
}

/** The check digit of these digits; 0 for digits with a right check digit at their end. */
function damm(digits: string): number {
  return [...digits].reduce((row, digit) => Number(DAMM[row]![Number(digit)]), 0);
}
