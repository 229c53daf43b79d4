import { sha256Hex } from '../../platform/crypto/sha256.js';

const MODULUS = 1n << 256n;

/** Total of a set of entries: their number, and a digest that does not depend on their order. */
export interface Total {
  entries: number;
  /** 64 hexadecimal digits. */
  digest: string;
}

/**
 * Add up entries until a day: the sum of SHA-256(commitment) as numbers of 256 bits, modulo 2^256. Deleting,
 * adding or exchanging an entry changes the sum. The order of reading does not.
 */
export class TrailTotal {
  private entries = 0;
  private sum = 0n;

  /** @param upTo last local day that counts */
  constructor(readonly upTo: string) {}

  add(entry: { day: string; commitment: Buffer }): void {
    if (entry.day > this.upTo) return;
    this.entries += 1;
    const hash = sha256Hex(entry.commitment);
    this.sum = (this.sum + BigInt(`0x${hash}`)) % MODULUS;
  }

  get total(): Total {
    return { entries: this.entries, digest: this.sum.toString(16).padStart(64, '0') };
  }
}
