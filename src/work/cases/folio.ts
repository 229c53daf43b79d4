import { randomInt } from 'node:crypto';
import { random } from '../../platform/crypto/random.js';
import { typedCode } from '../../platform/typed-text.js';

/** Crockford base32 has no I, L, O, U, so that a folio stays readable in handwriting and by phone. */
export const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const FORM = /^([A-Z]{2,6})-(\d{4})-([0-9A-HJKMNP-TV-Z]{4})-([0-9A-HJKMNP-TV-Z]{4})-([0-9A-HJKMNP-TV-Z])$/;

/**
 * Make a new random folio such as `CNV-2026-7K3M-Q9TZ-4`: prefix, year, 8 random characters (40 bits), one
 * check character. The folio is random because a consecutive number would show how many reports came before.
 * @param year local year of registration
 */
export function newFolio(prefix: string, year: number): string {
  let body = '';
  for (const byte of random(8)) body += ALPHABET[byte & 31];
  return `${prefix}-${year}-${body.slice(0, 4)}-${body.slice(4)}-${checkCharacter(body)}`;
}

/**
 * Luhn mod 32 over the 8 random characters, in Crockford's alphabet. Detects every single wrong character.
 */
export function checkCharacter(body: string): string {
  let sum = 0;
  for (let i = body.length - 1, factor = 2; i >= 0; i--, factor = 3 - factor) {
    const product = ALPHABET.indexOf(body[i]!) * factor;
    sum += Math.floor(product / 32) + (product % 32);
  }
  return ALPHABET[(32 - (sum % 32)) % 32]!;
}

/**
 * Maximum length of typed text. Pasted text may contain invisible characters. A longer text is no folio and
 * no code.
 */
const MAX_TYPED = 200;

/** Convert to upper case and plain characters, without the separators that people put between groups. */
export function compact(input: string): string {
  return typedCode(input)
    .toUpperCase()
    .replace(/[\s\-_.,;:/]/g, '');
}

/** Turn letters that people confuse with digits back into digits. */
function asDigits(text: string): string {
  return text.replace(/[IL]/g, '1').replace(/O/g, '0');
}

/**
 * The canonical folio of what a person typed or read aloud, or null. Accepts lower case, spaces, missing or
 * other hyphens, I and L for 1, O for 0, U for V. The prefix keeps its letters: a prefix has only letters.
 */
export function parseFolio(input: string): string | null {
  if (input.length > MAX_TYPED) return null;
  // The last nine characters are body and check character. The four digits before are the year. The rest is
  // the prefix.
  const match = /^([A-Z]{2,6})([0-9ILO]{4})([0-9A-Z]{9})$/.exec(compact(input));
  if (!match) return null;
  const [, prefix, year, typed] = match;
  const body = asDigits(typed!).replace(/U/g, 'V');
  if (checkCharacter(body.slice(0, 8)) !== body[8]) return null;
  return `${prefix}-${asDigits(year!)}-${body.slice(0, 4)}-${body.slice(4, 8)}-${body[8]}`;
}

/**
 * The canonical beginning of a folio, typed in the forms that `parseFolio` accepts. A text that cannot begin
 * a folio is returned in capitals.
 */
export function folioStart(q: string): string {
  const match = /^([A-Z]{2,6})([0-9ILO]{0,4})([0-9A-Z]{0,9})$/.exec(compact(q));
  if (!match) return q.toUpperCase();
  const [, prefix, year, typed] = match;
  const body = asDigits(typed!).replace(/U/g, 'V');
  const parts = [prefix!, asDigits(year!), body.slice(0, 4), body.slice(4, 8), body.slice(8)];
  return parts.filter((part) => part !== '').join('-');
}

/** Whether a folio may begin with a compact text. In a complete folio the check character must be right. */
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

/**
 * Make a new access code (clave de consulta): 16 random digits in groups of four, easy to dictate by phone.
 * 53.2 bits.
 */
export function newAccessCode(): string {
  const groups = Array.from({ length: 4 }, () => String(randomInt(10_000)).padStart(4, '0'));
  return groups.join('-');
}

/**
 * An access code out of secret random bytes, for a door that must be able to give the same one again.
 * @param bytes at least 16, so that every code is as likely as any other
 */
export function accessCodeFrom(bytes: Buffer): string {
  const digits = (BigInt(`0x${bytes.toString('hex')}`) % 10n ** 16n).toString().padStart(16, '0');
  return digits.replace(/(\d{4})(?=\d)/g, '$1-');
}

/** The 16 digits of what a person typed, or null. Ignores separators, and accepts I and L for 1, O for 0. */
export function parseAccessCode(input: string): string | null {
  if (input.length > MAX_TYPED) return null;
  const digits = asDigits(compact(input));
  return /^\d{16}$/.test(digits) ? digits : null;
}
