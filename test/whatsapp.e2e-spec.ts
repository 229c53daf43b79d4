import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { START_TIME } from './setup/constants.js';
import { Harness } from './setup/harness.js';
import { ACCOUNT, Bot, somebody, VERIFY_TOKEN } from './support/whatsapp-bot.js';
import { batch, message, messagesWebhook } from './support/whatsapp/envelope.js';
import { say } from './support/whatsapp/say.js';
import { signed } from './support/whatsapp/signing.js';
import { fetched } from './support/calls.js';

const FIXTURES = new URL('./fixtures/whatsapp/', import.meta.url);

let bot: Bot;
beforeAll(async () => {
  bot = await Bot.start({ appSecret: 'test-app-secret' });
});
afterAll(() => bot.stop());

async function post(body: Uint8Array, headers: Record<string, string>): Promise<Response> {
  return fetched(bot.webhook, { method: 'POST', body, headers });
}

describe('the webhook', () => {
  const verify = (query: Record<string, string>): Promise<Response> =>
    fetched(`${bot.webhook}?${new URLSearchParams(query).toString()}`);
  const right = { 'hub.mode': 'subscribe', 'hub.verify_token': VERIFY_TOKEN, 'hub.challenge': '1158201444' };

  it('answers Meta’s verification with the challenge as plain text', async () => {
    const response = await verify(right);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toMatch(/^text\/plain/);
    expect(await response.text()).toBe('1158201444');
  });

  it.each([
    { ...right, 'hub.verify_token': 'wrong' },
    { ...right, 'hub.verify_token': '' },
    { ...right, 'hub.mode': 'unsubscribe' },
    { 'hub.mode': 'subscribe', 'hub.challenge': '1' },
  ])('refuses the verification %j', async (query) => {
    expect((await verify(query)).status).toBe(403);
  });

  it('checks the signature over the bytes that travel', async () => {
    const rawBody = readFileSync(new URL('signed/text_521.raw.json', FIXTURES));
    const headers = JSON.parse(
      readFileSync(new URL('signed/text_521.headers.json', FIXTURES), 'utf8'),
    ) as Record<string, string>;
    const send = async (signatures: Record<string, string>): Promise<number> =>
      (await post(rawBody, { 'content-type': 'application/json', ...signatures })).status;
    const wrong = headers.WRONG_if_body_is_parsed_and_reserialised!;
    expect(await send({ 'x-hub-signature-256': wrong })).toBe(401);
    expect(await send({ 'x-hub-signature-256': 'sha256=' })).toBe(401);
    expect(await send({})).toBe(401);
    expect(await bot.count('wa_inbox')).toBe(0);
    expect(await send({ 'x-hub-signature-256': headers['X-Hub-Signature-256']! })).toBe(200);
    expect(await bot.count('wa_inbox', `state = 'new'`)).toBe(1);
  });

  it('keeps a signed body that is no JSON, whatever its type says', async () => {
    for (const type of ['application/json', 'text/plain', 'application/x-www-form-urlencoded']) {
      const { rawBody, headers } = signed('{', bot.graph.appSecret);
      const response = await post(rawBody, { ...headers, 'content-type': type });
      expect([type, response.status]).toEqual([type, 200]);
    }
    await bot.work();
    expect(bot.alarms).toContain('whatsapp-unknown');
    expect(await bot.count('wa_inbox', `state = 'done'`)).toBeGreaterThanOrEqual(3);
  });

  it('takes a batch of 3 MB and refuses one above 4 MiB', async () => {
    const sized = (bytes: number): ReturnType<typeof signed> =>
      signed({ object: 'whatsapp_business_account', padding: 'x'.repeat(bytes) }, bot.graph.appSecret);
    const large = sized(3_000_000);
    expect((await post(large.rawBody, large.headers)).status).toBe(200);
    const larger = sized(4 * 1024 * 1024);
    expect((await post(larger.rawBody, larger.headers)).status).toBe(413);
  });

  it('is not there while the channel is not configured', async () => {
    const off = await Harness.start();
    try {
      const url = '/channels/whatsapp/webhook';
      expect((await off.call('GET', `${url}?hub.mode=subscribe`)).status).toBe(404);
      const { status, body } = await off.call<{ code: string }>('POST', url, { body: {} });
      expect([status, body.code]).toEqual([404, 'NOT_FOUND']);
    } finally {
      await off.stop();
    }
  });

  it('stores a webhook sealed and with its day only', async () => {
    await bot.work();
    await bot.graph.say(bot.webhook, somebody(), say.text('palabra inconfundible'));
    const rows = await bot.harness.sql<{ body: Buffer; day: string }>(
      'owner',
      `select body, day::text from wa_inbox where state = 'new'`,
    );
    expect(rows).toHaveLength(1);
    expect(rows[0]!.body.includes('inconfundible')).toBe(false);
    expect(rows[0]!.day).toBe('2026-11-10');
    await bot.work();
  });
});

