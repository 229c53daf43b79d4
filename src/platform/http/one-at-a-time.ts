import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

type Exchange = [IncomingMessage, ServerResponse];

interface Line {
  current?: Exchange;
  waiting: Exchange[];
}

/**
 * Requests that a client sends over one connection without waiting for the answers (RFC 9112, section 9.3.2)
 * are worked one after the other, and everybody else has a turn between two of them. Answers that need no
 * database would else be made without a pause, and a thousand of them keep a report waiting.
 */
export class OneAtATime {
  private readonly lines = new WeakMap<Socket, Line>();
  private waiting = 0;
  private atWork = 0;
  private idle: (() => void) | undefined;

  /**
   * @param room `ofOne`: when so many wait, no more is read from the connection; what was read already, some
   *   thousand at most, still joins. `ofAll`: the connection that sends one more is closed, and its waiting
   *   requests are not worked. A waiting request takes some kilobytes, or 120 with the longest list of
   *   headers.
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
   * Whether what the connection sends now belongs to no request, or to one that is at work and was not
   * answered yet.
   */
  isUnanswered(socket: Socket): boolean {
    const { current, waiting } = this.lineOf(socket);
    if (!current) return waiting.length === 0;
    const [request, response] = current;
    return !request.complete && !response.headersSent;
  }

  /**
   * Begins none of those that wait any more. @returns when those at work have their answers, or their clients
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
    // Node reads on by itself when a request was answered.
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
    // No answer can leave any more: the client went away, or an earlier answer closed the connection.
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
