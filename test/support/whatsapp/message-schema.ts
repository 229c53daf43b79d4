import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import { load } from 'js-yaml';
import { PROJECT } from './project.js';

type Schema = Record<string, unknown>;
type Schemas = Record<string, Schema>;

const EXTRACT = join(PROJECT, 'test/fixtures/whatsapp/meta-openapi-v23-requests/schemas.yaml');
export const BSUID = '^[A-Z]{2}\\.(ENT\\.)?[A-Za-z0-9]{1,128}$';

const text = (maxLength: number): Schema => ({ type: 'string', minLength: 1, maxLength });
const oneOf = (...values: string[]): Schema => ({ type: 'string', enum: values });
const shape = (properties: Schema, required = Object.keys(properties)): Schema => ({
  type: 'object',
  properties,
  required,
});

/**
 * Where the document of v23 is older than the API, or cannot be meant. Each line changes one schema.
 */
const CORRECTIONS: Readonly<Record<string, (schema: Schema, all: Schemas) => void>> = {
  // A business-scoped id may stand in place of the phone, and a reference of ours beside it. No groups.
  BaseMessageProperties: (schema) => {
    Object.assign(schema.properties as Schema, {
      messaging_product: oneOf('whatsapp'),
      recipient_type: oneOf('individual'),
      // Without the plus sign Meta takes the number for one of the business's own country.
      to: { type: 'string', pattern: '^\\+\\d{5,20}$' },
      recipient: { type: 'string', pattern: BSUID },
      biz_opaque_callback_data: text(512),
    });
    schema.required = ['messaging_product', 'recipient_type', 'type'];
    schema.anyOf = [{ required: ['to'] }, { required: ['recipient'] }];
  },
  TextMessage: (schema) => require(schema, 'text', 'body'),
  ReactionMessage: (schema) => require(schema, 'reaction', 'message_id', 'emoji'),
  // Its own examples send numbers, and both are needed.
  LocationMessage: (schema) => {
    const location = partOf(schema, 'location');
    for (const name of ['latitude', 'longitude'])
      (location.properties as Schema)[name] = { type: ['number', 'string'] };
    require(schema, 'location', 'latitude', 'longitude');
  },
  // Newer kinds. A list has room for 4,096 characters.
  InteractiveObject: (schema) => {
    (partsOf(schema).type as { enum: string[] }).enum.push(
      'cta_url',
      'location_request_message',
      'request_contact_info',
    );
  },
  BodyObject: (schema) => {
    partsOf(schema).text = text(4096);
  },
  FooterObject: (schema) => {
    partsOf(schema).text = text(60);
  },
  ActionObject: (schema) => {
    (schema.oneOf as Schema[]).push(
      shape({ name: oneOf('cta_url'), parameters: shape({ display_text: text(20), url: text(2000) }) }),
      shape({ name: oneOf('send_location') }),
      shape({ name: oneOf('request_contact_info') }),
    );
  },
  // Most examples of the document leave the policy out.
  LanguageObject: (schema) => {
    schema.required = ['code'];
  },
  // Its pattern holds numbers of footnotes.
  TemplateComponent: (schema) => {
    partsOf(schema).index = { type: ['string', 'integer'], pattern: '^[0-9]$' };
    partsOf(schema).sub_type = oneOf('quick_reply', 'url', 'catalog', 'flow', 'copy_code');
  },
  // Typing goes with it since 2025.
  MarkMessageRequestPayload: (schema) => {
    Object.assign(partsOf(schema), {
      messaging_product: oneOf('whatsapp'),
      status: oneOf('read'),
      typing_indicator: shape({ type: oneOf('text') }),
    });
    schema.additionalProperties = false;
  },
};

const TYPES: Readonly<Record<string, string>> = {
  text: 'TextMessage',
  audio: 'AudioMessage',
  document: 'DocumentMessage',
  image: 'ImageMessage',
  location: 'LocationMessage',
  video: 'VideoMessage',
  sticker: 'StickerMessage',
  reaction: 'ReactionMessage',
  interactive: 'InteractiveMessage',
  template: 'TemplateMessage',
  contacts: 'ContactsMessage',
};

