import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { randomBytes } from 'node:crypto';
import {
  openFile,
  paddedLength,
  sealedLength,
  sealedRange,
  sealFile,
  SealedFileBroken,
  type ByteRange,
} from './sealed-file.js';

const FRAME = 64 * 1024;
const SEALED_FRAME = FRAME + 16;
const context = { table: 'evidence_files', row: 'a', field: 'original' };

async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function all(pieces: AsyncIterable<Buffer>): Promise<Buffer> {
  const found: Buffer[] = [];
  for await (const piece of pieces) found.push(piece);
  return Buffer.concat(found);
}

const sealed = (key: Buffer, content: Buffer, piece = 10_000): Promise<Buffer> =>
  all(sealFile(key, inPieces(content, piece), context));

function opened(
  key: Buffer,
  file: Buffer,
  length: number,
  { range = { from: 0, to: length }, piece = 7_000, where = context } = {},
): Promise<Buffer> {
  const { from, to } = sealedRange(range, length);
  return all(openFile(key, inPieces(file.subarray(from, to), piece), { context: where, length, range }));
}

describe('a sealed file', () => {
  it.each([0, 1, FRAME - 1, FRAME, FRAME + 1, 3 * FRAME, 1_000_000])(
    'of %d bytes opens as it was, and has the length that was foretold',
    async (length) => {
      const key = randomBytes(32);
      const content = randomBytes(length);
      const file = await sealed(key, content);
      expect(file).toHaveLength(sealedLength(length));
      expect((await opened(key, file, length)).equals(content)).toBe(true);
    },
  );

  it('gives any range of any content, in pieces of any size', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 400_000 }),
        fc.integer({ min: 1, max: 200_000 }),
        fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true })),
        async (length, piece, [a, b]) => {
          const key = randomBytes(32);
          const content = randomBytes(length);
          const [from, to] = [Math.floor(a * length), Math.floor(b * length)].sort((x, y) => x - y) as [
            number,
            number,
          ];
          const range: ByteRange = { from, to };
          const file = await sealed(key, content, piece);
          const found = await opened(key, file, length, { range, piece });
          expect(found.equals(content.subarray(from, to))).toBe(true);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('does not open with a changed byte anywhere, cut anywhere, or with another key or place', async () => {
    const key = randomBytes(32);
    const content = randomBytes(3 * FRAME - 5);
    const file = await sealed(key, content);
    for (let n = 0; n < 60; n++) {
      const copy = Buffer.from(file);
      const at = Math.floor(Math.random() * file.length);
      copy[at] = copy[at]! ^ 1;
      await expect(opened(key, copy, content.length)).rejects.toThrow(SealedFileBroken);
    }
    for (const cut of [1, 16, SEALED_FRAME, 2 * SEALED_FRAME, file.length - 1])
      await expect(opened(key, file.subarray(0, file.length - cut), content.length)).rejects.toThrow(
        SealedFileBroken,
      );
    await expect(opened(randomBytes(32), file, content.length)).rejects.toThrow(SealedFileBroken);
    for (const where of [
      { ...context, row: 'b' },
      { ...context, field: 'derivative' },
    ])
      await expect(opened(key, file, content.length, { where })).rejects.toThrow(SealedFileBroken);
  });

  it('does not open with frames in another order, one left out, or one of another file', async () => {
    const key = randomBytes(32);
    const content = randomBytes(4 * FRAME);
    const file = await sealed(key, content);
    const other = await sealed(randomBytes(32), content);
    const frame = (of: Buffer, n: number): Buffer => of.subarray(n * SEALED_FRAME, (n + 1) * SEALED_FRAME);
    const built = (...frames: Buffer[]): Buffer => Buffer.concat(frames);
    const [a, b, c, d] = [0, 1, 2, 3].map((n) => frame(file, n)) as [Buffer, Buffer, Buffer, Buffer];
    for (const wrong of [
      built(b, a, c, d),
      built(a, b, d, c),
      built(a, c, d),
      built(a, b, c, c),
      built(a, frame(other, 1), c, d),
    ])
      await expect(opened(key, wrong, content.length)).rejects.toThrow(SealedFileBroken);
    // Told as shorter than it is, its end is not an end.
    await expect(opened(key, built(a, b), 2 * FRAME)).rejects.toThrow(SealedFileBroken);
  });

  it('has a length of few steps, and at most an eighth more than its content', () => {
    const lengths = new Set<number>();
    for (let length = 1; length < 100 * 1024 * 1024; length = Math.ceil(length * 1.001)) {
      const padded = paddedLength(length);
      expect(padded).toBeGreaterThanOrEqual(length);
      if (length > FRAME) expect(padded).toBeLessThanOrEqual(length * 1.125);
      lengths.add(padded);
    }
    expect(lengths.size).toBeLessThan(100);
  });
});
