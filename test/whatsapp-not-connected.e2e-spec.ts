import { once } from 'node:events';
import { createServer as createHttpServer, type Server as HttpServer } from 'node:http';
import { createServer as createHttpsServer, globalAgent } from 'node:https';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { GraphClient, type SendResult } from '../src/doors/whatsapp/gateway/graph-client.js';
import { Log } from '../src/platform/logging.js';
import { certificate, type Certificate } from './support/certificates.js';
import { Bot, somebody } from './support/whatsapp-bot.js';
import { say } from './support/whatsapp/say.js';

const HOST = '127.0.0.1';
const DAY = 24 * 3600_000;
const authority = { host: 'Test authority', ...certificate({ host: 'Test authority' }) };
const ago = (days: number): Date => new Date(Date.now() - days * DAY);

const trusted = certificate({ host: HOST, issuer: authority });
const broken: Record<string, [Certificate, string]> = {
  'that vouches for itself': [certificate({ host: HOST }), 'DEPTH_ZERO_SELF_SIGNED_CERT'],
  'of an unknown authority': [
    certificate({ host: HOST, issuer: { host: 'Nobody', ...certificate({ host: 'Nobody' }) } }),
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  ],
  'that has expired': [
    certificate({ host: HOST, issuer: authority, notBefore: ago(9), notAfter: ago(2) }),
    'CERT_HAS_EXPIRED',
  ],
  'that is not valid yet': [
    certificate({ host: HOST, issuer: authority, notBefore: ago(-2), notAfter: ago(-9) }),
    'CERT_NOT_YET_VALID',
  ],
  'for another host': [
    certificate({ host: 'graph.example', issuer: authority }),
    'ERR_TLS_CERT_ALTNAME_INVALID',
  ],
};

beforeAll(() => {
  globalAgent.options.ca = [authority.cert];
});
afterAll(() => {
  delete globalAgent.options.ca;
});

/** Servers of a test, with every connection that they took. */
const open: (Server | HttpServer)[] = [];
const sockets = new Set<Socket>();
afterEach(() => {
  for (const socket of sockets) socket.destroy();
  for (const server of open.splice(0)) server.close();
});

