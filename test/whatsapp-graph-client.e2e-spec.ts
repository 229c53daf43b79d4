import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { OutgoingMessage } from '../src/doors/whatsapp/bot/messages.js';
import {
  GraphClient,
  type SendCommand,
  type SendResult,
} from '../src/doors/whatsapp/gateway/graph-client.js';
import { signingSecret } from '../src/doors/whatsapp/gateway/signature.js';
import { parseWebhook } from '../src/doors/whatsapp/gateway/webhook-events.js';
import { WhatsAppStandin } from './support/whatsapp/standin.js';
import type { Person } from './support/whatsapp/people.js';
import { say } from './support/whatsapp/say.js';

const ANA: Person = { phone: '5215512345678', bsuid: 'MX.13491208655302741918', name: 'Peña Núñez 🌵' };
const TEXT: OutgoingMessage = { kind: 'text', body: 'Hola, ¿qué pasó? / 😡' };

let graph: WhatsAppStandin;
beforeEach(async () => {
  graph = await WhatsAppStandin.start();
  graph.heard(ANA);
});
afterEach(() => graph.stop());

const client = (more: { accessToken?: string; timeoutMs?: number; baseUrl?: string } = {}): GraphClient =>
  new GraphClient({
    baseUrl: `${graph.url}/`,
    apiVersion: 'v25.0',
    accessToken: graph.accessToken,
    phoneNumberId: graph.number.phoneNumberId,
    ...more,
  });
const send = (message: OutgoingMessage = TEXT, sender = client()): Promise<SendResult> =>
  sender.sendMessage({ to: ANA.phone, message, opaque: 'outbox-1' });

describe('Graph client', () => {
  it('sends to the phone as Meta gave it, with a plus sign and our reference', async () => {
    const result = await send();
    const [sent] = graph.sent;
    expect(result).toEqual({ ok: true, messageId: sent?.id });
    expect(sent).toMatchObject({ address: '+5215512345678', text: TEXT.body, opaque: 'outbox-1' });
    await client().sendMessage({ to: '+5215512345678', message: TEXT, opaque: 'outbox-2' });
    expect(graph.sentTo(ANA)).toHaveLength(2);
  });

  it('sends to a business-scoped id', async () => {
    const command: SendCommand = { recipient: 'MX.13491208655302741918', message: TEXT, opaque: 'outbox-1' };
    expect(await client().sendMessage(command)).toMatchObject({ ok: true });
    expect(graph.sentTo({ ...ANA, hidesPhone: true })).toHaveLength(1);
  });

  it.each<OutgoingMessage>([
    {
      kind: 'buttons',
      body: '¿Aceptas?',
      footer: 'Pie',
      buttons: [{ id: '1:notice:accept', title: 'Acepto' }],
    },
    {
      kind: 'list',
      body: '¿Qué necesitas?',
      button: 'Ver',
      rows: [{ id: '1:any:report', title: 'Denuncia', description: 'Con tu nombre o anónima' }],
    },
    { kind: 'document', url: 'https://ejemplo.gob.mx/reglas.pdf', name: 'Reglas.pdf' },
    { kind: 'location', latitude: 19.64, longitude: -98.91, name: 'Palacio', address: 'Plaza principal' },
  ])('sends $kind in the shape that Graph takes', async (message) => {
    expect(await send(message)).toMatchObject({ ok: true });
    expect(graph.sent[0]?.options).toEqual(
      message.kind === 'list' ? message.rows : message.kind === 'buttons' ? message.buttons : [],
    );
  });

  it.each([
    [190, 'channel_down'],
    [0, 'channel_down'],
    [10, 'channel_down'],
    [200, 'channel_down'],
    [131042, 'channel_down'],
    [4, 'retry'],
    [80007, 'retry'],
    [130429, 'retry'],
    [131056, 'retry'],
    [131047, 'rejected'],
    [131026, 'rejected'],
    [131048, 'rejected'],
    [100, 'rejected'],
    [131000, 'unknown'],
    [131016, 'unknown'],
    [1, 'unknown'],
    [2, 'unknown'],
  ])('answers code %i with %s, whatever the HTTP status', async (code, outcome) => {
    graph.fail({ code, status: 400 }, { code, status: 500 });
    expect(await send()).toEqual({ ok: false, outcome, code });
    expect(await send()).toEqual({ ok: false, outcome, code });
    expect(graph.sent).toEqual([]);
  });

  it('calls the channel down on a token that is not valid', async () => {
    const result = await send(TEXT, client({ accessToken: 'revoked' }));
    expect(result).toEqual({ ok: false, outcome: 'channel_down', code: 190 });
  });

  it('does not claim that a message is lost when the answer is', async () => {
    graph.fail('timeout_after_accepting', 'error_after_accepting', 'error_before_accepting', 'garbage');
    expect(await send(TEXT, client({ timeoutMs: 200 }))).toEqual({ ok: false, outcome: 'unknown' });
    expect(await send()).toEqual({ ok: false, outcome: 'unknown' });
    expect(await send()).toEqual({ ok: false, outcome: 'unknown', code: 131000 });
    expect(await send()).toEqual({ ok: false, outcome: 'unknown' });
    expect(graph.sent).toHaveLength(3);
  });

  it('follows no redirect', async () => {
    graph.fail('redirect');
    expect(await send()).toEqual({ ok: false, outcome: 'channel_down' });
    expect(graph.sent).toEqual([]);
  });

  it('may repeat what never left because nobody listened', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.close();
    await once(server, 'close');
    const result = await send(TEXT, client({ baseUrl }));
    expect(result).toEqual({ ok: false, outcome: 'not_connected', code: 'ECONNREFUSED' });
  });
});

