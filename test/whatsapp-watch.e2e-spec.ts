import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Deliveries } from '../src/doors/whatsapp/numbers/deliveries.js';
import { RouteMetrics } from '../src/platform/metrics.js';
import { START_TIME } from './setup/constants.js';
import { Bot, somebody } from './support/whatsapp-bot.js';
import { addNumber, changeNumber, type AddedNumber, type NumberView } from './support/whatsapp-numbers.js';
import {
  batch,
  message,
  messagesWebhook,
  statusWebhook,
  type DeliveryStatus,
  type Pricing,
} from './support/whatsapp/envelope.js';
import type { Account } from './support/whatsapp/numbers.js';
import { say } from './support/whatsapp/say.js';

/** The connections of numbers, and what was delivered, as administrators and operators see it. */
let bot: Bot;
let number: AddedNumber;
beforeAll(async () => {
  bot = await Bot.start();
  number = await addNumber(bot, 'acolman.demo');
});
afterAll(() => bot.stop());
afterEach(async () => {
  bot.harness.clock.set(START_TIME);
  bot.harness.forgetTokens();
  number.account.revoked = false;
});

const HOUR = 3600;
const watch = (): Promise<number> => bot.harness.run('whatsapp-watch');

/** The next full hour comes, and a look. */
async function nextHour(): Promise<void> {
  bot.passTime(HOUR);
  bot.harness.forgetTokens();
  await watch();
}

interface Listed {
  items: NumberView[];
  environment: { state: string; deliveredAbout: number };
}
async function list(admin = number.admin): Promise<Listed> {
  return (await bot.harness.as<Listed>(admin, 'GET', '/admin/whatsapp-numbers')).body;
}
async function shown({ id, admin }: AddedNumber = number): Promise<NumberView> {
  return (await list(admin)).items.find((one) => one.id === id)!;
}
async function health(): Promise<string | undefined> {
  return (await bot.harness.call<Record<string, string>>('GET', '//health/ready')).body.whatsapp;
}
async function metric(name: string, id: string): Promise<string | undefined> {
  const text = await bot.harness.app.get(RouteMetrics).registry.metrics();
  return new RegExp(`^${name}\\{number="${id}"\\} (\\S+)$`, 'm').exec(text)?.[1];
}
async function unread(kind: string, user: string): Promise<string[]> {
  const { body } = await bot.harness.as<{ items: { id: string; kind: string; summary: string }[] }>(
    user,
    'GET',
    '/notifications?unread=true&limit=100',
  );
  return body.items.filter((one) => one.kind === kind).map(({ id }) => id);
}
async function read(user: string, ids: readonly string[]): Promise<void> {
  for (const id of ids) await bot.harness.as(user, 'POST', `/notifications/${id}/read`);
}
async function write(account: Account, text: string): Promise<void> {
  await bot.graph.sayTo(account, somebody(), [say.text(text)], bot.webhook);
  for (const sweep of [bot.split, bot.talk, bot.sending]) while ((await sweep.run()) > 0);
}
/** A message of a number, as far as its statuses need it. */
let messages = 0;
function sent(): { id: string } {
  messages += 1;
  return { id: `wamid.HBgNNTIxNTUxMjM0NTY3OBUCABEYEjg3M${String(messages).padStart(6, '0')}` };
}
async function report(
  account: Account,
  reported: { id: string; opaque?: string },
  statuses: readonly DeliveryStatus[],
  more: { code?: number; pricing?: Pricing } = {},
): Promise<void> {
  const bodies = statuses.map((status) =>
    statusWebhook(account, somebody(), reported, status, more.code, { pricing: more.pricing }),
  );
  await bot.graph.deliver(bot.webhook, batch(...bodies), account);
  await bot.split.run();
}

