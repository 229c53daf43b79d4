/**
 * Bytes that hold something, such as an open file or a process. `return` frees it at any time. That of a
 * generator does so only after the first piece was asked for: a client may be gone before that.
 */
export interface HeldBytes extends AsyncIterableIterator<Buffer> {
  return(): Promise<IteratorResult<Buffer>>;
}

/**
 * @param next gives the pieces
 * @param free is called at the end, after an error, and whenever the reader leaves; it may be called again
 */
export function heldBytes(next: () => Promise<IteratorResult<Buffer>>, free: () => unknown): HeldBytes {
  const bytes: HeldBytes = {
    [Symbol.asyncIterator]: () => bytes,
    async next() {
      try {
        const piece = await next();
        if (piece.done) await free();
        return piece;
      } catch (error) {
        await free();
        throw error;
      }
    },
    async return() {
      await free();
      return { done: true, value: undefined };
    },
  };
  return bytes;
}
