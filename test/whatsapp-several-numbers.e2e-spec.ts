import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { Numbers } from '../src/doors/whatsapp/numbers/numbers.js';
import { WhatsAppKeys } from '../src/doors/whatsapp/whatsapp-keys.js';
import { START_TIME } from './setup/constants.js';
import { Harness } from './setup/harness.js';
import { ACCOUNT, Bot, somebody, VERIFY_TOKEN } from './support/whatsapp-bot.js';
import { addNumber, changeNumber, numberOf, type AddedNumber } from './support/whatsapp-numbers.js';
import { batch, message, messagesWebhook, statusWebhook } from './support/whatsapp/envelope.js';
import type { Account } from './support/whatsapp/numbers.js';
import type { Person } from './support/whatsapp/people.js';
import { say } from './support/whatsapp/say.js';
import { signed } from './support/whatsapp/signing.js';
import { postSigned } from './support/whatsapp/webhook-sender.js';
import { fetched } from './support/calls.js';

type Part = Record<string, unknown>;

/** The number of the environment belongs to CONAVI-DEMO, these two to others and to the same institution. */
let bot: Bot;
let acolman: AddedNumber;
let second: AddedNumber;
beforeAll(async () => {
  bot = await Bot.start();
  acolman = await addNumber(bot, 'acolman.demo');
  second = await addNumber(bot, 'conavi.demo');
});
afterAll(() => bot.stop());
afterEach(() => {
  bot.harness.clock.set(START_TIME);
  bot.harness.forgetTokens();
});

/** What a person read from one number. */
function readFrom(account: Account, person: Person): string[] {
  return bot.graph
    .sentTo(person)
    .filter(({ phoneNumberId }) => phoneNumberId === account.phoneNumberId)
    .map(({ text }) => text);
}

/** The person writes to a number; gives what that number answered. */
async function write(
  account: Account,
  person: Person,
  ...parts: readonly (string | Part)[]
): Promise<string> {
  const before = readFrom(account, person).length;
  const said = parts.map((part) => (typeof part === 'string' ? say.text(part) : part));
  const { status } = await bot.graph.sayTo(account, person, said, bot.webhook);
  expect(status).toBe(200);
  await bot.work();
  return readFrom(account, person).slice(before).join('\n');
}

const REPORT = ['denunciar', 'acepto', 'anónima', ACCOUNT];

/** Signs a webhook with the secret of one app, whatever number it names. */
function forge(by: Account, body: Part): Promise<number> {
  return postSigned(bot.webhook, signed(body, by.appSecret));
}

const unrouted = (): Promise<number> => bot.count('wa_inbox', `state = 'unrouted'`);

