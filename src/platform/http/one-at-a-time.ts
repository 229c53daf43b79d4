import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Requests of all connections that wait behind another one of theirs. Each takes a few kilobytes. */
const MOST_WAITING = 10_000;

type Exchange = [IncomingMessage, ServerResponse];

/**
 * Requests that a client sends over one connection without waiting for the answers (RFC 9112, section 9.3.2) are worked one after the
 * other, and everybody else has a turn between two of them. Answers that need no database would else be made without a pause, and a
 * thousand of them keep a report waiting.
 */
export class OneAtATime {
  /** Of each connection with a request at work: those that wait for it. */
  private readonly lines = new WeakMap<Socket, Exchange[]>();
  private waiting = 0;

  /** @param mostWaiting of all connections; the connection that sends one more is closed. Its waiting requests are not worked. */
  constructor(
    private readonly work: RequestListener,
    private readonly mostWaiting = MOST_WAITING,
  ) {}

  take(request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request;
    const line = this.lines.get(socket);
    if (!line) {
      this.lines.set(socket, []);
      this.begin([request, response]);
    } else if (this.waiting < this.mostWaiting) {
      this.waiting += 1;
      line.push([request, response]);
    } else {
      socket.destroy();
    }
  }

  /** Whether a request of the connection is at work. */
  isBusy(socket: Socket): boolean {
    return this.lines.has(socket);
  }

  private begin([request, response]: Exchange): void {
    response.once('close', () => {
      if (this.lines.get(request.socket)!.length > 0) setImmediate(() => this.proceed(request.socket));
      else this.lines.delete(request.socket);
    });
    this.work(request, response as Parameters<RequestListener>[1]);
  }

  private proceed(socket: Socket): void {
    const line = this.lines.get(socket)!;
    const [, response] = line[0]!;
    // No answer can leave any more: the client went away, or an earlier answer closed the connection.
    if (socket.destroyed || response.socket === null) {
      this.waiting -= line.length;
      this.lines.delete(socket);
    } else {
      this.waiting -= 1;
      this.begin(line.shift()!);
    }
  }
}
