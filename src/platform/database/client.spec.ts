import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import pg from 'pg';
import { Client } from './client.js';
import { Database, type ConnectionUrls } from './database.js';

/** A message of PostgreSQL's protocol: type, length, body (PostgreSQL 18, section 54.7). */
function message(type: string, body: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.write(type);
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

const LET_IN = message('R', Buffer.alloc(4));
const READY = message('Z', Buffer.from('I'));
const FAREWELL = message(
  'E',
  Buffer.from('SFATAL\0C57P01\0Mterminating connection due to unexpected postmaster exit\0\0'),
);

let server: Server;
let sockets: Socket[];
let url: string;

/** Lets everybody in and ends in the same breath, as a server does whose machine kills it just then. */
beforeEach(async () => {
  sockets = [];
  server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    socket.once('data', () => socket.end(Buffer.concat([LET_IN, READY, FAREWELL])));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `postgresql://who:word@127.0.0.1:${(server.address() as AddressInfo).port}/some`;
});

afterEach(async () => {
  sockets.forEach((socket) => socket.destroy());
  await new Promise((resolve) => server.close(resolve));
});

/** What became of it, and that this process is still there once everything has been said. */
async function outcome(work: Promise<unknown>): Promise<unknown> {
  const result = await work.then(
    () => 'answered',
    (error: Error) => error.message,
  );
  await new Promise((resolve) => setTimeout(resolve, 50));
  return result;
}

const urls = (): ConnectionUrls => ({ app: url, public: url });
const POOL = { size: 2, connectTimeout: 1_000 };
const ENDED = /terminat|not queryable|postmaster exit/;

describe('a server that ends in the breath in which it lets somebody in', () => {
  it('fails the statement of a single connection', async () => {
    const client = new Client(url);
    expect(await outcome(client.connect().then(() => client.query('select 1')))).toMatch(ENDED);
  });

  it('fails the statement of a pool', async () => {
    const pool = new pg.Pool({ connectionString: url, Client });
    pool.on('error', () => undefined);
    expect(await outcome(pool.query('select 1'))).toMatch(ENDED);
    await pool.end();
  });

  it.each([
    ['public figures', (database: Database) => database.publicRead('select 1')],
    ['a probe', (database: Database) => database.probe(1_000, (client) => client.query('select 1'))],
  ])('fails %s', async (_, use) => {
    expect(await outcome(use(Database.unconnected(urls(), [], POOL)))).toMatch(ENDED);
  });

  it('fails the start of the pools for transactions', async () => {
    expect(await outcome(Database.connect(urls(), [], POOL))).toMatch(ENDED);
  });
});
