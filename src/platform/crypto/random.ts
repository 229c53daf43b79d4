import { randomBytes } from 'node:crypto';

const POOL = 8192;
let pool = Buffer.alloc(0);
let used = 0;

/**
 * Returns random bytes of the system's generator, for keys, nonces and salts. They are read a few kilobytes
 * at a time: a report needs a dozen of them, and one system call for each cost more than the encryption.
 * Bytes that were given out are erased from the pool.
 */
export function random(size: number): Buffer {
  if (used + size > pool.length) {
    pool = randomBytes(Math.max(POOL, size));
    used = 0;
  }
  const bytes = Buffer.from(pool.subarray(used, used + size));
  pool.fill(0, used, used + size);
  used += size;
  return bytes;
}
