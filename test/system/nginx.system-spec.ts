import { removeEmbeddedServer } from '@denuncia-abierta/embedded-postgres';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { connect as connectPlain, type AddressInfo, type Socket } from 'node:net';
import { connect, type ConnectionOptions } from 'node:tls';
import { fetched } from '../support/calls.js';
import { newDataDir } from '../support/data-dirs.js';
import { Nginx, SITE, type Answer, type SendOptions } from '../support/nginx.js';
import { endAll, Running } from '../support/process.js';

/** Where a reporter sits, and what the proxies of a network say of them. */
const REPORTER = '127.0.0.77';
const SAID = '203.0.113.77';
const CANARIES = {
  'X-Forwarded-For': SAID,
  'X-Real-IP': SAID,
  Forwarded: `for=${SAID}`,
  'X-Forwarded-Host': SAID,
};
const MIB = 1024 * 1024;

const dataDir = newDataDir();
/** In front of the service, of nothing, and of a stand-in that shows what reaches it. */
let site: Nginx;
let down: Nginx;
let shown: Nginx;
let api: string;
let standIn: Server;
const received: { url: string; headers: IncomingHttpHeaders; bytes: number }[] = [];

beforeAll(async () => {
  standIn = createServer((request, response) => {
    let bytes = 0;
    request.on('data', (chunk: Buffer) => (bytes += chunk.length));
    request.on('end', () => {
      received.push({ url: request.url!, headers: request.headers, bytes });
      response
        .setHeader('Content-Type', 'application/json')
        .end(JSON.stringify({ text: 'x'.repeat(3 * MIB) }));
    });
  }).listen(0, '127.0.0.1');
  await once(standIn, 'listening');
  const service = Running.start('main', { DATA_DIR: dataDir, TRUST_PROXY: '127.0.0.1' });
  api = (await service.listens()).url;
  [site, down, shown] = await Promise.all([
    Nginx.start(Number(new URL(api).port)),
    Nginx.start(1),
    Nginx.start((standIn.address() as AddressInfo).port),
  ]);
});
afterAll(async () => {
  await Promise.all([site, down, shown].map((one) => one?.stop()));
  standIn.close();
  standIn.closeAllConnections();
  await endAll();
  await removeEmbeddedServer(dataDir);
});

const narrative = 'En la ventanilla me pidieron dinero.';
const report = (more: SendOptions = {}): SendOptions => ({
  method: 'POST',
  from: REPORTER,
  body: JSON.stringify({ institution: 'CONAVI-DEMO', mode: 'anonymous', narrative }),
  ...more,
  headers: { 'Idempotency-Key': randomUUID(), ...CANARIES, ...more.headers },
});
const problem = ({ status, text }: Answer) => [status, (JSON.parse(text) as { code: string }).code];

/** Bytes as they are, from the reporter's address; resolves when the other side has closed. */
async function raw(socket: Socket, bytes: string | Buffer): Promise<string> {
  let answer = '';
  socket.on('data', (chunk: Buffer) => (answer += chunk.toString('latin1')));
  // A connection that is reset has ended as well.
  socket.on('error', () => undefined);
  socket.write(bytes);
  await new Promise((resolve) => socket.once('close', resolve));
  return answer;
}
const overTls = async (nginx: Nginx, options: ConnectionOptions = {}) => {
  const socket = connect({ ...nginx.tls(REPORTER), ...options });
  await once(socket, 'secureConnect');
  return socket;
};
const toPort = (port: number) => connectPlain({ host: '127.0.0.1', port, localAddress: REPORTER });

/**
 * Opens reports of one address without sending what they hold, until no more are let in. @returns answers
 * that came
 */
