import { asList, asNumber, asRecord, asText } from '../../../platform/json-reading.js';
import type { OutgoingMessage } from '../bot/messages.js';
import { NotConnected, post } from './exchange.js';
import { decisionFor, type SendOutcome } from './graph-errors.js';
import type { ReplyAddress } from './sender.js';

export interface GraphOptions {
  /** `https://graph.facebook.com`, or a stand-in. */
  baseUrl: string;
  /** For example `v25.0`. A Graph version lives about two years, so the version is configuration. */
  apiVersion: string;
  accessToken: string;
  phoneNumberId: string;
  /** Limit for the whole exchange, body included; 10 s when absent. */
  timeoutMs?: number;
}

/**
 * `opaque` comes back in the statuses of the message. It is a random outbox id of at most 512 characters,
 * without personal data.
 */
export type SendCommand = ReplyAddress & { message: OutgoingMessage; opaque: string };

/**
 * What became of a message. `not_connected`: no byte of it left, because name, network, port or certificate
 * failed. Repeat it later. The code is then the system's or that of TLS.
 */
export type SendResult =
  | { ok: true; messageId: string }
  | { ok: false; outcome: SendOutcome; code?: number }
  | { ok: false; outcome: 'not_connected'; code: string };

/**
 * Statuses of a gateway in front of Graph that passes nothing on: a proxy that wants a login, a captive
 * portal, a wrong host.
 */
const GATEWAY_STATUSES: ReadonlySet<number> = new Set([401, 403, 404, 405, 407, 421, 451, 511]);

/**
 * Sends messages through the Cloud API. Returns what became of each message. Logs nothing, so that URL, token
 * and text stay here.
 */
export class GraphClient {
  private readonly url: string;

  constructor(private readonly options: GraphOptions) {
    const base = options.baseUrl.replace(/\/+$/, '');
    this.url = `${base}/${options.apiVersion}/${encodeURIComponent(options.phoneNumberId)}/messages`;
  }

  /** Never throws. An `ok` means accepted by Meta, not delivered. */
  async sendMessage(command: SendCommand): Promise<SendResult> {
    try {
      const { status, body } = await post({
        url: this.url,
        headers: { authorization: `Bearer ${this.options.accessToken}`, 'content-type': 'application/json' },
        body: JSON.stringify(toGraphBody(command)),
        timeoutMs: this.options.timeoutMs ?? 10_000,
      });
      return readAnswer(status, parse(body));
    } catch (error) {
      if (error instanceof NotConnected) return { ok: false, outcome: 'not_connected', code: error.code };
      return { ok: false, outcome: 'unknown' };
    }
  }
}

/** The body of `POST /{phone-number-id}/messages`. */
export function toGraphBody({ message, opaque, ...address }: SendCommand): Record<string, unknown> {
  return {
    messaging_product: 'whatsapp',
    recipient_type: 'individual',
    // The plus sign is needed: without it Meta prepends the country code of the business number.
    ...('to' in address ? { to: `+${address.to.replace(/^\+/, '')}` } : { recipient: address.recipient }),
    ...content(message),
    biz_opaque_callback_data: opaque,
  };
}

function content(message: OutgoingMessage): Record<string, unknown> {
  // No preview: a preview would make Meta fetch the page.
  if (message.kind === 'text') return { type: 'text', text: { body: message.body, preview_url: false } };
  // Meta fetches the document itself, from its public address.
  if (message.kind === 'document')
    return { type: 'document', document: { link: message.url, filename: message.name } };
  if (message.kind === 'location') {
    const { latitude, longitude, name, address } = message;
    return { type: 'location', location: { latitude, longitude, name, address } };
  }
  const footer = message.footer === undefined ? {} : { footer: { text: message.footer } };
  const action =
    message.kind === 'buttons'
      ? { buttons: message.buttons.map(({ id, title }) => ({ type: 'reply', reply: { id, title } })) }
      : {
          button: message.button,
          sections: [
            {
              rows: message.rows.map(({ id, title, description }) => ({
                id,
                title,
                ...(description === undefined ? {} : { description }),
              })),
            },
          ],
        };
  const type = message.kind === 'buttons' ? 'button' : 'list';
  return { type: 'interactive', interactive: { type, body: { text: message.body }, ...footer, action } };
}

function readAnswer(status: number, body: unknown): SendResult {
  const messageId = asText(asRecord(asList(asRecord(body).messages)[0]).id);
  if (status === 200 && messageId !== undefined) return { ok: true, messageId };
  // Only the code decides, never the text. The code comes before the HTTP status, because Meta does not
  // document the statuses.
  const code = asNumber(asRecord(asRecord(body).error).code);
  if (code !== undefined) return { ok: false, outcome: decisionFor(code).outcome, code };
  return { ok: false, outcome: outcomeOfStatus(status) };
}

/** An answer without a code does not come from Graph. It comes from a proxy, a gateway or a wrong address. */
function outcomeOfStatus(status: number): SendOutcome {
  if (status === 429) return 'retry';
  if (GATEWAY_STATUSES.has(status)) return 'channel_down';
  if (status >= 500 || (status >= 200 && status < 300)) return 'unknown';
  // Graph never redirects. Do not follow a redirect, because this would give the token to somebody else.
  return status < 400 ? 'channel_down' : 'rejected';
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
