import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { fetched } from './support/calls.js';
import type { Part } from './support/whatsapp/envelope.js';
import type { Json } from './support/whatsapp/http.js';
import type { Person } from './support/whatsapp/people.js';
import type { Receiver } from './support/whatsapp/receiver.js';
import { HOSTILE, say } from './support/whatsapp/say.js';
import { ANA, codeOf, Stage, TEMPLATE, text, TO_ANA } from './support/whatsapp/stage.js';
import { WhatsAppStandin, type StandinOptions } from './support/whatsapp/standin.js';
import { wamid } from './support/whatsapp/wamid.js';

const stage = new Stage();
let graph: WhatsAppStandin;
let receiver: Receiver;
beforeEach(async () => {
  await stage.open();
  ({ graph, receiver } = stage);
});
afterEach(() => stage.close());

/** The id of a message that came. */
const idOf = (part: Part): string => String(part.id);

describe('people', () => {
  it('are shown in the four ways of business-scoped ids', async () => {
    const shown = async (person: Partial<Person>): Promise<Part> => {
      await graph.say(receiver.url, { ...ANA, ...person }, say.text('Hola'));
      const { contacts } = receiver.values.at(-1) as { contacts: Part[] };
      const { id: _id, timestamp: _at, type: _type, text: _text, ...sender } = receiver.messages.at(-1)!;
      return { ...contacts[0], ...sender };
    };
    const profile = { name: ANA.name };
    const withPhone = {
      wa_id: ANA.phone,
      user_id: ANA.bsuid,
      from: ANA.phone,
      from_user_id: ANA.bsuid,
    };
    const username = 'ana';
    const idOnly = { user_id: ANA.bsuid, from_user_id: ANA.bsuid };
    expect(await shown({})).toEqual({ profile, ...withPhone });
    expect(await shown({ username, hidesPhone: true })).toEqual({
      profile: { ...profile, username },
      ...idOnly,
    });
    expect(await shown({ username, hidesPhone: false })).toEqual({
      profile: { ...profile, username },
      ...withPhone,
    });
    const parentBsuid = 'MX.ENT.11815799212886844830';
    expect(await shown({ parentBsuid })).toEqual({
      profile,
      ...withPhone,
      parent_user_id: parentBsuid,
      from_parent_user_id: parentBsuid,
    });
  });

  it('with a username show the phone to who spoke with them within 30 days', async () => {
    const strict = await stage.start({ contactBook: false });
    const bea: Person = { ...ANA, username: 'bea' };
    const showsPhone = async (): Promise<boolean> => {
      await strict.say(receiver.url, bea, say.text('Hola'));
      return receiver.messages.at(-1)!.from !== undefined;
    };
    expect(await showsPhone()).toBe(false);
    strict.people.spoke(strict.number, strict.people.meet(bea));
    expect(await showsPhone()).toBe(true);
    strict.clock.advance('31d');
    expect(await showsPhone()).toBe(false);
  });

  it('are kept in Meta’s contact book until they are deleted from it', async () => {
    const bea: Person = { ...ANA, username: 'bea' };
    const known = graph.people.meet(bea);
    const showsPhone = (): boolean => graph.people.asShown(graph.number, bea).hidesPhone === false;
    graph.people.spoke(graph.number, known);
    graph.people.spoke(graph.number, known);
    graph.clock.advance('31d');
    expect(showsPhone()).toBe(true);
    const path = `${graph.number.phoneNumberId}/contact_book?messaging_product=whatsapp`;
    expect(codeOf(await stage.call('DELETE', path))).toBe(100);
    expect((await stage.call('DELETE', `${path}&bsuid=${ANA.bsuid}`)).body).toEqual({ success: true });
    expect(showsPhone()).toBe(false);
  });

  it('change their number, which Meta tells in three ways', async () => {
    await graph.say(receiver.url, ANA, say.text('Hola'));
    const moved = await graph.changeNumber(receiver.url, ANA, '5215587654321');
    expect(moved.bsuid).not.toBe(ANA.bsuid);
    const [, changed, ids, update] = receiver.values;
    expect(changed).not.toHaveProperty('contacts');
    expect(changed!.messages).toMatchObject([
      { from: ANA.phone, type: 'system', system: { type: 'user_changed_number', wa_id: moved.phone } },
    ]);
    expect(ids!.messages).toMatchObject([
      { system: { type: 'user_changed_user_id', wa_id: moved.phone, user_id: moved.bsuid } },
    ]);
    expect(update).toMatchObject({
      user_id_update: [{ user_id: { previous: ANA.bsuid, current: moved.bsuid } }],
    });
    // The number is somebody else's from now on.
    expect(graph.people.at(`+${ANA.phone}`)).toBeUndefined();
    expect(graph.people.at(`+${moved.phone}`)?.person).toEqual(moved);
  });

  it('tell that their key changed', async () => {
    await graph.say(receiver.url, { ...ANA, identityKeyHash: 'H1' }, say.changedIdentity('H2'));
    await graph.say(receiver.url, { ...ANA, identityKeyHash: 'H2' }, say.text('Hola'));
    expect(receiver.values).toMatchObject([
      { messages: [{ system: { type: 'customer_identity_changed', identity: { hash: 'H2' } } }] },
      { contacts: [{ identity_key_hash: 'H2' }] },
    ]);
  });

  it('write in ways that were seen and are not documented', async () => {
    const odd = async (...oddities: NonNullable<Person['odd']>): Promise<[Part, Part]> => {
      await graph.say(receiver.url, { ...ANA, odd: oddities }, say.text('Hola'));
      return [receiver.values.at(-1)!, receiver.messages.at(-1)!];
    };
    const [, late] = await odd('milliseconds');
    expect(late.timestamp).toMatch(/^\d{13}$/);
    const [without, nobody] = await odd('no_contacts', 'no_from');
    expect(without).not.toHaveProperty('contacts');
    expect(nobody).not.toHaveProperty('from');
    const [mixed, strange] = await odd('bsuid_as_phone');
    expect([strange.from, (mixed.contacts as Part[])[0]!.wa_id]).toEqual([ANA.bsuid, ANA.bsuid]);
    await graph.say(receiver.url, ANA, say.unsupported(), say.viewOnce(), say.brokenTap(), say.order());
    expect(
      receiver.messages.slice(-4).map(({ type, errors }) => [type, (errors as Part[])?.[0]?.code]),
    ).toEqual([
      ['unsupported', 131051],
      ['unsupported', 131060],
      ['interactive', 131051],
      ['order', undefined],
    ]);
  });

  it('write texts that break programs, and every character arrives', async () => {
    for (const body of Object.values(HOSTILE)) await graph.say(receiver.url, ANA, say.text(body));
    expect(receiver.messages.map((one) => (one.text as Part).body)).toEqual(Object.values(HOSTILE));
    for (const { raw } of receiver.arrivals) expect(raw.every((byte) => byte < 0x80)).toBe(true);
    expect(receiver.arrivals[0]!.raw.toString()).toContain('antes\\u0000despu\\u00e9s');
  });
});

