import type { IncomingMessage, ServerResponse } from 'node:http';
import { errorEnvelope, statusOf, type GraphError } from './errors.js';
import { accountRoutes } from './graph-accounts.js';
import { download, mediaRoutes } from './graph-media.js';
import { messageRoutes } from './graph-messages.js';
import { answerJson, parseJson, readBody, TooLarge, type Json } from './http.js';
import type { Account } from './numbers.js';
import type { World } from './world.js';

/** Bytes of a request: an upload has 100 MB at most. */
const MOST = 101 * 2 ** 20;

/** A call whose token is right. */
export interface Call {
  method: string;
  /** The path behind the version: `['100000000000001', 'messages']`. */
  path: readonly string[];
  query: URLSearchParams;
  /** Whom the token belongs to. */
  account: Account;
  request: IncomingMessage;
  bytes: Buffer;
  /** The body, when it is JSON. */
  body: Json;
}

/** An answer; a refusal; or what is done with the connection instead. */
export type Reply =
  | { body: Json; status?: number }
  | { error: GraphError }
  | { instead: (response: ServerResponse) => void | Promise<void>; status?: number };

/** `undefined`: the route is not this one. */
export type Route = (call: Call, world: World) => Reply | undefined | Promise<Reply | undefined>;

const ROUTES: readonly Route[] = [...messageRoutes, ...mediaRoutes, ...accountRoutes];

/** The Graph API, as far as the Cloud API of WhatsApp needs it. */
export class GraphServer {
  constructor(private readonly world: World) {}

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://standin');
    const reply = await this.reply(request, url);
    this.note(request, url, reply);
    if ('instead' in reply) return reply.instead(response);
    const headers = {
      'facebook-api-version': url.pathname.split('/')[1] || 'v25.0',
      'x-fb-request-id': this.world.dice.trace(),
    };
    if ('error' in reply) {
      return answerJson(
        response,
        statusOf(reply.error),
        errorEnvelope(reply.error, this.world.dice),
        headers,
      );
    }
    answerJson(response, reply.status ?? 200, reply.body, headers);
  }

  private async reply(request: IncomingMessage, url: URL): Promise<Reply> {
    const bytes = await readBody(request, MOST).catch((error: unknown) => {
      if (error instanceof TooLarge) return undefined;
      throw error;
    });
    if (!bytes) return { error: { code: 131053, status: 413, details: 'The body is too large' } };
    const account = this.world.accounts.byToken(request.headers.authorization);
    if (!account) return { error: { code: 190, details: 'The access token is not valid' } };
    const [, version = '', ...path] = url.pathname.replace(/\/$/, '').split('/');
    const method = request.method ?? 'GET';
    const call = {
      method,
      path,
      query: url.searchParams,
      account,
      request,
      bytes,
      body: parseJson(bytes),
    };
    if (version === 'lookaside') return download(call, this.world);
    if (/^v\d+\.\d+$/.test(version)) {
      for (const route of ROUTES) {
        const reply = await route(call, this.world);
        if (reply) return reply;
      }
    }
    const details = `Unsupported ${method.toLowerCase()} request. The object does not exist`;
    return { error: { code: 100, subcode: 33, details } };
  }

  private note(request: IncomingMessage, url: URL, reply: Reply): void {
    // Calls about messages are noted with their person, by their route.
    if (url.pathname.endsWith('/messages') && !('error' in reply && reply.error.code === 190)) return;
    const status = 'error' in reply ? statusOf(reply.error) : (reply.status ?? 200);
    const answer = 'error' in reply ? reply.error : 'body' in reply ? reply.body : undefined;
    const content = { method: request.method, path: url.pathname, status, answer };
    const file = url.searchParams.get('mid') ?? url.pathname.split('/').at(-1) ?? '';
    this.world.journal.note(this.world.clock.now(), 'graph', content, this.world.fileOwners.get(file));
  }
}

/** The account of the number in the path, when the token may speak for it. */
export function numberOf({ path, account }: Call, world: World): Account | undefined {
  const asked = world.accounts.byNumber(path[0]);
  return asked === account ? asked : undefined;
}
