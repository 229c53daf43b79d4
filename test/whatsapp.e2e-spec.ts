import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { START_TIME } from './setup/constants.js';
import { Sweeper } from '../src/platform/jobs/sweeper.js';
import { databaseUrl, Harness } from './setup/harness.js';
import { ACCOUNT, Bot, somebody, VERIFY_TOKEN } from './support/whatsapp-bot.js';
import { batch, message, messagesWebhook, say, signed, type Person } from './support/whatsapp-webhooks.js';

const FIXTURES = new URL('./fixtures/whatsapp/', import.meta.url);

let bot: Bot;
beforeAll(async () => {
  bot = await Bot.start({ appSecret: 'test-app-secret' });
});
afterAll(() => bot.stop());

async function post(body: Uint8Array, headers: Record<string, string>): Promise<Response> {
  return fetch(bot.webhook, { method: 'POST', body, headers });
}

describe('the webhook', () => {
  const verify = (query: Record<string, string>): Promise<Response> =>
    fetch(`${bot.webhook}?${new URLSearchParams(query).toString()}`);
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
    const headers = JSON.parse(readFileSync(new URL('signed/text_521.headers.json', FIXTURES), 'utf8')) as Record<
      string,
      string
    >;
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
      messagesWebhook(bot.graph.number, person, [message(person, say.text('hola')), message(person, say.text('911'))]),
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

describe('a conversation', () => {
  it.each(['Anónima', 'Confidencial', 'Con mis datos'] as const)(
    'in mode %s ends with folio and access code that open the case',
    async (mode) => {
      const person = somebody();
      expect(await bot.tellAll(person, mode)).toContain('¿La enviamos?');
      const cases = await bot.count('cases');
      await bot.tap(person, 'Enviar denuncia');
      const receipt = bot.receiptOf(person)!;
      expect(await bot.count('cases')).toBe(cases + 1);
      const token = await bot.harness.trackingToken(receipt);
      const { status, body } = await bot.harness.call<{ folio: string; receivedOn: string }>('GET', '/tracking/case', {
        token,
      });
      expect([status, body.folio]).toEqual([200, receipt.folio]);
      // The handling area may see a name only in the identified mode.
      const path = `/cases/${receipt.folio}`;
      await bot.harness.as('mesa@conavi.demo', 'POST', `${path}/triage`, {
        area: 'OIC',
        reason: 'Corresponde al OIC.',
      });
      const staff = await bot.harness.as<{ channel: string }>('investigador@conavi.demo', 'GET', path);
      expect(staff.status).toBe(200);
      expect(staff.body.channel).toBe('whatsapp');
      expect(JSON.stringify(staff.body)).toContain(ACCOUNT);
      expect(JSON.stringify(staff.body).includes('María Pérez Soto')).toBe(mode === 'Con mis datos');
      expect(bot.graph.sentTo(person).at(-1)!.text).toMatch(/primera respuesta a más tardar el \d+ de \w+ de 2026/);
      // Nothing is left of folio and code once Graph has them.
      expect(await bot.count('wa_handovers')).toBe(0);
      expect(await bot.count('wa_outbox', 'sealed is not null')).toBe(0);
    },
  );

  it('works for a person whose number WhatsApp hides', async () => {
    const person = somebody({ hidesPhone: true });
    await bot.tellAll(person);
    await bot.tap(person, 'Enviar denuncia');
    expect(bot.graph.sentTo(person).at(-1)!.address).toBe(person.bsuid);
    await bot.harness.trackingToken(bot.receiptOf(person)!);
  });

  it('is the same for 521 and 52 of one number', async () => {
    const old: Person = { phone: '5215512340001', name: 'Ana' };
    const now: Person = { ...old, phone: '525512340001' };
    await bot.text(old, 'hola');
    await bot.tap(old, 'Presentar denuncia');
    await bot.tap(old, 'Acepto');
    await bot.tap(old, 'Anónima');
    // From here on Meta gives the number without the 1: the answer goes to what Meta gave.
    expect(await bot.text(now, ACCOUNT)).toContain('Lo guardé');
    expect(bot.graph.sent.at(-1)!.address).toBe('+525512340001');
    expect(await bot.count('wa_aliases')).toBeGreaterThan(0);
    expect(await bot.text(now, 'listo')).toContain(ACCOUNT);
  });

  it('does not show a draft to the next owner of a number', async () => {
    const first = somebody();
    await bot.tellAtOnce(first);
    const next: Person = { ...first, bsuid: 'MX.99999999999999999999' };
    expect(await bot.text(next, 'listo')).not.toContain(ACCOUNT);
    expect(await bot.text({ ...first, hidesPhone: true }, 'menú')).toContain('¿Qué necesitas?');
    expect(await bot.tap({ ...first, hidesPhone: true }, 'Presentar denuncia')).toContain('sin terminar');
  });

  it('follows a person who changes number', async () => {
    const person = somebody();
    await bot.tellAll(person);
    const moved: Person = { ...person, phone: '5215587654321', bsuid: 'MX.88888888888888888888' };
    await bot.hear(person, say.changedNumber(moved.phone));
    await bot.tap(moved, 'Enviar denuncia').catch(() => bot.text(moved, 'enviar'));
    await bot.harness.trackingToken(bot.receiptOf(moved)!);
  });

  it('keeps a text that is too short and asks for more', async () => {
    const person = somebody();
    await bot.text(person, 'hola');
    await bot.tap(person, 'Presentar denuncia');
    await bot.tap(person, 'Acepto');
    await bot.tap(person, 'Anónima');
    expect(await bot.text(person, 'Robo')).toContain('muy corto');
    await bot.text(person, 'en la ventanilla 3');
    expect(await bot.tap(person, 'Listo, continuar')).toContain('Robo\nen la ventanilla 3');
  });

  it('says at once that files are not kept, once for an album, and counts them', async () => {
    const person = somebody();
    await bot.text(person, 'hola');
    await bot.tap(person, 'Presentar denuncia');
    await bot.tap(person, 'Acepto');
    await bot.tap(person, 'Anónima');
    await bot.text(person, ACCOUNT);
    const before = bot.graph.sentTo(person).length;
    const webhooks = say.album(12).map((photo) => bot.graph.say(bot.webhook, person, photo));
    await Promise.all(webhooks);
    const twin = await Bot.start({ share: bot });
    await Promise.all([bot.work(), twin.work()]);
    await bot.work();
    await twin.stop({ keepGraph: true });
    const answers = bot.graph.sentTo(person).slice(before);
    expect(answers).toHaveLength(1);
    expect(answers[0]!.text).toContain('no podemos guardar fotos');
    expect(await bot.tap(person, 'Listo, continuar')).toContain('Recibí 12 archivos');
  });

  it('gives the contact of the institution and 911 for what is no denuncia', async () => {
    const answer = await bot.text(somebody(), 'Hay un bache en mi calle');
    expect(answer).toContain('911');
    expect(answer).toContain('ventanilla de atención');
  });

  it('takes menu, restart and cancel at every moment', async () => {
    const person = somebody();
    await bot.tellAll(person);
    expect(await bot.text(person, 'Menú')).toContain('¿Qué necesitas?');
    expect(await bot.text(person, 'empezar de nuevo')).toContain('Empezamos de nuevo');
    await bot.tap(person, 'Acepto');
    expect(await bot.text(person, 'cancelar')).toContain('borré');
    // Cancelled means gone: the session and all it was known by.
    expect(await bot.text(person, 'listo')).not.toContain(ACCOUNT);
  });

  it('goes on by itself: each step of a worker wakes the next', async () => {
    const live = await Bot.start();
    try {
      await live.harness.app.get(Sweeper).start(databaseUrl(live.harness.databaseName, 'app'), async () => undefined);
      const person = somebody();
      await live.graph.say(live.webhook, person, say.text('hola'));
      await live.graph.waitForSent(1);
      for (const title of ['Presentar denuncia', 'Acepto', 'Anónima']) {
        await live.graph.say(live.webhook, person, live.option(person, title));
        await live.graph.waitForSent(live.graph.sent.length + 1);
      }
      await live.graph.say(live.webhook, person, say.text(ACCOUNT));
      await live.graph.waitForSent(5);
      await live.graph.say(live.webhook, person, live.option(person, 'Listo, continuar'));
      await live.graph.waitForSent(6);
      await live.graph.say(live.webhook, person, live.option(person, 'Enviar denuncia'));
      await live.graph.waitForSent(7);
      await live.harness.trackingToken(live.receiptOf(person)!);
    } finally {
      await live.stop();
    }
  });

  it('is answered in the order in which it was written, however much has piled up', async () => {
    const person = somebody();
    await bot.text(person, 'hola');
    for (const title of ['Presentar denuncia', 'Acepto', 'Anónima']) await bot.tap(person, title);
    const lines = Array.from({ length: 60 }, (_, index) => `línea ${index + 1}.`);
    for (const line of lines) await bot.graph.say(bot.webhook, person, say.text(line));
    await bot.graph.say(bot.webhook, person, say.text('listo'));
    await bot.work();
    expect(bot.graph.sentTo(person).at(-1)!.text).toContain(lines.slice(0, 20).join('\n'));
  });

  it('keeps unknown types and groups harmless', async () => {
    const person = somebody();
    const sent = await bot.hear(
      person,
      say.unsupported(),
      { type: 'hologram', hologram: {} },
      { ...say.text('hola'), group_id: 'G' },
    );
    expect(sent).toHaveLength(1);
    expect(sent[0]!.text).toContain('no puedo leer');
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
