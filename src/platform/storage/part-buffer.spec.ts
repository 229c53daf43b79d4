import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { PartBuffer } from './part-buffer.js';

async function* each(pieces: Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* pieces;
}

describe('parts of a stream', () => {
  it('hold the same bytes in parts of the full size, whatever the pieces are', async () => {
    const pieces = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(pieces, fc.integer({ min: 1, max: 16 }), async (given, size) => {
        const parts = new PartBuffer(size, each(given));
        const got: Buffer[] = [];
        for (let part = await parts.next(); part.length > 0; part = await parts.next())
          got.push(Buffer.from(part));
        expect(Buffer.concat(got)).toEqual(Buffer.concat(given));
        expect(got.slice(0, -1).every(({ length }) => length === size)).toBe(true);
        expect([parts.ended, (await parts.next()).length]).toEqual([true, 0]);
      }),
    );
  });

  it('tell a source that nobody wants the rest', async () => {
    let closed = false;
    async function* source(): AsyncGenerator<Uint8Array> {
      try {
        for (;;) yield new Uint8Array(3);
      } finally {
        closed = true;
      }
    }
    const parts = new PartBuffer(2, source());
    await parts.next();
    await parts.close();
    expect(closed).toBe(true);
  });
});
