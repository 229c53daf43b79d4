import type { StandinClock } from './clock.js';
import { DAY, HOUR } from './clock.js';
import type { Dice } from './dice.js';
import { sha256Of, sizeOf, type SentFile } from './files.js';
import type { BusinessNumber } from './people.js';

const URL_LIFE = 5 * 60_000;

/** Largest file of each kind that a business may upload, with the types that are taken. */
const UPLOADS: readonly { kind: string; types: RegExp; most: number }[] = [
  { kind: 'image', types: /^image\/(jpeg|png)$/, most: 5 * 2 ** 20 },
  { kind: 'sticker', types: /^image\/webp$/, most: 500 * 2 ** 10 },
  { kind: 'audio', types: /^audio\/(aac|amr|mpeg|mp4|ogg(; ?codecs=opus)?)$/, most: 16 * 2 ** 20 },
  { kind: 'video', types: /^video\/(mp4|3gpp)$/, most: 16 * 2 ** 20 },
  { kind: 'document', types: /^(text\/plain|application\/[\w.+-]+)$/, most: 100 * 2 ** 20 },
];

/** A file that has an id. */
export interface Media {
  id: string;
  file: SentFile;
  phoneNumberId: string;
  sha256: Buffer;
  expiresAt: number;
}

/** The files that people sent and the institution uploaded, with their ids and short-lived addresses. */
export class MediaStore {
  private readonly kept = new Map<string, Media>();
  private readonly removed = new Map<string, Media>();
  private readonly addresses = new Map<string, { id: string; expiresAt: number }>();

  constructor(
    private readonly clock: StandinClock,
    private readonly dice: Dice,
    /** Whether Meta keeps nothing at rest for a number: ids live an hour. */
    private readonly keepsNothing: (phoneNumberId: string) => boolean,
  ) {}

  /** A file of a webhook: its id lives seven days. */
  receive(number: Pick<BusinessNumber, 'phoneNumberId'>, id: string, file: SentFile): Media {
    return this.keep(number.phoneNumberId, id, file, 7 * DAY);
  }

  /** A file that the institution uploaded: its id lives thirty days. */
  upload(number: Pick<BusinessNumber, 'phoneNumberId'>, file: SentFile): Media {
    return this.keep(number.phoneNumberId, this.dice.digits(15), file, 30 * DAY);
  }

  /** Undefined when there is none, or its id has expired. */
  find(id: string): Media | undefined {
    const media = this.kept.get(id);
    return media && media.expiresAt > this.clock.now() ? media : undefined;
  }

  /** The same, also when the id has expired or was removed. */
  everKept(id: string): Media | undefined {
    return this.kept.get(id) ?? this.removed.get(id);
  }

  remove(id: string): void {
    const media = this.kept.get(id);
    if (media) this.removed.set(id, media);
    this.kept.delete(id);
  }

  /** Path and query of an address that gives the bytes for five minutes. */
  addressOf({ id }: Media): string {
    const expiresAt = this.clock.now() + URL_LIFE;
    const hash = this.dice.trace();
    this.addresses.set(hash, { id, expiresAt });
    const query = new URLSearchParams({
      mid: id,
      source: 'getMedia',
      ext: String(Math.floor(expiresAt / 1000)),
      hash,
    });
    return `/lookaside/whatsapp_business/attachments/?${query.toString()}`;
  }

  /** What an address stands for; undefined when it has expired, or the file has. */
  behind(query: URLSearchParams): Media | undefined {
    const address = this.addresses.get(query.get('hash') ?? '');
    if (!address || address.id !== query.get('mid') || address.expiresAt <= this.clock.now())
      return undefined;
    return this.find(address.id);
  }

  private keep(phoneNumberId: string, id: string, file: SentFile, life: number): Media {
    const expiresAt = this.clock.now() + (this.keepsNothing(phoneNumberId) ? HOUR : life);
    const media = { id, file, phoneNumberId, sha256: sha256Of(file.content), expiresAt };
    this.kept.set(id, media);
    return media;
  }
}

/** Why Meta would not take an upload; undefined when it would. */
export function uploadFault({ content, mimeType }: SentFile): string | undefined {
  const rule = UPLOADS.find(({ types }) => types.test(mimeType));
  if (!rule) return `Files of type ${mimeType} are not taken`;
  return sizeOf(content) > rule.most ? `A file of kind ${rule.kind} may have ${rule.most} bytes` : undefined;
}

/** Whether a file may be sent as a message of this type. */
export function suits(type: string, { mimeType }: SentFile): boolean {
  if (type === 'document') return true;
  return UPLOADS.some(({ kind, types }) => kind === type && types.test(mimeType));
}
