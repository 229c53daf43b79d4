import { readdirSync, readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { fetched } from './support/calls.js';
import { batch, message, messagesWebhook, type Part } from './support/whatsapp/envelope.js';
import type { Json } from './support/whatsapp/http.js';
import { MessageSchema } from './support/whatsapp/message-schema.js';
import { canonical } from './support/whatsapp/people.js';
import type { Receiver } from './support/whatsapp/receiver.js';
import { say } from './support/whatsapp/say.js';
import {
  ANA,
  type Answer,
  codeOf,
  fileIn,
  interactive,
  Stage,
  TEMPLATE,
  text,
  TO_ANA,
} from './support/whatsapp/stage.js';
import type { WhatsAppStandin } from './support/whatsapp/standin.js';

const schema = MessageSchema.get();
const stage = new Stage();
let graph: WhatsAppStandin;
let receiver: Receiver;
beforeEach(async () => {
  await stage.open();
  ({ graph, receiver } = stage);
});
afterEach(() => stage.close());

const messages = (): string => `${graph.number.phoneNumberId}/messages`;

describe('messages to people', () => {
  beforeEach(() => graph.heard(ANA));

  it.each<[string, Json]>([
    ['text', { ...text(), context: { message_id: 'wamid.X' }, biz_opaque_callback_data: 'outbox-1' }],
    [
      'buttons',
      interactive({
        type: 'button',
        footer: { text: 'Pie' },
        action: { buttons: [{ type: 'reply', reply: { id: 'a', title: 'Acepto' } }] },
      }),
    ],
    [
      'list',
      interactive({
        type: 'list',
        header: { type: 'text', text: 'Menú' },
        action: { button: 'Ver', sections: [{ rows: [{ id: 'a', title: 'Denuncia', description: 'Una' }] }] },
      }),
    ],
    [
      'link',
      interactive({
        type: 'cta_url',
        action: { name: 'cta_url', parameters: { display_text: 'Abrir', url: 'https://example.gob.mx' } },
      }),
    ],
    ['place', interactive({ type: 'location_request_message', action: { name: 'send_location' } })],
    [
      'flow',
      interactive({
        type: 'flow',
        action: {
          name: 'flow',
          parameters: {
            flow_message_version: '3',
            flow_id: '1',
            flow_cta: 'Llenar',
            flow_token: 't',
            flow_action: 'navigate',
            flow_action_payload: { screen: 'A', data: { x: 1 } },
          },
        },
      }),
    ],
    ['number', interactive({ type: 'request_contact_info', action: { name: 'request_contact_info' } })],
    ['location', { type: 'location', location: { latitude: 19.4, longitude: -99.1, name: 'Zócalo' } }],
    ['contacts', { type: 'contacts', contacts: [{ name: { formatted_name: 'OIC', first_name: 'OIC' } }] }],
    ['linked image', { type: 'image', image: { link: 'https://example.gob.mx/a.jpg', caption: 'Foto' } }],
    [
      'template',
      {
        type: 'template',
        template: {
          name: 'actualizacion_folio',
          language: { code: 'es_MX' },
          components: [{ type: 'body', parameters: [{ type: 'text', text: 'seguimiento' }] }],
        },
      },
    ],
  ])('takes a %s and answers in the shape of the document', async (_what, more) => {
    const { status, headers, body } = await stage.send(more);
    expect([status, body]).toEqual([
      200,
      {
        messaging_product: 'whatsapp',
        contacts: [{ input: '+5215512345678', wa_id: '5215512345678' }],
        messages: [{ id: graph.sent[0]!.id }],
      },
    ]);
    expect(schema.check('MessageResponsePayload', body)).toBeUndefined();
    expect(headers.get('content-type')).toBe('application/json; charset=UTF-8');
    expect(headers.get('facebook-api-version')).toBe('v25.0');
    expect(headers.get('x-fb-request-id')).toMatch(/^A[\w-]{22}$/);
  });

  it('takes a message to a business-scoped id, and gives it back', async () => {
    const { body } = await stage.send({ ...text(), to: undefined, recipient: ANA.bsuid });
    expect(body.contacts).toEqual([{ input: ANA.bsuid, user_id: ANA.bsuid }]);
    expect(graph.sentTo(ANA)).toHaveLength(1);
  });

  it('finds a person by either form of a Mexican number, and says which form Meta has', async () => {
    const { body } = await stage.send({ ...text(), to: `+${canonical(ANA.phone)}` });
    expect(body.contacts).toEqual([{ input: '+525512345678', wa_id: '5215512345678' }]);
  });

  it.each<[string, number, Json]>([
    ['a key that nobody knows', 100, { ...text(), colour: 'red' }],
    ['a type that nobody knows', 100, { type: 'hologram', hologram: {} }],
    ['a text without its body', 131008, { type: 'text', text: {} }],
    ['an empty text', 131009, text('')],
    ['a text of 4,097', 131009, text('x'.repeat(4097))],
    ['a number without its plus sign', 131009, { ...text(), to: ANA.phone }],
    ['nobody', 131008, { ...text(), to: undefined }],
    ['no business-scoped id', 131009, { ...text(), to: undefined, recipient: 'MX-1' }],
    ['a group', 131009, { ...text(), recipient_type: 'group' }],
    ['a reference of 513', 131009, { ...text(), biz_opaque_callback_data: 'x'.repeat(513) }],
    [
      'two buttons with one title',
      131009,
      interactive({
        type: 'button',
        action: {
          buttons: ['a', 'b'].map((id) => ({ type: 'reply', reply: { id, title: 'Sí' } })),
        },
      }),
    ],
    [
      'eleven rows in two sections',
      131009,
      interactive({
        type: 'list',
        action: {
          button: 'Ver',
          sections: [6, 5].map((count, n) => ({
            title: `Parte ${n}`,
            rows: Array.from({ length: count }, (_, m) => ({ id: `${n}${m}`, title: `${n}${m}` })),
          })),
        },
      }),
    ],
    [
      'a button that is a list',
      131009,
      interactive({
        type: 'button',
        action: { button: 'Ver', sections: [{ rows: [{ id: 'a', title: 'a' }] }] },
      }),
    ],
    [
      'a footer of 61',
      131009,
      interactive({
        type: 'button',
        footer: { text: 'x'.repeat(61) },
        action: { buttons: [{ type: 'reply', reply: { id: 'a', title: 'a' } }] },
      }),
    ],
    ['a caption of 1,025', 131009, { type: 'image', image: { link: 'x', caption: 'x'.repeat(1025) } }],
    ['a caption of a voice', 100, { type: 'audio', audio: { link: 'x', caption: 'x' } }],
    ['a file that is not there', 100, { type: 'image', image: { id: '1' } }],
    ['a reaction to nothing', 131009, { type: 'reaction', reaction: { message_id: 'wamid.x', emoji: '👍' } }],
    ['itself', 131021, { ...text(), to: '+525550000001' }],
  ])('refuses %s with %i', async (_what, code, more) => {
    const answer = await stage.send(more);
    expect([answer.status, codeOf(answer)]).toEqual([400, code]);
    const error = answer.body.error as Json;
    expect(error).toMatchObject({ type: 'OAuthException', error_data: { messaging_product: 'whatsapp' } });
    expect(error.message).toMatch(new RegExp(`^\\(#${code}\\) `));
    expect(error.fbtrace_id).toMatch(/^A[\w-]{22}$/);
    expect(graph.sent).toEqual([]);
  });

  it('counts as many characters as UTF-16 does', async () => {
    expect((await stage.send(text('😡'.repeat(2048)))).status).toBe(200);
    expect(codeOf(await stage.send(text('😡'.repeat(2049))))).toBe(131009);
  });

  it('takes that a message was read, and that somebody writes, for messages that came', async () => {
    const { ids } = await graph.say(receiver.url, ANA, say.text('Hola'));
    const read = { messaging_product: 'whatsapp', status: 'read', message_id: ids[0] };
    const typing = { ...read, typing_indicator: { type: 'text' } };
    for (const body of [read, typing]) {
      const answer = await stage.call('POST', messages(), { body });
      expect([answer.status, answer.body]).toEqual([200, { success: true }]);
    }
    const reaction = { type: 'reaction', reaction: { message_id: ids[0], emoji: '👍' } };
    expect((await stage.send(reaction)).status).toBe(200);
    const strange = await stage.call('POST', messages(), { body: { ...read, message_id: 'wamid.x' } });
    expect(codeOf(strange)).toBe(131009);
    expect(codeOf(await stage.call('POST', messages(), { body: { ...read, status: 'heard' } }))).toBe(131009);
  });

  it('asks every call for a token of its own number', async () => {
    const other = graph.accounts.add({ name: 'Otra institución' });
    graph.people.heard(other, ANA);
    const path = `${other.phoneNumberId}/messages`;
    const body = { ...TO_ANA, ...text() };
    expect((await stage.call('POST', path, { body, token: other.accessToken })).status).toBe(200);
    expect(codeOf(await stage.call('POST', path, { body }))).toBe(100);
    expect(codeOf(await stage.call('POST', path, { body, token: 'wrong' }))).toBe(190);
    expect(graph.sent.map(({ phoneNumberId }) => phoneNumberId)).toEqual([other.phoneNumberId]);
  });
});

describe('the window of 24 hours', () => {
  it('is open for who wrote, and for 24 hours', async () => {
    expect(codeOf(await stage.send(text()))).toBe(131047);
    await graph.say(receiver.url, ANA, say.text('Hola'));
    graph.clock.advance('23h');
    expect((await stage.send(text())).status).toBe(200);
    graph.clock.advance('2h');
    expect(codeOf(await stage.send(text()))).toBe(131047);
    expect((await stage.send(TEMPLATE)).status).toBe(200);
    await graph.say(receiver.url, ANA, say.text('Sigo aquí'));
    expect((await stage.send(text())).status).toBe(200);
  });

  it('is opened by any webhook with a message of the person, and by none about the person', async () => {
    const webhook = messagesWebhook(graph.number, ANA, [message(ANA, say.text('Hola'))]);
    await graph.deliver(receiver.url, webhook);
    expect((await stage.send(text())).status).toBe(200);
    graph.clock.advance('25h');
    await graph.say(receiver.url, ANA, say.changedIdentity('hash'));
    expect(codeOf(await stage.send(text()))).toBe(131047);
  });
});

describe('what goes wrong on demand', () => {
  beforeEach(() => graph.heard(ANA));

  it('before and after a message was taken', async () => {
    graph.fail(
      { code: 130429 },
      { code: 131056, status: 429 },
      { status: 503 },
      { code: 131016, after: true },
      { status: 429, after: true },
      'error_before_accepting',
      'error_after_accepting',
      'garbage',
    );
    const seen: unknown[] = [];
    for (let n = 0; n < 8; n++) {
      const response = await fetched(`${graph.url}/v25.0/${messages()}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${graph.accessToken}`, 'content-type': 'application/json' },
        body: JSON.stringify({ ...TO_ANA, ...text() }),
      });
      const body = await response.text();
      const code = body.startsWith('{') ? (JSON.parse(body) as { error: Json }).error.code : undefined;
      seen.push([response.status, code, graph.sent.length]);
    }
    expect(seen).toEqual([
      [400, 130429, 0],
      [429, 131056, 0],
      [503, undefined, 0],
      [500, 131016, 1],
      [429, undefined, 2],
      [500, 131000, 2],
      [502, undefined, 3],
      [200, undefined, 4],
    ]);
    expect((await stage.send(text())).status).toBe(200);
  });

  it('for one person only, until it is taken back', async () => {
    const other = { ...ANA, phone: '5215587654321', bsuid: 'MX.2' };
    graph.heard(other);
    graph.refuse(ANA, 131026);
    expect(codeOf(await stage.send(text()))).toBe(131026);
    expect((await stage.send({ ...text(), to: `+${other.phone}` })).status).toBe(200);
    graph.refuse(ANA, undefined);
    expect((await stage.send(text())).status).toBe(200);
  });

  it('with a token that was revoked', async () => {
    graph.number.revoked = true;
    const answer = await stage.send(text());
    expect([answer.status, codeOf(answer)]).toEqual([401, 190]);
    graph.number.revoked = false;
    expect((await stage.send(text())).status).toBe(200);
  });
});

