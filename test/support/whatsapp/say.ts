import { Dice } from './dice.js';
import type { Part } from './envelope.js';
import { webhookError } from './errors.js';
import { FILE, sample, sha256Of, type FileKind, type SentFile } from './files.js';

/** Texts that break programs. */
export const HOSTILE = {
  nul: 'antes\u0000después',
  rightToLeft: 'مرحبا \u202Egnp.otof\u202C עִבְרִית',
  emoji: '👩🏽‍🌾🏴󠁧󠁢󠁳󠁣󠁴󠁿 🇲🇽 ❤️‍🔥',
  zalgo: `d${'\u0301\u0316\u0353'.repeat(40)}enuncia`,
  halfSurrogate: 'roto \ud83d fin',
  long: 'ñ'.repeat(5000),
} as const;

/** A message with a reference to another one. */
const about = (contextId: string, part: Part): Part => ({ ...part, context: { id: contextId } });

/**
 * What a person can send. Each gives the part of a message that `message` completes. Parts with a file carry
 * its bytes too: the stand-in serves them when it delivers the message.
 */
export function sayings(dice: Dice) {
  const media = (file: SentFile, extra: Part): Part => ({
    id: dice.digits(15),
    mime_type: file.mimeType,
    sha256: sha256Of(file.content).toString('base64'),
    ...extra,
    [FILE]: file,
  });
  const own = (kind: FileKind): SentFile => sample(kind, dice.hex(16));
  const captioned = (caption?: string): Part => (caption === undefined ? {} : { caption });
  const voice = (file = own('audio')): Part => ({
    type: 'audio',
    audio: media(file, { voice: true }),
  });
  const image = (caption?: string, file = own('image')): Part => ({
    type: 'image',
    image: media(file, captioned(caption)),
  });
  const unsupported = (code = 131051, kind = 'poll_creation'): Part => ({
    type: 'unsupported',
    errors: [webhookError(code)],
    unsupported: { type: kind },
  });
  return {
    text: (body: string): Part => ({ type: 'text', text: { body } }),
    /** A text that the person passed on; more than five times: `frequently`. */
    forwarded: (part: Part, frequently = false): Part => ({
      ...part,
      context: frequently ? { frequently_forwarded: true } : { forwarded: true },
    }),
    /** An answer that quotes a message. */
    quoting: about,
    tap: (id: string, title: string, contextId?: string): Part => {
      const part = {
        type: 'interactive',
        interactive: { type: 'button_reply', button_reply: { id, title } },
      };
      return contextId === undefined ? part : about(contextId, part);
    },
    pick: (id: string, title: string, contextId?: string): Part => {
      const part = { type: 'interactive', interactive: { type: 'list_reply', list_reply: { id, title } } };
      return contextId === undefined ? part : about(contextId, part);
    },
    /** The quick reply of a template. */
    quickReply: (text: string, payload = text): Part => ({ type: 'button', button: { text, payload } }),
    /** The answers of a Flow. */
    flow: (answers: Part, contextId?: string): Part => {
      const reply = { name: 'flow', body: 'Sent', response_json: JSON.stringify(answers) };
      const part = { type: 'interactive', interactive: { type: 'nfm_reply', nfm_reply: reply } };
      return contextId === undefined ? part : about(contextId, part);
    },
    image,
    video: (caption?: string, file = own('video')): Part => ({
      type: 'video',
      video: media(file, captioned(caption)),
    }),
    voice,
    audio: (file = own('audio')): Part => ({ type: 'audio', audio: media(file, { voice: false }) }),
    document: (filename: string, file = own('document'), caption?: string): Part => ({
      type: 'document',
      document: media(file, { filename, ...captioned(caption) }),
    }),
    sticker: (file = own('sticker')): Part => ({
      type: 'sticker',
      sticker: media(file, { animated: false }),
    }),
    location: (latitude: number, longitude: number, name?: string, address?: string): Part => ({
      type: 'location',
      location: {
        latitude,
        longitude,
        ...(name === undefined ? {} : { name }),
        ...(address === undefined ? {} : { address }),
      },
    }),
    contact: (name: string, phone: string): Part => ({
      type: 'contacts',
      contacts: [
        { name: { formatted_name: name, first_name: name }, phones: [{ phone: `+${phone}`, wa_id: phone }] },
      ],
    }),
    /** The person's own number, which the institution asked for. */
    ownContact: (name: string, phone: string): Part => ({
      type: 'contacts',
      contacts: [
        {
          vcard: `BEGIN:VCARD\nVERSION:3.0\nFN:${name}\nTEL;type=MOBILE;waid=${phone}:+${phone}\nEND:VCARD`,
          origin: 'contact_request',
          phones: [{ phone: `+${phone}`, wa_id: phone, type: 'MOBILE' }],
        },
      ],
    }),
    /** @param emoji empty: the person takes the reaction back */
    reaction: (messageId: string, emoji: string): Part => ({
      type: 'reaction',
      reaction: { message_id: messageId, ...(emoji === '' ? {} : { emoji }) },
    }),
    edit: (originalId: string, part: Part): Part => ({
      type: 'edit',
      edit: { original_message_id: originalId, message: { context: { id: originalId }, ...part } },
    }),
    revoke: (originalId: string): Part => ({
      type: 'revoke',
      revoke: { original_message_id: originalId },
    }),
    unsupported,
    /** A photo that may be looked at once: businesses do not get it. */
    viewOnce: (): Part => unsupported(131060, 'media_placeholder'),
    /** A file of more than 100 MB. */
    tooLarge: (): Part => unsupported(131052, 'media_placeholder'),
    /** Seen in production: the tap on a button without the button. */
    brokenTap: (): Part => ({ type: 'interactive', errors: [webhookError(131051)] }),
    order: (): Part => ({
      type: 'order',
      order: { catalog_id: dice.digits(15), text: '', product_items: [] },
    }),
    changedNumber: (to: string): Part => ({
      type: 'system',
      system: { type: 'user_changed_number', wa_id: to, body: `A person changed to ${to}` },
    }),
    changedUserId: (to: { phone?: string; bsuid: string; parentBsuid?: string }): Part => ({
      type: 'system',
      system: {
        type: 'user_changed_user_id',
        body: 'A person has other ids',
        ...(to.phone === undefined ? {} : { wa_id: to.phone }),
        user_id: to.bsuid,
        ...(to.parentBsuid === undefined ? {} : { parent_user_id: to.parentBsuid }),
      },
    }),
    changedIdentity: (hash: string, at = Math.floor(Date.now() / 1000)): Part => ({
      type: 'system',
      system: {
        type: 'customer_identity_changed',
        body: 'A person has another key',
        identity: { acknowledged: false, created_timestamp: String(at), hash },
      },
    }),
    /** An album: Meta sends every photo as a message of its own. */
    album: (photos: number): Part[] => Array.from({ length: photos }, () => image()),
  };
}

export type Sayings = ReturnType<typeof sayings>;

/** What a person can send, with ids that no run repeats. */
export const say = sayings(new Dice());
