import { NO_TYPE } from './expediente-template.js';

/** The short code of a category in expedientes, e.g. COH for cohecho. */
export const SHORT_CODE = /^[A-Z][A-Z0-9]{1,5}$/;

export function isShortCode(code: string): boolean {
  return SHORT_CODE.test(code) && code !== NO_TYPE;
}

/**
 * Makes a short code for a category without one: the first letters of its Spanish name. When this code is
 * taken, it uses more letters or adds a number.
 */
export function shortCodeFor(label: string, taken: ReadonlySet<string>): string {
  const letters = label
    .normalize('NFD')
    .toUpperCase()
    .replace(/[^A-Z]/g, '');
  const start = letters.length < 2 ? 'CAT' : letters;
  for (let length = 3; length <= 6; length++) {
    const code = start.slice(0, length);
    if (isShortCode(code) && !taken.has(code)) return code;
  }
  for (let n = 2; ; n++) {
    const code = `${start.slice(0, 3)}${n}`;
    if (!taken.has(code)) return code;
  }
}