describe('a number and its account', () => {
  it('tells the fields that are asked for, and no other', async () => {
    const { phoneNumberId } = graph.number;
    const { body } = await stage.call('GET', `${phoneNumberId}?fields=throughput,quality_rating`);
    expect(body).toEqual({ throughput: { level: 'STANDARD' }, quality_rating: 'GREEN', id: phoneNumberId });
    expect(codeOf(await stage.call('GET', `${phoneNumberId}?fields=secret`))).toBe(100);
    expect((await stage.call('GET', phoneNumberId)).body).toMatchObject({
      display_phone_number: '+525550000001',
    });
  });

  it('blocks who wrote within a day; nothing is heard of them, and nothing goes to them', async () => {
    const path = `${graph.number.phoneNumberId}/block_users`;
    const users = (...list: string[]): Json => ({
      messaging_product: 'whatsapp',
      block_users: list.map((user) => ({ user })),
    });
    await graph.say(receiver.url, ANA, say.text('Hola'));
    const done = await stage.call('POST', path, { body: users('+5215512345678') });
    expect(done.body.block_users).toEqual({
      added_users: [{ input: '+5215512345678', wa_id: '5215512345678' }],
    });
    expect(schema.check('BlockUsersData', done.body)).toBeUndefined();
    expect((await stage.call('GET', path)).body.data).toEqual([
      { messaging_product: 'whatsapp', wa_id: ANA.phone },
    ]);
    expect(await graph.say(receiver.url, ANA, say.text('¿Hola?'))).toMatchObject({ status: 0 });
    expect(receiver.messages).toHaveLength(1);
    expect(codeOf(await stage.send(text()))).toBe(131026);
    const mixed = await stage.call('POST', path, { body: users('+5215512345678', '+5215500000000') });
    expect([mixed.status, codeOf(mixed)]).toEqual([400, 139100]);
    await stage.call('DELETE', path, { body: users(ANA.phone) });
    expect((await stage.call('GET', path)).body.data).toEqual([]);
    expect((await stage.send(text())).status).toBe(200);
    graph.clock.advance('25h');
    expect(codeOf(await stage.call('POST', path, { body: users(ANA.phone) }))).toBe(139100);
  });

  it('verifies a callback before webhooks go there', async () => {
    const path = `${graph.number.accountId}/subscribed_apps`;
    const subscribe = (verifyToken: string): Promise<Answer> =>
      stage.call('POST', path, { body: { override_callback_uri: receiver.url, verify_token: verifyToken } });
    expect(codeOf(await subscribe('wrong'))).toBe(2200);
    expect(graph.number.callback).toBeUndefined();
    expect((await subscribe('receiver-token')).body.data).toMatchObject([
      { override_callback_uri: receiver.url },
    ]);
    await graph.sayTo(graph.number, ANA, [say.text('Hola')]);
    expect(receiver.messages).toHaveLength(1);
    await stage.call('DELETE', path);
    expect((await stage.call('GET', path)).body).toEqual({ data: [] });
    await graph.sayTo(graph.number, ANA, [say.text('¿Hola?')]);
    expect(receiver.messages).toHaveLength(1);
    expect((await stage.call('POST', path)).body).toEqual({ success: true });
  });

  it('is not there under a path that Meta does not have', async () => {
    for (const path of ['1/messages', `${graph.number.phoneNumberId}/nothing`, 'me'])
      expect([path, (await stage.call('POST', path, { body: {} })).status]).toEqual([path, 400]);
    const withoutVersion = await fetched(`${graph.url}/${messages()}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${graph.accessToken}` },
    });
    expect(withoutVersion.status).toBe(400);
  });
});