describe('Graph stand-in', () => {
  it.each<[string, OutgoingMessage]>([
    ['a text of 4,097', { kind: 'text', body: 'x'.repeat(4097) }],
    ['a body of 1,025', { kind: 'buttons', body: 'x'.repeat(1025), buttons: [{ id: 'a', title: 'a' }] }],
    [
      'four buttons',
      { kind: 'buttons', body: 'x', buttons: ['a', 'b', 'c', 'd'].map((id) => ({ id, title: id })) },
    ],
    ['a button of 21', { kind: 'buttons', body: 'x', buttons: [{ id: 'a', title: 'x'.repeat(21) }] }],
    ['a row of 25', { kind: 'list', body: 'x', button: 'Ver', rows: [{ id: 'a', title: 'x'.repeat(25) }] }],
  ])('refuses %s as Meta does', async (_what, message) => {
    expect(await send(message)).toEqual({ ok: false, outcome: 'rejected', code: 131009 });
  });

  it('delivers signed webhooks with escaped bytes and message ids that hold the phone', async () => {
    const received: { raw: Buffer; signature?: string }[] = [];
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        received.push({
          raw: Buffer.concat(chunks),
          signature: String(request.headers['x-hub-signature-256']),
        });
        response.end();
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhook`;
    const { status, ids } = await graph.say(
      url,
      ANA,
      say.text('¿Qué pasó? / 😡'),
      ...say.album(3),
      say.revoke('wamid.O'),
    );
    server.close();
    const raw = received[0]?.raw ?? Buffer.alloc(0);
    expect(status).toBe(200);
    expect(ids).toHaveLength(5);
    expect(Buffer.from(ids[0]?.slice('wamid.'.length) ?? '', 'base64').toString('latin1')).toContain(
      ANA.phone,
    );
    expect(raw.toString('latin1')).toContain('\\u00bfQu\\u00e9 pas\\u00f3? \\/ \\ud83d\\ude21');
    expect(await signingSecret(raw, received[0]?.signature, [graph.appSecret])).toBe(graph.appSecret);
    expect(parseWebhook(JSON.parse(raw.toString('utf8')))).toMatchObject([
      { content: { type: 'text', text: '¿Qué pasó? / 😡' }, replyTo: { to: '+5215512345678' } },
      ...Array.from({ length: 3 }, () => ({ content: { type: 'media', media: 'image' } })),
      { content: { type: 'revoke', originalMessageId: 'wamid.O' } },
    ]);
  });
});
