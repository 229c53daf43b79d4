import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { personOf } from '../src/doors/whatsapp/gateway/incoming.js';
import { identify } from '../src/doors/whatsapp/gateway/sender.js';
import { WhatsAppKeys } from '../src/doors/whatsapp/whatsapp-keys.js';
import { asSuperuser, databaseUrl } from './setup/harness.js';
import { ACCOUNT, Bot, somebody } from './support/whatsapp-bot.js';
import type { Person } from './support/whatsapp/people.js';
import { say } from './support/whatsapp/say.js';

let bot: Bot;
beforeAll(async () => {
  bot = await Bot.start();
});
afterAll(() => bot.stop());

const started: Bot[] = [];
afterEach(async () => {
  for (const one of started.splice(0)) await one.stop({ keepGraph: true });
});

/** A second process on the same database. */
async function twin(): Promise<Bot> {
  const one = await Bot.start({ share: bot });
  started.push(one);
  return one;
}

describe('several workers', () => {
  it('send each message once and open each case once', async () => {
    const people = Array.from({ length: 6 }, () => somebody());
    for (const person of people) await bot.tellAtOnce(person);
    const twins = [await twin(), await twin()];
    const before = await bot.count('cases');
    const sentBefore = bot.graph.sent.length;
    await Promise.all(people.map((person) => bot.graph.say(bot.webhook, person, say.text('enviar'))));
    for (let round = 0; round < 3; round++) await Promise.all([bot, ...twins].map((one) => one.work()));
    expect(await bot.count('cases')).toBe(before + people.length);
    // The confirmation and the receipt.
    expect(bot.graph.sent.length).toBe(sentBefore + 2 * people.length);
    for (const person of people) expect(bot.receiptsOf(person)).toHaveLength(1);
  });

  it.each([
    ['whatsapp-inbox', 'split'],
    ['whatsapp-receipts', 'receipts'],
  ] as const)('leave %s to the one that has claimed it, and lose nothing by that', async (name, sweep) => {
    const person = somebody();
    const cases = await bot.count('cases');
    const other = new pg.Client({ connectionString: databaseUrl(bot.harness.databaseName, 'app') });
    await other.connect();
    await bot.confirm(person);
    try {
      await other.query('begin');
      await other.query('select 1 from work_claims where name = $1 for update', [name]);
      await bot.work();
      expect(await bot[sweep].run()).toBe(0);
      expect(bot.receiptsOf(person)).toHaveLength(0);
    } finally {
      await other.end();
    }
    await bot.work();
    expect(await bot.count('cases')).toBe(cases + 1);
    expect(bot.receiptsOf(person)).toHaveLength(1);
  });

  it('tell a receipt once and in its order when they send the messages of one lane at once', async () => {
    const twins = [await twin(), await twin()];
    const people = Array.from({ length: 4 }, () => somebody());
    for (const person of people) await bot.confirm(person);
    for (const sweep of [bot.split, bot.talk, bot.open, bot.receipts]) while ((await sweep.run()) > 0);
    for (let round = 0; round < 4; round++)
      await Promise.all([bot, ...twins].map((one) => one.sending.run()));
    for (const person of people) {
      const [confirmation, receipt, ...more] = bot.graph.sentTo(person).slice(-2);
      expect(confirmation!.text).toContain('la estamos registrando');
      expect(receipt!.text).toContain('Folio: ');
      expect(more).toEqual([]);
      expect(bot.receiptsOf(person)).toHaveLength(1);
    }
  });

  it('stop with an error, not in silence, where a claim was never made', async () => {
    const person = somebody();
    await bot.submit(person);
    await bot.open.run();
    await bot.harness.sql('owner', `delete from work_claims where name = 'whatsapp-receipts'`);
    await expect(bot.receipts.run()).rejects.toThrow('work_claims has no row whatsapp-receipts');
    await bot.harness.sql('owner', `insert into work_claims (name) values ('whatsapp-receipts')`);
    await bot.work();
    expect(bot.receiptsOf(person)).toHaveLength(1);
  });
});