describe('a person who writes to two numbers', () => {
  it('has two conversations, and each institution gets its own report', async () => {
    const person = somebody();
    const own = bot.graph.number;
    await write(own, person, ...REPORT);
    expect(await write(acolman.account, person, 'hola')).toContain('canal de denuncias');
    await write(acolman.account, person, ...REPORT);
    // What is said to one is not known to the other.
    expect(await write(acolman.account, person, 'cancelar', 'sí')).not.toBe('');
    expect(await write(own, person, 'listo', 'resumen')).toContain('¿La enviamos?');
    await write(own, person, 'enviar');
    await write(acolman.account, person, ...REPORT, 'listo', 'resumen', 'enviar');
    const folios = [own, acolman.account].map((account) =>
      readFrom(account, person)
        .flatMap((text) => /Folio: (\S+)/.exec(text)?.[1] ?? [])
        .map((folio) => folio.slice(0, 3)),
    );
    expect(folios).toEqual([['CNV'], ['ACO']]);
  });

  it('has two at one institution too, and no row of one holds anything of the other', async () => {
    const person = somebody();
    const rows = async (): Promise<string[]> => {
      const found = await bot.harness.sql<{ row: string }>(
        'owner',
        `select a.alias::text as row from wa_aliases a union all select session_id::text from wa_aliases
         union all select lane::text from wa_events union all select lane::text from wa_outbox where lane is not null
         union all select hash::text from wa_seen`,
      );
      return found.map(({ row }) => row);
    };
    const told = async (account: Account): Promise<Set<string>> => {
      const before = new Set(await rows());
      const added = new Set<string>();
      const note = async (): Promise<void> => {
        for (const row of await rows()) if (!before.has(row)) added.add(row);
      };
      for (const text of REPORT) {
        await bot.graph.sayTo(account, person, [say.text(text)], bot.webhook);
        for (const sweep of [bot.split, bot.talk, bot.sending]) {
          await sweep.run();
          await note();
        }
      }
      return added;
    };
    const sessions = await bot.count('wa_sessions');
    const one = await told(bot.graph.number);
    const other = await told(second.account);
    expect(await bot.count('wa_sessions')).toBe(sessions + 2);
    expect(Math.min(one.size, other.size)).toBeGreaterThanOrEqual(8);
    expect([...other].filter((row) => one.has(row))).toEqual([]);
  });

  it('has an allowance with each', async () => {
    const person = somebody();
    const many = Array.from({ length: 330 }, () => say.text('911'));
    await bot.graph.sayTo(second.account, person, many, bot.webhook);
    await bot.split.run();
    expect(await bot.count('wa_events')).toBe(321);
    await bot.harness.sql('owner', 'delete from wa_events');
    expect(await write(bot.graph.number, person, '911')).toContain('911');
  });

  it('is told of the pause in an account by the number that they wrote to', async () => {
    const person = somebody();
    await write(acolman.account, person, ...REPORT, 'Y también pidieron mi credencial.');
    const before = readFrom(acolman.account, person).length;
    bot.passTime(120);
    await bot.reminders.run();
    await bot.work();
    expect(readFrom(acolman.account, person).length).toBe(before + 1);
    expect(readFrom(bot.graph.number, person)).toEqual([]);
  });

  it('sends a file to the number with whose token it is fetched', async () => {
    const person = somebody();
    await write(acolman.account, person, ...REPORT, say.image());
    expect(await bot.count('wa_files', `state = 'kept'`)).toBe(1);
    await write(acolman.account, person, 'listo', 'resumen', 'enviar');
    await bot.work();
    expect(readFrom(acolman.account, person).join('\n')).toContain('Folio: ACO-');
    expect(await bot.count('wa_files')).toBe(0);
  });
});

describe('the webhook of all numbers', () => {
  const verify = (token: string): Promise<Response> =>
    fetched(
      `${bot.webhook}?${new URLSearchParams({
        'hub.mode': 'subscribe',
        'hub.challenge': '1158201444',
        'hub.verify_token': token,
      }).toString()}`,
    );

  it('is verified with the token of any of them, and with no other', async () => {
    for (const token of [VERIFY_TOKEN, `verify-token-of-${acolman.account.phoneNumberId}`]) {
      const response = await verify(token);
      expect([response.status, await response.text()]).toEqual([200, '1158201444']);
    }
    expect((await verify('verify-token-of-nobody')).status).toBe(403);
  });

  it('takes no signature of an app that no number has', async () => {
    const person = somebody();
    const body = messagesWebhook(acolman.account, person, [message(person, say.text('hola'))]);
    expect(await postSigned(bot.webhook, signed(body, 'the-secret-of-nobody'))).toBe(401);
    expect(await postSigned(bot.webhook, signed(body, ''))).toBe(401);
  });
});

