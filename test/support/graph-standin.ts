import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, Server as TlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Certificate } from './certificates.js';
import {
  deliver,
  message,
  messagesWebhook,
  signed,
  statusWebhook,
  wamid,
  type BusinessNumber,
  type Person,
} from './whatsapp-webhooks.js';

type Json = Record<string, unknown>;

/** A message that the stand-in took. */
export interface SentMessage {
  id: string;
  /** The phone with `+`, or the business-scoped id. */
  address: string;
  type: string;
  /** What the person reads. */
  text: string;
  options: { id: string; title: string }[];
  opaque?: string;
  body: Json;
}

/**
 * What happens to the next message instead of being taken: a code of Meta's; a 500 before or after taking it;
 * an answer that never comes although it was taken; an answer that is no JSON; a redirect.
 */
export type Fault =
  | { code: number; status?: number }
  | 'error_before_accepting'
  | 'error_after_accepting'
  | 'timeout_after_accepting'
  | 'garbage'
  | 'redirect';

export interface StandinOptions extends Partial<BusinessNumber> {
  accessToken?: string;
  appSecret?: string;
  /** Speaks TLS with it, as Graph does. */
  certificate?: Certificate;
}

/**
 * The Graph API of WhatsApp's Cloud API on 127.0.0.1, as far as this service uses it: takes messages, checks
 * them as strictly as Meta documents, answers in Meta's shapes, fails on demand, and sends signed webhooks.
 */
export class GraphStandin {
  readonly sent: SentMessage[] = [];
  readonly accessToken: string;
  readonly appSecret: string;
  readonly number: BusinessNumber;
  private readonly faults: Fault[] = [];
  private readonly waiting = new Set<() => void>();

  private constructor(
    private readonly server: Server,
    options: StandinOptions,
  ) {
    this.accessToken = options.accessToken ?? 'standin-access-token';
    this.appSecret = options.appSecret ?? 'standin-app-secret';
    this.number = {
      phoneNumberId: options.phoneNumberId ?? '100000000000001',
      displayPhoneNumber: options.displayPhoneNumber ?? '525550000001',
      accountId: options.accountId ?? '200000000000001',
    };
  }

