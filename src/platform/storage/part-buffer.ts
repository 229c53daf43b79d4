/** Gathers small pieces of any size into parts of one size, in one buffer. */
export class PartBuffer {
  private readonly buffer: Buffer;
  private readonly source: AsyncIterator<Uint8Array>;
  private piece: Uint8Array = new Uint8Array(0);
  private done = false;

  constructor(size: number, source: AsyncIterable<Uint8Array>) {
    this.buffer = Buffer.allocUnsafeSlow(size);
    this.source = source[Symbol.asyncIterator]();
  }

  /** Tells whether the source has ended. The part that was given last is then the last one. */
  get ended(): boolean {
    return this.done;
  }

  /**
   * Returns the next part. All parts but the last one have the full size, and behind the last one all are
   * empty. A part is good until the next call, which writes over it.
   */
  async next(): Promise<Buffer> {
    let length = 0;
    while (length < this.buffer.length && (await this.havePiece())) {
      const taken = this.piece.subarray(0, this.buffer.length - length);
      this.buffer.set(taken, length);
      this.piece = this.piece.subarray(taken.length);
      length += taken.length;
    }
    return this.buffer.subarray(0, length);
  }

  /** Tells a source that is not read to its end that nobody wants the rest. */
  async close(): Promise<void> {
    if (!this.done) await this.source.return?.();
  }

  private async havePiece(): Promise<boolean> {
    while (this.piece.length === 0 && !this.done) {
      const { done, value } = await this.source.next();
      if (done) this.done = true;
      else this.piece = value;
    }
    return this.piece.length > 0;
  }
}
