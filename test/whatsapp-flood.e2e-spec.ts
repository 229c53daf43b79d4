import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Inbox } from '../src/doors/whatsapp/gateway/inbox.js';
import { Pace } from '../src/doors/whatsapp/gateway/pace.js';
import { WhatsAppKeys } from '../src/doors/whatsapp/whatsapp-keys.js';
import { open, openJson, sealJson } from '../src/platform/crypto/aead.js';
import { KeyRing } from '../src/platform/crypto/keyring.js';
import { START_TIME } from './setup/constants.js';
import { ACCOUNT, Bot, somebody } from './support/whatsapp-bot.js';
import { batch, message, messagesWebhook, statusWebhook } from './support/whatsapp/envelope.js';
import type { Person } from './support/whatsapp/people.js';
import { say } from './support/whatsapp/say.js';
import { serialise } from './support/whatsapp/signing.js';

let bot: Bot;
beforeAll(async () => {
  bot = await Bot.start();
});
afterAll(() => bot.stop());
afterEach(() => bot.harness.clock.set(START_TIME));

const times = (count: number, part: (n: number) => Record<string, unknown>): Record<string, unknown>[] =>
  Array.from({ length: count }, (_, n) => part(n));
const ayuda = (): Record<string, unknown> => say.text('ayuda');

/** A message that is stored past the stand-in, which takes answers only to people of whom it knows. */
function webhookOf(person: Person, part: Record<string, unknown>): Record<string, unknown> {
  bot.graph.heard(person);
  return messagesWebhook(bot.graph.number, person, [message(person, part)]);
}

/** Stores webhooks, one for each message, as the route does once the signature was checked. */
async function store(person: Person, ...parts: readonly Record<string, unknown>[]): Promise<void> {
  for (const part of parts) {
    await bot.harness.app.get(Inbox).store(serialise(webhookOf(person, part)), ['env']);
  }
}

/** Each step once, as a worker repeats them. */
async function round(): Promise<void> {
  for (const sweep of [bot.split, bot.talk, bot.sending]) await sweep.run();
}

describe('a stranger beside a flood of 40 senders with 50 messages each', () => {
  it('is answered while hardly any of them is', async () => {
    const flooders = Array.from({ length: 40 }, () => somebody());
    for (const person of flooders) await bot.graph.say(bot.webhook, person, ...times(50, ayuda));
    for (let n = 0; n < 3; n++) await round();
    const stranger = somebody();
    const [waiting, sent] = [await bot.count('wa_events'), bot.graph.sent.length];
    expect(waiting).toBeGreaterThan(1500);
    await bot.graph.say(bot.webhook, stranger, say.text('Hola'));
    await round();
    expect(bot.graph.sentTo(stranger)).toHaveLength(1);
    expect(waiting - (await bot.count('wa_events'))).toBeLessThanOrEqual(100);
    expect(bot.graph.sent.length - sent).toBeLessThanOrEqual(100);
    for (const table of ['wa_events', 'wa_outbox']) await bot.harness.sql('owner', `delete from ${table}`);
  });

  it('comes before them also when the webhooks still wait, behind those of the messages that were sent', async () => {
    const flooders = Array.from({ length: 10 }, () => somebody());
    for (let n = 0; n < 20; n++) for (const person of flooders) await store(person, say.text('911'));
    const [flooder, stranger] = [flooders[0]!, somebody()];
    for (let n = 0; n < 30; n++) {
      const status = statusWebhook(bot.graph.number, flooder, { id: `wamid.${n}` }, 'delivered');
      await bot.harness.app.get(Inbox).store(serialise(status), ['env']);
    }
    await store(stranger, say.text('Hola'));
    const waiting = await bot.count('wa_inbox', `state = 'new'`);
    await round();
    expect(bot.graph.sentTo(stranger)).toHaveLength(1);
    expect(waiting - (await bot.count('wa_inbox', `state = 'new'`))).toBeLessThanOrEqual(50);
    await bot.work();
    for (const person of flooders) expect(bot.graph.sentTo(person)).toHaveLength(20);
  });

  it('and everybody else is answered in the order in which they wrote, also in webhooks of several people', async () => {
    const [one, other] = [somebody(), somebody()];
    const texts = Array.from({ length: 40 }, (_, n) => (n % 3 === 0 ? 'ayuda' : '911'));
    for (const [n, text] of texts.entries()) {
      const webhooks = (n % 4 === 0 ? [one, other] : n % 2 === 0 ? [one] : [other]).map((person) =>
        webhookOf(person, say.text(text)),
      );
      await bot.harness.app.get(Inbox).store(serialise(batch(...webhooks)), ['env']);
    }
    await bot.work();
    const answersTo = (person: Person): boolean[] =>
      bot.graph.sentTo(person).map(({ text }) => text.includes('Puedes escribir estas palabras'));
    const written = (isTheirs: (n: number) => boolean): boolean[] =>
      texts.filter((_, n) => isTheirs(n)).map((text) => text === 'ayuda');
    expect(answersTo(one)).toEqual(written((n) => n % 2 === 0));
    expect(answersTo(other)).toEqual(written((n) => n % 4 === 0 || n % 2 === 1));
  });
});

