import { randomInt } from 'node:crypto';
import { compact } from '../../../work/cases/folio.js';

/**
 * A new number of a call, such as `4821-0937-5566`: 12 random digits in fours, easy to read aloud. It has
 * fewer digits than an access code, so that nobody takes one for the other. Whoever tries numbers is stopped
 * after a few (`calls.service.ts`).
 */
export function newCallNumber(): string {
  return Array.from({ length: 3 }, () => String(randomInt(10_000)).padStart(4, '0')).join('-');
}

/** The number in its one form, however a person typed it; null for a text that is no such number. */
export function parseCallNumber(typed: string): string | null {
  if (typed.length > 64) return null;
  const digits = compact(typed);
  return /^\d{12}$/.test(digits) ? digits.replace(/(\d{4})(?=\d)/g, '$1-') : null;
}
