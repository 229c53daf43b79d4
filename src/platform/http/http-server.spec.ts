import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { HttpServer } from './http-server.js';

let server: HttpServer;
let held: ServerResponse | undefined;
/** `/held` waits for the test; every other request is answered when its body was read. */
const work = (request: IncomingMessage, response: ServerResponse): void => {
  if (request.url === '/held') held = response;
  else request.resume().on('end', () => response.end('worked'));
};
beforeEach(async () => {
  held = undefined;
  server = new HttpServer(work);
  await once(server.listen(0, '127.0.0.1'), 'listening');
});
afterEach(async () => {
  server.closeAllConnections();
  await once(server.close(), 'close');
});

/** What the server answers to these characters over a connection of its own, until it closes. */
async function spoken(sent: string): Promise<string> {
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.write(sent);
  return text(socket).catch(() => 'cut off');
}
const HOST = 'Host: x\r\n';

describe('what is no HTTP', () => {
  it.each([
    ['instead of a request', 'GET /\u0001 HTTP/1.1\r\n\r\n', 400, 'BAD_REQUEST'],
    ['in the body', `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\nzz\r\n`, 400, 'BAD_REQUEST'],
    [
      'with too many headers',
      `GET / HTTP/1.1\r\n${HOST}X-Long: ${'x'.repeat(20_000)}\r\n\r\n`,
      431,
      'HEADERS_TOO_LARGE',
    ],
  ])('%s is answered with a problem document', async (_name, sent, status, code) => {
    const [head, body] = (await spoken(sent)).split('\r\n\r\n');
    expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} .*application/problem\\+json.*no-store`, 's'));
    expect(JSON.parse(body!)).toMatchObject({ status, code, detail: expect.any(String) });
  });

  it('and a body that did not come in time is told so, also when its request is at work', async () => {
    server.once('connection', (socket) => {
      server.once('request', () => {
        server.emit('clientError', Object.assign(new Error(), { code: 'ERR_HTTP_REQUEST_TIMEOUT' }), socket);
      });
    });
    const [head, body] = (await spoken(`POST / HTTP/1.1\r\n${HOST}Content-Length: 9\r\n\r\nhalf`)).split(
      '\r\n\r\n',
    );
    expect([head!.slice(0, 12), JSON.parse(body!)]).toEqual([
      'HTTP/1.1 408',
      expect.objectContaining({ status: 408, code: 'REQUEST_TIMEOUT', detail: expect.any(String) }),
    ]);
  });

  it.each([
    ['a request at work', `GET /held HTTP/1.1\r\n${HOST}\r\n`],
    ['one that waits', `GET /held HTTP/1.1\r\n${HOST}\r\nGET / HTTP/1.1\r\n${HOST}\r\n`],
  ])('after %s is not answered in its place', async (_name, before) => {
    expect(await spoken(`${before}\u0001\r\n\r\n`)).toMatch(/^(cut off)?$/);
    expect(held).toBeDefined();
  });
});

it('an expectation that nobody knows is left aside, in the line like every request', async () => {
  const asked = `GET / HTTP/1.1\r\n${HOST}Expect: everything\r\n`;
  expect(await spoken(`${asked}\r\n${asked}Connection: close\r\n\r\n`)).toMatch(
    /200 OK.*worked.*200 OK.*worked$/s,
  );
});
