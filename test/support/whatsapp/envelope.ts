import { Dice } from './dice.js';
import { webhookError } from './errors.js';
import {
  contactOf,
  isOdd,
  recipientFields,
  senderFields,
  type BusinessNumber,
  type Person,
} from './people.js';
import { wamid } from './wamid.js';

/** Bodies of webhooks in the shape of v24 and later. */

export type Part = Record<string, unknown>;

/** A message that the institution sent, as far as a status needs it. */
export interface Reported {
  id: string;
  opaque?: string;
}

export type DeliveryStatus = 'sent' | 'delivered' | 'read' | 'played' | 'failed';

/** What a delivered message costs, as of October 2026. */
export interface Pricing extends Part {
  billable: boolean;
  pricing_model: 'PMP';
  type: 'regular' | 'free_customer_service';
  category: 'service' | 'utility' | 'marketing' | 'authentication';
}

const REGULAR: Pricing = { billable: true, pricing_model: 'PMP', type: 'regular', category: 'service' };

/**
 * A message of a person. A message of the system carries no business-scoped id of its own.
 * @param at Unix seconds, now when absent
 */
export function message(
  person: Person,
  part: Part,
  at = Math.floor(Date.now() / 1000),
  dice = new Dice(),
): Part & { id: string } {
  const { from, ...ids } = senderFields(person);
  const shown = from === undefined ? {} : { from };
  const sender = part.type === 'system' ? { from: person.phone } : { ...shown, ...ids };
  const timestamp = isOdd(person, 'milliseconds') ? String(at * 1000 + dice.below(1000)) : String(at);
  return { ...sender, id: wamid(person.phone, 'in', dice), timestamp, ...part };
}

/** One webhook with messages of one person, in one change. Messages of the system come without contacts. */
export function messagesWebhook(number: BusinessNumber, person: Person, messages: readonly Part[]): Part {
  const ofSystem = messages.length > 0 && messages.every(({ type }) => type === 'system');
  const contacts = ofSystem || isOdd(person, 'no_contacts') ? {} : { contacts: [contactOf(person)] };
  return webhook(number, { ...contacts, messages });
}

/** A delivery status: no `conversation`; pricing when it was delivered. One that failed names no contacts. */
export function statusWebhook(
  number: BusinessNumber,
  person: Person,
  sent: Reported,
  status: DeliveryStatus,
  errorCode?: number,
  { pricing = REGULAR, at = Math.floor(Date.now() / 1000) }: { pricing?: Pricing; at?: number } = {},
): Part {
  const failed = status === 'failed';
  const { recipient_id, ...ids } = recipientFields(person);
  const change = {
    id: sent.id,
    status,
    timestamp: String(at),
    ...(recipient_id === undefined ? {} : { recipient_id }),
    ...(failed && recipient_id !== undefined ? {} : ids),
    ...(sent.opaque === undefined ? {} : { biz_opaque_callback_data: sent.opaque }),
    ...(status === 'delivered' ? { pricing } : {}),
    ...(errorCode === undefined ? {} : { errors: [webhookError(errorCode)] }),
  };
  const contacts = failed || person.bsuid === undefined ? {} : { contacts: [contactOf(person)] };
  return webhook(number, { ...contacts, statuses: [change] });
}

/** An error of the whole account, such as 130429. */
export function accountErrorWebhook(number: BusinessNumber, code: number): Part {
  return webhook(number, { errors: [webhookError(code)] });
}

/** The person has other business-scoped ids: the field that comes beside the message of the system. */
export function userIdWebhook(number: BusinessNumber, before: Person, after: Person, at?: number): Part {
  const change = (previous?: string, current?: string): Part => ({ previous, current });
  const update = {
    ...(after.hidesPhone === true ? {} : { wa_id: after.phone }),
    detail: 'User id has been updated.',
    user_id: change(before.bsuid, after.bsuid),
    ...(after.parentBsuid === undefined
      ? {}
      : { parent_user_id: change(before.parentBsuid, after.parentBsuid) }),
    timestamp: String(at ?? Math.floor(Date.now() / 1000)),
  };
  return webhook(number, { contacts: [contactOf(after)], user_id_update: [update] }, 'user_id_update');
}

/** Several webhooks in one body, as Meta batches them. */
export function batch(...webhooks: readonly Part[]): Part {
  const entry = webhooks.flatMap((body) => body.entry as Part[]);
  return { object: 'whatsapp_business_account', entry };
}

function webhook(number: BusinessNumber, value: Part, field = 'messages'): Part {
  const metadata = { display_phone_number: number.displayPhoneNumber, phone_number_id: number.phoneNumberId };
  const changes = [{ value: { messaging_product: 'whatsapp', metadata, ...value }, field }];
  return { object: 'whatsapp_business_account', entry: [{ id: number.accountId, changes }] };
}
