import { HttpException } from '@nestjs/common';
import { Server, STATUS_CODES, type RequestListener } from 'node:http';
import type { Socket } from 'node:net';
import { OneAtATime } from './one-at-a-time.js';
import { describeProblem } from './problem.filter.js';

/** Milliseconds for a whole request. A slow sender must not hold a connection for ever. */
const REQUEST_TIMEOUT = 60_000;
/**
 * Milliseconds for which an idle connection stays open. This is longer than in proxies, so that the proxies
 * close first.
 */
const KEEP_ALIVE = 72_000;

/**
 * The HTTP server under the framework. It works on one request of each connection at a time, and answers what
 * is not HTTP with a problem document.
 */
export class HttpServer extends Server {
  private readonly requests: OneAtATime;

  constructor(work: RequestListener) {
    super({ requestTimeout: REQUEST_TIMEOUT, keepAliveTimeout: KEEP_ALIVE });
    this.requests = new OneAtATime(work);
    const take = this.requests.take.bind(this.requests);
    this.on('request', take);
    // Otherwise Node would answer such a request by itself, outside the line.
    this.on('checkExpectation', take);
    this.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
      // Write the refusal only when no other request of the connection is at work. Otherwise the client would
      // take the refusal for the answer to that request.
      if (socket.writable && this.requests.isUnanswered(socket)) socket.write(refusal(statusOf(error)));
      socket.destroy();
    });
  }

  /**
   * Begins no more requests that wait for another request of their connection. @returns when those at work
   * were answered
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

/**
 * Writes a whole answer. It is in Spanish: the headers of the client were not read, so its language is
 * unknown.
 */
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
