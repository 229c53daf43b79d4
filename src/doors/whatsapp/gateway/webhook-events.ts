import {
  asInstant,
  asList,
  asNumber,
  asRecord,
  asText,
  type JsonRecord,
} from '../../../platform/json-reading.js';
import type { MessageContent } from '../bot/messages.js';
import { identify, isNobody, replyAddress, senderKeys, type ReplyAddress, type Sender } from './sender.js';
import { readContent } from './webhook-content.js';

export interface MessageEvent {
  kind: 'message';
  /** The number of the institution that was written to. */
  phoneNumberId: string;
  /** The wamid. Its base64 holds the sender's phone, so keep it only as a keyed hash. */
  messageId: string;
  sender: Sender;
  replyTo: ReplyAddress;
  timestamp?: Date;
  content: MessageContent;
}

/** The person now has other identifiers. The session follows. */
export interface AliasMove {
  kind: 'alias_move';
  phoneNumberId: string;
  messageId?: string;
  from: Sender;
  to: Sender;
  timestamp?: Date;
}

export type DeliveryStatus = 'sent' | 'delivered' | 'read' | 'played' | 'failed' | 'other';

export interface StatusEvent {
  kind: 'status';
  phoneNumberId: string;
  messageId: string;
  status: DeliveryStatus;
  recipient?: Sender;
  /** Our own `biz_opaque_callback_data`. It proves that a send without an answer did go out. */
  opaque?: string;
  errorCode?: number;
  /** What Meta charges it as; `service` for an answer to a person. */
  category?: string;
  timestamp?: Date;
}

export interface AccountError {
  kind: 'account_error';
  phoneNumberId?: string;
  code?: number;
}

/**
 * Something that this version does not know, or an event without the data that is needed. It is kept raw and
 * never processed.
 */
export interface UnknownEvent {
  kind: 'unknown';
  phoneNumberId?: string;
  what: 'envelope' | 'field' | 'message' | 'status' | 'alias_move';
  field?: string;
}

/** What a person did: a message to answer, or a change of identifiers to note. */
export type PersonalEvent = MessageEvent | AliasMove;

/** Replaces, in a lane, the first message above the allowance. Its sender is told once. */
export type Overflow = Pick<MessageEvent, 'phoneNumberId' | 'sender' | 'replyTo'> & { kind: 'overflow' };

/** An event with the id of our number that it came for. */
export type Routed<Event> = Event & { number: string };

export type WebhookEvent = MessageEvent | AliasMove | StatusEvent | AccountError | UnknownEvent;

const STATUSES: ReadonlySet<string> = new Set<DeliveryStatus>([
  'sent',
  'delivered',
  'read',
  'played',
  'failed',
]);

/**
 * Read the body of Meta's webhook (`object: whatsapp_business_account`): every entry, change, message, status
 * and error, in order. Every value gives at least one event, and nothing throws. A body that fails would come
 * again for seven days, and its whole batch would fail with it.
 */
export function parseWebhook(body: unknown): WebhookEvent[] {
  const envelope = asRecord(body);
  if (envelope.object !== 'whatsapp_business_account') return [{ kind: 'unknown', what: 'envelope' }];
  const changes = asList(envelope.entry).flatMap((entry) => asList(asRecord(entry).changes));
  const events = changes.flatMap((change) => readChange(asRecord(change)));
  return events.length > 0 ? events : [{ kind: 'unknown', what: 'envelope' }];
}

/**
 * Read the bytes of a webhook like `parseWebhook`. A signed body that is no JSON still comes from Meta, so
 * keep it like anything else that is not known.
 */
export function readWebhook(rawBody: Buffer): WebhookEvent[] {
  let body: unknown;
  try {
    body = JSON.parse(rawBody.toString('utf8'));
  } catch {
    // Nothing to read in it.
  }
  return parseWebhook(body);
}

export function isPersonal<E extends WebhookEvent>(
  event: E,
): event is Extract<E, { kind: PersonalEvent['kind'] }> {
  return event.kind === 'message' || event.kind === 'alias_move';
}

/**
 * The text, before hashing, by which a repeated event is recognised: Meta delivers at least once. Undefined
 * when a repetition is harmless and looks like a second event.
 */
export function dedupSource(event: WebhookEvent): string | undefined {
  switch (event.kind) {
    case 'message':
      return `message|${event.messageId}`;
    case 'status':
      return `status|${event.messageId}|${event.status}|${identifiers(event.recipient ?? {})}`;
    case 'alias_move':
      return event.messageId === undefined
        ? `alias|${identifiers(event.from)}|${identifiers(event.to)}|${event.timestamp?.getTime() ?? ''}`
        : `message|${event.messageId}`;
    default:
      return undefined;
  }
}

function identifiers(sender: Sender): string {
  return [sender.bsuid, sender.phone, sender.parent].map((id) => id ?? '').join('/');
}

