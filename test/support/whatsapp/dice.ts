import { createHash, randomBytes } from 'node:crypto';

const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/**
 * Chance that can be repeated: the same seed gives the same values in the same order. Without a seed every
 * run differs.
 */
export class Dice {
  private count = 0;

  constructor(readonly seed?: string) {}

  /** Dice of their own for one thing, so that its values do not depend on what was thrown before. */
  fork(name: string): Dice {
    return new Dice(this.seed === undefined ? undefined : `${this.seed}/${name}`);
  }

  bytes(length: number): Buffer {
    if (this.seed === undefined) return randomBytes(length);
    const blocks: Buffer[] = [];
    for (let have = 0; have < length; have += 32) {
      blocks.push(createHash('sha256').update(`${this.seed}|${this.count++}`).digest());
    }
    return Buffer.concat(blocks).subarray(0, length);
  }

  /** A whole number from 0 to `limit - 1`; `limit` is 2^32 at most. */
  below(limit: number): number {
    return Math.floor((this.bytes(4).readUInt32BE() / 2 ** 32) * limit);
  }

  chance(probability: number): boolean {
    return this.below(1_000_000) < probability * 1_000_000;
  }

  /** Upper-case hexadecimal digits, as message ids hold them. */
  hex(digits: number): string {
    return this.bytes(Math.ceil(digits / 2))
      .toString('hex')
      .toUpperCase()
      .slice(0, digits);
  }

  digits(count: number): string {
    return Array.from({ length: count }, () => this.below(10)).join('');
  }

  /** An id of the form of `fbtrace_id` and `x-fb-request-id`. */
  trace(): string {
    return `A${Array.from({ length: 22 }, () => BASE64URL[this.below(64)]).join('')}`;
  }

  shuffled<T>(list: readonly T[]): T[] {
    const rest = [...list];
    const result: T[] = [];
    while (rest.length > 0) result.push(...rest.splice(this.below(rest.length), 1));
    return result;
  }
}