async function fill(nginx: Nginx, count: number): Promise<string[]> {
  const head = `POST /api/v1/reports HTTP/1.1\r\nHost: ${SITE}\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{`;
  const answers: string[] = [];
  const sockets = await Promise.all(Array.from({ length: count }, () => overTls(nginx)));
  for (const socket of sockets) {
    socket.on('data', (chunk: Buffer) => answers.push(chunk.toString()));
    socket.on('error', () => undefined);
    socket.write(head);
  }
  while (answers.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  for (const socket of sockets) socket.destroy();
  return answers;
}

describe('no line tells of a reporter', () => {
  it('whether it goes well, is refused or breaks', async () => {
    const done = await site.send('/api/v1/reports', report());
    expect(done.status).toBe(201);
    expect(
      (await site.send('/api/v1/tracking/session', report({ body: '{}' }))).status,
    ).toBeGreaterThanOrEqual(400);
    expect((await site.send('/api/v1/channels/none', report())).status).toBe(404);
    expect((await site.send('/api/v1/reports/%', report())).status).toBe(400);
    for (const path of ['/api/v1/reports', '/api/v1/tracking', '/api/v1/channels/whatsapp'])
      expect(problem(await down.send(path, report()))).toEqual([503, 'UNAVAILABLE']);
    expect(problem(await site.send('/api/v1/reports', report({ body: 'x'.repeat(MIB + 1) })))).toEqual([
      413,
      'TOO_LARGE',
    ]);
    const chunked = report({ body: Array.from({ length: 17 }, () => 'x'.repeat(MIB / 16)) });
    expect(problem(await site.send('/api/v1/reports', chunked))).toEqual([413, 'TOO_LARGE']);
  });

  it('nor when what comes is no request', async () => {
    for (const bytes of [
      'NONSENSE\r\n\r\n',
      'POST /api/v1/reports HTTP/1.1\r\n\r\n',
      `POST /api/v1/reports HTTP/1.1\r\nHost: ${SITE}\r\nX-Long: ${'x'.repeat(40_000)}\r\n\r\n`,
      `POST /api/v1/reports HTTP/1.1\r\nHost: ${SITE}\r\nContent-Length: x\r\n\r\n`,
    ]) {
      expect(await raw(await overTls(site), bytes)).toMatch(/^HTTP\/1.1 4|^<html>/);
    }
    for (const port of [site.ports.plain, site.ports.tls]) {
      await raw(toPort(port), 'GET /api/v1/tracking HTTP/1.1\r\nHost: \x01\r\n\r\n');
      await raw(toPort(port), Buffer.from('160301ffff0100', 'hex').fill(0xff, 5));
    }
    const gone = await overTls(site);
    gone.write(`POST /api/v1/reports HTTP/1.1\r\nHost: ${SITE}\r\nContent-Length: 1000\r\n\r\n{`);
    gone.destroy();
  });

  it('nor when the client is slow', async () => {
    const half = `POST /api/v1/reports HTTP/1.1\r\nHost: ${SITE}\r\n`;
    const halfBody = `${half}Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{`;
    const tls = await Promise.all([overTls(site), overTls(site)]);
    await Promise.all([
      raw(tls[0]!, half),
      raw(tls[1]!, halfBody),
      raw(toPort(site.ports.plain), half),
      raw(toPort(site.ports.tls), Buffer.from('16', 'hex')),
    ]);
  });

  it('nor when an address has too many requests under way, which others do not feel', async () => {
    expect((await fill(site, 50 + 1))[0]).toMatch(/^HTTP\/1.1 429 [^]*"code":"TOO_MANY_CONNECTIONS"/);
    expect((await fill(down, 50 + 1))[0]).toMatch(/^HTTP\/1.1 (429|503)/);
    expect((await site.send('/api/v1/reports', report({ from: '127.0.0.78' }))).status).toBe(201);
  });

  afterAll(async () => {
    for (const nginx of [site, down]) {
      // An office's own site does log: the address would be seen.
      await nginx.send('/', { from: '127.0.0.99', port: nginx.ports.office });
      await nginx.send('/broken', { from: '127.0.0.99', port: nginx.ports.office });
      const written = nginx.written();
      expect(written.match(/127\.0\.0\.99/g)!.length).toBeGreaterThanOrEqual(2);
      expect(
        written.split('\n').filter((line) => /127\.0\.0\.7[78]|203\.0\.113\.77|api\/v1/.test(line)),
      ).toEqual([]);
    }
  });
});

describe('the service learns no address', () => {
  it.each(['/api/v1/reports', '/api/v1/tracking/session', '/api/v1/channels/whatsapp', '/api/v1/cases'])(
    '%s',
    async (path) => {
      received.length = 0;
      await shown.send(
        path,
        report({ headers: { 'X-Forwarded-Prefix': '/evil', 'X-Forwarded-Proto': 'http' } }),
      );
      const [{ headers }] = received as [(typeof received)[0]];
      expect(JSON.stringify(headers)).not.toMatch(/127\.0\.0\.77|203\.0\.113\.77|evil/);
      expect(headers).toMatchObject({ host: SITE, 'x-forwarded-proto': 'https' });
    },
  );
});

describe('bodies', () => {
  it('are as large as the service allows, for webhooks of WhatsApp too', async () => {
    const sent = async (path: string, size: number) =>
      (await shown.send(path, report({ body: 'x'.repeat(size) }))).status;
    expect(await sent('/api/v1/reports', MIB)).toBe(200);
    expect(await sent('/api/v1/channels/whatsapp', 4 * MIB)).toBe(200);
    received.length = 0;
    expect(await sent('/api/v1/reports', MIB + 1)).toBe(413);
    expect(await sent('/api/v1/channels/whatsapp', 4 * MIB + 1)).toBe(413);
    expect(received).toEqual([]);
  });

  it('and answers never lie in a file, however they come', async () => {
    const before = shown.temporaryFilesChanged();
    await shown.send('/api/v1/reports', report({ body: 'x'.repeat(MIB) }));
    await shown.send('/api/v1/reports', report({ body: Array.from({ length: 20_000 }, () => 'xyz') }));
    const socket = await overTls(shown);
    socket.pause();
    socket.write(`GET /api/v1/tracking HTTP/1.1\r\nHost: ${SITE}\r\nConnection: close\r\n\r\n`);
    await shown.send('/api/v1/tracking', { from: REPORTER });
    socket.destroy();
    expect(shown.temporaryFilesChanged()).toEqual(before);
  });

  it('are compressed by nobody but the service, and kept by nobody', async () => {
    const headers = { 'Accept-Encoding': 'gzip' };
    for (const path of ['/api/v1/tracking', '/api/v1/cases', '/api/v1/reports']) {
      received.length = 0;
      for (let turn = 0; turn < 2; turn++)
        expect((await shown.send(path, { headers })).headers['content-encoding']).toBeUndefined();
      expect(received.length).toBe(2);
    }
    const direct = await fetched(`${api}/api/v1/public/institutions`, { headers });
    const proxied = await site.send('/api/v1/public/institutions', { headers });
    expect(proxied.headers['content-encoding']).toBe(direct.headers.get('content-encoding') ?? undefined);
    expect(proxied.headers.etag).toBe(direct.headers.get('etag') ?? undefined);
  });
});

describe('routes that take files', () => {
  const CANARY = 'canary-of-a-file';
  const ROUTES = [
    '/api/v1/tracking/evidence',
    '/api/v1/uploads',
    `/api/v1/uploads/${randomUUID()}`,
    '/api/v1/cases/CONAVI-2026-000001-X/evidence',
  ];
  const pieces = (count: number): string[] => Array.from({ length: count }, () => CANARY.padEnd(MIB, 'x'));
  const on = (prefix: string) => (prefix ? { port: shown.ports.subPath } : {});
  const send = (path: string, more: SendOptions) =>
    shown.send(path, report({ headers: { 'Content-Type': 'application/octet-stream' }, ...more }));

  it.each(ROUTES.flatMap((route) => [route, `/denuncias${route}`]))(
    '%s: takes 20 MiB, keeps nothing of it meanwhile or later, and refuses 102 MiB',
    async (path) => {
      const where = on(path.startsWith('/denuncias') ? 'denuncias' : '');
      const before = shown.temporaryFilesChanged();
      received.length = 0;
      const seen: boolean[] = [];
      const between = async (at: number) => {
        if (at !== 10) return;
        await new Promise((resolve) => setTimeout(resolve, 500));
        seen.push(shown.holds(CANARY));
      };
      expect((await send(path, { ...where, body: pieces(20), between })).status).toBe(200);
      expect(received).toMatchObject([{ url: path.replace('/denuncias', ''), bytes: 20 * MIB }]);
      expect([seen, shown.holds(CANARY)]).toEqual([[false], false]);
      expect(shown.temporaryFilesChanged()).toEqual(before);
      const large = await send(path, {
        ...where,
        headers: { 'Content-Length': String(102 * MIB) },
        body: ['x'],
      });
      expect(problem(large)).toEqual([413, 'EVIDENCE_TOO_LARGE']);
      expect(shown.written()).not.toMatch(/127\.0\.0\.77|uploads|evidence/);
    },
  );

  it('let a slow phone pause for 10 seconds', async () => {
    const between = () => new Promise<void>((resolve) => setTimeout(resolve, 10_000));
    expect((await send(ROUTES[0]!, { body: pieces(2), between })).status).toBe(200);
  });

  it('are these alone: others refuse more than 1 MiB', async () => {
    for (const path of ['/api/v1/tracking/messages', '/api/v1/cases/CONAVI-2026-000001-X/notes'])
      expect(problem(await send(path, { body: pieces(2) }))).toEqual([413, 'TOO_LARGE']);
  });
});

describe('TLS', () => {
  it('is where plain HTTP leads, by our name and with the method kept', async () => {
    for (const Host of [SITE, 'evil.example']) {
      const answer = await site.send(
        '/api/v1/reports?x=1',
        report({ port: site.ports.plain, headers: { Host } }),
      );
      expect([answer.status, answer.headers.location]).toEqual([308, `https://${SITE}/api/v1/reports?x=1`]);
    }
  });

  it('is asked for from then on, by every answer, which names no version', async () => {
    const answers = [
      await site.send('/health/live'),
      await site.send('/nothing'),
      await site.send('/metrics'),
      await site.send('/api/v1/reports', report({ body: 'x'.repeat(MIB + 1) })),
      await down.send('/api/v1/reports', report()),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 404, 404, 413, 503]);
    for (const { headers } of answers) {
      expect(headers['strict-transport-security']).toBe('max-age=63072000');
      expect(headers.server).toBe('nginx');
    }
    expect(answers.map(({ headers }) => headers['retry-after'])).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
      '5',
    ]);
  });

  it('is 1.2 or 1.3, and joins no two visits', async () => {
    const old: ConnectionOptions = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' };
    await expect(overTls(site, old)).rejects.toMatchObject({ code: 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION' });
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
      const first = await overTls(site, { minVersion: version, maxVersion: version });
      let session: Buffer | undefined;
      first.on('session', (given: Buffer) => (session = given));
      expect([version, first.getProtocol(), first.getTLSTicket() ?? null]).toEqual([version, version, null]);
      await raw(first, `GET /health/live HTTP/1.1\r\nHost: ${SITE}\r\nConnection: close\r\n\r\n`);
      const second = await overTls(site, { minVersion: version, maxVersion: version, session });
      expect([version, second.isSessionReused()]).toEqual([version, false]);
      second.destroy();
    }
  });
});

