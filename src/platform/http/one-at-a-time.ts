import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

type Exchange = [IncomingMessage, ServerResponse];

interface Line {
  current?: Exchange;
  waiting: Exchange[];
}

/**
 * Works on the requests of one connection one after the other, when a client sends them without waiting for
 * the answers (RFC 9112, section 9.3.2). Between two of them all other clients have a turn. Otherwise answers
 * that need no database would follow each other without a pause, and a thousand of them would keep a report
 * waiting.
 */
export class OneAtATime {
  private readonly lines = new WeakMap<Socket, Line>();
  private waiting = 0;
  private atWork = 0;
  private idle: (() => void) | undefined;

  /**
   * @param room `ofOne`: when this many requests wait, no more is read from the connection. Requests that
   *   were already read, at most about a thousand, still join. `ofAll`: when this many wait in total, the
   *   connection that sends one more is closed, and its waiting requests are not worked. A waiting request
   *   takes some kilobytes, or 120 with the longest list of headers.
   */
  constructor(
    private readonly work: RequestListener,
    private readonly room = { ofOne: 50, ofAll: 10_000 },
  ) {}

  take(request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request;
    const line = this.lineOf(socket);
    if (!line.current && line.waiting.length === 0) this.begin(line, [request, response]);
    else if (this.waiting < this.room.ofAll) {
      this.waiting += 1;
      line.waiting.push([request, response]);
      if (this.isLong(line)) socket.pause();
    } else {
      socket.destroy();
    }
  }

  /**
   * Tells whether the connection now sends something that belongs to no request, or to a request that is at
   * work and has no answer yet.
   */
  isUnanswered(socket: Socket): boolean {
    const { current, waiting } = this.lineOf(socket);
    if (!current) return waiting.length === 0;
    const [request, response] = current;
    return !request.complete && !response.headersSent;
  }

  /**
   * Begins no more waiting requests. @returns when the requests at work have their answers, or their clients
   * went away
   */
  async finish(): Promise<void> {
    const idle = new Promise<void>((resolve) => (this.idle = resolve));
    if (this.atWork > 0) await idle;
  }

  private lineOf(socket: Socket): Line {
    const known = this.lines.get(socket);
    if (known) return known;
    const line: Line = { waiting: [] };
    this.lines.set(socket, line);
    // Node reads on by itself after a request was answered.
    socket.on('resume', () => {
      if (this.isLong(line)) socket.pause();
    });
    return line;
  }

  private isLong({ waiting }: Line): boolean {
    return waiting.length >= this.room.ofOne;
  }

  private begin(line: Line, [request, response]: Exchange): void {
    line.current = [request, response];
    this.atWork += 1;
    response.once('close', () => {
      line.current = undefined;
      this.atWork -= 1;
      if (this.atWork === 0) this.idle?.();
      if (line.waiting.length > 0) setImmediate(() => this.proceed(request.socket, line));
    });
    this.work(request, response as Parameters<RequestListener>[1]);
  }

  private proceed(socket: Socket, line: Line): void {
    const wasLong = this.isLong(line);
    const [, response] = line.waiting[0]!;
    // Drop the waiting requests when the service ends, or when no answer can leave any more: the client went
    // away, or an earlier answer closed the connection.
    if (this.idle || socket.destroyed || response.socket === null) {
      this.waiting -= line.waiting.length;
      line.waiting = [];
    } else {
      this.waiting -= 1;
      this.begin(line, line.waiting.shift()!);
      if (wasLong && !this.isLong(line)) socket.resume();
    }
  }
}