describe('whoever administers one institution and knows the secret of its app', () => {
  it('puts no word into the mouth of a person at another', async () => {
    const victim = somebody();
    await write(bot.graph.number, victim, ...REPORT);
    const said = bot.graph.sentTo(victim).length;
    const [kept, events] = [await unrouted(), await bot.count('wa_events')];
    bot.alarms.length = 0;
    // In the name of the victim, with a telephone of the attacker to answer to.
    const spy = { ...somebody(), bsuid: victim.bsuid! };
    for (const as of [victim, spy]) {
      for (const text of ['cancelar', 'sí', 'resumen']) {
        const body = messagesWebhook(bot.graph.number, as, [message(as, say.text(text))]);
        expect(await forge(acolman.account, body)).toBe(200);
      }
    }
    await bot.work();
    expect(await unrouted()).toBe(kept + 6);
    expect(await bot.count('wa_events')).toBe(events);
    expect(bot.alarms).toContain('whatsapp-unrouted');
    expect(bot.graph.sentTo(victim)).toHaveLength(said);
    expect(bot.graph.sentTo(spy)).toHaveLength(0);
    // The draft is untouched, and the person goes on.
    expect(await write(bot.graph.number, victim, 'listo', 'resumen')).toContain('¿La enviamos?');
  });

  it('does so neither in a batch with events of the own number, which are worked', async () => {
    const [victim, own] = [somebody(), somebody()];
    bot.graph.heard(own, acolman.account);
    bot.graph.heard(victim);
    const body = batch(
      messagesWebhook(bot.graph.number, victim, [message(victim, say.text('hola'))]),
      messagesWebhook(acolman.account, own, [message(own, say.text('hola'))]),
    );
    const kept = await unrouted();
    expect(await forge(acolman.account, body)).toBe(200);
    await bot.work();
    expect(await unrouted()).toBe(kept + 1);
    expect(readFrom(acolman.account, own)).toHaveLength(1);
    expect(bot.graph.sentTo(victim)).toHaveLength(0);
  });

  it('ends no message of another number with a false status, and takes no message for seen', async () => {
    const person = somebody();
    bot.graph.fail({ code: 130429 });
    await bot.graph.say(bot.webhook, person, say.text('hola'));
    await bot.work();
    const [waiting] = await bot.harness.sql<{ id: string }>(
      'owner',
      `select id from wa_outbox where state = 'waiting'`,
    );
    const sent = { id: 'wamid.HBgM', opaque: waiting!.id };
    await forge(acolman.account, statusWebhook(acolman.account, person, sent, 'failed', 131026));
    await bot.work();
    expect(await bot.count('wa_outbox', `id = '${waiting!.id}' and state = 'waiting'`)).toBe(1);
    // Who knew the id of a message could otherwise keep it from being heard.
    const known = message(person, say.text('911'));
    await forge(acolman.account, messagesWebhook(acolman.account, person, [known]));
    await bot.work();
    await forge(bot.graph.number, messagesWebhook(bot.graph.number, person, [known]));
    bot.passTime(60);
    await bot.work();
    expect(readFrom(bot.graph.number, person).join('\n')).toContain('*911*');
  });

  it('does not get the number of another by its id', async () => {
    for (const taken of [second.account, bot.graph.number]) {
      const { status } = await bot.harness.as(
        acolman.admin,
        'POST',
        '/admin/whatsapp-numbers',
        numberOf(taken, { appSecret: acolman.account.appSecret }),
      );
      expect(status).toBe(409);
    }
  });
});

describe('the secret of an app that is changed', () => {
  it('is valid beside the new one until somebody ends it', async () => {
    const number = await addNumber(bot, 'conavi.demo');
    const [old, person] = [{ ...number.account }, somebody()];
    const next = { ...number.account, appSecret: 'the-next-secret-of-this-app' };
    const hello = (): Part => messagesWebhook(old, person, [message(person, say.text('911'))]);
    const view = await changeNumber(bot, number, { appSecret: next.appSecret });
    expect(view.credentials.previousAppSecret).toEqual({ setOn: '2026-11-10' });
    expect([await forge(old, hello()), await forge(next, hello())]).toEqual([200, 200]);
    await changeNumber(bot, number, { previousAppSecret: null });
    expect([await forge(old, hello()), await forge(next, hello())]).toEqual([401, 200]);
    // One that leaked is replaced and ended in one request.
    await changeNumber(bot, number, { appSecret: 'one-more-secret-of-this-app', previousAppSecret: null });
    expect(await forge(next, hello())).toBe(401);
  });

  it('does not make worthless what it signed before', async () => {
    const number = await addNumber(bot, 'conavi.demo');
    const person = somebody();
    await bot.graph.sayTo(number.account, person, [say.text('hola')], bot.webhook);
    await changeNumber(bot, number, { appSecret: 'the-secret-behind-the-backlog', previousAppSecret: null });
    await bot.work();
    expect(readFrom(number.account, person)).toHaveLength(1);
  });
});

