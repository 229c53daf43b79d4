import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { WhatsAppKeys } from '../src/doors/whatsapp/whatsapp-keys.js';
import type { Database } from '../src/platform/database/database.js';
import { START_TIME } from './setup/constants.js';
import { ACCOUNT, Bot, somebody } from './support/whatsapp-bot.js';
import { statusWebhook } from './support/whatsapp/envelope.js';
import type { Person } from './support/whatsapp/people.js';

let bot: Bot;
beforeAll(async () => {
  bot = await Bot.start();
});
afterAll(() => bot.stop());
afterEach(() => bot.harness.clock.set(START_TIME));

/** Everything left undone, across the longest back-off of a process that died. */
async function recover(): Promise<void> {
  await bot.work();
  bot.passTime(120);
  await bot.work();
}

async function expectOneReport(person: Person, before: number): Promise<void> {
  expect(await bot.count('cases')).toBe(before + 1);
  const receipts = bot.receiptsOf(person);
  expect(new Set(receipts.map((receipt) => JSON.stringify(receipt))).size).toBe(1);
  await bot.harness.trackingToken(receipts[0]!);
  expect(await bot.count('wa_submissions')).toBe(0);
}

describe('a process that dies', () => {
  /**
   * Lets the n-th transaction from now fail before its commit, or commit unheard; after it nothing works any
   * more.
   */
  async function dieAt(n: number, when: 'before' | 'after'): Promise<boolean> {
    const database = bot.harness.database as { tx: Database['tx'] };
    const original = database.tx;
    let count = 0;
    database.tx = async (actor, work) => {
      const place = ++count - n;
      if (place > 0) throw new Error('the process is dead');
      const result = await original.call(database, actor, async (tx) => {
        const done = await work(tx);
        if (place === 0 && when === 'before') throw new Error('the process died');
        return done;
      });
      if (place === 0) throw new Error('the process died');
      return result as never;
    };
    try {
      await bot.work().catch(() => undefined);
      return count >= n;
    } finally {
      database.tx = original;
    }
  }

  it.each(['before', 'after'] as const)(
    'at any transaction (%s its commit) loses no confirmed report and opens no second case',
    async (when) => {
      let reached = true;
      let n = 1;
      for (; reached; n++) {
        const person = somebody();
        await bot.confirm(person);
        const before = await bot.count('cases');
        reached = await dieAt(n, when);
        await recover();
        await expectOneReport(person, before);
      }
      // A message's way is this long at least; otherwise the test would have looked at nothing.
      expect(n).toBeGreaterThan(10);
    },
  );

  it('while Graph takes the receipt sends it again, because losing it would be worse', async () => {
    const person = somebody();
    await bot.submit(person);
    const doomed = await Bot.start({ share: bot });
    for (const sweep of [bot.open, bot.receipts]) await sweep.run();
    bot.graph.fail('timeout_after_accepting');
    const sent = bot.graph.sent.length;
    const dying = doomed.sending.run().catch(() => undefined);
    await bot.graph.waitForSent(sent + 1);
    await doomed.stop({ keepGraph: true });
    await dying;
    await bot.sending.run();
    expect(bot.receiptsOf(person)).toHaveLength(1);
    bot.passTime(61);
    await bot.work();
    expect(bot.receiptsOf(person)).toHaveLength(2);
    expect(await bot.count('wa_outbox', 'sealed is not null')).toBe(0);
  });
});