describe('a number whose token is revoked', () => {
  it('is red for everybody who has to know, once, and green by itself', async () => {
    await watch();
    expect([await health(), await metric('whatsapp_number_down', number.id)]).toEqual([undefined, '0']);
    expect(await shown()).toMatchObject({ state: 'connected', stateOn: '2026-11-10' });
    number.account.revoked = true;
    bot.passTime(24 * HOUR);
    bot.harness.forgetTokens();
    for (let n = 0; n < 3; n++) await watch();
    expect(await shown()).toMatchObject({
      state: 'token_refused',
      stateLabel: 'Meta no acepta el token',
      stateOn: '2026-11-11',
    });
    expect([await health(), await metric('whatsapp_number_down', number.id)]).toEqual(['down', '1']);
    const ready = await bot.harness.call('GET', '//health/ready');
    expect(ready.status).toBe(200);
    // Whoever administers the institution, and nobody else.
    const told = await unread('whatsapp_number_down', 'admin@acolman.demo');
    expect(told).toHaveLength(1);
    for (const user of ['admin@conavi.demo', 'mesa@acolman.demo', 'auditor@acolman.demo'])
      expect(await unread('whatsapp_number_down', user)).toEqual([]);
    await read('admin@acolman.demo', told);
    await watch();
    expect(await unread('whatsapp_number_down', 'admin@acolman.demo')).toEqual([]);
    number.account.revoked = false;
    await watch();
    expect(await shown()).toMatchObject({ state: 'connected' });
    expect([await health(), await metric('whatsapp_number_down', number.id)]).toEqual([undefined, '0']);
    // The next time is news again.
    number.account.revoked = true;
    await watch();
    expect(await unread('whatsapp_number_down', 'admin@acolman.demo')).toHaveLength(1);
    number.account.revoked = false;
    await watch();
  });

  it('is not red because nobody answers: that is the network, and told elsewhere', async () => {
    const other = await Bot.start({ share: bot });
    try {
      await watch();
      Object.assign(other.harness.config.whatsapp, { graphUrl: 'http://127.0.0.1:9' });
      await other.harness.run('whatsapp-watch');
      expect(await shown()).toMatchObject({ state: 'connected' });
    } finally {
      await other.stop({ keepGraph: true });
    }
  });
});

describe('what a message says about its number', () => {
  it('changes nothing before the hour is over: the change would tell when somebody was written to', async () => {
    await watch();
    bot.graph.fail({ code: 131031 });
    await write(number.account, 'hola');
    await watch();
    expect(await shown()).toMatchObject({ state: 'connected' });
    expect([await health(), await metric('whatsapp_number_down', number.id)]).toEqual([undefined, '0']);
    await nextHour();
    expect(await shown()).toMatchObject({ state: 'locked', stateLabel: 'Meta bloqueó la cuenta' });
    expect(await health()).toBe('down');
    bot.harness.clock.set(START_TIME);
  });

  it.each([
    [131042, 'payment_due'],
    [368, 'locked'],
    [133010, 'unregistered'],
  ])('also when Meta took it first and failed later: %i', async (code, state) => {
    await nextHour();
    await report(number.account, sent(), ['delivered']);
    await nextHour();
    expect(await shown()).toMatchObject({ state: 'connected' });
    await report(number.account, sent(), ['failed'], { code });
    await nextHour();
    expect(await shown()).toMatchObject({ state });
    // Meta answers for the number as if nothing were.
    await nextHour();
    expect(await shown()).toMatchObject({ state });
    await report(number.account, sent(), ['read']);
    await nextHour();
    expect(await shown()).toMatchObject({ state: 'connected' });
  });

  it('does not end with a check, which would tell each hour whether somebody was written to', async () => {
    await nextHour();
    await report(number.account, sent(), ['failed'], { code: 131042 });
    await nextHour();
    const path = `/admin/whatsapp-numbers/${number.id}/check`;
    for (let n = 0; n < 3; n++) {
      const { body } = await bot.harness.as<{ state: string }>(number.admin, 'POST', path);
      expect(body.state).toBe('connected');
      expect(await shown()).toMatchObject({ state: 'payment_due' });
      await nextHour();
    }
    await report(number.account, sent(), ['delivered']);
    await nextHour();
    expect(await shown()).toMatchObject({ state: 'connected' });
  });

  it('that a check finds is told to every administrator, once', async () => {
    // An unread notice of one kind is enough.
    await bot.harness.sql('owner', 'update notices set read_at = at where read_at is null');
    const other = await addNumber(bot, 'acolman.demo');
    await watch();
    const notices = async (): Promise<number> => bot.count('notices', `kind = 'whatsapp_number_down'`);
    const before = await notices();
    expect((await shown(other)).state).toBe('connected');
    other.account.revoked = true;
    const path = `/admin/whatsapp-numbers/${other.id}/check`;
    for (let n = 0; n < 2; n++) await bot.harness.as(other.admin, 'POST', path);
    await watch();
    expect((await shown(other)).state).toBe('token_refused');
    expect(await notices()).toBe(before + 1);
    await changeNumber(bot, other, { active: false });
  });

  it('of one number says nothing about another', async () => {
    await nextHour();
    await report(number.account, sent(), ['failed'], { code: 131042 });
    await nextHour();
    expect((await list('admin@conavi.demo')).environment).toMatchObject({ state: 'connected' });
    await report(number.account, sent(), ['delivered']);
    await nextHour();
  });

  it('is forgotten when the number is switched off or gets other credentials', async () => {
    const other = await addNumber(bot, 'acolman.demo');
    other.account.revoked = true;
    await watch();
    expect([(await shown(other)).state, await health()]).toEqual(['token_refused', 'down']);
    expect((await changeNumber(bot, other, { verifyToken: 'another-verify-token' })).state).toBe('unchecked');
    await watch();
    await changeNumber(bot, other, { active: false });
    await watch();
    const path = `/admin/whatsapp-numbers/${other.id}/check`;
    const { body } = await bot.harness.as<{ state: string }>(other.admin, 'POST', path);
    expect(body.state).toBe('token_refused');
    expect([(await shown(other)).state, await health()]).toEqual(['unchecked', undefined]);
    expect(await metric('whatsapp_number_down', other.id)).toBeUndefined();
  });
});