function readChange(change: JsonRecord): WebhookEvent[] {
  const field = asText(change.field);
  const value = asRecord(change.value);
  const phoneNumberId = asText(asRecord(value.metadata).phone_number_id);
  const events: WebhookEvent[] = [];
  if (field === 'messages') {
    const contacts = asList(value.contacts).map(asRecord);
    for (const message of asList(value.messages))
      events.push(readMessage(asRecord(message), contacts, phoneNumberId));
    for (const status of asList(value.statuses)) events.push(readStatus(asRecord(status), phoneNumberId));
    for (const error of asList(value.errors)) {
      events.push({
        kind: 'account_error',
        ...optional({ phoneNumberId, code: asNumber(asRecord(error).code) }),
      });
    }
  } else if (field === 'user_id_update') {
    for (const update of asList(value.user_id_update))
      events.push(readIdUpdate(asRecord(update), phoneNumberId));
  }
  if (events.length > 0) return events;
  return [{ kind: 'unknown', what: 'field', ...optional({ phoneNumberId, field: field?.slice(0, 64) }) }];
}

function readMessage(
  message: JsonRecord,
  contacts: readonly JsonRecord[],
  phoneNumberId?: string,
): WebhookEvent {
  const messageId = asText(message.id);
  const sender = readSender(message, contacts);
  const replyTo = replyAddress(sender);
  if (phoneNumberId === undefined || messageId === undefined || replyTo === undefined) {
    return { kind: 'unknown', what: 'message', ...optional({ phoneNumberId }) };
  }
  const timestamp = asInstant(message.timestamp);
  const moved = message.type === 'system' ? readSystemMove(asRecord(message.system)) : undefined;
  if (moved) {
    return {
      kind: 'alias_move',
      phoneNumberId,
      messageId,
      from: sender,
      to: moved,
      ...optional({ timestamp }),
    };
  }
  const content = readContent(message);
  return { kind: 'message', phoneNumberId, messageId, sender, replyTo, content, ...optional({ timestamp }) };
}

/**
 * Read the sender of a message. The sender may stand in the message or only in `contacts`. Add data from
 * `contacts` only when it certainly belongs to the same person, because a batch may hold messages of several
 * people.
 */
function readSender(message: JsonRecord, contacts: readonly JsonRecord[]): Sender {
  const own = identify(
    asText(message.from),
    asText(message.from_user_id),
    asText(message.from_parent_user_id),
  );
  const known = contacts.map((contact) =>
    identify(asText(contact.wa_id), asText(contact.user_id), asText(contact.parent_user_id)),
  );
  const same =
    known.find((contact) => shares(own, contact)) ?? (isNobody(own) && known.length === 1 ? known[0] : {});
  return { ...same, ...own };
}

function shares(one: Sender, other: Sender): boolean {
  const keys = senderKeys(other);
  return senderKeys(one).some((key) => keys.includes(key));
}

const MOVES: ReadonlySet<unknown> = new Set(['user_changed_number', 'user_changed_user_id']);

/** The new identifiers. `system.body` holds names and numbers as text and is never read. */
function readSystemMove(system: JsonRecord): Sender | undefined {
  if (!MOVES.has(system.type)) return undefined;
  const to = identify(asText(system.wa_id), asText(system.user_id), asText(system.parent_user_id));
  return isNobody(to) ? undefined : to;
}

function readIdUpdate(update: JsonRecord, phoneNumberId?: string): WebhookEvent {
  const id = asRecord(update.user_id);
  const parent = asRecord(update.parent_user_id);
  const from = identify(asText(id.previous), asText(parent.previous));
  const to = identify(asText(id.current), asText(parent.current), asText(update.wa_id));
  if (phoneNumberId === undefined || isNobody(from) || isNobody(to)) {
    return { kind: 'unknown', what: 'alias_move', field: 'user_id_update', ...optional({ phoneNumberId }) };
  }
  return {
    kind: 'alias_move',
    phoneNumberId,
    from,
    to,
    ...optional({ timestamp: asInstant(update.timestamp) }),
  };
}

function readStatus(status: JsonRecord, phoneNumberId?: string): WebhookEvent {
  const messageId = asText(status.id);
  if (phoneNumberId === undefined || messageId === undefined) {
    return { kind: 'unknown', what: 'status', ...optional({ phoneNumberId }) };
  }
  const recipient = identify(
    asText(status.recipient_id),
    asText(status.recipient_user_id),
    asText(status.recipient_parent_user_id),
  );
  return {
    kind: 'status',
    phoneNumberId,
    messageId,
    status: readDelivery(status),
    ...optional({
      recipient: isNobody(recipient) ? undefined : recipient,
      opaque: asText(status.biz_opaque_callback_data),
      errorCode: asNumber(asRecord(asList(status.errors)[0]).code),
      category: asText(asRecord(status.pricing).category),
      timestamp: asInstant(status.timestamp),
    }),
  };
}

/**
 * Read the delivery status. A payment can be `failed` too, but then `type` differs and the status says
 * nothing about delivery.
 */
function readDelivery(status: JsonRecord): DeliveryStatus {
  const name = asText(status.status) ?? '';
  const ofMessage = status.type === undefined || status.type === 'message';
  return ofMessage && STATUSES.has(name) ? (name as DeliveryStatus) : 'other';
}

/** Leave undefined members out, so that events survive JSON unchanged. */
function optional<T extends object>(members: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