describe('Graph', () => {
  it('that limits us gets the message again, after a pause', async () => {
    const person = somebody();
    bot.graph.fail({ code: 130429 }, { code: 131056 });
    expect(await bot.text(person, 'hola')).toBe('');
    expect(bot.alarms).toContain('whatsapp-limit');
    await bot.work();
    expect(bot.graph.sentTo(person)).toHaveLength(0);
    bot.passTime(4);
    await bot.work();
    expect(bot.graph.sentTo(person)).toHaveLength(0);
    bot.passTime(16);
    await bot.work();
    expect(bot.graph.sentTo(person)).toHaveLength(1);
  });

  it('that takes a question and does not answer gets it only once', async () => {
    const person = somebody();
    bot.graph.fail('timeout_after_accepting');
    await bot.text(person, 'hola');
    bot.passTime(3600);
    await bot.work();
    expect(bot.graph.sentTo(person)).toHaveLength(1);
    expect(bot.alarms).toContain('whatsapp-answer-lost');
    expect(await bot.count('wa_outbox', `state = 'unknown'`)).toBe(1);
    // The next message still comes.
    expect(await bot.text(person, '911')).toContain('911');
  });

  it('that takes a receipt and does not answer gets it again, unless a status shows that it went out', async () => {
    const [once, twice] = [somebody(), somebody()];
    for (const person of [once, twice]) {
      await bot.submit(person);
      bot.graph.fail('error_after_accepting');
      await bot.work();
      expect(bot.receiptsOf(person)).toHaveLength(1);
    }
    const [sent] = bot.graph.sentTo(once).slice(-1);
    await bot.graph.deliver(bot.webhook, statusWebhook(bot.graph.number, once, sent!, 'delivered'));
    bot.passTime(4);
    await bot.work();
    expect(await bot.count('wa_outbox', `id = '${sent!.opaque}'`)).toBe(0);
    expect(bot.receiptsOf(once)).toHaveLength(1);
    expect(bot.receiptsOf(twice)).toHaveLength(2);
  });

  it('that refuses our token is left alone for a minute, alarms, and then gets everything in order', async () => {
    const [one, other] = [somebody(), somebody()];
    bot.graph.fail({ code: 190, status: 401 });
    await bot.text(one, 'hola', '911');
    expect(bot.alarms).toContain('whatsapp-channel-down');
    expect(bot.graph.sentTo(one)).toHaveLength(0);
    expect(await bot.count('wa_outbox', `state = 'waiting'`)).toBe(2);
    await bot.text(other, 'hola');
    bot.passTime(60);
    await bot.work();
    expect(bot.graph.sentTo(other)).toHaveLength(1);
    const texts = bot.graph.sentTo(one).map(({ text }) => text);
    expect(texts).toHaveLength(2);
    expect(texts[0]).toContain('¿Qué necesitas?');
    expect(texts[1]).toContain('*911*');
  });

  it('that refuses a message for good is not asked again, and its content is gone', async () => {
    const person = somebody();
    bot.graph.fail({ code: 131026 });
    await bot.text(person, 'hola');
    expect(bot.alarms).toContain('whatsapp-rejected');
    expect(await bot.count('wa_outbox', 'sealed is not null')).toBe(0);
    bot.passTime(3600);
    await bot.work();
    expect(bot.graph.sentTo(person)).toHaveLength(0);
  });

  it('that says later that a message failed is heard once', async () => {
    const person = somebody();
    await bot.text(person, 'hola');
    const [sent] = bot.graph.sentTo(person);
    const failed = statusWebhook(bot.graph.number, person, sent!, 'failed', 131047);
    const delivered = statusWebhook(bot.graph.number, person, sent!, 'delivered');
    for (const status of [failed, failed, delivered]) await bot.graph.deliver(bot.webhook, status);
    await bot.work();
    expect(bot.alarms.filter((alarm) => alarm === 'whatsapp-undelivered')).toHaveLength(1);
    expect(await bot.count('wa_outbox', `id = '${sent!.opaque}' and state = 'failed'`)).toBe(1);
  });

  it.each([
    ['refuses a receipt for good', { code: 131026 }, 'whatsapp-rejected'],
    ['says later that a receipt failed', undefined, 'whatsapp-undelivered'],
  ] as const)('that %s is heard, and no row stays of it', async (_what, fault, alarm) => {
    const person = somebody();
    await bot.submit(person);
    bot.alarms.length = 0;
    if (fault) bot.graph.fail(fault);
    await bot.work();
    if (!fault) {
      const [sent] = bot.graph.sentTo(person).slice(-1);
      const failed = statusWebhook(bot.graph.number, person, sent!, 'failed', 131026);
      await bot.graph.deliver(bot.webhook, failed);
      await bot.work();
    }
    expect(bot.alarms).toContain(alarm);
    expect(await bot.count('wa_outbox', 'sealed is not null')).toBe(0);
    expect(await bot.count('wa_opened')).toBe(0);
  });

  it('that is away for a day gets nothing any more: folio and access code are destroyed', async () => {
    const person = somebody();
    await bot.tellAtOnce(person);
    bot.graph.fail({ code: 190 });
    await bot.text(person, 'enviar');
    const mine = await bot.harness.sql<{ id: string }>(
      'owner',
      'select id from wa_outbox where sealed is not null',
    );
    // The confirmation, and behind it the receipt.
    expect(mine).toHaveLength(2);
    bot.passTime(24 * 3600);
    await bot.harness.sweep();
    expect(await bot.count('wa_outbox', `id in ('${mine.map(({ id }) => id).join("','")}')`)).toBe(0);
    expect(bot.receiptsOf(person)).toHaveLength(0);
    expect(bot.alarms).toContain('whatsapp-expired');
  });
});

