import type { Incoming } from '../bot/messages.js';
import { nameUnder } from '../numbers/whatsapp-number.js';
import type { Person } from '../person.js';
import { dialablePhone, senderKeys, type Sender } from './sender.js';
import type { MessageEvent, Overflow, PersonalEvent, Routed } from './webhook-events.js';

/**
 * Turn a message into the form that the bot reads.
 * @param keyOf the keyed hash under which message ids are known
 * @param file our id for the file of the message
 */
export function incoming(
  message: MessageEvent,
  keyOf: (messageId: string) => string,
  file?: string,
): Incoming {
  const { content, sender, timestamp } = message;
  const phone = dialablePhone(sender);
  const original =
    content.type === 'edit' || content.type === 'revoke' ? content.originalMessageId : undefined;
  return {
    key: keyOf(message.messageId),
    content,
    ...(file === undefined ? {} : { file }),
    ...(original === undefined ? {} : { originalKey: keyOf(original) }),
    ...(timestamp === undefined ? {} : { sentAt: Math.floor(timestamp.getTime() / 1000) }),
    ...(phone === undefined ? {} : { phone }),
  };
}

/**
 * The person behind a sender, in the form by which sessions are found. Under another number the same person
 * is somebody else.
 * @param number id of the number that was written to
 */
export function personOf(sender: Sender, number: string): Person {
  const identifiers = senderKeys(sender).map((key) => nameUnder(number, key));
  return { identifiers, hasAccount: sender.bsuid !== undefined };
}

/** The person whose event it is. For a person with new identifiers this is the person under the old ones. */
export function writerOf(event: Routed<PersonalEvent | Overflow>): Person {
  return personOf(event.kind === 'alias_move' ? event.from : event.sender, event.number);
}
