import { randomBytes } from 'node:crypto';
import { typedCode } from '../../../platform/typed-text.js';

export const MIN_PASSWORD = 12;
export const MAX_PASSWORD = 128;

export type PasswordFault = 'TOO_SHORT' | 'TOO_LONG' | 'COMMON' | 'IS_EMAIL';

/** A password with fewer different characters is one key held down or a pattern. */
const MIN_DISTINCT = 5;

/** Common passwords of at least twelve characters, in lower case and without spaces. */
const COMMON = new Set([
  '123456789012',
  '1234567890123',
  '123456789abc',
  '0123456789ab',
  '1q2w3e4r5t6y',
  '1qaz2wsx3edc',
  'abcdefghijkl',
  'abcd12345678',
  'abc123456789',
  'administrador',
  'administrator',
  'administrador1',
  'bienvenido123',
  'bienvenido2026',
  'changeme1234',
  'changeme12345',
  'contraseña123',
  'contraseña1234',
  'contrasena123',
  'contrasena1234',
  'contraseña2026',
  'contrasena2026',
  'denuncia1234',
  'denuncia2026',
  'denunciaabierta',
  'gobierno1234',
  'gobierno2026',
  'iloveyou1234',
  'letmein12345',
  'mexico123456',
  'mexico202020',
  'password1234',
  'password12345',
  'password123456',
  'password2026',
  'passwordpassword',
  'p@ssw0rd1234',
  'p@ssword1234',
  'qwerty123456',
  'qwerty1234567',
  'qwertyuiop12',
  'qwertyuiop123',
  'qwertyuiopas',
  'qwertyuiopasdf',
  'teamomucho123',
  'welcome12345',
]);

/**
 * Returns what is wrong with a new password, or null. Checks only its length and a list of common passwords.
 * There are no rules about kinds of characters and no expiry (NIST SP 800-63B §5.1.1.2, OWASP ASVS 5.0 §6.2).
 * Length counts Unicode code points.
 */
export function passwordFault(password: string, email: string): PasswordFault | null {
  const normal = password.normalize('NFKC');
  const length = [...normal].length;
  if (length < MIN_PASSWORD) return 'TOO_SHORT';
  if (length > MAX_PASSWORD) return 'TOO_LONG';
  const plain = normal.toLowerCase().replace(/\s/g, '');
  if (plain === email.toLowerCase()) return 'IS_EMAIL';
  if (COMMON.has(plain) || new Set(plain).size < MIN_DISTINCT) return 'COMMON';
  return null;
}

/** Crockford's base32 in lower case. It has no i, l, o or u, which people misread. */
const READABLE = '0123456789abcdefghjkmnpqrstvwxyz';

/**
 * Turns a one-time password, as a person typed it, back into its original form. Accepts capitals, spaces,
 * dashes of any kind or none, and the letters that the alphabet leaves out (Crockford: o is 0; i and l are
 * 1). Returns any other text unchanged.
 */
export function asOneTimePassword(typed: string): string {
  const characters = typedCode(typed)
    .toLowerCase()
    .replace(/[ \-_.]/g, '')
    .replace(/o/g, '0')
    .replace(/[il]/g, '1');
  return ONE_TIME.test(characters) ? inFours(characters) : typed;
}

/**
 * Makes a one-time password that people can read out or write down: 16 characters in groups of four, 80
 * random bits.
 */
export function oneTimePassword(): string {
  // 256 is a multiple of 32, so every character is equally likely.
  const characters = [...randomBytes(16)].map((byte) => READABLE[byte % READABLE.length]).join('');
  return inFours(characters);
}

const ONE_TIME = new RegExp(`^[${READABLE}]{16}$`);

function inFours(characters: string): string {
  return characters.match(/.{4}/g)!.join('-');
}