describe('Meta’s answer', () => {
  it('that nothing reaches a person ends all that waits for that person, and nothing else', async () => {
    await bot.harness.sql('owner', 'delete from wa_outbox');
    const [dead, alive] = [somebody(), somebody()];
    bot.graph.refuse(dead, 131026);
    for (const person of [dead, alive])
      await bot.graph.say(bot.webhook, person, say.text('hola'), say.text('911'), say.text('ayuda'));
    for (const sweep of [bot.split, bot.talk]) while ((await sweep.run()) > 0);
    bot.alarms.length = 0;
    while ((await bot.sending.run()) > 0);
    expect(bot.graph.sentTo(alive)).toHaveLength(3);
    expect(bot.graph.sentTo(dead)).toHaveLength(0);
    expect(bot.alarms.filter((alarm) => alarm === 'whatsapp-rejected')).toHaveLength(1);
    expect(await bot.count('wa_outbox', 'sealed is not null')).toBe(0);
  });

  it('that a number sends too much lets that number wait, and no other', async () => {
    const people = Array.from({ length: 12 }, () => somebody());
    const other = somebody();
    for (const person of people)
      await bot.graph.sayTo(number.account, person, [say.text('hola')], bot.webhook);
    await bot.graph.say(bot.webhook, other, say.text('hola'));
    for (const sweep of [bot.split, bot.talk]) while ((await sweep.run()) > 0);
    bot.alarms.length = 0;
    bot.graph.fail(...Array.from({ length: 8 }, () => ({ code: 130429 })));
    await bot.sending.run();
    bot.graph.messageFaults.clear();
    // Only those that were on their way at once.
    expect(bot.alarms.filter((alarm) => alarm === 'whatsapp-limit').length).toBeLessThanOrEqual(8);
    for (let n = 0; n < 4; n++) {
      bot.passTime(20);
      await bot.work();
    }
    for (const person of [...people, other]) expect(bot.graph.sentTo(person)).toHaveLength(1);
  });
});