describe('a number that is switched off', () => {
  it('is not worked: what comes is kept, and what waits to go out waits', async () => {
    const number = await addNumber(bot, 'acolman.demo');
    const [before, meanwhile, waiting] = [somebody(), somebody(), somebody()];
    bot.graph.fail({ code: 130429 });
    await write(number.account, waiting, 'hola');
    await bot.graph.sayTo(number.account, before, [say.text('hola')], bot.webhook);
    await bot.split.run();
    await changeNumber(bot, number, { active: false });
    const kept = await unrouted();
    await write(number.account, meanwhile, 'hola');
    bot.passTime(3600);
    await bot.work();
    for (const person of [before, meanwhile, waiting]) expect(readFrom(number.account, person)).toEqual([]);
    expect(await unrouted()).toBe(kept + 1);
    // What was heard before lies aside, without what its sender is found by.
    expect(await bot.count('wa_events', `state = 'new'`)).toBe(0);
    expect(await bot.count('wa_events', `state = 'failed'`)).toBe(1);
    bot.harness.forgetTokens();
    await changeNumber(bot, number, { active: true });
    await bot.work();
    expect(readFrom(number.account, waiting)).toHaveLength(1);
    expect(await write(number.account, meanwhile, 'hola')).toContain('canal de denuncias');
    await bot.harness.sql('owner', 'delete from wa_events');
  });

  it('says nothing by itself, and the others do', async () => {
    const number = await addNumber(bot, 'acolman.demo');
    const [off, on] = [somebody(), somebody()];
    for (const [account, person] of [
      [number.account, off],
      [acolman.account, on],
    ] as const)
      await write(account, person, ...REPORT, 'Y también pidieron mi credencial.');
    const said = [readFrom(number.account, off).length, readFrom(acolman.account, on).length];
    await changeNumber(bot, number, { active: false });
    bot.passTime(120);
    await bot.reminders.run();
    await bot.work();
    expect(readFrom(number.account, off).length).toBe(said[0]!);
    expect(readFrom(acolman.account, on).length).toBe(said[1]! + 1);
  });
});

describe('a number whose token Meta refuses', () => {
  it('does not keep the others waiting, however many of its messages wait', async () => {
    const number = await addNumber(bot, 'acolman.demo');
    number.account.revoked = true;
    const crowd = Array.from({ length: 450 }, () => somebody());
    for (const person of crowd)
      await bot.graph.sayTo(number.account, person, [say.text('hola')], bot.webhook);
    for (let n = 0; n < 40 && (await bot.count('wa_outbox', `state = 'waiting'`)) < 450; n++) {
      await bot.split.run();
      await bot.talk.run();
    }
    for (let n = 0; n < 3; n++) await bot.sending.run();
    const stranger = somebody();
    await bot.graph.say(bot.webhook, stranger, say.text('hola'));
    for (const sweep of [bot.split, bot.talk]) await sweep.run();
    await bot.sending.run();
    expect(readFrom(bot.graph.number, stranger)).toHaveLength(1);
    // It was tried only a few times.
    const tries = bot.alarms.filter((alarm) => alarm === 'whatsapp-channel-down');
    expect(tries.length).toBeLessThanOrEqual(10);
    // With a token that holds everything goes, at once.
    number.account.revoked = false;
    await changeNumber(bot, number, { accessToken: 'a-token-that-was-made-anew' });
    number.account.accessToken = 'a-token-that-was-made-anew';
    bot.passTime(60);
    await bot.work();
    expect(crowd.filter((person) => readFrom(number.account, person).length !== 1)).toEqual([]);
  });

  it('sends at once with another token, without the pause of a minute', async () => {
    const number = await addNumber(bot, 'conavi.demo');
    const [first, next] = [somebody(), somebody()];
    number.account.revoked = true;
    await write(number.account, first, 'hola');
    number.account.revoked = false;
    number.account.accessToken = 'the-token-behind-the-pause';
    await changeNumber(bot, number, { accessToken: 'the-token-behind-the-pause' });
    expect(await write(number.account, next, 'hola')).toContain('canal de denuncias');
  });
});

describe('another process', () => {
  it('knows a new number, its new secret and its end within seconds, without a restart', async () => {
    const twin = await Bot.start({ share: bot });
    try {
      const person = somebody();
      const number = await addNumber(bot, 'conavi.demo');
      const knock = (account: Account): Promise<number> =>
        postSigned(
          twin.webhook,
          signed(messagesWebhook(account, person, [message(person, say.text('hola'))]), account.appSecret),
        );
      const soon = async (account: Account, status: number): Promise<void> => {
        const end = Date.now() + 3_000;
        while ((await knock(account)) !== status) {
          if (Date.now() > end) throw new Error(`it does not answer ${status}`);
          await delay(100);
        }
      };
      await soon(number.account, 200);
      const next = { ...number.account, appSecret: 'a-secret-for-the-other-process' };
      await changeNumber(bot, number, { appSecret: next.appSecret, previousAppSecret: null });
      await soon(next, 200);
      await soon(number.account, 401);
      bot.graph.heard(person, number.account);
      await twin.work();
      expect(readFrom(number.account, person).length).toBeGreaterThan(0);
    } finally {
      await twin.stop({ keepGraph: true });
    }
  });
});

