import { request as overPlain } from 'node:http';
import { request as overTls } from 'node:https';
import type { Socket } from 'node:net';
import { text } from 'node:stream/consumers';

export interface Post {
  url: string;
  headers: Record<string, string>;
  body: string;
  /** Limit for the whole exchange, from the look-up of the name to the last byte of the answer. */
  timeoutMs: number;
}

export interface Answer {
  status: number;
  body: string;
}

/** The other side was not reached, or its certificate is wrong. No byte of the request has left. */
export class NotConnected extends Error {
  /** @param code of Node or OpenSSL: `ENOTFOUND`, `CERT_HAS_EXPIRED` */
  constructor(readonly code: string) {
    super(code);
  }
}

/** The form of a system or TLS code. Any other text must not be logged. */
const CODE = /^[A-Z][A-Z0-9_]{1,63}$/;

/**
 * Send one POST over a kept or a new connection. The request leaves only when the connection stands and its
 * certificate is accepted. So an earlier failure surely means that nothing was sent, whatever its code is.
 * `fetch` does not tell these two kinds of failure apart: its "connection reset" may happen during a
 * handshake. Redirects are not followed.
 * @throws NotConnected when nothing was sent; another Error when the request may have arrived
 */
export async function post({ url, headers, body, timeoutMs }: Post): Promise<Answer> {
  let sent = false;
  try {
    return await new Promise<Answer>((resolve, reject) => {
      const target = new URL(url);
      const secure = target.protocol === 'https:';
      const request = (secure ? overTls : overPlain)(target, {
        method: 'POST',
        headers: { ...headers, 'content-length': String(Buffer.byteLength(body)) },
        signal: AbortSignal.timeout(timeoutMs),
      });
      const send = (): void => {
        sent = true;
        request.end(body);
      };
      request.once('socket', (socket) => {
        if (request.reusedSocket || stands(socket, secure)) send();
        else socket.once(secure ? 'secureConnect' : 'connect', send);
      });
      request.once('response', (response) => {
        text(response).then((answer) => resolve({ status: response.statusCode ?? 0, body: answer }), reject);
      });
      // More than one error may come. Only the first one has an effect.
      request.on('error', reject);
    });
  } catch (error) {
    throw sent ? error : new NotConnected(codeOf(error));
  }
}

/**
 * Whether the connection is ready. A connection that was made elsewhere, e.g. through a tunnel, may be ready
 * already.
 */
function stands(socket: Socket, secure: boolean): boolean {
  return !socket.connecting && (!secure || ('authorized' in socket && socket.authorized === true));
}

function codeOf(error: unknown): string {
  const { name, code } = error as { name?: unknown; code?: unknown };
  if (name === 'AbortError') return 'ETIMEDOUT';
  return typeof code === 'string' && CODE.test(code) ? code : 'NOT_CONNECTED';
}