describe('webhooks', () => {
  it('are signed over escaped bytes', async () => {
    await graph.say(receiver.url, ANA, say.text('¿Qué pasó? / 😡'));
    const { raw, signature } = receiver.arrivals[0]!;
    expect(raw.toString()).toContain('\\u00bfQu\\u00e9 pas\\u00f3? \\/ \\ud83d\\ude21');
    const digest = createHmac('sha256', graph.appSecret).update(raw).digest('hex');
    expect(signature).toBe(`sha256=${digest}`);
  });

  it('carry message ids of the real layout', () => {
    for (const [direction, mark, digits] of [
      ['in', 0x12, 20],
      ['out', 0x11, 18],
    ] as const) {
      const bytes = Buffer.from(wamid(ANA.phone, direction).slice('wamid.'.length), 'base64');
      const phone = Buffer.from(ANA.phone);
      expect([...bytes.subarray(0, 3)]).toEqual([0x1c, 0x18, phone.length]);
      expect(bytes.subarray(3, 3 + phone.length)).toEqual(phone);
      const rest = bytes.subarray(3 + phone.length);
      expect([...rest.subarray(0, 6)]).toEqual([0x15, 0x02, 0x00, mark, 0x18, digits]);
      expect(rest.subarray(6, -1).toString()).toMatch(new RegExp(`^[0-9A-F]{${digits}}$`));
      expect(rest.at(-1)).toBe(0);
    }
  });

  it('come all at once', async () => {
    receiver.pauseMs = 200;
    await Promise.all(say.album(10).map((photo) => graph.say(receiver.url, ANA, photo)));
    expect(receiver.most).toBe(10);
  });

  it('are repeated as a whole until they are answered with 200', async () => {
    const stubborn = await stage.start({ persistence: { firstMs: 5, factor: 2, longestMs: 20, tries: 9 } });
    receiver.answers.push(503, 500, 202, 404);
    const said = await stubborn.say(receiver.url, ANA, say.text('uno'), say.text('dos'));
    expect(said.status).toBe(503);
    await stubborn.webhooks.settled();
    expect(receiver.arrivals).toHaveLength(5);
    expect(new Set(receiver.arrivals.map(({ raw }) => raw.toString())).size).toBe(1);
    expect(receiver.messages).toHaveLength(10);
  });

  it('are given up when the tries are used, or when the stand-in stops', async () => {
    const stubborn = await stage.start({ persistence: { firstMs: 5, factor: 1, longestMs: 5, tries: 3 } });
    receiver.answers.push(...Array.from({ length: 9 }, () => 500));
    await stubborn.say(receiver.url, ANA, say.text('Hola'));
    await stubborn.webhooks.settled();
    expect(receiver.arrivals).toHaveLength(3);
    const endless = await stage.start({ persistence: { firstMs: 50, factor: 1, longestMs: 50, tries: 1e6 } });
    await endless.say('http://127.0.0.1:9/nobody', ANA, say.text('Hola'));
    await stage.stop(endless);
  });

  it('are lost, doubled, late or signed wrongly on demand', async () => {
    graph.webhooks.faults.add('drop', { duplicate: 3 }, { delayMs: 150 }, 'wrong_signature');
    expect((await graph.say(receiver.url, ANA, say.text('lost'))).status).toBe(0);
    expect(receiver.arrivals).toHaveLength(0);
    await graph.say(receiver.url, ANA, say.text('three times'));
    expect(receiver.messages).toHaveLength(3);
    expect(new Set(receiver.messages.map(idOf)).size).toBe(1);
    const since = performance.now();
    await graph.say(receiver.url, ANA, say.text('late'));
    expect(performance.now() - since).toBeGreaterThan(140);
    await graph.say(receiver.url, ANA, say.text('wrong'));
    const { raw, signature } = receiver.arrivals.at(-1)!;
    expect(signature).not.toBe(`sha256=${createHmac('sha256', graph.appSecret).update(raw).digest('hex')}`);
    await graph.say(receiver.url, ANA, say.text('as always'));
    expect(receiver.arrivals).toHaveLength(6);
  });

  it('come in another order or in one body on demand', async () => {
    const bodies = (list: readonly Part[]): unknown[] => list.map((one) => (one.text as Part).body);
    const words = ['uno', 'dos', 'tres', 'cuatro'];
    graph.webhooks.faults.add({ reorder: 4 });
    await Promise.all(words.map((word) => graph.say(receiver.url, ANA, say.text(word))));
    expect(bodies(receiver.messages)).not.toEqual(words);
    expect(bodies(receiver.messages).sort()).toEqual([...words].sort());
    graph.webhooks.faults.add({ batch: 4 });
    const said = await Promise.all(words.map((word) => graph.say(receiver.url, ANA, say.text(word))));
    expect(said.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(receiver.arrivals).toHaveLength(5);
    expect(receiver.arrivals.at(-1)!.body.entry).toHaveLength(4);
    // Fewer than were asked for wait until they are let go.
    graph.webhooks.faults.add({ batch: 4 });
    const waiting = graph.say(receiver.url, ANA, say.text('cinco'));
    await graph.webhooks.flush();
    expect((await waiting).status).toBe(200);
  });

  it('tell errors of the account', async () => {
    await graph.tellAccountError(receiver.url, 130429);
    expect(receiver.values).toMatchObject([{ errors: [{ code: 130429, title: 'Rate limit hit' }] }]);
  });
});

describe('statuses', () => {
  const talking = (
    seed: string,
    habits: Partial<StandinOptions['statuses']> = {},
  ): Promise<WhatsAppStandin> =>
    stage.start({
      seed,
      callback: receiver.url,
      statuses: { omitted: 0.3, shuffled: 0.5, longestMs: 5, ...habits },
    });
  const names = (): unknown[] => receiver.statuses.map(({ status }) => status);
  const sendBy = async (standin: WhatsAppStandin, body: Json = text()): Promise<void> => {
    await fetched(`${standin.url}/v25.0/${standin.number.phoneNumberId}/messages`, {
      method: 'POST',
      headers: { authorization: `Bearer ${standin.accessToken}`, 'content-type': 'application/json' },
      body: JSON.stringify({ ...TO_ANA, ...body }),
    });
  };
  const quiet = async (standin: WhatsAppStandin): Promise<void> => {
    await new Promise((resolve) => setTimeout(resolve, 100));
    await standin.webhooks.settled();
  };

  it('come by themselves, with the price of October 2026', async () => {
    const standin = await talking('a', { omitted: 0, shuffled: 0 });
    standin.heard(ANA);
    await sendBy(standin, { ...text(), biz_opaque_callback_data: 'outbox-1' });
    await quiet(standin);
    expect(names()).toEqual(['sent', 'delivered', 'read']);
    expect(receiver.statuses[1]).toMatchObject({
      id: standin.sent[0]!.id,
      recipient_id: ANA.phone,
      recipient_user_id: ANA.bsuid,
      biz_opaque_callback_data: 'outbox-1',
      pricing: { billable: false, pricing_model: 'PMP', type: 'free_customer_service', category: 'service' },
    });
    expect(receiver.statuses.some((status) => 'conversation' in status)).toBe(false);
  });

  it('come in any order and not all, and the same again with the same seed', async () => {
    const rounds: string[][][] = [];
    for (const seed of ['s1', 's1', 's2']) {
      receiver.arrivals.length = 0;
      const standin = await talking(seed);
      standin.heard(ANA);
      for (let n = 0; n < 12; n++) {
        await sendBy(standin);
        await quiet(standin);
      }
      // Of each message: the statuses of two messages are two chains, and may overtake each other.
      const statusesOf = (message: string): string[] =>
        receiver.statuses.filter(({ id }) => id === message).map(({ status }) => String(status));
      rounds.push(standin.sent.map(({ id }) => statusesOf(id)));
      await stage.stop(standin);
    }
    expect(rounds[1]).toEqual(rounds[0]);
    expect(rounds[2]).not.toEqual(rounds[0]);
    expect(rounds[0]!.flat().length).toBeLessThan(36);
    const order = ['sent', 'delivered', 'read'];
    const isInverted = (statuses: readonly string[]): boolean =>
      statuses.some((status, n) => n > 0 && order.indexOf(statuses[n - 1]!) > order.indexOf(status));
    expect(rounds[0]!.filter(isInverted).length).toBeGreaterThan(0);
  });

  it('say that it failed to who blocked the institution', async () => {
    const standin = await talking('b');
    standin.heard({ ...ANA, blocksUs: true });
    await sendBy(standin);
    await quiet(standin);
    expect(receiver.statuses).toMatchObject([{ status: 'failed', errors: [{ code: 131026 }] }]);
    expect(receiver.values[0]).not.toHaveProperty('contacts');
    expect(receiver.statuses[0]).not.toHaveProperty('recipient_user_id');
  });

  it('charge from the 1,001st message of a month on, and templates always', async () => {
    graph.heard(ANA);
    await stage.send(text());
    await stage.send(TEMPLATE);
    const [answer, paid] = graph.sent;
    for (let n = 0; n < 1001; n++) await graph.report(receiver.url, ANA, answer!, 'delivered');
    const types = receiver.statuses.map(({ pricing }) => (pricing as Part).type);
    expect([types[999], types[1000]]).toEqual(['free_customer_service', 'regular']);
    await graph.report(receiver.url, ANA, paid!, 'delivered');
    expect(receiver.statuses.at(-1)!.pricing).toMatchObject({ type: 'regular', category: 'utility' });
    graph.clock.advance('31d');
    await graph.report(receiver.url, ANA, answer!, 'delivered');
    expect(receiver.statuses.at(-1)!.pricing).toMatchObject({ type: 'free_customer_service' });
  });
});