describe('delivered messages', () => {
  const counted = async (id = number.id): Promise<number> => {
    await bot.harness.app.get(Deliveries).write();
    const [row] = await bot.harness.sql<{ sum: number }>(
      'owner',
      'select coalesce(sum(before + on_day), 0)::int as sum from wa_deliveries where number = $1',
      [id],
    );
    return row!.sum;
  };

  it.each<[string, DeliveryStatus[], number]>([
    ['as they should come', ['sent', 'delivered', 'read'], 1],
    ['the wrong way round', ['read', 'delivered', 'sent'], 1],
    ['without what comes between', ['sent', 'read'], 1],
    ['the last one alone', ['read'], 1],
    ['several times', ['delivered', 'delivered', 'read', 'read', 'delivered'], 1],
    ['only sent', ['sent', 'sent'], 0],
    ['failed', ['sent', 'failed'], 0],
    ['failed behind all', ['delivered', 'failed'], 1],
  ])('are counted once, whatever statuses come: %s', async (_what, statuses, expected) => {
    const before = await counted();
    const one = sent();
    await report(number.account, one, statuses);
    // And once more, each in a webhook of its own.
    for (const status of statuses) await report(number.account, one, [status]);
    expect(await counted()).toBe(before + expected);
  });

  it('are counted for their number, and templates for none', async () => {
    const [before, env] = [await counted(), await counted('env')];
    const template = { billable: true, pricing_model: 'PMP', type: 'regular', category: 'utility' } as const;
    await report(number.account, sent(), ['delivered'], { pricing: template });
    await report(bot.graph.number, sent(), ['delivered']);
    expect([await counted(), await counted('env')]).toEqual([before, env + 1]);
  });

  it('are counted also when their rows are gone: those of a receipt', async () => {
    const person = somebody();
    await bot.tellAtOnce(person);
    await bot.text(person, 'enviar');
    await bot.work();
    const receipt = bot.graph.sentTo(person).at(-1)!;
    expect(receipt.text).toContain('Folio: ');
    const before = await counted('env');
    await bot.graph.report(bot.webhook, person, receipt, 'delivered');
    await bot.graph.report(bot.webhook, person, receipt, 'read');
    await bot.split.run();
    expect(await counted('env')).toBe(before + 1);
    expect(await bot.count('wa_outbox', `id = '${receipt.opaque!}'`)).toBe(0);
  });

  it('are written without any row of a person, not even those that came with them', async () => {
    const person = somebody();
    const status = statusWebhook(number.account, person, sent(), 'delivered');
    const hello = messagesWebhook(number.account, person, [message(person, say.text('denunciar'))]);
    await bot.harness.app.get(Deliveries).write();
    await bot.graph.deliver(bot.webhook, batch(status, hello), number.account);
    await bot.split.run();
    await bot.harness.app.get(Deliveries).write();
    const [{ xmin }] = (await bot.harness.sql<{ xmin: string }>(
      'owner',
      `select xmin::text from wa_deliveries where number = '${number.id}'`,
    )) as [{ xmin: string }];
    for (const table of ['wa_events', 'wa_seen', 'wa_outbox', 'wa_inbox', 'wa_sessions'])
      expect([table, await bot.count(table, `xmin::text = '${xmin}'`)]).toEqual([table, 0]);
    await bot.work();
  });

  it('change the state of their row only upwards, in whatever order their statuses come', async () => {
    const orders: DeliveryStatus[][] = [
      ['sent', 'delivered', 'failed'],
      ['delivered', 'sent', 'failed'],
      ['delivered', 'failed', 'sent'],
      ['read', 'sent', 'delivered'],
      ['failed', 'delivered', 'sent'],
      ['failed', 'sent', 'read'],
      ['sent', 'failed', 'delivered'],
    ];
    for (const order of orders) {
      const person = somebody();
      await bot.text(person, 'hola');
      const answer = bot.graph.sentTo(person).at(-1)!;
      for (const status of order) await report(bot.graph.number, answer, [status], { code: 131026 });
      // Delivered and failed are both the end: whichever comes first.
      const end = order.find((status) => status !== 'sent') === 'failed' ? 'failed' : 'delivered';
      expect([order, await bot.count('wa_outbox', `id = '${answer.opaque!}' and state = '${end}'`)]).toEqual([
        order,
        1,
      ]);
    }
  });
});

