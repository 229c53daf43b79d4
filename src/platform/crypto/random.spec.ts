import { describe, expect, it } from '@jest/globals';
import { random } from './random.js';

describe('random bytes', () => {
  it('never come twice, across many pools and sizes', () => {
    const seen = new Set<string>();
    for (let i = 0; i < 4000; i++) {
      const bytes = random(i % 2 === 0 ? 12 : 32);
      expect(bytes).toHaveLength(i % 2 === 0 ? 12 : 32);
      seen.add(bytes.toString('hex').slice(0, 24));
    }
    expect(seen.size).toBe(4000);
  });

  it('are nobody else’s: what a caller does to its bytes shows in no other', () => {
    const first = random(32);
    const second = random(32);
    const before = second.toString('hex');
    first.fill(0);
    expect(second.toString('hex')).toBe(before);
    expect(random(32).equals(Buffer.alloc(32))).toBe(false);
  });

  it('come in any size, also one above a pool', () => {
    expect(random(100_000)).toHaveLength(100_000);
    expect(random(0)).toHaveLength(0);
  });
});
