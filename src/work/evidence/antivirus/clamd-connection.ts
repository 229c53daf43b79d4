import { connect, type Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ScanFault } from './scanner.js';

/** Where clamd listens: the path of a Unix socket, or host and port. */
export type ClamdAddress = { path: string } | { host: string; port: number };

/** Milliseconds. */
export interface ClamdTimes {
  /** For which clamd may take no bytes. */
  idle: number;
  /** For one file, until the verdict. clamd itself stops after two minutes of examination. */
  whole: number;
}

/** clamd gave no whole answer. */
export class ClamdFailed extends Error {
  constructor(readonly reason: ScanFault) {
    super(`clamd: ${reason}`);
  }
}

/** Bytes. Answers have one line. */
const MAX_ANSWER = 4096;

/**
 * One question to clamd, on a connection of its own. The bytes of a file go through without being kept: the
 * next piece is read when the kernel has taken the one before.
 */
export class ClamdConnection {
  private readonly socket: Socket;
  private readonly closed: Promise<void>;
  private readonly pieces: Buffer[] = [];
  private connected = false;
  private complete = false;
  private failure?: Error;

  constructor(
    address: ClamdAddress,
    private readonly times: ClamdTimes,
    private readonly signal?: AbortSignal,
  ) {
    signal?.throwIfAborted();
    this.socket = connect(address);
    const whole = setTimeout(() => this.end(new ClamdFailed('timeout')), times.whole);
    signal?.addEventListener('abort', this.abort);
    this.closed = new Promise((resolve) =>
      this.socket.once('close', () => {
        clearTimeout(whole);
        signal?.removeEventListener('abort', this.abort);
        resolve();
      }),
    );
    this.socket
      .once('connect', () => (this.connected = true))
      .on('data', this.take)
      .on('error', () => (this.failure ??= new ClamdFailed(this.connected ? 'cut' : 'away')));
  }

  /**
   * @returns the answer without its zero byte
   * @throws ClamdFailed, what `bytes` throws, and the reason of the signal
   */
  async ask(command: 'VERSION' | 'INSTREAM', bytes?: AsyncIterable<Buffer>): Promise<string> {
    try {
      await this.ready('connect');
      const began = await this.write(Buffer.from(`z${command}\0`));
      const sent = began && bytes ? await this.stream(bytes) : began;
      await this.closed;
      // An answer counts even when the end of the stream could not be sent: clamd refuses before it.
      if (this.complete) return this.answer(sent);
      throw this.failure ?? new ClamdFailed(this.pieces.length > 0 ? 'cut' : 'empty');
    } finally {
      this.socket.destroy();
    }
  }

  /** @returns false when clamd did not take all of it */
  private async stream(bytes: AsyncIterable<Buffer>): Promise<boolean> {
    for await (const piece of bytes) {
      // An empty piece would say that the file is over, and the rest would not be examined.
      if (piece.length === 0) continue;
      // clamd refuses a file that is too large and ends the connection. A write that fails would lose its
      // word, so what came is read first. Of 200 refusals 1 was lost on a Unix socket, and 15 on TCP.
      await nextTurn();
      if (!(await this.write(lengthOf(piece.length), piece))) return false;
    }
    return this.write(lengthOf(0));
  }

  /**
   * Waits until the kernel took the bytes.
   * @returns false when the connection is over, or answered already
   */
  private async write(...parts: Buffer[]): Promise<boolean> {
    if (this.socket.destroyed || this.complete) return false;
    this.socket.cork();
    for (const part of parts) this.socket.write(part);
    this.socket.uncork();
    if (this.socket.writableNeedDrain) await this.ready('drain');
    return !this.socket.destroyed;
  }

  private async ready(event: 'connect' | 'drain'): Promise<void> {
    const idle = setTimeout(() => this.end(new ClamdFailed('timeout')), this.times.idle);
    const happened = new Promise<void>((resolve) => this.socket.once(event, resolve));
    await Promise.race([happened, this.closed]);
    clearTimeout(idle);
  }

  /** An `OK` to a part of the file says nothing of the file. */
  private answer(sent: boolean): string {
    const text = Buffer.concat(this.pieces).toString('utf8');
    const answer = text.slice(0, text.indexOf('\0'));
    if (!sent && answer.endsWith('OK')) throw new ClamdFailed('cut');
    return answer;
  }

  private readonly take = (piece: Buffer): void => {
    this.pieces.push(piece);
    if (piece.includes(0)) this.complete = true;
    const length = this.pieces.reduce((sum, { length: own }) => sum + own, 0);
    if (length > MAX_ANSWER) this.end(new ClamdFailed('unknown-answer'));
    else if (this.complete) this.socket.destroy();
  };

  private readonly abort = (): void => this.end(this.signal!.reason as Error);

  private end(reason: Error): void {
    this.failure ??= reason;
    this.complete = false;
    this.socket.destroy();
  }
}

function lengthOf(bytes: number): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes);
  return length;
}
