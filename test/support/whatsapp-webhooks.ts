import { createHmac, randomBytes, randomInt } from 'node:crypto';

/**
 * Webhooks as Meta sends them, for tests: the same envelope, message ids that really hold the phone (so that
 * a search for leaked numbers is honest), the same escaped serialisation, signed over those bytes.
 */

/** The number of the institution. */
export interface BusinessNumber {
  phoneNumberId: string;
  displayPhoneNumber: string;
  accountId: string;
}

export interface Person {
  /** As Meta gives it, digits only: 52… or 521…. */
  phone: string;
  bsuid?: string;
  name?: string;
  username?: string;
  /** WhatsApp shows the business-scoped id only; the message id holds the phone all the same. */
  hidesPhone?: boolean;
}

export interface SignedWebhook {
  rawBody: Buffer;
  headers: Record<string, string>;
}

type Part = Record<string, unknown>;

const media = (mimeType: string, extra: Part = {}): Part => ({
  id: String(randomInt(1e14)),
  mime_type: mimeType,
  sha256: randomBytes(32).toString('base64'),
  ...extra,
});

/** What a person can send. Each gives the part of a message that `message` completes. */
export const say = {
  text: (body: string): Part => ({ type: 'text', text: { body } }),
  tap: (id: string, title: string): Part => ({
    type: 'interactive',
    interactive: { type: 'button_reply', button_reply: { id, title } },
  }),
  pick: (id: string, title: string): Part => ({
    type: 'interactive',
    interactive: { type: 'list_reply', list_reply: { id, title } },
  }),
  image: (caption?: string): Part => ({
    type: 'image',
    image: media('image/jpeg', caption === undefined ? {} : { caption }),
  }),
  video: (): Part => ({ type: 'video', video: media('video/mp4') }),
  voice: (): Part => ({ type: 'audio', audio: media('audio/ogg; codecs=opus', { voice: true }) }),
  document: (filename: string): Part => ({
    type: 'document',
    document: media('application/pdf', { filename }),
  }),
  sticker: (): Part => ({ type: 'sticker', sticker: media('image/webp', { animated: false }) }),
  location: (latitude: number, longitude: number, name?: string): Part => ({
    type: 'location',
    location: { latitude, longitude, ...(name === undefined ? {} : { name }) },
  }),
  contact: (name: string, phone: string): Part => ({
    type: 'contacts',
    contacts: [
      { name: { formatted_name: name, first_name: name }, phones: [{ phone: `+${phone}`, wa_id: phone }] },
    ],
  }),
  reaction: (messageId: string, emoji: string): Part => ({
    type: 'reaction',
    reaction: { message_id: messageId, emoji },
  }),
  edit: (originalId: string, part: Part): Part => ({
    type: 'edit',
    edit: { original_message_id: originalId, message: { context: { id: originalId }, ...part } },
  }),
  revoke: (originalId: string): Part => ({ type: 'revoke', revoke: { original_message_id: originalId } }),
  unsupported: (code = 131051): Part => ({
    type: 'unsupported',
    errors: [
      { code, title: 'Unsupported', message: 'Unsupported', error_data: { details: 'Not supported here.' } },
    ],
    unsupported: { type: 'poll_creation' },
  }),
  changedNumber: (to: string): Part => ({
    type: 'system',
    system: { type: 'user_changed_number', wa_id: to, body: `A person changed to ${to}` },
  }),
  /** An album: Meta sends every photo as a message of its own. */
  album: (photos: number): Part[] => Array.from({ length: photos }, () => say.image()),
} as const;

/**
 * A message id in Meta's layout: the phone in clear, a direction mark and random hexadecimal digits, in
 * base64.
 */
export function wamid(phone: string, direction: 'in' | 'out' = 'in'): string {
  const [mark, digits] = direction === 'in' ? ([0x12, 20] as const) : ([0x11, 18] as const);
  const random = randomBytes(digits / 2)
    .toString('hex')
    .toUpperCase();
  const bytes = Buffer.concat([
    Buffer.from([0x1c, 0x18, phone.length]),
    Buffer.from(phone, 'ascii'),
    Buffer.from([0x15, 0x02, 0x00, mark, 0x18, digits]),
    Buffer.from(random, 'ascii'),
    Buffer.from([0x00]),
  ]);
  return `wamid.${bytes.toString('base64')}`;
}