describe('what an older version stored', () => {
  it('is answered in the order in which it came', async () => {
    const [one, other] = [somebody(), somebody()];
    const inbox = bot.harness.app.get(Inbox);
    for (const text of ['ayuda', '911', 'ayuda']) {
      const webhooks = [one, other].map((person) => webhookOf(person, say.text(text)));
      for (const webhook of webhooks) await inbox.store(serialise(webhook), ['env']);
    }
    await withoutSenders();
    await bot.split.run();
    const keys = bot.harness.app.get(WhatsAppKeys);
    const rows = await bot.harness.sql<{ id: string; sealed: Buffer }>(
      'owner',
      'select id, sealed from wa_events',
    );
    expect(rows).toHaveLength(6);
    for (const { id, sealed } of rows) {
      const { answers: _none, ...event } = keys.open<Record<string, unknown>>('wa_events', id, sealed);
      await bot.harness.sql('owner', 'update wa_events set sealed = $2 where id = $1', [
        id,
        keys.seal('wa_events', id, event),
      ]);
    }
    await bot.work();
    for (const person of [one, other]) expect(bot.graph.sentTo(person)).toHaveLength(3);
  });

  /** Arrivals were an instant and a count. */
  async function withoutSenders(): Promise<void> {
    const ring = bot.harness.app.get(KeyRing);
    const rows = await bot.harness.sql<{ id: string; day: string; arrival: Buffer; wrapped: Buffer }>(
      'owner',
      `select id, day::text, arrival, wrapped from wa_inbox join wa_inbox_keys using (day) where state = 'new'`,
    );
    for (const { id, day, arrival, wrapped } of rows) {
      const key = open(ring.inbox, wrapped, { table: 'wa_inbox_keys', row: day, field: 'wrapped' });
      const place = { table: 'wa_inbox', row: id, field: 'arrival' };
      const older = openJson<unknown[]>(key, arrival, place).slice(0, 2);
      await bot.harness.sql('owner', 'update wa_inbox set arrival = $2 where id = $1', [
        id,
        sealJson(key, older, place),
      ]);
    }
  }
});

