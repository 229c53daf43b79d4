import { asList, asNumber, asRecord, asText, type JsonRecord } from '../../../platform/json-reading.js';
import type { MediaKind, MediaReference, MessageContent } from '../bot/messages.js';

const MEDIA: ReadonlySet<string> = new Set<MediaKind>([
  'image',
  'video',
  'audio',
  'voice',
  'document',
  'sticker',
]);
const KNOWN_TYPES = [
  'text',
  ...MEDIA,
  'location',
  'contacts',
  'interactive',
  'button',
  'reaction',
  'order',
] as const;

/** Read one message of a webhook. Anything that is not known becomes `unknown` with the name of its type. */
export function readContent(message: JsonRecord): MessageContent {
  // A group is no private channel: nothing said there is taken as a report.
  if (asText(message.group_id) !== undefined) return { type: 'group' };
  const type = typeOf(message);
  if (type === 'edit') return readEdit(asRecord(message.edit));
  if (type === 'revoke') return readRevoke(asRecord(message.revoke));
  return readPlainContent(type, message);
}

function readPlainContent(type: string, message: JsonRecord): MessageContent {
  const part = asRecord(message[type]);
  if (isMedia(type)) return readMedia(type, part, asRecord(message.context));
  switch (type) {
    case 'text': {
      const text = asText(part.body);
      return text === undefined ? unknown(type) : { type: 'text', text };
    }
    case 'location':
      return readLocation(part);
    case 'contacts':
      return { type: 'contacts', count: asList(message.contacts).length };
    case 'interactive':
      return readInteractive(part, message);
    case 'button': {
      const title = asText(part.text);
      const id = asText(part.payload) ?? title;
      return id === undefined ? unknown(type) : { type: 'choice', id, title: title ?? id };
    }
    case 'reaction':
      return { type: 'reaction' };
    case 'system':
      return { type: 'system', change: (asText(part.type) ?? 'unknown').slice(0, 64) };
    case 'unsupported':
      return unsupported(message);
    default:
      return unknown(type);
  }
}

/** Find the type of a message. Meta's older examples leave `type` out, so look which part is present. */
function typeOf(message: JsonRecord): string {
  return asText(message.type) ?? KNOWN_TYPES.find((type) => Object.hasOwn(message, type)) ?? 'none';
}

function isMedia(type: string): type is MediaKind {
  return MEDIA.has(type);
}

function readMedia(type: MediaKind, part: JsonRecord, context: JsonRecord): MessageContent {
  const media = type === 'audio' && part.voice === true ? 'voice' : type;
  const caption = asText(part.caption);
  const reference = referenceOf(part);
  return {
    type: 'media',
    media,
    ...(caption === undefined ? {} : { caption }),
    ...(context.forwarded === true || context.frequently_forwarded === true ? { forwarded: true } : {}),
    ...(reference === undefined ? {} : { reference }),
  };
}

/** An id is digits. Anything else must not become a part of an address. */
const MEDIA_ID = /^\d{1,64}$/;

function referenceOf({ id, sha256, filename }: JsonRecord): MediaReference | undefined {
  const [mediaId, hash, name] = [asText(id), sha256Of(asText(sha256)), asText(filename)];
  if (mediaId === undefined || !MEDIA_ID.test(mediaId)) return undefined;
  return {
    id: mediaId,
    ...(hash === undefined ? {} : { sha256: hash }),
    ...(name === undefined ? {} : { name }),
  };
}

/** A webhook gives the hash in base64, the Graph API in hexadecimal. Undefined when it is neither. */
export function sha256Of(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  if (/^[0-9a-f]{64}$/i.test(text)) return text.toLowerCase();
  const bytes = Buffer.from(text, 'base64');
  return bytes.length === 32 ? bytes.toString('hex') : undefined;
}

function readLocation(part: JsonRecord): MessageContent {
  const latitude = asNumber(part.latitude);
  const longitude = asNumber(part.longitude);
  if (latitude === undefined || longitude === undefined) return unknown('location');
  if (Math.abs(latitude) > 90 || Math.abs(longitude) > 180) return unknown('location');
  const description = [asText(part.name), asText(part.address)].filter(
    (line) => line !== undefined && line !== '',
  );
  return description.length === 0
    ? { type: 'location', latitude, longitude }
    : { type: 'location', latitude, longitude, description: description.join(', ') };
}

function readInteractive(part: JsonRecord, message: JsonRecord): MessageContent {
  const kind = asText(part.type);
  // An interactive message without its object carries only `errors`. This was seen in real traffic.
  if (kind === undefined) return unsupported(message);
  if (kind !== 'button_reply' && kind !== 'list_reply') return unknown(`interactive:${kind}`);
  const reply = asRecord(part[kind]);
  const id = asText(reply.id);
  return id === undefined
    ? unknown(`interactive:${kind}`)
    : { type: 'choice', id, title: asText(reply.title) ?? '' };
}

/** Read an edit as the message that it holds. An edit of an edit does not exist. */
function readEdit(edit: JsonRecord): MessageContent {
  const originalMessageId = asText(edit.original_message_id);
  const inner = asRecord(edit.message);
  if (originalMessageId === undefined) return unknown('edit');
  return { type: 'edit', originalMessageId, content: readPlainContent(typeOf(inner), inner) };
}

function readRevoke(revoke: JsonRecord): MessageContent {
  const originalMessageId = asText(revoke.original_message_id);
  return originalMessageId === undefined ? unknown('revoke') : { type: 'revoke', originalMessageId };
}

function unsupported(message: JsonRecord): MessageContent {
  const code = asNumber(asRecord(asList(message.errors)[0]).code);
  return code === undefined ? { type: 'unsupported' } : { type: 'unsupported', code };
}

/** The name comes from outside. Cut it, so that it fits into a log line or a column. */
function unknown(name: string): MessageContent {
  return { type: 'unknown', name: name.slice(0, 64) };
}