/** A message of a person. `at` is Unix seconds, now when absent. */
export function message(
  person: Person,
  part: Part,
  at = Math.floor(Date.now() / 1000),
): Part & { id: string } {
  return {
    ...(person.hidesPhone === true ? {} : { from: person.phone }),
    ...(person.bsuid === undefined ? {} : { from_user_id: person.bsuid }),
    id: wamid(person.phone),
    timestamp: String(at),
    ...part,
  };
}

/** One webhook with messages of one person, in one change. */
export function messagesWebhook(number: BusinessNumber, person: Person, messages: readonly Part[]): Part {
  const contact = {
    profile: {
      name: person.name ?? 'Persona',
      ...(person.username === undefined ? {} : { username: person.username }),
    },
    ...(person.hidesPhone === true ? {} : { wa_id: person.phone }),
    ...(person.bsuid === undefined ? {} : { user_id: person.bsuid }),
  };
  return webhook(number, { contacts: [contact], messages });
}

/** A delivery status, in the shape of v24 and later: no `conversation`, pricing as of October 2026. */
export function statusWebhook(
  number: BusinessNumber,
  person: Person,
  sent: { id: string; opaque?: string },
  status: 'sent' | 'delivered' | 'read' | 'failed',
  errorCode?: number,
): Part {
  const change = {
    id: sent.id,
    status,
    timestamp: String(Math.floor(Date.now() / 1000)),
    ...(person.hidesPhone === true ? {} : { recipient_id: person.phone }),
    ...(person.bsuid === undefined ? {} : { recipient_user_id: person.bsuid }),
    ...(sent.opaque === undefined ? {} : { biz_opaque_callback_data: sent.opaque }),
    ...(status === 'delivered'
      ? { pricing: { pricing_model: 'PMP', type: 'regular', category: 'service' } }
      : {}),
    ...(errorCode === undefined ? {} : { errors: [{ code: errorCode, title: 'Failed', message: 'Failed' }] }),
  };
  return webhook(number, { statuses: [change] });
}

/** Several webhooks in one body, as Meta batches them. */
export function batch(...webhooks: readonly Part[]): Part {
  const entry = webhooks.flatMap((body) => body.entry as Part[]);
  return { object: 'whatsapp_business_account', entry };
}

function webhook(number: BusinessNumber, value: Part): Part {
  const metadata = { display_phone_number: number.displayPhoneNumber, phone_number_id: number.phoneNumberId };
  const changes = [{ value: { messaging_product: 'whatsapp', metadata, ...value }, field: 'messages' }];
  return { object: 'whatsapp_business_account', entry: [{ id: number.accountId, changes }] };
}

/** Meta's bytes: everything beyond ASCII as lower-case `\uXXXX`, slashes escaped. */
export function serialise(body: unknown): Buffer {
  const escaped = JSON.stringify(body)
    .replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .replaceAll('/', '\\/');
  return Buffer.from(escaped, 'ascii');
}

/** Signs with an HMAC of its own, so that a mistake in ours would show. */
export function signed(body: unknown, appSecret: string): SignedWebhook {
  const rawBody = serialise(body);
  const signature = createHmac('sha256', appSecret).update(rawBody).digest('hex');
  return {
    rawBody,
    headers: { 'content-type': 'application/json', 'x-hub-signature-256': `sha256=${signature}` },
  };
}

/** Posts a webhook to `url` and gives the HTTP status. */
export async function deliver(url: string, webhookToSend: SignedWebhook): Promise<number> {
  const { rawBody, headers } = webhookToSend;
  const response = await fetch(url, { method: 'POST', headers, body: new Uint8Array(rawBody) });
  await response.arrayBuffer();
  return response.status;
}
