import { randomBytes } from 'node:crypto';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { ManualClock } from '../../../platform/clock.js';
import type { MessageContent } from '../bot/messages.js';
import type { Person } from '../person.js';
import type { WhatsAppKeys } from '../whatsapp-keys.js';
import { Allowance } from './allowance.js';
import { Pace } from './pace.js';
import type { MessageEvent, Routed } from './webhook-events.js';

const HOURLY = new Pace().messagesPerHour;

let clock: ManualClock;
let allowance: Allowance;
beforeEach(() => {
  clock = new ManualClock(new Date('2026-11-10T16:00:00Z'));
  const alias = ({ identifiers }: Person): Buffer => Buffer.from(identifiers[0]!);
  allowance = new Allowance(clock, { alias } as unknown as WhatsAppKeys, new Pace());
});

function message(
  phone = '5215512345678',
  content: MessageContent = { type: 'text', text: 'hola' },
): Routed<MessageEvent> {
  const messageId = randomBytes(9).toString('hex');
  return {
    kind: 'message',
    phoneNumberId: '1',
    number: 'env',
    messageId,
    sender: { phone },
    replyTo: { to: `+${phone}` },
    content,
  };
}
const many = (count: number, of: () => Routed<MessageEvent> = message): Routed<MessageEvent>[] =>
  Array.from({ length: count }, of);
function take(events: readonly Routed<MessageEvent>[]): string[] {
  const { admitted, keep } = allowance.admit(events);
  keep();
  return admitted.map(({ kind }) => kind);
}
const pass = (minutes: number): void => clock.set(new Date(clock.now().getTime() + minutes * 60_000));

describe('the allowance of an hour', () => {
  it('is more than a long report and two albums of a hundred photos', () => {
    const photo = (): Routed<MessageEvent> => message(undefined, { type: 'media', media: 'image' });
    const sent = [...many(60), ...many(200, photo)];
    expect(take(sent)).toEqual(sent.map(() => 'message'));
  });

  it('ends in one overflow, and what follows is dropped, in whatever portions it comes', () => {
    const kinds = Array.from({ length: HOURLY + 50 }, () => take([message()])).flat();
    expect(kinds).toEqual([...many(HOURLY).map(() => 'message'), 'overflow']);
    expect(take(many(200))).toEqual([]);
  });

  it('is anew an hour after its first message', () => {
    take(many(HOURLY));
    pass(60);
    expect(take(many(HOURLY))).toEqual(many(HOURLY).map(() => 'message'));
  });

  it('is anew an hour after somebody was told to wait an hour, and is told of again', () => {
    take(many(HOURLY));
    pass(59);
    expect(take(many(3))).toEqual(['overflow']);
    pass(59);
    expect(take(many(3))).toEqual([]);
    pass(1);
    expect(take(many(HOURLY + 2))).toEqual([...many(HOURLY).map(() => 'message'), 'overflow']);
  });

  it('of one sender is not used by another', () => {
    take(many(HOURLY + 1));
    expect(take([message('5215587654321'), message()])).toEqual(['message']);
  });

  it('is not used by what a transaction did not keep', () => {
    for (let n = 0; n < 5; n++) allowance.admit(many(HOURLY));
    expect(take(many(2))).toEqual(['message', 'message']);
  });

  it('leaves through that a message was deleted and that somebody has a new number', () => {
    take(many(HOURLY + 1));
    const revoked = message(undefined, { type: 'revoke', originalMessageId: 'wamid.1' });
    const moved = {
      kind: 'alias_move',
      phoneNumberId: '1',
      number: 'env',
      from: revoked.sender,
      to: {},
    } as const;
    expect(allowance.admit([revoked, moved]).admitted).toEqual([revoked, moved]);
  });

  it('carries nothing of the message that was too much', () => {
    const { admitted } = allowance.admit(many(HOURLY + 1));
    expect(Object.keys(admitted.at(-1)!).sort()).toEqual([
      'kind',
      'number',
      'phoneNumberId',
      'replyTo',
      'sender',
    ]);
  });

  it('is forgotten for whoever wrote longest ago when there are too many senders', () => {
    take(many(HOURLY + 1));
    for (let n = 0; n < 10_000; n++) take([message(`52155${n}`)]);
    expect(take([message()])).toEqual(['message']);
  });
});