describe('under a path of another site', () => {
  const on = (nginx: Nginx) => ({ port: nginx.ports.subPath });

  it('everything works below it, and the rest stays with the site', async () => {
    expect((await site.send('/denuncias/api/v1/reports', report(on(site)))).status).toBe(201);
    expect((await site.send('/denuncias/health/live', on(site))).status).toBe(200);
    expect((await site.send('/denuncias/metrics', on(site))).status).toBe(404);
    expect((await site.send('/denuncias', on(site))).headers.location).toBe(`https://${SITE}/denuncias/`);
    expect((await site.send('/', on(site))).text).toBe('the site of the office');
    const document = await site.send('/denuncias/openapi.json', on(site));
    expect((JSON.parse(document.text) as { servers: unknown }).servers).toEqual([{ url: '/denuncias' }]);
    expect(problem(await down.send('/denuncias/api/v1/reports', report(on(down))))).toEqual([
      503,
      'UNAVAILABLE',
    ]);
    for (const nginx of [site, down]) expect(nginx.written()).not.toMatch(/127\.0\.0\.77|denuncias\/api/);
  });

  it('the pages of the site keep their own size of bodies, headers and compression', async () => {
    const page = report({ ...on(site), body: 'x'.repeat(2 * MIB), headers: { 'Accept-Encoding': 'gzip' } });
    const { status, headers } = await site.send('/form', page);
    expect([status, headers['content-encoding'], headers['strict-transport-security']]).toEqual([
      200,
      'gzip',
      undefined,
    ]);
  });

  it('tells the service the path, and nothing else of the client', async () => {
    received.length = 0;
    const body = 'x'.repeat(2 * MIB);
    const headers = { 'X-Forwarded-Prefix': '/evil' };
    expect(
      (await shown.send('/denuncias/api/v1/channels/a%20b?c=d', report({ ...on(shown), headers, body })))
        .status,
    ).toBe(200);
    expect(
      (await shown.send('/denuncias/docs', { ...on(shown), headers: { ...headers, ...CANARIES } })).status,
    ).toBe(200);
    expect(received.map(({ url }) => url)).toEqual(['/api/v1/channels/a%20b?c=d', '/docs']);
    for (const { headers } of received) {
      expect(headers['x-forwarded-prefix']).toBe('/denuncias');
      expect(JSON.stringify(headers)).not.toMatch(/127\.0\.0\.77|203\.0\.113\.77|evil/);
    }
  });
});
