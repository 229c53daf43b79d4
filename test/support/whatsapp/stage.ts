import { fetched } from '../calls.js';
import type { Part } from './envelope.js';
import type { Json } from './http.js';
import type { Person } from './people.js';
import { Receiver } from './receiver.js';
import { WhatsAppStandin, type StandinOptions } from './standin.js';

export const ANA: Person = {
  phone: '5215512345678',
  bsuid: 'MX.13491208655302741918',
  name: 'Ana Ñandú',
};

export const TO_ANA = {
  messaging_product: 'whatsapp',
  recipient_type: 'individual',
  to: `+${ANA.phone}`,
};

export interface Answer {
  status: number;
  headers: Headers;
  body: Json;
}

/** A stand-in, and a receiver in place of the service: for tests of the stand-in itself. */
export class Stage {
  graph!: WhatsAppStandin;
  receiver!: Receiver;
  private readonly started: WhatsAppStandin[] = [];

  async open(): Promise<void> {
    this.receiver = await Receiver.start();
    this.graph = await this.start();
  }

  async close(): Promise<void> {
    for (const standin of this.started.splice(0)) await standin.stop();
    await this.receiver.stop();
  }

  /** Another stand-in, which ends with the stage. */
  async start(options: StandinOptions = {}): Promise<WhatsAppStandin> {
    const standin = await WhatsAppStandin.start(options);
    this.started.push(standin);
    return standin;
  }

  /** Ends one before the others. */
  async stop(standin: WhatsAppStandin): Promise<void> {
    this.started.splice(this.started.indexOf(standin), 1);
    await standin.stop();
  }

  /** A call of the Graph API, as a program of the institution makes it. */
  readonly call = async (
    method: string,
    path: string,
    { body, token = this.graph.accessToken }: { body?: Json | FormData; token?: string } = {},
  ): Promise<Answer> => {
    const isForm = body instanceof FormData;
    const response = await fetched(`${this.graph.url}/v25.0/${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined || isForm ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: isForm ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text === '' ? {} : readJson(text) };
  };

  /** A message to Ana. */
  readonly send = (more: Json): Promise<Answer> =>
    this.call('POST', `${this.graph.number.phoneNumberId}/messages`, { body: { ...TO_ANA, ...more } });
}

export const text = (body = 'Hola'): Json => ({ type: 'text', text: { body } });

export const interactive = (more: Json): Json => ({
  type: 'interactive',
  interactive: { body: { text: '¿Qué sigue?' }, ...more },
});

/** A message outside of any window. */
export const TEMPLATE = {
  type: 'template',
  template: { name: 'actualizacion_folio', language: { code: 'es_MX' } },
};

export function codeOf({ body }: Answer): unknown {
  return (body.error as Json | undefined)?.code;
}

/** The file of a message that came. */
export function fileIn(part: Part | undefined): Json {
  return (part?.[String(part.type)] ?? {}) as Json;
}

/** How many bytes an answer has, without keeping them. */
export async function lengthOf(
  url: string,
  headers: Record<string, string>,
): Promise<{ told: string | null; came: number }> {
  const response = await fetch(url, { headers });
  let came = 0;
  for await (const chunk of response.body!) came += (chunk as Uint8Array).length;
  return { told: response.headers.get('content-length'), came };
}

function readJson(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return { text };
  }
}
