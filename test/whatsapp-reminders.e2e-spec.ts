import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ACCOUNT, Bot, somebody } from './support/whatsapp-bot.js';
import type { Person } from './support/whatsapp/people.js';
import { say } from './support/whatsapp/say.js';

const HOUR = 3600;

let bot: Bot;
beforeAll(async () => {
  bot = await Bot.start();
});
afterAll(() => bot.stop());

/** What a person hears without having written. */
async function heardBy(person: Person, workers: readonly Bot[] = [bot]): Promise<string[]> {
  const before = bot.graph.sentTo(person).length;
  await Promise.all(workers.map((one) => one.reminders.run()));
  while ((await bot.sending.run()) > 0);
  return bot.graph
    .sentTo(person)
    .slice(before)
    .map(({ text }) => text);
}

async function telling(): Promise<Person> {
  const person = somebody();
  await bot.text(person, 'denunciar', 'acepto', 'anónima', ACCOUNT);
  return person;
}

describe('a person who pauses in the middle of their report', () => {
  it('hears after 20 seconds, once, how to go on', async () => {
    const person = await telling();
    bot.passTime(19);
    expect(await heardBy(person)).toEqual([]);
    bot.passTime(1);
    expect(await heardBy(person)).toEqual([expect.stringContaining('Lo guardé')]);
    bot.passTime(60);
    expect(await heardBy(person)).toEqual([]);
    expect(await bot.tap(person, 'Listo, continuar')).toContain('¿Dónde pasó?');
  });

  it('hears nothing while they go on writing', async () => {
    const person = await telling();
    for (let n = 0; n < 4; n++) {
      bot.passTime(15);
      expect(await heardBy(person)).toEqual([]);
      await bot.text(person, `y además la vez ${n}`);
    }
    bot.passTime(20);
    expect(await heardBy(person)).toHaveLength(1);
  });

  it('hears it once from two workers at the same time, also after a restart', async () => {
    const other = await Bot.start({ share: bot });
    const person = await telling();
    bot.passTime(20);
    expect(await heardBy(person, [bot, other, bot, other])).toHaveLength(1);
    await other.stop({ keepGraph: true });
  });

  it('hears before the window closes that nothing is presented, and nothing after it', async () => {
    const [reminded, late] = [await telling(), await telling()];
    await bot.text(reminded, 'listo');
    await bot.text(late, 'listo');
    bot.passTime(23 * HOUR);
    expect(await heardBy(reminded)).toEqual([expect.stringContaining('todavía no está presentada')]);
    expect(await heardBy(reminded)).toEqual([]);
    expect(await bot.tap(reminded, 'Continuar')).toContain('¿Dónde pasó?');
    const silent = await telling();
    await bot.text(silent, 'listo');
    // As if no worker had run for a day: free words would be refused now.
    bot.passTime(25 * HOUR);
    expect(await heardBy(silent)).toEqual([]);
    expect(await bot.text(silent, 'menú')).toContain('¿Qué necesitas?');
  });

  it('is not reminded of what they sent, cancelled, or want no reminders of', async () => {
    const [sent, cancelled, muted] = [await telling(), await telling(), await telling()];
    await bot.text(sent, 'listo', 'resumen', 'enviar');
    await bot.text(cancelled, 'cancelar', 'sí');
    await bot.text(muted, 'baja');
    bot.passTime(23 * HOUR);
    for (const person of [sent, cancelled, muted]) expect(await heardBy(person)).toEqual([]);
  });

  it('does not live longer for being reminded', async () => {
    const person = await telling();
    bot.passTime(20);
    await heardBy(person);
    bot.passTime(72 * HOUR - 20);
    expect(await bot.text(person, 'listo')).not.toContain('¿Dónde pasó?');
  });

  it('leaves no row that tells when they wrote, or whether they will be reminded', async () => {
    const [waiting, muted] = [await telling(), await telling()];
    await bot.text(muted, 'baja');
    await bot.hear(waiting, say.sticker());
    const rows = await bot.harness.sql<{ length: number }>(
      'owner',
      'select distinct length(wakes) as length from wa_sessions',
    );
    expect(rows).toHaveLength(1);
    const columns = await bot.harness.sql<{ name: string; type: string }>(
      'owner',
      `select attname as name, format_type(atttypid, atttypmod) as type from pg_attribute
        where attrelid = 'wa_sessions'::regclass and attnum > 0 and not attisdropped`,
    );
    expect(columns.filter(({ type }) => /time/.test(type))).toEqual([]);
  });
});
