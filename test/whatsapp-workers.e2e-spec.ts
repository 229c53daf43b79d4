import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import pg from 'pg';
import { Log } from '../src/platform/logging.js';
import { databaseUrl } from './setup/harness.js';
import { Bot, somebody } from './support/whatsapp-bot.js';
import { say, type Person } from './support/whatsapp-webhooks.js';

let bot: Bot;
beforeAll(async () => {
  bot = await Bot.start();
});
afterAll(() => bot.stop());

describe('several workers', () => {
  it('send each message once and open each case once', async () => {
    const people = Array.from({ length: 6 }, () => somebody());
    for (const person of people) await bot.tellAtOnce(person);
    const twins = [await Bot.start({ share: bot }), await Bot.start({ share: bot })];
    const before = await bot.count('cases');
    const sentBefore = bot.graph.sent.length;
    await Promise.all(people.map((person) => bot.graph.say(bot.webhook, person, say.text('enviar'))));
    for (let round = 0; round < 3; round++) await Promise.all([bot, ...twins].map((one) => one.work()));
    for (const twin of twins) await twin.stop({ keepGraph: true });
    expect(await bot.count('cases')).toBe(before + people.length);
    // The confirmation and the receipt.
    expect(bot.graph.sent.length).toBe(sentBefore + 2 * people.length);
    for (const person of people) expect(bot.receiptsOf(person)).toHaveLength(1);
  });

  it.each([
    ['whatsapp-inbox', 'split'],
    ['whatsapp-talk', 'talk'],
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
    const twins = [await Bot.start({ share: bot }), await Bot.start({ share: bot })];
    const people = Array.from({ length: 4 }, () => somebody());
    for (const person of people) await bot.confirm(person);
    for (const sweep of [bot.split, bot.talk, bot.open, bot.receipts]) while ((await sweep.run()) > 0);
    for (let round = 0; round < 4; round++) await Promise.all([bot, ...twins].map((one) => one.sending.run()));
    for (const twin of twins) await twin.stop({ keepGraph: true });
    for (const person of people) {
      const [confirmation, receipt, ...more] = bot.graph.sentTo(person).slice(-2);
      expect(confirmation!.text).toContain('la estamos registrando');
      expect(receipt!.text).toContain('Folio: ');
      expect(more).toEqual([]);
      expect(bot.receiptsOf(person)).toHaveLength(1);
    }
  });

  it('stop with an error, not in silence, where a claim was never made', async () => {
    const [row] = await bot.harness.sql<{ name: string }>(
      'owner',
      `delete from work_claims where name = 'whatsapp-talk' returning name`,
    );
    await bot.graph.say(bot.webhook, somebody(), say.text('hola'));
    await bot.split.run();
    const faults: unknown[] = [];
    const log = bot.harness.app.get(Log);
    const spy = jest.spyOn(log, 'fault').mockImplementation((_event, error) => void faults.push(error));
    await bot.talk.run();
    spy.mockRestore();
    expect(faults).toEqual([new Error('work_claims has no row whatsapp-talk')]);
    await bot.harness.sql('owner', 'insert into work_claims (name) values ($1)', [row!.name]);
    await bot.work();
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