describe('a confirmed report that cannot be opened', () => {
  /** Two rows that no conversation makes: one that intake refuses, one that cannot be read. */
  const damaged = {
    'intake refuses it': (id: string): Buffer => {
      const report = { mode: 'identified', narrative: ACCOUNT, privacyNotice: { version: '1' } };
      const submission = { report, folio: 'CNV-2026-0000-0000-0', accessCode: '0000-0000-0000-0000' };
      return bot.harness.app.get(WhatsAppKeys).seal('wa_handovers', id, submission);
    },
    'it is damaged': (): Buffer => Buffer.from('damaged'),
  };

  it.each(['intake refuses it', 'it is damaged'] as const)(
    'because %s is kept until it can be, and holds up nobody',
    async (why) => {
      const [held, other] = [somebody(), somebody()];
      await bot.submit(held);
      const [row] = await bot.harness.sql<{ id: string; sealed: Buffer }>(
        'owner',
        'select id, sealed from wa_submissions',
      );
      const put = (sealed: Buffer): Promise<unknown> =>
        bot.harness.sql('owner', 'update wa_submissions set sealed = $1 where id = $2', [sealed, row!.id]);
      await put(damaged[why](row!.id));
      const before = await bot.count('cases');
      await bot.confirm(other);
      await bot.work();
      expect(bot.receiptsOf(other)).toHaveLength(1);
      expect(bot.receiptsOf(held)).toHaveLength(0);
      expect(await bot.count('wa_submissions', 'attempts > 0')).toBe(1);
      expect(bot.alarms.includes('whatsapp-report-refused')).toBe(why === 'intake refuses it');
      expect(await bot.text(held, 'cancelar')).toContain('no puede cancelarse');
      // However long it takes: neither the report nor the way to its person is given up.
      bot.passTime(9 * 24 * 3600);
      await bot.harness.sweep();
      await put(row!.sealed);
      await bot.work();
      expect(await bot.count('cases')).toBe(before + 2);
      await bot.harness.trackingToken(bot.receiptOf(held)!);
      bot.alarms.length = 0;
    },
  );

  it('because its folio is taken by another case gets a new one, which the person is told', async () => {
    const person = somebody();
    const taken = await bot.harness.file();
    await bot.submit(person);
    const [row] = await bot.harness.sql<{ id: string; sealed: Buffer }>(
      'owner',
      'select id, sealed from wa_submissions',
    );
    const keys = bot.harness.app.get(WhatsAppKeys);
    const submission = keys.open<Record<string, unknown>>('wa_handovers', row!.id, row!.sealed);
    await bot.harness.sql('owner', 'update wa_submissions set sealed = $1', [
      keys.seal('wa_handovers', row!.id, { ...submission, folio: taken.folio }),
    ]);
    await bot.work();
    expect(bot.receiptOf(person)!.folio).not.toBe(taken.folio);
    await bot.harness.trackingToken(bot.receiptOf(person)!);
    await bot.harness.trackingToken(taken);
  });

  it('because a receipt beside it is damaged, keeps what its own receipt needs', async () => {
    const [broken, other] = [somebody(), somebody()];
    await bot.submit(broken);
    const [held] = await bot.harness.sql<{ id: string; sealed: Buffer }>(
      'owner',
      `select id, sealed from wa_outbox where state = 'held'`,
    );
    const put = (sealed: Buffer): Promise<unknown> =>
      bot.harness.sql('owner', 'update wa_outbox set sealed = $1 where id = $2', [sealed, held!.id]);
    await put(Buffer.from('damaged'));
    await bot.confirm(other);
    await bot.work();
    expect(bot.receiptsOf(other)).toHaveLength(1);
    expect(bot.receiptsOf(broken)).toHaveLength(0);
    expect(await bot.count('wa_opened')).toBe(1);
    await put(held!.sealed);
    await bot.work();
    await bot.harness.trackingToken(bot.receiptOf(broken)!);
    expect(await bot.count('wa_opened')).toBe(0);
  });
});

describe('a confirmed report that waited while the service was upgraded', () => {
  it('is opened, and its person hears folio and access code', async () => {
    const person = somebody();
    await bot.submit(person);
    const [held] = await bot.harness.sql<{ id: string; sealed: Buffer }>(
      'owner',
      `select id, sealed from wa_outbox where state = 'held'`,
    );
    const keys = bot.harness.app.get(WhatsAppKeys);
    const { submissionId, ...receipt } = keys.open<Record<string, unknown>>(
      'wa_outbox',
      held!.id,
      held!.sealed,
    );
    await bot.harness.sql('owner', 'update wa_outbox set sealed = $1 where id = $2', [
      keys.seal('wa_outbox', held!.id, { ...receipt, handoverId: submissionId }),
      held!.id,
    ]);
    await bot.work();
    await bot.harness.trackingToken(bot.receiptOf(person)!);
  });
});