describe('several lanes at once', () => {
  const waitingForLocks = (): Promise<number> =>
    asSuperuser(async (client) => {
      const { rows } = await client.query<{ count: number }>(
        `select count(*)::int from pg_stat_activity where datname = $1 and wait_event_type = 'Lock'`,
        [bot.harness.databaseName],
      );
      return rows[0]!.count;
    });

  it('go on in one worker while one of them has to wait', async () => {
    const [slow, ...others] = Array.from({ length: 6 }, () => somebody());
    await bot.text(slow!, 'denunciar', 'acepto', 'anónima');
    const other = new pg.Client({ connectionString: databaseUrl(bot.harness.databaseName, 'app') });
    await other.connect();
    try {
      await other.query('begin');
      await other.query('select 1 from wa_sessions for update');
      for (const person of [slow!, ...others]) await bot.graph.say(bot.webhook, person, say.text('ayuda'));
      await bot.split.run();
      const running = bot.talk.run();
      while ((await bot.count('wa_events')) > 1) await delay(5);
      await bot.sending.run();
      for (const person of others) expect(bot.graph.sentTo(person)).toHaveLength(1);
      await other.query('rollback');
      expect(await running).toBe(6);
    } finally {
      await other.end();
    }
    const before = bot.graph.sentTo(slow!).length;
    await bot.work();
    expect(bot.graph.sentTo(slow!)).toHaveLength(before + 1);
  });

  it('are answered once and in order by several workers', async () => {
    const twins = [await twin(), await twin()];
    const [asking, reporting] = [somebody, somebody].map((make) => Array.from({ length: 5 }, () => make()));
    const cases = await bot.count('cases');
    const questions = Array.from({ length: 12 }, (_, n) => say.text(n % 2 === 0 ? 'ayuda' : '911'));
    for (const person of asking!) await bot.graph.say(bot.webhook, person, ...questions);
    const report = ['denunciar', 'acepto', 'anónima', ACCOUNT, 'listo', 'resumen', 'enviar'].map((text) =>
      say.text(text),
    );
    for (const person of reporting!) await bot.graph.say(bot.webhook, person, ...report);
    while ((await bot.split.run()) > 0);
    while ((await bot.count('wa_events')) > 0)
      await Promise.all([bot, ...twins].map((one) => one.talk.run()));
    while ((await bot.count('wa_outbox', `state = 'waiting'`)) > 0) {
      await Promise.all([bot, ...twins].map((one) => one.sending.run()));
    }
    await bot.work();
    for (const person of asking!) {
      const answers = bot.graph.sentTo(person).map(({ text }) => text);
      const [help, contact] = answers;
      expect(help).not.toBe(contact);
      expect(answers).toEqual(questions.map((_, n) => (n % 2 === 0 ? help : contact)));
    }
    expect(await bot.count('cases')).toBe(cases + reporting!.length);
    for (const person of reporting!) expect(bot.receiptsOf(person)).toHaveLength(1);
  });

  it('of one person, with and without their id, lose nothing of their report', async () => {
    const other = await twin();
    const person = somebody();
    const nameless: Person = { phone: person.phone, name: person.name };
    const before = await bot.count('wa_sessions');
    // Both begin at once: one conversation, and not one for each lane.
    for (const one of [person, nameless]) await bot.graph.say(bot.webhook, one, say.text('denunciar'));
    await bot.split.run();
    const owner = new pg.Client({ connectionString: databaseUrl(bot.harness.databaseName, 'owner') });
    await owner.connect();
    await owner.query('begin');
    await owner.query('lock table wa_sessions in share mode');
    const running = bot.talk.run();
    // Each has found no conversation, and is about to store one.
    while ((await waitingForLocks()) < 2) await delay(5);
    await owner.query('commit');
    await owner.end();
    await running;
    const talkAll = async (): Promise<void> => {
      while ((await bot.split.run()) > 0);
      while ((await bot.count('wa_events')) > 0) await Promise.all([bot, other].map((one) => one.talk.run()));
    };
    await talkAll();
    const aliases = bot.harness.app
      .get(WhatsAppKeys)
      .aliases(personOf(identify(person.phone, person.bsuid), 'env'));
    const sessions = await bot.harness.sql<{ id: string }>(
      'owner',
      'select distinct session_id as id from wa_aliases where alias = any($1)',
      [aliases],
    );
    expect(sessions).toHaveLength(1);
    expect(await bot.count('wa_sessions')).toBe(before + 1);
    await bot.text(person, 'continuar', 'acepto', 'anónima');
    const pieces = Array.from({ length: 20 }, (_, n) => `Pieza número ${n} de lo que pasó en la ventanilla.`);
    const parts = (from: number): Record<string, unknown>[] =>
      pieces.filter((_, n) => n % 2 === from).map(say.text);
    await bot.graph.say(bot.webhook, person, ...parts(0));
    await bot.graph.say(bot.webhook, nameless, ...parts(1));
    await talkAll();
    await bot.text(person, 'listo', 'resumen', 'enviar');
    await bot.work();
    const { body } = await bot.harness.as(
      'mesa@conavi.demo',
      'GET',
      `/cases/${bot.receiptOf(person)!.folio}`,
    );
    for (const piece of pieces) expect(JSON.stringify(body)).toContain(piece);
  });
});

describe('somebody with forty answers waiting', () => {
  it('lets through what is written to others meanwhile, and gets their own in order', async () => {
    const [busy, other] = [somebody(), somebody()];
    const questions = Array.from({ length: 40 }, (_, n) => say.text(n % 2 === 0 ? 'ayuda' : '911'));
    const prepare = async (person: Person, ...parts: Record<string, unknown>[]): Promise<void> => {
      await bot.graph.say(bot.webhook, person, ...parts);
      for (const sweep of [bot.split, bot.talk]) while ((await sweep.run()) > 0);
    };
    await prepare(busy, ...questions);
    expect(await bot.sending.run()).toBeLessThanOrEqual(10);
    expect(bot.graph.sentTo(busy).length).toBeLessThanOrEqual(10);
    await prepare(other, say.text('hola'));
    await bot.sending.run();
    expect(bot.graph.sentTo(other)).toHaveLength(1);
    expect(bot.graph.sentTo(busy).length).toBeLessThanOrEqual(20);
    await bot.work();
    const answers = bot.graph.sentTo(busy).map(({ text }) => text);
    expect(answers).toHaveLength(40);
    const [help, contact] = answers;
    expect(help).not.toBe(contact);
    expect(answers).toEqual(questions.map((_, n) => (n % 2 === 0 ? help : contact)));
  });
});
