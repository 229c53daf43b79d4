/** Readers for JSON of unknown shape. Each reader returns a usable value or nothing. No reader throws. */

export type JsonRecord = Readonly<Record<string, unknown>>;

export function asRecord(value: unknown): JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonRecord) : {};
}

export function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/**
 * Returns a string. A whole number becomes its digits, because Meta's group examples hold phones as numbers.
 * U+0000 and unpaired surrogates become U+FFFD: PostgreSQL refuses the first in text and jsonb, and UTF-8
 * cannot carry the second.
 */
export function asText(value: unknown): string | undefined {
  if (typeof value === 'string') return value.replace(/[\0\p{Surrogate}]/gu, '\uFFFD');
  return Number.isSafeInteger(value) ? String(value) : undefined;
}

/** Returns a finite number, also when it came as text. */
export function asNumber(value: unknown): number | undefined {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}

/**
 * Reads a Unix time in seconds. Milliseconds, which were seen in production, are recognised by their size.
 */
export function asInstant(value: unknown): Date | undefined {
  const number = asNumber(value);
  if (number === undefined || number <= 0) return undefined;
  const instant = new Date(number >= 1e12 ? number : number * 1000);
  return Number.isNaN(instant.getTime()) ? undefined : instant;
}