describe('somebody who sends more in an hour than anybody who reports', () => {
  /** The real number is tried in `allowance.spec.ts`. */
  const HOURLY = 30;
  beforeAll(() => {
    bot.harness.app.get(Pace).messagesPerHour = HOURLY;
  });
  const isHalt = ({ text }: { text: string }): boolean => text.includes('no podemos leer más');

  it('is told once what they can do, and the rest is dropped; their draft stays', async () => {
    const person = somebody();
    await bot.text(person, 'denunciar', 'acepto', 'anónima', ACCOUNT);
    await bot.graph.say(bot.webhook, person, ...times(HOURLY, (n) => say.text(`Relleno ${n}`)));
    await bot.hear(person, ...times(30, ayuda));
    const halts = bot.graph.sentTo(person).filter(isHalt);
    expect(bot.alarms).toContain('whatsapp-sender-halted');
    expect(halts).toHaveLength(1);
    expect(bot.graph.sentTo(person).at(-1)).toBe(halts[0]);
    expect(halts[0]!.text).toContain('espera una hora');
    expect(halts[0]!.text).toContain('Tu denuncia sin terminar sigue guardada');
    expect(await bot.count('wa_events')).toBe(0);
    // The others are served meanwhile.
    expect(await bot.text(somebody(), 'hola')).toContain('¿Qué necesitas?');
    expect(await bot.hear(person, say.text('hola'))).toEqual([]);

    bot.passTime(3600);
    expect(await bot.text(person, 'listo', 'resumen')).toContain(ACCOUNT);
    await bot.text(person, 'enviar');
    await bot.work();
    const { body } = await bot.harness.as(
      'mesa@conavi.demo',
      'GET',
      `/cases/${bot.receiptOf(person)!.folio}`,
    );
    expect(JSON.stringify(body)).toContain(ACCOUNT);
  });

  it('is told again in the next hour, when it goes on', async () => {
    const person = somebody();
    for (let hour = 1; hour <= 2; hour++) {
      await bot.hear(person, ...times(HOURLY + 20, () => say.sticker()));
      expect(bot.graph.sentTo(person).filter(isHalt)).toHaveLength(hour);
      bot.passTime(3600);
    }
  });

  it('finds in the answer the web form of the institution, when it has one', async () => {
    const address = 'https://conavi.example/denuncias';
    const set = (value: string | null): Promise<unknown> =>
      bot.harness.sql('owner', `update institutions set web_form_url = $1 where code = 'CONAVI-DEMO'`, [
        value,
      ]);
    await set(address);
    const person = somebody();
    await bot.hear(person, ...times(HOURLY + 1, () => say.sticker()));
    expect(bot.graph.sentTo(person).find(isHalt)!.text).toContain(address);
    await set(null);
  });

  it('still gets the folio of what they had sent', async () => {
    const person = somebody();
    await bot.confirm(person);
    await bot.graph.say(bot.webhook, person, ...times(HOURLY + 20, () => say.sticker()));
    await bot.work();
    expect(bot.graph.sentTo(person).filter(isHalt)).toHaveLength(1);
    expect(bot.receiptsOf(person)).toHaveLength(1);
  });

  it('leaves no row by which anybody learns of it', async () => {
    const rows = async (): Promise<unknown[]> => {
      const tables = ['wa_events', 'wa_sessions', 'wa_aliases', `wa_outbox where sealed is not null`];
      return Promise.all(tables.map((table) => bot.harness.sql('owner', `select * from ${table}`)));
    };
    const before = await rows();
    await bot.hear(somebody(), ...times(HOURLY + 20, () => say.sticker()));
    expect(await rows()).toEqual(before);
  });

  it('may still delete what they wrote', async () => {
    const person = somebody();
    await bot.text(person, 'denunciar', 'acepto', 'anónima');
    const secret = 'Me llamo Inconfundible y trabajo en la ventanilla.';
    const { ids } = await bot.graph.say(bot.webhook, person, say.text(secret), say.text(ACCOUNT));
    await bot.hear(person, ...times(HOURLY + 1, () => say.sticker()));
    await bot.hear(person, say.revoke(ids[0]!));
    bot.passTime(3600);
    const summary = await bot.text(person, 'listo', 'resumen');
    expect(summary).toContain(ACCOUNT);
    expect(summary).not.toContain('Inconfundible');
  });
});
