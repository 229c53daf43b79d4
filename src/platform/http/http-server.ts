import { HttpException } from '@nestjs/common';
import { Server, STATUS_CODES, type RequestListener } from 'node:http';
import type { Socket } from 'node:net';
import { OneAtATime } from './one-at-a-time.js';
import { describeProblem } from './problem.filter.js';

/** Milliseconds for a whole request: a slow sender must not hold a connection for ever. */
const REQUEST_TIMEOUT = 60_000;
/**
 * Milliseconds that an idle connection stays open: longer than proxies keep theirs, so that they are the ones
 * that close.
 */
const KEEP_ALIVE = 72_000;

/**
 * The server under the framework: one request of each connection at a time, and a problem document for what
 * is no HTTP.
 */
export class HttpServer extends Server {
  private readonly requests: OneAtATime;

  constructor(work: RequestListener) {
    super({ requestTimeout: REQUEST_TIMEOUT, keepAliveTimeout: KEEP_ALIVE });
    this.requests = new OneAtATime(work);
    const take = this.requests.take.bind(this.requests);
    this.on('request', take);
    // Node would answer what it does not expect by itself, past the line.
    this.on('checkExpectation', take);
    this.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
      // Beside another request at work the client would take the refusal for its answer.
      if (socket.writable && this.requests.isUnanswered(socket)) socket.write(refusal(statusOf(error)));
      socket.destroy();
    });
  }

  /**
   * Begins no request that waits for another one of its connection. @returns when those at work were answered
   */
  finish(): Promise<void> {
    return this.requests.finish();
  }
}

function statusOf({ code }: NodeJS.ErrnoException): number {
  switch (code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return 408;
    case 'HPE_HEADER_OVERFLOW':
      return 431;
    default:
      return 400;
  }
}

/** A whole answer. What language the client reads is not known: its headers were not read. */
function refusal(status: number): string {
  const body = JSON.stringify(describeProblem(new HttpException('', status), 'es'));
  const headers = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'Content-Type: application/problem+json; charset=utf-8',
    'Content-Language: es',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Cache-Control: no-store',
    'Connection: close',
  ];
  return `${headers.join('\r\n')}\r\n\r\n${body}`;
}
