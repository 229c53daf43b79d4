import { HttpException } from '@nestjs/common';
import { Server, STATUS_CODES, type IncomingMessage, type RequestListener } from 'node:http';
import type { Socket } from 'node:net';
import { bringsFile } from './file-form.js';
import { OneAtATime } from './one-at-a-time.js';
import { describeProblem } from './problem.filter.js';

/** Milliseconds for a whole request. A slow sender must not hold a connection for ever. */
const REQUEST_TIMEOUT = 60_000;
/**
 * The same for a request that brings a file. 100 MiB take 13 minutes at 1 Mbit/s. On a slower line they come
 * in parts that can be resumed.
 */
const FILE_TIMEOUT = 3_600_000;
/** Bytes of an answered request that may still come: more than any file. */
const DISCARDED = 256 * 1024 * 1024;
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
    super({ requestTimeout: FILE_TIMEOUT, headersTimeout: REQUEST_TIMEOUT, keepAliveTimeout: KEEP_ALIVE });
    this.requests = new OneAtATime(work);
    const take: RequestListener = (request, response) => {
      if (!bringsFile(request)) this.limitTime(request);
      response.once('finish', () => discardRest(request));
      this.requests.take(request, response);
    };
    this.on('request', take);
    // Otherwise Node would answer such a request by itself, outside the line.
    this.on('checkExpectation', take);
    this.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
      this.refuse(socket, statusOf(error));
    });
  }

  /** Node has one limit for all requests of a server, and that must be the longest. */
  private limitTime(request: IncomingMessage): void {
    if (request.headers['content-length'] === undefined && !request.headers['transfer-encoding']) return;
    const timer = setTimeout(() => this.refuse(request.socket, 408), REQUEST_TIMEOUT).unref();
    request.once('end', () => clearTimeout(timer)).once('close', () => clearTimeout(timer));
  }

  private refuse(socket: Socket, status: number): void {
    // Write the refusal only when no other request of the connection is at work. Otherwise the client would
    // take the refusal for the answer to that request.
    if (socket.writable && this.requests.isUnanswered(socket)) socket.write(refusal(status));
    socket.destroy();
  }

  /**
   * Begins no more requests that wait for another request of their connection. @returns when those at work
   * were answered
   */
  finish(): Promise<void> {
    return this.requests.finish();
  }
}

/**
 * Lets the rest of a request flow past that was answered before its end. Most senders read an answer only
 * after they sent everything, and Node reads no next request of the connection before. One that sends without
 * end is cut off.
 */
function discardRest(request: IncomingMessage): void {
  if (request.complete || request.destroyed) return;
  let left = DISCARDED;
  request.unpipe();
  // Whoever took the body has no use for the rest, and would only hold it up.
  request.removeAllListeners('data').removeAllListeners('readable');
  request.on('data', (piece: Buffer) => {
    left -= piece.length;
    if (left < 0) request.destroy();
  });
  // A stream that was piped waits for this.
  request.resume();
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