describe('a port', () => {
  it('that is taken is left to the other program', async () => {
    const { port } = new URL(graph.url);
    const second = await stage.start({ port: Number(port) });
    expect(new URL(second.url).port).not.toBe(port);
    expect((await fetched(`${second.url}/__standin/state`)).status).toBe(200);
  });
});

describe('the same seed', () => {
  it('gives the same ids and files, and no seed others', async () => {
    const said: unknown[] = [];
    for (const seed of ['same', 'same', undefined]) {
      const standin = await stage.start({ seed });
      const { image, text: written } = standin.words;
      const { ids } = await standin.say(receiver.url, ANA, image(), written('Hola'));
      const { id, sha256 } = fileIn(receiver.messages.at(-2));
      said.push([ids, id, sha256]);
    }
    expect(said[1]).toEqual(said[0]);
    expect(said[2]).not.toEqual(said[0]);
  });
});

describe('acceptance', () => {
  const FIXTURES = new URL('./fixtures/whatsapp/', import.meta.url);
  const files = readdirSync(FIXTURES, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name }) => readdirSync(new URL(`${name}/`, FIXTURES)).map((file) => `${name}/${file}`))
    .filter((file) => file.endsWith('.json') && !file.includes('headers'));

  it('delivers every webhook that Meta documents as it is, also in one batch', async () => {
    expect(files.length).toBeGreaterThan(55);
    const bodies = files.map((file) => JSON.parse(readFileSync(new URL(file, FIXTURES), 'utf8')) as Part);
    for (const body of bodies) expect(await graph.deliver(receiver.url, body)).toBe(200);
    expect(receiver.arrivals.map(({ body }) => body)).toEqual(bodies);
    await graph.deliver(receiver.url, batch(...bodies));
    expect(receiver.arrivals.at(-1)!.body.entry).toEqual(bodies.flatMap(({ entry }) => entry));
  });
});