describe('the number of delivered messages', () => {
  let own: AddedNumber;
  beforeAll(async () => {
    own = await addNumber(bot, 'conavi.demo');
  });
  const about = async (): Promise<number> => (await shown(own)).deliveredAbout;
  const deliver = async (count: number): Promise<void> => {
    const bodies = Array.from({ length: count }, () =>
      statusWebhook(own.account, somebody(), sent(), 'delivered'),
    );
    await bot.graph.deliver(bot.webhook, batch(...bodies), own.account);
    await bot.split.run();
    await bot.harness.app.get(Deliveries).write();
  };
  const nextDay = (): void => {
    bot.passTime(24 * HOUR);
    bot.harness.forgetTokens();
  };

  it('says nothing of today, and the same all day', async () => {
    expect(await about()).toBe(0);
    await deliver(70);
    expect(await about()).toBe(0);
    nextDay();
    const first = await about();
    expect([50, 100]).toContain(first);
    await deliver(200);
    // Until shortly before midnight, UTC.
    bot.passTime(7 * HOUR);
    bot.harness.forgetTokens();
    expect(await about()).toBe(first);
  });

  it('does not tell whoever counts their own messages how many there are of others', async () => {
    // A thousand days with one message less or more than a step. Each day rounds at another place.
    const deliveries = bot.harness.app.get(Deliveries);
    const row = { number: own.id, day: '2026-11-01', onDay: 0, told: false };
    const seen: [before: number, shown: Record<number, number>][] = [];
    for (const before of [49, 50, 51]) {
      const found: Record<number, number> = {};
      for (let day = 0; day < 1000; day++) {
        bot.harness.clock.set(new Date(START_TIME.getTime() + day * 24 * HOUR * 1000));
        const shown = (deliveries as unknown as { about(of: object): number }).about({ ...row, before });
        found[shown] = (found[shown] ?? 0) + 1;
      }
      seen.push([before, found]);
    }
    const [below, exact, above] = seen.map(([, found]) => found);
    // With 49 it is shown as 50 nearly always, with 51 as well: a single message hides.
    expect(below![50]).toBeGreaterThan(950);
    expect(exact![50]).toBe(1000);
    expect(above![50]).toBeGreaterThan(950);
    expect(below![0]! + below![50]!).toBe(1000);
    // One alone is hardly ever shown, and none never.
    bot.harness.clock.set(START_TIME);
    expect((await shown(number)).deliveredAbout).toBe(0);
  });

  it('that comes near the free ones is told once in a month to whoever administers', async () => {
    const admin = own.admin;
    await changeNumber(bot, own, { freeMessages: 250 });
    nextDay();
    await deliver(250);
    await watch();
    expect(await unread('whatsapp_free_messages', admin)).toEqual([]);
    nextDay();
    for (let n = 0; n < 2; n++) await watch();
    const told = await unread('whatsapp_free_messages', admin);
    expect(told).toHaveLength(1);
    expect(await unread('whatsapp_free_messages', 'admin@acolman.demo')).toEqual([]);
    await read(admin, told);
    nextDay();
    await watch();
    expect(await unread('whatsapp_free_messages', admin)).toEqual([]);
    expect(Number(await metric('whatsapp_free_messages_ratio', own.id))).toBeGreaterThanOrEqual(0.8);
    // The next month begins anew.
    bot.harness.clock.set(new Date('2026-12-02T16:00:00Z'));
    bot.harness.forgetTokens();
    expect(await about()).toBe(0);
    await watch();
    expect(await metric('whatsapp_free_messages_ratio', own.id)).toBe('0');
  });

  it('is not watched without a limit', async () => {
    const view = await changeNumber(bot, own, { freeMessages: null });
    expect(view.freeMessages).toBeNull();
    await deliver(300);
    nextDay();
    await watch();
    expect(await unread('whatsapp_free_messages', own.admin)).toEqual([]);
    expect(await metric('whatsapp_free_messages_ratio', own.id)).toBeUndefined();
    await changeNumber(bot, own, { freeMessages: 1000 });
  });

  it('of a month is deleted when the month is over', async () => {
    expect(await bot.count('wa_deliveries', `number = '${own.id}'`)).toBe(1);
    bot.harness.clock.set(new Date('2027-01-01T16:00:00Z'));
    await watch();
    expect(await bot.count('wa_deliveries')).toBe(0);
  });
});
