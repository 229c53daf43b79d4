import type { IncomingHttpHeaders } from 'node:http';
import type { ByteRange } from '../../platform/crypto/sealed-file.js';

/**
 * Reads the one part of a file that a request asks for (RFC 9110, section 14).
 * @returns undefined: the whole file, also for several parts and for forms that nobody sends. `none`: the
 *   file has no such part
 */
function rangeOf(
  { range, 'if-range': ifRange }: IncomingHttpHeaders,
  { size, sha256 }: { size: number; sha256: string },
): ByteRange | 'none' | undefined {
  const [, first, last] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(range ?? '') ?? [];
  if (first === undefined || last === undefined || first + last === '') return undefined;
  // The reader holds parts of another copy.
  if (ifRange !== undefined && ifRange !== `"${sha256}"`) return undefined;
  // Without a first byte the number tells how many of the last bytes are wanted.
  const from = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const to = first === '' || last === '' ? size : Math.min(size, Number(last) + 1);
  if (from >= size || (first === '' && Number(last) === 0)) return 'none';
  return to > from ? { from, to } : undefined;
}

/** The part of a request for a copy that decides what it gets. */
export interface CopyRequest {
  method: string;
  headers: IncomingHttpHeaders;
}

/** What a request for a copy gets. */
export interface CopyAnswer {
  status: 200 | 206 | 304 | 416;
  /** The bytes that leave; null when none does. */
  part: ByteRange | null;
}

/** Answers by the conditions of a request (RFC 9110, section 13.2.2). HEAD gets the headers of the whole. */
export function answerOf(
  { method, headers }: CopyRequest,
  copy: { size: number; sha256: string },
): CopyAnswer {
  if (isHeld(headers['if-none-match'], copy)) return { status: 304, part: null };
  if (method === 'HEAD') return { status: 200, part: null };
  const range = rangeOf(headers, copy);
  if (range === 'none') return { status: 416, part: null };
  return range ? { status: 206, part: range } : { status: 200, part: { from: 0, to: copy.size } };
}

/**
 * Answers for a copy that gets a mark. Each download is another one, so it comes whole: no part of one fits
 * another.
 */
export function answerWithMark({ method }: CopyRequest, { size }: { size: number }): CopyAnswer {
  return { status: 200, part: method === 'HEAD' ? null : { from: 0, to: size } };
}

/** Whether the reader holds this copy already, as `If-None-Match` says. */
function isHeld(tags: string | undefined, { sha256 }: { sha256: string }): boolean {
  if (tags === undefined) return false;
  return tags.split(',').some((tag) => ['*', `"${sha256}"`].includes(tag.trim().replace(/^W\//, '')));
}
