import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import { fetched } from './support/calls.js';
import type { Json } from './support/whatsapp/http.js';
import type { Receiver } from './support/whatsapp/receiver.js';
import { HOSTILE } from './support/whatsapp/say.js';
import { ANA, codeOf, fileIn, interactive, Stage, text, type Answer } from './support/whatsapp/stage.js';
import type { WhatsAppStandin } from './support/whatsapp/standin.js';

const stage = new Stage();
let graph: WhatsAppStandin;
let receiver: Receiver;
beforeEach(async () => {
  await stage.open();
  ({ graph, receiver } = stage);
});
afterEach(() => stage.close());

describe('the control API', () => {
  const control = async (method: string, path: string, body?: Json, headers = {}): Promise<Answer> => {
    const response = await fetched(`${graph.url}/__standin/${path}`, {
      method,
      headers: { 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, headers: response.headers, body: (await response.json()) as Json };
  };
  const newcomer = async (more: Json = {}): Promise<string> =>
    String((await control('POST', 'people', more)).body.id);
  const tell = async (id: string, ...things: Json[]): Promise<Json> =>
    (await control('POST', `people/${id}/say`, { say: things })).body;

  beforeEach(async () => {
    await control('POST', 'callback', { url: receiver.url, verifyToken: 'receiver-token' });
  });

  it('makes people with a Mexican number of their own, and changes them', async () => {
    const { body } = await control('POST', 'people');
    expect(body).toMatchObject({ id: 'p1', phone: expect.stringMatching(/^5215500\d{6}$/) });
    expect(body.bsuid).toMatch(/^MX\.\d{20}$/);
    const changed = await control('PATCH', 'people/p1', { mode: '52', username: 'ana', hidesPhone: true });
    expect(changed.body).toMatchObject({ phone: String(body.phone).replace('521', '52'), username: 'ana' });
    expect((await control('PATCH', 'people/p1', { username: null })).body).not.toHaveProperty('username');
    expect((await control('POST', 'people', { phone: '+52' })).status).toBe(400);
    expect((await control('GET', 'people/p9')).status).toBe(404);
  });

  it.each<[Json, Json]>([
    [
      { kind: 'text', body: 'Hola' },
      { type: 'text', text: { body: 'Hola' } },
    ],
    [{ kind: 'hostile', which: 'zalgo' }, { text: { body: HOSTILE.zalgo } }],
    [
      { kind: 'image', caption: 'Foto' },
      { type: 'image', image: { caption: 'Foto' } },
    ],
    [{ kind: 'video' }, { type: 'video' }],
    [{ kind: 'voice' }, { type: 'audio', audio: { voice: true } }],
    [{ kind: 'audio' }, { audio: { voice: false } }],
    [{ kind: 'document', filename: 'a.pdf' }, { document: { filename: 'a.pdf' } }],
    [{ kind: 'sticker' }, { type: 'sticker' }],
    [
      { kind: 'location', latitude: 19.4, longitude: -99.1, name: 'Zócalo' },
      { location: { latitude: 19.4 } },
    ],
    [
      { kind: 'contact', name: 'Juan', phone: '525500000000' },
      { contacts: [{ name: { first_name: 'Juan' } }] },
    ],
    [{ kind: 'own_contact' }, { contacts: [{ origin: 'contact_request' }] }],
    [{ kind: 'reaction', to: 'wamid.x', emoji: '👍' }, { reaction: { emoji: '👍' } }],
    [{ kind: 'flow', answers: { a: 1 } }, { interactive: { nfm_reply: { response_json: '{"a":1}' } } }],
    [{ kind: 'quick_reply', text: 'Baja' }, { button: { payload: 'Baja' } }],
    [{ kind: 'revoke', of: 'wamid.x' }, { revoke: { original_message_id: 'wamid.x' } }],
    [{ kind: 'view_once' }, { errors: [{ code: 131060 }] }],
    [{ kind: 'unsupported' }, { errors: [{ code: 131051 }] }],
    [{ kind: 'too_large' }, { errors: [{ code: 131052 }] }],
    [{ kind: 'broken_tap' }, { type: 'interactive' }],
    [{ kind: 'order' }, { type: 'order' }],
    [{ kind: 'identity', hash: 'H' }, { system: { type: 'customer_identity_changed' } }],
    [{ kind: 'forwarded', part: { kind: 'text', body: 'a' } }, { context: { forwarded: true } }],
    [
      { kind: 'quoting', message: 'wamid.x', part: { kind: 'text', body: 'a' } },
      { context: { id: 'wamid.x' } },
    ],
    [{ kind: 'raw', part: { type: 'hologram' } }, { type: 'hologram' }],
  ])('says %j', async (thing, expected) => {
    const told = await tell(await newcomer(), thing);
    expect(told).toMatchObject({ statuses: [200] });
    expect(receiver.messages).toMatchObject([expected]);
  });

  it('sends an album as webhooks of their own, and other things in one when it is told to', async () => {
    const id = await newcomer();
    await tell(id, { kind: 'album', count: 5 });
    expect([receiver.arrivals.length, receiver.messages.length]).toEqual([5, 5]);
    const things = [
      { kind: 'text', body: 'a' },
      { kind: 'text', body: 'b' },
    ];
    await control('POST', `people/${id}/say`, { say: things, together: true });
    expect([receiver.arrivals.length, receiver.messages.length]).toEqual([6, 7]);
  });

  it('sends files that were brought to it, and edits what was said', async () => {
    const id = await newcomer();
    const picture = await sharp({ create: { width: 8, height: 8, channels: 3, background: '#a55' } })
      .png()
      .toBuffer();
    const brought = await fetched(`${graph.url}/__standin/files?name=foto.png`, {
      method: 'POST',
      headers: { 'content-type': 'image/png' },
      body: new Uint8Array(picture),
    });
    const { file } = (await brought.json()) as { file: string };
    const { ids } = await tell(id, { kind: 'image', file, caption: 'Antes' });
    const [original] = ids as string[];
    const sha256 = createHash('sha256').update(picture).digest('base64');
    expect(fileIn(receiver.messages[0])).toMatchObject({ mime_type: 'image/png', sha256, caption: 'Antes' });
    await tell(id, { kind: 'edit', of: original, body: 'Después' });
    expect(receiver.messages[1]).toMatchObject({
      type: 'edit',
      edit: {
        original_message_id: original,
        message: { type: 'image', image: { sha256, caption: 'Después' } },
      },
    });
    const shown = await fetched(`${graph.url}/__standin/files/${String(fileIn(receiver.messages[0]).id)}`);
    expect(Buffer.from(await shown.arrayBuffer())).toEqual(picture);
    expect(shown.headers.get('content-security-policy')).toContain('sandbox');
  });

  it('taps what was offered, by title or id', async () => {
    const id = await newcomer({ phone: ANA.phone });
    await tell(id, { kind: 'text', body: 'Hola' });
    await stage.send(
      interactive({
        type: 'list',
        action: { button: 'Ver', sections: [{ rows: [{ id: 'r1', title: '1. Presentar denuncia' }] }] },
      }),
    );
    await tell(id, { kind: 'tap', title: 'Presentar denuncia' });
    expect(receiver.messages[1]).toMatchObject({
      interactive: { type: 'list_reply', list_reply: { id: 'r1' } },
      context: { id: graph.sent[0]!.id },
    });
    const refused = await control('POST', `people/${id}/say`, { say: { kind: 'tap', title: 'Otra' } });
    expect([refused.status, refused.body.error]).toEqual([400, 'Otra was never offered']);
  });

  it('shows a conversation to its person only, and goes on where one stopped reading', async () => {
    const id = await newcomer({ phone: ANA.phone });
    await tell(await newcomer(), { kind: 'text', body: 'of somebody else' });
    expect((await control('GET', `people/${id}/conversation`)).body.openUntil).toBeNull();
    await tell(id, { kind: 'text', body: 'Hola' });
    await stage.send(text('¿Qué necesitas?'));
    const { body } = await control('GET', `people/${id}/conversation`);
    const entries = body.entries as { n: number; kind: string }[];
    expect(entries.map(({ kind }) => kind)).toEqual(['said', 'webhook', 'answered', 'graph']);
    expect(Date.parse(String(body.openUntil)) - Date.parse(String(body.now))).toBeGreaterThan(23 * 3600_000);
    const later = await control('GET', `people/${id}/conversation?after=${entries[1]!.n}`);
    expect(later.body.entries).toEqual(entries.slice(2));
    expect(JSON.stringify(entries)).not.toContain('somebody else');
  });

  it('pushes the clock, sets faults, revokes tokens and sends any body', async () => {
    const id = await newcomer({ phone: ANA.phone });
    await tell(id, { kind: 'text', body: 'Hola' });
    const before = Date.parse(String((await control('GET', 'state')).body.now));
    const { body } = await control('POST', 'clock', { advance: '25h' });
    expect(Date.parse(String(body.now)) - before).toBeGreaterThanOrEqual(25 * 3600_000);
    expect(codeOf(await stage.send(text()))).toBe(131047);
    await tell(id, { kind: 'text', body: 'Sigo aquí' });
    await control('POST', 'faults', { messages: [{ code: 130429 }], refuse: { person: id, code: 131026 } });
    expect(codeOf(await stage.send(text()))).toBe(130429);
    expect(codeOf(await stage.send(text()))).toBe(131026);
    await control('POST', 'faults', { webhooks: ['drop'] });
    await control('DELETE', 'faults');
    expect((await stage.send(text())).status).toBe(200);
    await control('POST', 'token', { revoked: true });
    expect(codeOf(await stage.send(text()))).toBe(190);
    await control('POST', 'token', { revoked: false });
    await control('POST', 'webhooks', { body: { object: 'anything' } });
    expect(receiver.arrivals.at(-1)!.body).toEqual({ object: 'anything' });
    await control('POST', 'webhooks', { accountError: 131042 });
    expect(receiver.values.at(-1)).toMatchObject({ errors: [{ code: 131042 }] });
    const moved = await control('POST', `people/${id}/number`);
    expect(moved.body.phone).not.toBe(ANA.phone);
  });

  it('speaks to another number, which has a token of its own, and shows who asks for whose files', async () => {
    const { body: number } = await control('POST', 'numbers', {
      name: 'Otra institución',
      accessToken: 'other',
    });
    const { phoneNumberId } = number;
    const there = { url: receiver.url, verifyToken: 'receiver-token', number: phoneNumberId };
    await control('POST', 'callback', there);
    const id = await newcomer();
    await control('POST', `people/${id}/say`, { say: { kind: 'image' }, number: phoneNumberId });
    expect(receiver.values).toMatchObject([{ metadata: { phone_number_id: phoneNumberId } }]);
    const { id: file } = fileIn(receiver.messages[0]);
    expect((await stage.call('GET', String(file))).status).toBe(400);
    const { body } = await stage.call('GET', String(file), { token: 'other' });
    await fetched(String(body.url), { headers: { authorization: 'Bearer other' } });
    const { entries } = (await control('GET', `people/${id}/conversation`)).body;
    expect((entries as Json[]).slice(2)).toMatchObject([
      { kind: 'graph', content: { status: 400 } },
      { kind: 'graph', content: { status: 200 } },
      { kind: 'graph', content: { path: expect.stringMatching(/^\/lookaside/), status: 200 } },
    ]);
    expect((await control('GET', `people/${await newcomer()}/conversation`)).body.entries).toEqual([]);
  });

  it('answers no page but its own', async () => {
    for (const headers of [
      { origin: 'https://example.com' },
      { origin: 'null' },
      { 'sec-fetch-site': 'cross-site' },
    ])
      expect((await control('GET', 'state', undefined, headers)).status).toBe(403);
    const { port } = new URL(graph.url);
    expect((await control('GET', 'state', undefined, { origin: `http://127.0.0.1:${port}` })).status).toBe(
      200,
    );
    expect(JSON.stringify((await control('GET', 'state')).body)).not.toContain(graph.accessToken);
  });

  it('says what it does not understand', async () => {
    const id = await newcomer();
    expect((await control('POST', 'clock', { advance: '25 hours' })).status).toBe(400);
    for (const thing of [{ kind: 'dance' }, { kind: 'text' }, { kind: 'location', latitude: 'north' }])
      expect((await control('POST', `people/${id}/say`, { say: [thing] })).status).toBe(400);
    expect((await control('POST', `people/${id}/say`, { say: [], number: '1' })).status).toBe(404);
    expect((await control('GET', 'nothing')).status).toBe(404);
    expect((await control('POST', 'callback', { url: receiver.url, verifyToken: 'x' })).status).toBe(400);
  });
});
