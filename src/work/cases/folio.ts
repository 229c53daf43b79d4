import { randomInt } from 'node:crypto';
import { random } from '../../platform/crypto/random.js';
import { typedCode } from '../../platform/typed-text.js';

/** Crockford base32: no I, L, O, U, so that a folio survives handwriting and the telephone. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const FORM = /^([A-Z]{2,6})-(\d{4})-([0-9A-HJKMNP-TV-Z]{4})-([0-9A-HJKMNP-TV-Z]{4})-([0-9A-HJKMNP-TV-Z])$/;

/**
 * A new random folio such as `CNV-2026-7K3M-Q9TZ-4`: prefix, year, 8 random characters (40 bits), one check
 * character. Random because a consecutive number would tell the next reporter how many came before.
 * @param year local year of registration
 */
export function newFolio(prefix: string, year: number): string {
  let body = '';
  for (const byte of random(8)) body += ALPHABET[byte & 31];
  return `${prefix}-${year}-${body.slice(0, 4)}-${body.slice(4)}-${checkCharacter(body)}`;
}

/** Luhn mod 32 over the 8 random characters, in Crockford's alphabet: finds every single wrong character. */
export function checkCharacter(body: string): string {
  let sum = 0;
  for (let i = body.length - 1, factor = 2; i >= 0; i--, factor = 3 - factor) {
    const product = ALPHABET.indexOf(body[i]!) * factor;
    sum += Math.floor(product / 32) + (product % 32);
  }
  return ALPHABET[(32 - (sum % 32)) % 32]!;
}

/** Pasted text may carry as many unseen characters again; more is no folio and no code. */
const MAX_TYPED = 200;

/** Upper case, in plain characters, without what people put between groups. */
export function compact(input: string): string {
  return typedCode(input)
    .toUpperCase()
    .replace(/[\s\-_.,;:/]/g, '');
}

/** Letters that a hand or a telephone makes of digits. */
function asDigits(text: string): string {
  return text.replace(/[IL]/g, '1').replace(/O/g, '0');
}

/**
 * The canonical folio of what a person typed or read aloud, or null. Forgives lower case, spaces, missing or
 * other hyphens, I and L for 1, O for 0, U for V. The prefix keeps its letters: they are all it has.
 */
export function parseFolio(input: string): string | null {
  if (input.length > MAX_TYPED) return null;
  // From the end: nine characters, four digits; what is left is the prefix.
  const match = /^([A-Z]{2,6})([0-9ILO]{4})([0-9A-Z]{9})$/.exec(compact(input));
  if (!match) return null;
  const [, prefix, year, typed] = match;
  const body = asDigits(typed!).replace(/U/g, 'V');
  if (checkCharacter(body.slice(0, 8)) !== body[8]) return null;
  return `${prefix}-${asDigits(year!)}-${body.slice(0, 4)}-${body.slice(4, 8)}-${body[8]}`;
}

/**
 * The canonical beginning of a folio typed as `parseFolio` takes it; what begins none stays as it is, in
 * capitals.
 */
export function folioStart(q: string): string {
  const match = /^([A-Z]{2,6})([0-9ILO]{0,4})([0-9A-Z]{0,9})$/.exec(compact(q));
  if (!match) return q.toUpperCase();
  const [, prefix, year, typed] = match;
  const body = asDigits(typed!).replace(/U/g, 'V');
  const parts = [prefix!, asDigits(year!), body.slice(0, 4), body.slice(4, 8), body.slice(8)];
  return parts.filter((part) => part !== '').join('-');
}

/** Whether a folio may begin with a text, compact; of a whole one the check character must be right. */
export function foliosMayBegin(text: string): boolean {
  return (
    /^([A-Z]{1,6}|[A-Z]{2,6}[0-9ILO]{1,4}|[A-Z]{2,6}[0-9ILO]{4}[0-9A-Z]{1,8})$/.test(text) ||
    parseFolio(text) !== null
  );
}

/** Whether a text already is a canonical folio with the right check character. */
export function isFolio(text: string): boolean {
  return FORM.test(text) && parseFolio(text) === text;
}

/** A new access code (clave de consulta): 16 random digits in fours, easy to dictate by phone. 53.2 bits. */
export function newAccessCode(): string {
  const groups = Array.from({ length: 4 }, () => String(randomInt(10_000)).padStart(4, '0'));
  return groups.join('-');
}

/**
 * The 16 digits of what a person typed, or null; what stands between them does not matter, nor I, L and O for
 * 1 and 0.
 */
export function parseAccessCode(input: string): string | null {
  if (input.length > MAX_TYPED) return null;
  const digits = asDigits(compact(input));
  return /^\d{16}$/.test(digits) ? digits : null;
}