describe('a number that is in the environment and in a row', () => {
  it('is that of the environment: whoever runs the machine decides', async () => {
    const { account } = await addNumber(bot, 'acolman.demo');
    const { phoneNumberId, accessToken } = account;
    const number = {
      phoneNumberId,
      accessToken,
      appSecrets: ['the-secret-of-the-operator'],
      verifyToken: 'the-token-of-the-operator',
    };
    const whatsapp = { graphUrl: bot.graph.url, apiVersion: 'v25.0', number };
    const h = await Harness.start({ share: bot.harness, config: { whatsapp } });
    try {
      const known = await h.app.get(Numbers).now();
      expect(known.ofMeta(phoneNumberId)).toMatchObject({ id: 'env', number: { purpose: 'both' } });
      const webhook = `${h.url}/api/v1/channels/whatsapp/webhook`;
      const person = somebody();
      const body = messagesWebhook(account, person, [message(person, say.text('hola'))]);
      // The institution cannot sign for it any more.
      expect(await postSigned(webhook, signed(body, account.appSecret))).toBe(401);
      expect(await postSigned(webhook, signed(body, 'the-secret-of-the-operator'))).toBe(200);
      await bot.harness.sql('owner', `delete from wa_inbox where state = 'new'`);
    } finally {
      await h.stop();
    }
  });
});

describe('without a number in the environment', () => {
  it('the channel is off until an institution has one, and then works', async () => {
    const { graph } = bot;
    const h = await Harness.start({ config: { whatsapp: { graphUrl: graph.url, apiVersion: 'v25.0' } } });
    try {
      const webhook = `${h.url}/api/v1/channels/whatsapp/webhook`;
      const person = somebody();
      const alone = { graph, harness: h };
      expect((await fetched(`${webhook}?hub.mode=subscribe`)).status).toBe(404);
      const number = await addNumber(alone, 'acolman.demo');
      expect((await fetched(`${webhook}?hub.mode=subscribe`)).status).toBe(403);
      const { status } = await graph.sayTo(number.account, person, [say.text('hola')], webhook);
      expect(status).toBe(200);
      await h.sweep();
      expect(readFrom(number.account, person)).toHaveLength(1);
    } finally {
      await h.stop();
    }
  });
});

describe('what was stored when the environment named the only number', () => {
  /** Takes what only newer rows have out of every sealed value. */
  async function grow(table: string, name: (kept: Part) => Part): Promise<void> {
    const keys = bot.harness.app.get(WhatsAppKeys);
    const rows = await bot.harness.sql<{ id: string; sealed: Buffer }>(
      'owner',
      `select id, sealed from ${table} where sealed is not null`,
    );
    for (const { id, sealed } of rows) {
      const older = name(keys.open<Part>(table, id, sealed));
      await bot.harness.sql('owner', `update ${table} set sealed = $1 where id = $2`, [
        keys.seal(table, id, older),
        id,
      ]);
    }
  }

  const withoutNumber = ({ number: _number, replyTo, address, ...rest }: Part): Part => {
    const plain = (value: unknown): Part => {
      const { from: _from, ...left } = (value ?? {}) as Part;
      return left;
    };
    return {
      ...rest,
      ...(replyTo === undefined ? {} : { replyTo: plain(replyTo) }),
      ...(address === undefined ? {} : { address: plain(address) }),
    };
  };

  it('is answered, fetched and sent after the upgrade', async () => {
    for (const table of ['wa_events', 'wa_sessions', 'wa_aliases', 'wa_outbox', 'wa_files'])
      await bot.harness.sql('owner', `delete from ${table}`);
    const [writing, waiting] = [somebody(), somebody()];
    const own = bot.graph.number;
    for (const text of REPORT) await write(own, writing, text);
    bot.graph.fail({ code: 130429 });
    await write(own, waiting, '911');
    await bot.graph.say(bot.webhook, writing, say.image());
    await bot.split.run();
    for (const table of ['wa_events', 'wa_outbox', 'wa_sessions']) await grow(table, withoutNumber);
    await bot.talk.run();
    await grow('wa_files', withoutNumber);
    bot.passTime(60);
    await bot.work();
    expect(await bot.count('wa_files', `state = 'kept'`)).toBe(1);
    expect(readFrom(own, waiting).join('\n')).toContain('*911*');
    await write(own, writing, 'listo', 'resumen', 'enviar');
    await bot.work();
    expect(bot.receiptsOf(writing)).toHaveLength(1);
  });
});