describe('every payload that Meta documents', () => {
  const folders = ['docs-shapes-2026', 'meta-openapi-v23-webhooks', 'meta-postman-webhooks', 'composed-mx'];
  const files = folders.flatMap((folder) =>
    readdirSync(new URL(folder, FIXTURES))
      .filter((name) => name.endsWith('.json'))
      .map((name) => `${folder}/${name}`),
  );

  it('is answered 200, worked or kept, and stops nothing', async () => {
    expect(files.length).toBeGreaterThan(50);
    for (const file of files) {
      const { rawBody, headers } = signed(
        JSON.parse(readFileSync(new URL(file, FIXTURES), 'utf8')),
        bot.graph.appSecret,
      );
      expect([file, (await post(rawBody, headers)).status]).toEqual([file, 200]);
    }
    await bot.work();
    expect(await bot.count('wa_inbox', `state in ('new', 'failed')`)).toBe(0);
    expect(await bot.count('wa_events')).toBe(0);
    const somebodyElse = somebody();
    expect(await bot.text(somebodyElse, 'hola')).toContain('canal de denuncias');
  });
});

describe('routing', () => {
  it('keeps events for an unknown number unrouted, and works the rest of their batch', async () => {
    const [stranger, ours] = [somebody(), somebody()];
    const elsewhere = { ...bot.graph.number, phoneNumberId: '999999999999999' };
    const body = batch(
      messagesWebhook(elsewhere, stranger, [message(stranger, say.text('hola'))]),
      messagesWebhook(bot.graph.number, ours, [message(ours, say.text('hola'))]),
    );
    const before = await bot.count('wa_inbox', `state = 'unrouted'`);
    expect(await bot.graph.deliver(bot.webhook, body)).toBe(200);
    await bot.work();
    expect(await bot.count('wa_inbox', `state = 'unrouted'`)).toBe(before + 1);
    expect(bot.alarms).toContain('whatsapp-unrouted');
    expect(bot.graph.sentTo(stranger)).toHaveLength(0);
    expect(bot.graph.sentTo(ours)).toHaveLength(1);
  });

  it('takes every entry, change and message of a batch', async () => {
    const people = [somebody(), somebody(), somebody()];
    const bodies = people.map((person) =>
      messagesWebhook(bot.graph.number, person, [
        message(person, say.text('hola')),
        message(person, say.text('911')),
      ]),
    );
    await bot.graph.deliver(bot.webhook, batch(...bodies));
    await bot.work();
    for (const person of people) {
      const texts = bot.graph.sentTo(person).map(({ text }) => text);
      expect(texts).toHaveLength(2);
      expect(texts[0]).toContain('canal de denuncias');
      expect(texts[1]).toContain('911');
    }
  });

  it('answers a batch once, however often and however parallel Meta delivers it', async () => {
    const person = somebody();
    const body = messagesWebhook(bot.graph.number, person, [message(person, say.text('hola'))]);
    const twin = await Bot.start({ share: bot });
    try {
      const deliveries = Array.from({ length: 10 }, () => bot.graph.deliver(bot.webhook, body));
      expect(new Set(await Promise.all(deliveries))).toEqual(new Set([200]));
      await Promise.all([bot.work(), twin.work()]);
      await bot.work();
      expect(bot.graph.sentTo(person)).toHaveLength(1);
    } finally {
      await twin.stop({ keepGraph: true });
    }
  });

  it('recognises a repetition for eight days and then forgets it', async () => {
    const person = somebody();
    const body = messagesWebhook(bot.graph.number, person, [message(person, say.text('hola'))]);
    const again = async (): Promise<number> => {
      await bot.graph.deliver(bot.webhook, body);
      await bot.harness.sweep();
      return bot.graph.sentTo(person).length;
    };
    expect(await again()).toBe(1);
    bot.passTime(8 * 24 * 3600);
    expect(await again()).toBe(1);
    bot.passTime(24 * 3600);
    await bot.harness.sweep();
    expect(await bot.count('wa_seen', `day <= '2026-11-10'`)).toBe(0);
    bot.harness.clock.set(START_TIME);
  });
});

describe('what has served is deleted', () => {
  it('shreds raw bodies and the key of their day within 72 hours after they were worked', async () => {
    await bot.text(somebody(), 'hola');
    bot.passTime(24 * 3600);
    await bot.harness.sweep();
    expect(await bot.count('wa_inbox', `day = '2026-11-10'`)).toBeGreaterThan(0);
    bot.passTime(48 * 3600);
    await bot.harness.sweep();
    expect(await bot.count('wa_inbox', `day = '2026-11-10'`)).toBe(0);
    expect(await bot.count('wa_inbox_keys', `day = '2026-11-10'`)).toBe(0);
    bot.harness.clock.set(START_TIME);
  });

  it('keeps a draft for the 72 hours it promises and not longer', async () => {
    const [early, late] = [somebody(), somebody()];
    await bot.tellAtOnce(early);
    await bot.tellAtOnce(late);
    bot.passTime(71 * 3600);
    await bot.harness.sweep();
    expect(await bot.text(early, 'menú')).toContain('¿Qué necesitas?');
    expect(await bot.tap(early, 'Presentar denuncia')).toContain('se borra sola en 72 horas');
    const sessions = await bot.count('wa_sessions');
    bot.passTime(3600);
    await bot.harness.sweep();
    expect(await bot.count('wa_sessions')).toBeLessThan(sessions);
    expect(await bot.text(late, 'listo')).not.toContain(ACCOUNT);
    expect(await bot.tap(early, 'Presentar denuncia')).toContain('sin terminar');
    bot.harness.clock.set(START_TIME);
  });
});
