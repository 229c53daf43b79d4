import type { IncomingHttpHeaders } from 'node:http';
import type { ByteRange } from '../../platform/crypto/sealed-file.js';

/**
 * Reads the one part of a file that a request asks for (RFC 9110, section 14).
 * @returns undefined: the whole file, also for several parts and for forms that nobody sends. `none`: the
 *   file has no such part
 */
export function rangeOf(
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
