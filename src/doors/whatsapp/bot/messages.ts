/**
 * Messages in both directions, in a form that belongs to no provider. A gateway converts between its
 * provider's form and this one.
 */

export type MediaKind = 'image' | 'video' | 'audio' | 'voice' | 'document' | 'sticker';

/** How the provider names a file, and what it says about it. The bot never looks at it. */
export interface MediaReference {
  id: string;
  /** SHA-256 of the content, in hexadecimal. */
  sha256?: string;
  /** The name that the sender gave the file. */
  name?: string;
}

/** What a person sent. Profile names and contact cards are left out on purpose. */
export type MessageContent =
  | { type: 'text'; text: string }
  | {
      type: 'media';
      media: MediaKind;
      caption?: string;
      /** Somebody else made it. */
      forwarded?: true;
      reference?: MediaReference;
    }
  | { type: 'location'; latitude: number; longitude: number; description?: string }
  | { type: 'contacts'; count: number }
  /** A tapped button or list row. `id` is ours, or the id of a template's button. */
  | { type: 'choice'; id: string; title: string }
  | { type: 'reaction' }
  | { type: 'edit'; originalMessageId: string; content: MessageContent }
  | { type: 'revoke'; originalMessageId: string }
  /** A message of the chat itself, e.g. about a changed number. */
  | { type: 'system'; change: string }
  /** A message that the provider could not pass on. */
  | { type: 'unsupported'; code?: number }
  /** Said in a group, which is no private channel. */
  | { type: 'group' }
  | { type: 'unknown'; name: string };

/** One message of a person, as the bot reads it. */
export interface Incoming {
  /** Keyed hash of the message's id: the id of some providers holds the phone. */
  key: string;
  /** The same hash of the message that was edited or deleted. */
  originalKey?: string;
  content: MessageContent;
  /** Our id for the file of this message. Absent when there is none that could be had. */
  file?: string;
  /** Unix seconds. */
  sentAt?: number;
  /** The number they write from, `+52…`. It enters the draft only when the person allows this. */
  phone?: string;
}

/** A message to a person: what the bot makes and a gateway sends. */
export type OutgoingMessage =
  | TextMessage
  | { kind: 'buttons'; body: string; footer?: string; buttons: readonly Option[] }
  | { kind: 'list'; body: string; footer?: string; button: string; rows: readonly Option[] }
  /** A file that the provider fetches from a public address. */
  | { kind: 'document'; url: string; name: string }
  /** Degrees, WGS 84. */
  | { kind: 'location'; latitude: number; longitude: number; name: string; address: string };

export interface TextMessage {
  kind: 'text';
  body: string;
}

export interface Option {
  id: string;
  title: string;
  /** Rows of a list only. */
  description?: string;
}

/**
 * Limits of the strictest supported chat, WhatsApp's Cloud API. Meta does not say whether it counts UTF-16
 * units or code points. `length` is the larger count and is safe for both. The body of a list may be longer
 * by the documentation; 1,024 is what others send without refusals.
 */
export const LIMITS = {
  textBody: 4096,
  interactiveBody: 1024,
  footer: 60,
  buttons: 3,
  buttonTitle: 20,
  buttonId: 256,
  rows: 10,
  rowTitle: 24,
  rowDescription: 72,
  rowId: 200,
  /** Ours: Meta names no limit. */
  fileName: 100,
  url: 2000,
} as const;

/**
 * List every limit that a message breaks, in words for a test report. An empty list means that Meta accepts
 * it.
 */
export function limitViolations(message: OutgoingMessage): string[] {
  const found: string[] = [];
  const within = (what: string, text: string, limit: number): void => {
    if (text.trim() === '') found.push(`${what} is empty`);
    if (text.length > limit) found.push(`${what} has ${text.length} characters, at most ${limit}`);
  };
  if (message.kind === 'document' || message.kind === 'location') {
    within('name', message.name, LIMITS.fileName);
    if (message.kind === 'document') within('url', message.url, LIMITS.url);
    return found;
  }
  within('body', message.body, message.kind === 'text' ? LIMITS.textBody : LIMITS.interactiveBody);
  if (message.kind === 'text') return found;
  if (message.footer !== undefined) within('footer', message.footer, LIMITS.footer);
  const isList = message.kind === 'list';
  const options = isList ? message.rows : message.buttons;
  const most = isList ? LIMITS.rows : LIMITS.buttons;
  if (isList) within('list button', message.button, LIMITS.buttonTitle);
  if (options.length < 1 || options.length > most) found.push(`${options.length} options, 1 to ${most}`);
  for (const option of options) {
    within('option title', option.title, isList ? LIMITS.rowTitle : LIMITS.buttonTitle);
    within('option id', option.id, isList ? LIMITS.rowId : LIMITS.buttonId);
    if (option.description !== undefined)
      within('option description', option.description, LIMITS.rowDescription);
  }
  for (const member of ['id', 'title'] as const) {
    if (new Set(options.map((option) => option[member])).size < options.length)
      found.push(`${member} repeated`);
  }
  return found;
}

/** What a person reads of a message, without its choices. */
export function wordsOf(message: OutgoingMessage): string {
  if (message.kind === 'document') return message.name;
  return message.kind === 'location' ? `${message.name}, ${message.address}` : message.body;
}

/** The beginning of a text. Never cut between the two halves of an emoji. */
export function excerpt(text: string, limit: number): string {
  return text.slice(0, limit).replace(/[\uD800-\uDBFF]$/, '');
}

/** Cut a long text at line ends or spaces into bodies that fit. Only the blank at the cut is lost. */
export function textMessages(body: string): TextMessage[] {
  const messages: TextMessage[] = [];
  let rest = body.trim();
  while (rest.length > LIMITS.textBody) {
    const head = excerpt(rest, LIMITS.textBody);
    const blank = Math.max(head.lastIndexOf('\n'), head.lastIndexOf(' '));
    const cut = blank > 0 ? blank : head.length;
    messages.push({ kind: 'text', body: rest.slice(0, cut).trimEnd() });
    rest = rest.slice(cut).trimStart();
  }
  return [...messages, { kind: 'text', body: rest }];
}
