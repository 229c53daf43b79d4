import { createHash } from 'node:crypto';

/** Returns SHA-256 in lower-case hexadecimal. */
export function sha256Hex(bytes: Buffer | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}
