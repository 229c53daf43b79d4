import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { firstValueFrom, from, type Observable } from 'rxjs';
import { onePerTick } from '../one-per-tick.js';
import { PublicMemory, type Shelf } from '../public-memory.js';
import { opensInBrowser } from './browser.js';
import { compressible, KeptBytes, sendKept } from './kept-bytes.js';
import { labelled } from './labels.js';
import { languageOf } from './language.js';

/**
 * Seconds. A change by an admin shows within five minutes, and a form that many people open at once costs one
 * request.
 */
const MAX_AGE = 300;
/** Bytes of all kept answers. Each answer counts plain and compressed, with its URL. */
const ROOM = 32 * 1024 * 1024;
/** Rough number of bytes for the headers of an answer and its place in memory. */
const OWN = 1_000;
/** Headers that a route may set itself. They belong to its answer. */
const OWN_HEADERS = ['content-type', 'content-disposition', 'link'];

interface Answer {
  bytes: KeptBytes;
  headers: Record<string, string>;
}

/**
 * Keeps the answers of public routes. Anybody may keep them, they have an `ETag`, and this process keeps them
 * as bytes for a second. Refusals are not kept. An answer depends on the URL and the language. When its route
 * says `Vary: Accept`, it also depends on `opensInBrowser`.
 */
@Injectable()
export class PublicAnswers implements NestInterceptor {
  private readonly shelf: Shelf<Answer>;

  constructor(memory: PublicMemory) {
    this.shelf = memory.shelf<Answer>(ROOM, ({ bytes }, name) => OWN + 2 * (name.length + bytes.size));
  }

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const http = context.switchToHttp();
    const [request, reply] = [http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>()];
    return from(this.answer(request, reply, context.getHandler(), next));
  }

  private async answer(
    request: FastifyRequest,
    reply: FastifyReply,
    handler: object,
    next: CallHandler,
  ): Promise<unknown> {
    const language = languageOf(request);
    const { bytes, headers } = await this.shelf.get(
      `${language} ${opensInBrowser(request)} ${request.url}`,
      async () => {
        const body: unknown = await firstValueFrom(next.handle());
        return onePerTick(() => answerOf(labelled(handler, body, language), reply));
      },
    );
    reply
      .headers(headers)
      .header('Cache-Control', `public, max-age=${MAX_AGE}`)
      .header('Content-Language', language);
    return sendKept(bytes, request, reply);
  }
}

function answerOf(body: unknown, reply: FastifyReply): Answer {
  const own = OWN_HEADERS.flatMap((name) => {
    const value = reply.getHeader(name);
    return value === undefined ? [] : [[name, String(value)] as const];
  });
  const headers: Record<string, string> = {
    'content-type': 'application/json; charset=utf-8',
    ...Object.fromEntries(own),
  };
  // Every origin gets the same answer, so drop what CORS wrote there.
  headers.vary = reply.getHeader('vary') === 'Accept' ? 'Accept-Language, Accept' : 'Accept-Language';
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return { bytes: new KeptBytes(Buffer.from(text), compressible(headers['content-type']!)), headers };
}