  static async start(options: StandinOptions = {}): Promise<GraphStandin> {
    const server = options.certificate ? createTlsServer(options.certificate) : createServer();
    const standin = new GraphStandin(server, options);
    server.on('request', (request, response) => {
      // A client that hangs up while it sends is no failure of the stand-in.
      standin.handle(request, response).catch(() => response.destroy());
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return standin;
  }

  get url(): string {
    return `${this.server instanceof TlsServer ? 'https' : 'http'}://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    this.server.closeAllConnections();
    await closed;
  }

  /** Shows another certificate to whoever connects from now on. */
  show(certificate: Certificate): void {
    if (this.server instanceof TlsServer) this.server.setSecureContext(certificate);
  }

  /** Queues faults: one for each of the next messages. */
  fail(...faults: readonly Fault[]): void {
    this.faults.push(...faults);
  }

  sentTo(person: Person): SentMessage[] {
    return this.sent.filter(({ address }) => address === `+${person.phone}` || address === person.bsuid);
  }

  /** Resolves as soon as so many messages were taken in all; rejects after `timeoutMs`. */
  async waitForSent(count: number, timeoutMs = 10_000): Promise<SentMessage[]> {
    if (this.sent.length >= count) return this.sent;
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.waiting.delete(check);
        reject(new Error(`${this.sent.length} of ${count} messages were sent`));
      }, timeoutMs);
      const check = (): void => {
        if (this.sent.length < count) return;
        clearTimeout(timer);
        this.waiting.delete(check);
        resolve();
      };
      this.waiting.add(check);
    });
    return this.sent;
  }

  /**
   * Sends one webhook with what a person says, all in one change; gives the message ids and the HTTP status.
   */
  async say(
    url: string,
    person: Person,
    ...parts: readonly Json[]
  ): Promise<{ status: number; ids: string[] }> {
    const messages = parts.map((part) => message(person, part));
    const status = await this.deliver(url, messagesWebhook(this.number, person, messages));
    return { status, ids: messages.map(({ id }) => id) };
  }

  /** Reports what became of a message we took. */
  async report(
    url: string,
    person: Person,
    sent: SentMessage,
    status: 'sent' | 'delivered' | 'read',
  ): Promise<number> {
    return this.deliver(url, statusWebhook(this.number, person, sent, status));
  }

  async deliver(url: string, body: unknown): Promise<number> {
    return deliver(url, signed(body, this.appSecret));
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = parse(await read(request));
    const refusal = this.refusal(request, body);
    if (refusal) return refuse(response, refusal.status, refusal.code, refusal.why);
    const fault = this.faults.shift();
    if (typeof fault === 'object') return refuse(response, fault.status ?? 400, fault.code, 'On demand');
    if (fault === 'error_before_accepting') return refuse(response, 500, 131000, 'Something went wrong');
    if (fault === 'redirect') return void response.writeHead(302, { location: this.url }).end();
    const sent = this.take(body);
    if (fault === 'timeout_after_accepting') return;
    if (fault === 'error_after_accepting') return void response.writeHead(502).end();
    if (fault === 'garbage') return void response.writeHead(200).end('<html></html>');
    const phone = /^\+(\d+)$/.exec(sent.address)?.[1];
    answer(response, 200, {
      messaging_product: 'whatsapp',
      contacts: [
        { input: sent.address, ...(phone === undefined ? { user_id: sent.address } : { wa_id: phone }) },
      ],
      messages: [{ id: sent.id }],
    });
  }

  private refusal(
    request: IncomingMessage,
    body: Json,
  ): { status: number; code: number; why: string } | undefined {
    if (request.headers.authorization !== `Bearer ${this.accessToken}`) {
      return { status: 401, code: 190, why: 'Invalid OAuth access token' };
    }
    const [, version = '', phoneNumberId, edge] = (request.url ?? '').split('/');
    if (!/^v\d+\.\d+$/.test(version) || phoneNumberId !== this.number.phoneNumberId || edge !== 'messages') {
      return { status: 400, code: 100, why: 'Unsupported post request' };
    }
    if (
      request.method !== 'POST' ||
      !(request.headers['content-type'] ?? '').startsWith('application/json')
    ) {
      return { status: 400, code: 100, why: 'Unsupported request' };
    }
    const why = faultOf(body);
    return why === undefined ? undefined : { status: 400, code: 131009, why };
  }

  private take(body: Json): SentMessage {
    const address = String(body.to ?? body.recipient);
    const interactive = (body.interactive ?? {}) as Json;
    const sent: SentMessage = {
      id: wamid(address.replace(/\D/g, '') || '0', 'out'),
      address,
      type: String(interactive.type ?? body.type),
      text: String(((body.text ?? {}) as Json).body ?? ((interactive.body ?? {}) as Json).text),
      options: optionsOf(interactive),
      body,
    };
    if (typeof body.biz_opaque_callback_data === 'string') sent.opaque = body.biz_opaque_callback_data;
    this.sent.push(sent);
    for (const check of this.waiting) check();
    return sent;
  }
}

const ALLOWED = new Set([
  ...['messaging_product', 'recipient_type', 'to', 'recipient', 'type', 'text', 'interactive'],
  ...['context', 'biz_opaque_callback_data'],
]);

/** Why Meta would refuse this message, by the documented shapes and limits; undefined when it is right. */
function faultOf(body: Json): string | undefined {
  const stranger = Object.keys(body).find((key) => !ALLOWED.has(key));
  if (stranger !== undefined) return `Unexpected key ${stranger}`;
  if (body.messaging_product !== 'whatsapp' || body.recipient_type !== 'individual')
    return 'messaging_product';
  if (body.to === undefined && body.recipient === undefined) return 'to or recipient is required';
  // Without the plus sign Meta takes the number for one of the business's own country.
  if (body.to !== undefined && !/^\+\d{5,20}$/.test(String(body.to))) return 'to';
  if (
    body.recipient !== undefined &&
    !/^[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}$/.test(String(body.recipient))
  ) {
    return 'recipient';
  }
  if (String(body.biz_opaque_callback_data ?? '').length > 512) return 'biz_opaque_callback_data';
  if (body.type === 'text') return fits(((body.text ?? {}) as Json).body, 4096) ? undefined : 'text.body';
  if (body.type !== 'interactive') return 'type';
  const interactive = (body.interactive ?? {}) as Json;
  const isList = interactive.type === 'list';
  const action = (interactive.action ?? {}) as Json;
  const options = optionsOf(interactive);
  if (!isList && interactive.type !== 'button') return 'interactive.type';
  if (!fits(((interactive.body ?? {}) as Json).text, isList ? 4096 : 1024)) return 'interactive.body';
  if (interactive.footer !== undefined && !fits((interactive.footer as Json).text, 60))
    return 'interactive.footer';
  if (isList && !fits(action.button, 20)) return 'action.button';
  if (options.length < 1 || options.length > (isList ? 10 : 3)) return 'number of options';
  if (!options.every(({ id, title }) => fits(id, isList ? 200 : 256) && fits(title, isList ? 24 : 20)))
    return 'option';
  const titles = new Set(options.map(({ title }) => title));
  const ids = new Set(options.map(({ id }) => id));
  return titles.size < options.length || ids.size < options.length ? 'options repeat' : undefined;
}

function optionsOf(interactive: Json): { id: string; title: string }[] {
  const action = (interactive.action ?? {}) as {
    buttons?: { reply?: Json }[];
    sections?: { rows?: Json[] }[];
  };
  const rows = action.sections?.flatMap((section) => section.rows ?? []);
  const options = rows ?? action.buttons?.map((button) => button.reply ?? {}) ?? [];
  return options.map(({ id, title }) => ({ id: String(id ?? ''), title: String(title ?? '') }));
}

function fits(text: unknown, limit: number): boolean {
  return typeof text === 'string' && text !== '' && text.length <= limit;
}

function refuse(response: ServerResponse, status: number, code: number, why: string): void {
  const error = {
    message: `(#${code}) ${why}`,
    type: 'OAuthException',
    code,
    error_data: { messaging_product: 'whatsapp', details: why },
    fbtrace_id: randomUUID(),
  };
  answer(response, status, { error });
}

function answer(response: ServerResponse, status: number, body: Json): void {
  response.writeHead(status, {
    'content-type': 'application/json; charset=UTF-8',
    'facebook-api-version': 'v25.0',
    'x-fb-request-id': randomUUID(),
  });
  response.end(JSON.stringify(body));
}

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

function parse(text: string): Json {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Json) : {};
  } catch {
    return {};
  }
}