/** A departure from Meta's document, with the code that Meta answers. */
export interface Departure {
  code: 100 | 131008 | 131009;
  details: string;
}

/** Meta's OpenAPI document v23.0, corrected, as far as the stand-in needs it. */
export class MessageSchema {
  private static shared?: MessageSchema;
  private readonly ajv = new Ajv2020({ strict: false, validateFormats: false });
  private readonly inline: Schemas;

  private constructor() {
    const { components, inline } = load(readFileSync(EXTRACT, 'utf8')) as {
      components: { schemas: Schemas };
      inline: Schemas;
    };
    this.inline = inline;
    for (const [name, correct] of Object.entries(CORRECTIONS))
      correct(components.schemas[name]!, components.schemas);
    for (const schema of Object.values(components.schemas)) close(schema);
    this.ajv.addSchema({ $id: 'meta', components });
  }

  /** Reading and compiling takes a tenth of a second, and nothing of it changes. */
  static get(): MessageSchema {
    return (MessageSchema.shared ??= new MessageSchema());
  }

  /** How a body of `POST /{phone-number-id}/messages` departs from it; undefined when it does not. */
  departureOf(body: Record<string, unknown>): Departure | undefined {
    if ('status' in body) return this.check('MarkMessageRequestPayload', body);
    const name = TYPES[String(body.type)];
    if (name === undefined) return { code: 100, details: `type: ${String(body.type)} is not known` };
    return this.check(name, body);
  }

  /** The same for any schema of the extract. */
  check(name: string, value: unknown): Departure | undefined {
    const validate = this.validator(name);
    if (validate(value)) return undefined;
    return departure(validate.errors ?? []);
  }

  private validator(name: string): ValidateFunction {
    const id = name in this.inline ? `inline/${name}` : `meta#/components/schemas/${name}`;
    if (name in this.inline && !this.ajv.getSchema(id)) this.ajv.addSchema(this.inline[name]!, id);
    const validate = this.ajv.getSchema(id);
    if (!validate) throw new Error(`${name} is not in the extract`);
    return validate;
  }
}

/**
 * The document closes each message before its common members are added, so no message at all would pass.
 * What is meant: the members of all parts, and no other.
 */
function close(schema: Schema): void {
  const parts = schema.allOf as Schema[] | undefined;
  if (!parts?.some((part) => part.$ref === '#/components/schemas/BaseMessageProperties')) return;
  for (const part of parts) delete part.additionalProperties;
  schema.unevaluatedProperties = false;
}

/** The departure that says most: the one that lies deepest. The other choices end above it. */
function departure(errors: readonly ErrorObject[]): Departure {
  const depth = ({ instancePath }: ErrorObject): number => instancePath.split('/').length;
  const plain = errors.filter(({ keyword }) => !/^(oneOf|anyOf)$/.test(keyword));
  const [error = errors[0]] = plain.sort((one, other) => depth(other) - depth(one));
  if (!error) return { code: 100, details: 'The body is not known' };
  const { keyword, instancePath, message = keyword, params } = error;
  const at = instancePath.slice(1).replaceAll('/', '.') || 'body';
  const named = Object.values(params as Record<string, unknown>).filter((value) => typeof value === 'string');
  const details = [`${at}: ${message}`, ...named].join(' ');
  if (keyword === 'required') return { code: 131008, details };
  const unknown = ['additionalProperties', 'unevaluatedProperties', 'type'].includes(keyword);
  return { code: unknown ? 100 : 131009, details };
}

function partsOf(schema: Schema): Schema {
  return schema.properties as Schema;
}

/** The member of a message that carries its content. */
function partOf(schema: Schema, name: string): Schema {
  const own = (schema.allOf as Schema[]).find((part) => part.properties !== undefined)!;
  return (own.properties as Schemas)[name]!;
}

function require(schema: Schema, name: string, ...members: string[]): void {
  partOf(schema, name).required = members;
}
