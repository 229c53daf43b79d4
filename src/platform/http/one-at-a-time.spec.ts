import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { setImmediate as turn } from 'node:timers/promises';
import { OneAtATime } from './one-at-a-time.js';

const MOST_WAITING = 20;

/** Answered by the test. */
interface Held {
  path: string;
  request: IncomingMessage;
  response: ServerResponse;
}

let server: Server;
let line: OneAtATime;
let port: number;
let worked: string[];
let held: Held[];
let sockets: Socket[];
/**
 * Paths that begin with `/held` wait for the test, all others are answered on the spot; after `/last` the
 * server closes.
 */
const work = (request: IncomingMessage, response: ServerResponse): void => {
  const path = request.url!;
  worked.push(path);
  if (path === '/last') response.shouldKeepAlive = false;
  if (path.startsWith('/held')) held.push({ path, request, response });
  else response.end(path);
};

beforeEach(async () => {
  [worked, held, sockets] = [[], [], []];
  line = new OneAtATime(work, { ofOne: 100, ofAll: MOST_WAITING });
  server = createServer((request, response) => line.take(request, response));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  port = (server.address() as AddressInfo).port;
});
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  server.closeAllConnections();
  await once(server.close(), 'close');
});

const opened = async (): Promise<Socket> => {
  const socket = connect(port, '127.0.0.1');
  sockets.push(socket);
  await once(socket, 'connect');
  return socket;
};
const get = (path: string, headers = ''): string => `GET ${path} HTTP/1.1\r\nHost: x\r\n${headers}\r\n`;
const until = async (true_: () => boolean): Promise<void> => {
  while (!true_()) await turn();
};
/** Long enough for the server to read what was written to it. */
const read = async (): Promise<void> => {
  const other = await opened();
  other.end(get('/read', 'Connection: close\r\n'));
  await text(other);
  worked = worked.filter((path) => path !== '/read');
};

describe('requests of one connection', () => {
  it('are worked one after the other and answered in their order', async () => {
    const socket = await opened();
    socket.write(get('/held/1') + get('/2') + get('/held/3') + get('/4', 'Connection: close\r\n'));
    await until(() => held.length === 1);
    await read();
    expect(worked).toEqual(['/held/1']);
    held[0]!.response.end('/held/1');
    await until(() => held.length === 2);
    await read();
    expect(worked).toEqual(['/held/1', '/2', '/held/3']);
    held[1]!.response.end('/held/3');
    expect((await text(socket)).match(/^\/.*?(?=HTTP|$)/gm)).toEqual(['/held/1', '/2', '/held/3', '/4']);
  });

  it('leave a turn to another connection between two of them', async () => {
    const [many, one] = [await opened(), await opened()];
    many.write(Array.from({ length: MOST_WAITING }, (_, n) => get(`/many/${n}`)).join(''));
    one.write(get('/one'));
    await until(() => worked.length === MOST_WAITING + 1);
    expect(worked.indexOf('/one')).toBeLessThan(MOST_WAITING / 2);
  });

  it('keep their bodies until their turn', async () => {
    const body = 'ñ'.repeat(200_000);
    const socket = await opened();
    const post = `POST /held/post HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
    socket.write(get('/held/1') + post);
    await until(() => held.length === 1);
    await read();
    held[0]!.response.end();
    await until(() => held.length === 2);
    const { request, response } = held[1]!;
    expect(await text(request)).toBe(body);
    response.end();
    await text(socket);
  });

  it('of a client that went away are not worked, and leave their places to others', async () => {
    for (let n = 0; n < 3; n++) {
      held = [];
      worked = [];
      const socket = await opened();
      socket.write(Array.from({ length: MOST_WAITING }, () => get('/held')).join(''));
      await until(() => held.length === 1);
      await read();
      socket.destroy();
      await once(held[0]!.response, 'close');
      await read();
      expect([n, worked]).toEqual([n, ['/held']]);
    }
  });

  it('after an answer that closes it are not worked', async () => {
    const socket = await opened();
    socket.write(get('/1') + get('/last') + get('/3') + get('/4'));
    await text(socket);
    await read();
    expect(worked).toEqual(['/1', '/last']);
  });

  it('are not read without end, and all of them are answered', async () => {
    const [ofOne, sent] = [50, 20_000];
    line = new OneAtATime(work, { ofOne, ofAll: sent });
    let [seen, most] = [0, 0];
    server.on('request', () => (most = Math.max(most, ++seen - worked.length)));
    const socket = await opened();
    socket.write(get('/held') + get('/many').repeat(sent - 2) + get('/many', 'Connection: close\r\n'));
    await until(() => held.length === 1);
    for (let n = 0; n < 20; n++) await read();
    held[0]!.response.end();
    expect((await text(socket)).match(/HTTP\/1\.1 200/g)).toHaveLength(sent);
    // A piece of 64 KiB that was read is parsed to its end.
    expect(most).toBeLessThan(sent / 4);
  });

  it('that wait are not begun any more when the server ends; the one at work is answered', async () => {
    const [first, second] = [await opened(), await opened()];
    first.write(get('/held/1') + get('/2') + get('/3'));
    second.write(get('/held/gone'));
    await until(() => held.length === 2);
    await read();
    let over = false;
    const ended = line.finish().then(() => (over = true));
    second.destroy();
    await read();
    expect(over).toBe(false);
    const answer = once(first, 'data');
    held.find(({ path }) => path === '/held/1')!.response.end('the answer');
    await ended;
    expect(String((await answer)[0])).toContain('the answer');
    await read();
    expect(worked.sort()).toEqual(['/held/1', '/held/gone']);
  });

  it('close it when too many wait, of all connections; those of others go on', async () => {
    const [first, second, third] = [await opened(), await opened(), await opened()];
    first.write(
      get('/held/first') +
        get('/first').repeat(MOST_WAITING / 2 - 1) +
        get('/first', 'Connection: close\r\n'),
    );
    await until(() => held.length === 1);
    second.write(get('/held/second').repeat(MOST_WAITING));
    expect(await text(second).catch(() => 'cut off')).toMatch(/^(cut off)?$/);
    third.write(get('/third'));
    await once(third, 'data');
    expect(worked).toEqual(['/held/first', '/held/second', '/third']);
    held[0]!.response.end();
    expect((await text(first)).match(/HTTP\/1\.1 200/g)).toHaveLength(MOST_WAITING / 2 + 1);
    // The places are free again.
    const fourth = await opened();
    fourth.write(get('/fourth').repeat(MOST_WAITING - 1) + get('/fourth', 'Connection: close\r\n'));
    expect((await text(fourth)).match(/HTTP\/1\.1 200/g)).toHaveLength(MOST_WAITING);
  });
});
