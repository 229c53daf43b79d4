import type { Acquaintance } from './acquaintances.js';
import type { Part } from './envelope.js';
import { FILE, sample, type FileKind, type SentFile } from './files.js';
import type { Json } from './http.js';
import type { Account } from './numbers.js';
import { HOSTILE } from './say.js';
import type { WhatsAppStandin } from './standin.js';

/** A request of the control API that cannot be carried out, with the reason for people. */
export class ControlError extends Error {
  constructor(
    message: string,
    readonly status = 400,
  ) {
    super(message);
  }
}

/** What somebody says, as the control API describes it: `{kind: 'image', file: 'f1', caption: '…'}`. */
export type Description = Json & { kind?: unknown };

/** Makes parts of messages of what the control API was told. */
export class Speaker {
  constructor(
    private readonly standin: WhatsAppStandin,
    /** Files that were brought to the control API, by their id. */
    private readonly files: ReadonlyMap<string, SentFile>,
  ) {}

  /** @throws ControlError */
  partsOf(description: Description, known: Acquaintance, account: Account): Part[] {
    const { words } = this.standin;
    if (description.kind === 'album') return words.album(Number(description.count ?? 2));
    return [this.partOf(description, known, account)];
  }

  private partOf(description: Description, known: Acquaintance, account: Account): Part {
    const { words } = this.standin;
    const text = (name: string): string => required(description, name);
    const maybe = (name: string): string | undefined => optional(description, name);
    switch (description.kind) {
      case 'text':
        return words.text(text('body'));
      case 'hostile':
        return words.text(HOSTILE[text('which') as keyof typeof HOSTILE] ?? refuse('which is not known'));
      case 'image':
        return words.image(maybe('caption'), this.fileOf(description, 'image'));
      case 'video':
        return words.video(maybe('caption'), this.fileOf(description, 'video'));
      case 'voice':
        return words.voice(this.fileOf(description, 'audio'));
      case 'audio':
        return words.audio(this.fileOf(description, 'audio'));
      case 'sticker':
        return words.sticker(this.fileOf(description, 'sticker'));
      case 'document': {
        const file = this.fileOf(description, 'document');
        return words.document(maybe('filename') ?? file.filename ?? 'documento.pdf', file, maybe('caption'));
      }
      case 'location':
        return words.location(
          number(description, 'latitude'),
          number(description, 'longitude'),
          maybe('name'),
          maybe('address'),
        );
      case 'contact':
        return words.contact(text('name'), text('phone'));
      case 'own_contact':
        return words.ownContact(known.person.name ?? 'Persona', known.person.phone);
      case 'reaction':
        return words.reaction(text('to'), maybe('emoji') ?? '');
      case 'tap':
        return this.tap(description, known, account);
      case 'quick_reply':
        return words.quickReply(text('text'), maybe('payload'));
      case 'flow':
        return words.flow((description.answers ?? {}) as Json, maybe('message'));
      case 'edit':
        return words.edit(text('of'), this.edited(text('of'), text('body')));
      case 'revoke':
        return words.revoke(text('of'));
      case 'view_once':
        return words.viewOnce();
      case 'too_large':
        return words.tooLarge();
      case 'unsupported':
        return words.unsupported(description.code === undefined ? undefined : number(description, 'code'));
      case 'broken_tap':
        return words.brokenTap();
      case 'order':
        return words.order();
      case 'identity':
        return words.changedIdentity(text('hash'), this.standin.clock.seconds());
      case 'forwarded': {
        const inner = this.partOf((description.part ?? {}) as Description, known, account);
        return words.forwarded(inner, description.frequently === true);
      }
      case 'quoting': {
        const inner = this.partOf((description.part ?? {}) as Description, known, account);
        return words.quoting(text('message'), inner);
      }
      case 'raw':
        return (description.part ?? {}) as Part;
      default:
        return refuse(`kind ${String(description.kind)} is not known`);
    }
  }

  /** The newest button or row with this id or title that the person was offered. */
  private tap(description: Description, known: Acquaintance, account: Account): Part {
    const [id, title, message] = ['id', 'title', 'message'].map((name) => optional(description, name));
    const offered = this.standin
      .sentTo(known.person)
      .filter((sent) => sent.phoneNumberId === account.phoneNumberId)
      .filter((sent) => message === undefined || sent.id === message);
    const matches = offered.flatMap((sent) => sent.options.map((option) => ({ sent, option })));
    const match = matches.findLast(({ option }) =>
      id === undefined ? unnumbered(option.title) === title : option.id === id,
    );
    if (!match) return refuse(`${title ?? id ?? 'nothing'} was never offered`);
    const { sent, option } = match;
    const say = sent.type === 'list' ? this.standin.words.pick : this.standin.words.tap;
    return say(option.id, option.title, sent.id);
  }

  /** The message as it reads now: another text, or another caption below the same file. */
  private edited(id: string, body: string): Part {
    const original = this.standin.parts.get(id) ?? refuse('of is no message of a person');
    const type = String(original.type);
    if (type === 'text') return this.standin.words.text(body);
    const content = original[type] as Part & { [FILE]?: SentFile };
    if (content[FILE] === undefined) return refuse(`a message of type ${type} cannot be edited`);
    return { type, [type]: { ...content, caption: body } };
  }

  private fileOf(description: Description, kind: FileKind): SentFile {
    const id = optional(description, 'file');
    if (id === undefined) return sample(kind, this.standin.dice.hex(16));
    return this.files.get(id) ?? refuse('file is not known');
  }
}

/** The rows of a list may carry the number that can be typed instead. */
function unnumbered(title: string): string {
  return title.replace(/^\d+\. /, '');
}

export function required(from: Json, name: string): string {
  const value = from[name];
  return typeof value === 'string' && value !== '' ? value : refuse(`${name} is missing`);
}

export function optional(from: Json, name: string): string | undefined {
  const value = from[name];
  if (value === undefined || value === null || value === '') return undefined;
  return typeof value === 'string' ? value : refuse(`${name} is no text`);
}

export function number(from: Json, name: string): number {
  const value = Number(from[name]);
  return Number.isFinite(value) && from[name] !== null ? value : refuse(`${name} is no number`);
}

function refuse(why: string): never {
  throw new ControlError(why);
}
