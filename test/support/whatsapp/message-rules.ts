import type { GraphError } from './errors.js';
import { suits, type MediaStore } from './media.js';

type Json = Record<string, unknown>;

/** An option that the person may tap. */
export interface Option {
  id: string;
  title: string;
  description?: string;
}

/**
 * What the documentation asks beyond the schemas (limits of text, buttons, lists, captions), and what needs
 * memory: whether a file exists, whether a message was ever received.
 */
export class MessageRules {
  constructor(
    private readonly media: MediaStore,
    private readonly knows: (messageId: string) => boolean,
  ) {}

  /** Why Meta would refuse a message whose shape is right; undefined when it would not. */
  faultOf(body: Json): GraphError | undefined {
    if ('status' in body) return this.ofKnown(body.message_id);
    switch (body.type) {
      case 'text':
        return limits([textOf(body.text, 'body'), 4096, 'text.body']);
      case 'interactive':
        return faultOfInteractive(record(body.interactive));
      case 'reaction':
        return this.ofKnown(record(body.reaction).message_id);
      case 'image':
      case 'video':
      case 'audio':
      case 'document':
      case 'sticker':
        return this.faultOfMedia(body.type, record(body[body.type]));
      default:
        return undefined;
    }
  }

  private ofKnown(messageId: unknown): GraphError | undefined {
    if (this.knows(String(messageId))) return undefined;
    return { code: 131009, details: 'The message id is not one of a message that was received' };
  }

  private faultOfMedia(type: string, part: Json): GraphError | undefined {
    const { caption, filename } = part;
    const captions = type === 'image' || type === 'video' || type === 'document';
    if (caption !== undefined && !captions)
      return { code: 100, details: `A message of type ${type} has no caption` };
    if (filename !== undefined && type !== 'document')
      return { code: 100, details: `A message of type ${type} has no filename` };
    const fault = caption === undefined ? undefined : limits([caption, 1024, `${type}.caption`]);
    if (fault || part.id === undefined) return fault;
    const media = this.media.find(String(part.id));
    if (!media) return { code: 100, details: `${type}.id: there is no such file` };
    return suits(type, media.file)
      ? undefined
      : { code: 131053, details: `${media.file.mimeType} cannot be sent as ${type}` };
  }
}

/** The options of an interactive message: buttons or rows. */
export function optionsOf(interactive: Json): Option[] {
  const { buttons, sections } = record(interactive.action) as {
    buttons?: { reply?: Json }[];
    sections?: { rows?: Json[] }[];
  };
  const rows = sections?.flatMap((section) => section.rows ?? []);
  const options = rows ?? buttons?.map((button) => button.reply ?? {}) ?? [];
  return options.map(({ id, title, description }) => ({
    id: String(id ?? ''),
    title: String(title ?? ''),
    ...(typeof description === 'string' ? { description } : {}),
  }));
}

const ACTIONS: Readonly<Record<string, string>> = {
  button: 'buttons',
  list: 'sections',
  cta_url: 'cta_url',
  flow: 'flow',
  location_request_message: 'send_location',
  request_contact_info: 'request_contact_info',
};

function faultOfInteractive(interactive: Json): GraphError | undefined {
  const { type, body, footer, header } = interactive;
  const action = record(interactive.action);
  const wanted = ACTIONS[String(type)];
  if (wanted === undefined) return { code: 100, details: `interactive.type: ${String(type)} is not taken` };
  if (!(wanted in action) && action.name !== wanted)
    return { code: 131009, details: `interactive.action does not suit the type ${String(type)}` };
  if (body === undefined) return { code: 131008, details: 'interactive.body is required' };
  const { type: headerType, text: headerText } = record(header);
  if (headerType !== undefined && headerType !== 'text' && type === 'list')
    return { code: 131009, details: 'The header of a list is a text' };
  return (
    limits(
      [textOf(body, 'text'), type === 'list' ? 4096 : 1024, 'interactive.body'],
      ...(footer === undefined ? [] : [[textOf(footer, 'text'), 60, 'interactive.footer'] as const]),
      ...(headerType === 'text' ? [[headerText, 60, 'interactive.header'] as const] : []),
    ) ?? (type === 'button' || type === 'list' ? faultOfOptions(interactive, type === 'list') : undefined)
  );
}

function faultOfOptions(interactive: Json, isList: boolean): GraphError | undefined {
  const options = optionsOf(interactive);
  const { sections = [], button } = record(interactive.action) as { sections?: Json[]; button?: unknown };
  if (options.length < 1 || options.length > (isList ? 10 : 3))
    return { code: 131009, details: `A message has 1 to ${isList ? '10 rows in all' : '3 buttons'}` };
  if (sections.length > 1 && sections.some(({ title }) => title === undefined))
    return { code: 131009, details: 'Every section needs a title when there are several' };
  const titles = new Set(options.map(({ title }) => title));
  const ids = new Set(options.map(({ id }) => id));
  // Rows of different sections may have one title; no two options may have one id.
  if (ids.size < options.length || (titles.size < options.length && !(isList && sections.length > 1)))
    return { code: 131009, details: 'Options repeat' };
  return limits(
    ...(isList ? [[button, 20, 'action.button'] as const] : []),
    ...options.flatMap(({ id, title, description }) => [
      [id, isList ? 200 : 256, 'option.id'] as const,
      [title, isList ? 24 : 20, 'option.title'] as const,
      ...(description === undefined ? [] : [[description, 72, 'option.description'] as const]),
    ]),
  );
}

/** Meta does not say how it counts. UTF-16 units are the larger count, so what passes here passes there. */
function limits(...checks: readonly (readonly [unknown, number, string])[]): GraphError | undefined {
  const broken = checks.find(
    ([text, most]) => typeof text !== 'string' || text.trim() === '' || text.length > most,
  );
  return broken && { code: 131009, details: `${broken[2]} has 1 to ${broken[1]} characters` };
}

function textOf(value: unknown, name: string): unknown {
  return record(value)[name];
}

function record(value: unknown): Json {
  return typeof value === 'object' && value !== null ? (value as Json) : {};
}