async function listen(server: Server | HttpServer): Promise<number> {
  open.push(server);
  server.on('connection', (socket: Socket) => sockets.add(socket));
  server.listen(0, HOST);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

function send(baseUrl: string, timeoutMs = 2000): Promise<SendResult> {
  const options = {
    baseUrl,
    apiVersion: 'v25.0',
    accessToken: 'secret-token',
    phoneNumberId: '1',
    timeoutMs,
  };
  const message = { kind: 'text', body: 'Folio: CNV-2026' } as const;
  return new GraphClient(options).sendMessage({ to: '+525512345678', message, opaque: 'outbox-1' });
}

describe('a message that could not leave', () => {
  it.each(Object.entries(broken))(
    'because of a certificate %s stays, and no byte of it left',
    async (_what, [shown, code]) => {
      const requests: string[] = [];
      const server = createHttpsServer(shown, (request) => requests.push(request.url ?? ''));
      server.on('tlsClientError', () => undefined);
      let bytes = 0;
      server.on('secureConnection', (socket: Socket) =>
        socket.on('data', (chunk: Buffer) => (bytes += chunk.length)),
      );
      const port = await listen(server);
      expect(await send(`https://${HOST}:${port}`)).toEqual({ ok: false, outcome: 'not_connected', code });
      expect(requests).toEqual([]);
      expect(bytes).toBe(0);
    },
  );

  it('because the port takes connections and closes them stays', async () => {
    const port = await listen(createServer((socket) => socket.destroy()));
    expect(await send(`https://${HOST}:${port}`)).toMatchObject({
      outcome: 'not_connected',
      code: 'ECONNRESET',
    });
  });

  it('because the port says nothing stays', async () => {
    const port = await listen(createServer(() => undefined));
    expect(await send(`https://${HOST}:${port}`, 100)).toMatchObject({
      outcome: 'not_connected',
      code: 'ETIMEDOUT',
    });
  });

  it('because the port speaks no TLS stays', async () => {
    const port = await listen(createHttpServer());
    const result = await send(`https://${HOST}:${port}`);
    expect(result).toMatchObject({
      outcome: 'not_connected',
      code: expect.stringMatching(/^(EPROTO|ERR_SSL_)/),
    });
  });

  it('because the two ends have no version of TLS in common stays', async () => {
    const server = createHttpsServer({ ...trusted, maxVersion: 'TLSv1.1', minVersion: 'TLSv1' });
    server.on('tlsClientError', () => undefined);
    const port = await listen(server);
    const result = await send(`https://${HOST}:${port}`);
    expect(result).toMatchObject({
      outcome: 'not_connected',
      code: expect.stringMatching(/^(EPROTO|ECONNRESET|ERR_SSL_)/),
    });
  });

  it('because nobody listens stays', async () => {
    const server = createServer();
    const port = await listen(server);
    server.close();
    await once(server, 'close');
    expect(await send(`https://${HOST}:${port}`)).toMatchObject({
      outcome: 'not_connected',
      code: 'ECONNREFUSED',
    });
  });

  it('because the name does not resolve stays', async () => {
    // Without a network the look-up itself may fail or take too long.
    const code: unknown = expect.stringMatching(/^(ENOTFOUND|EAI_AGAIN|ETIMEDOUT)$/);
    expect(await send('https://graph.invalid')).toMatchObject({ outcome: 'not_connected', code });
  });

  it.each(['ftp://127.0.0.1', 'no address at all'])(
    'because its address is wrong stays (%s)',
    async (baseUrl) => {
      expect(await send(baseUrl)).toMatchObject({
        outcome: 'not_connected',
        code: expect.stringMatching(/^ERR_INVALID/),
      });
    },
  );

  it.each([401, 403, 404, 405, 407, 421, 451, 511])(
    'because a gateway answers %i of its own stays',
    async (status) => {
      const port = await listen(
        createHttpServer((_request, response) => void response.writeHead(status).end('no')),
      );
      expect(await send(`http://${HOST}:${port}`)).toEqual({ ok: false, outcome: 'channel_down' });
    },
  );
});

describe('a message that may have left', () => {
  it.each(['at once', 'in the middle of the answer'])(
    'and whose connection is cut %s is in doubt',
    async (when) => {
      let taken = 0;
      const server = createHttpsServer(trusted, (request, response) => {
        taken += 1;
        if (when === 'at once') return void request.socket.destroy();
        response.writeHead(200, { 'content-length': 1000 });
        response.write('{', () => request.socket.destroy());
      });
      const port = await listen(server);
      expect(await send(`https://${HOST}:${port}`)).toEqual({ ok: false, outcome: 'unknown' });
      expect(taken).toBe(1);
    },
  );

  it('over a connection that is kept and then cut is in doubt', async () => {
    let taken = 0;
    const server = createHttpsServer(trusted, (request, response) => {
      taken += 1;
      request.resume();
      if (taken > 1) return void request.socket.destroy();
      request.on('end', () => response.end('{"messages":[{"id":"wamid.1"}]}'));
    });
    const port = await listen(server);
    expect(await send(`https://${HOST}:${port}`)).toEqual({ ok: true, messageId: 'wamid.1' });
    expect(await send(`https://${HOST}:${port}`)).toEqual({ ok: false, outcome: 'unknown' });
    expect(taken).toBe(2);
  });
});

describe('while Graph shows a certificate that is not accepted', () => {
  let bot: Bot;
  const lines: string[] = [];
  const log = new Log('info', { write: (line) => void lines.push(line) });
  beforeAll(async () => {
    bot = await Bot.start({ certificate: broken['that has expired']![0], log });
  });
  afterAll(() => bot.stop());

  it('answers and receipts wait, and arrive once and in order when it is repaired', async () => {
    const [asking, reporting] = [somebody(), somebody()];
    await bot.graph.say(bot.webhook, asking, say.text('hola'), say.text('911'), say.text('ayuda'));
    await bot.tellAtOnce(reporting);
    await bot.graph.say(bot.webhook, reporting, say.text('enviar'));
    // Longer than any back-off between two tries, several times.
    for (let tries = 0; tries < 6; tries++) {
      await bot.work();
      bot.passTime(300);
    }
    expect(bot.graph.sent).toEqual([]);
    expect(await bot.count('cases')).toBeGreaterThan(0);
    expect(bot.alarms).toContain('whatsapp-not-connected');
    expect(bot.alarms).not.toContain('whatsapp-answer-lost');

    bot.graph.show(trusted);
    for (let tries = 0; tries < 3; tries++) {
      await bot.work();
      bot.passTime(60);
    }
    const texts = bot.graph.sentTo(asking).map(({ text }) => text);
    expect(texts).toHaveLength(3);
    expect(texts[0]).toContain('¿Qué necesitas?');
    expect(texts[1]).toContain('*911*');
    expect(texts[2]).toContain('Puedes escribir estas palabras');
    // What is told about a confirmed report has a lane of its own, so its place among earlier answers is open
    // (ADR 0013).
    const told = bot.graph.sentTo(reporting).map(({ text }) => text);
    const places = ['¿Qué necesitas?', '¿Aceptas?', '¿Cómo quieres', '¿Qué pasó?', '¿La enviamos?'].map(
      (part) => told.findIndex((text) => text.includes(part)),
    );
    expect(places).not.toContain(-1);
    expect(places).toEqual([...places].sort((one, other) => one - other));
    const confirmed = told.findIndex((text) => text.includes('la estamos registrando'));
    expect(told.findIndex((text) => text.includes('Folio: '))).toBeGreaterThan(confirmed);
    expect(bot.receiptsOf(reporting)).toHaveLength(1);
    expect(new Set(bot.graph.sent.map(({ opaque }) => opaque)).size).toBe(bot.graph.sent.length);
    expect(await bot.count('wa_outbox', 'sealed is not null')).toBe(0);
  });

  it('the log names the code, and nothing of a person', () => {
    lines.length = 0;
    log.end();
    const told = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    const alarm = told.find(
      ({ event, code }) => event === 'whatsapp-not-connected' && code === 'CERT_HAS_EXPIRED',
    );
    expect(Object.keys(alarm!).sort()).toEqual(['code', 'count', 'day', 'event', 'level']);
  });
});
