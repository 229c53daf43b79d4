import type { Part } from './envelope.js';
import { canonical, type Person } from './people.js';

/** What the stand-in learns from a webhook that a test made by hand. */

interface Change {
  phoneNumberId?: string;
  contacts: Record<string, string | undefined>[];
  messages: Record<string, unknown>[];
  statuses: Record<string, unknown>[];
}

export interface Heard {
  phoneNumberId?: string;
  messageId: string;
  person: Person;
  /** Messages of the system are not written by anybody. */
  isWritten: boolean;
}

/** Every message of a body with whoever sent it; those without a sender are left out. */
export function messagesIn(body: Part): Heard[] {
  return changesOf(body).flatMap(({ phoneNumberId, contacts, messages }) =>
    messages.flatMap((message) => {
      const { from, from_user_id: userId, id, type } = message as Record<string, string | undefined>;
      const contact = contacts.find(
        ({ wa_id, user_id }) =>
          (from !== undefined && wa_id !== undefined && canonical(wa_id) === canonical(from)) ||
          (userId !== undefined && user_id === userId),
      );
      const phone = from ?? contact?.wa_id;
      const bsuid = userId ?? contact?.user_id;
      if (id === undefined || (phone === undefined && bsuid === undefined)) return [];
      const person = {
        phone: phone ?? '0',
        ...(bsuid === undefined ? {} : { bsuid }),
        ...(phone === undefined ? { hidesPhone: true } : {}),
      };
      return [{ phoneNumberId, messageId: id, person, isWritten: type !== 'system' }];
    }),
  );
}

/** The ids of the messages that a body reports on. */
export function reportedIn(body: Part): string[] {
  return changesOf(body).flatMap(({ statuses }) => statuses.map(({ id }) => String(id)));
}

function changesOf(body: Part): Change[] {
  return listOf(body.entry)
    .flatMap(({ changes }) => listOf(changes))
    .map(({ value }) => {
      const { metadata, contacts, messages, statuses } = (value ?? {}) as Part;
      return {
        phoneNumberId: (metadata as Record<string, string> | undefined)?.phone_number_id,
        contacts: listOf(contacts) as Record<string, string | undefined>[],
        messages: listOf(messages),
        statuses: listOf(statuses),
      };
    });
}

function listOf(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? (value as Record<string, unknown>[]) : [];
}
