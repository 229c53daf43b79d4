import { randomUUID } from 'node:crypto';
import type { RequestListener } from 'node:http';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Clock, localDay, LOG_ZONE } from '../clock.js';
import type { Config } from '../config.js';
import { DomainError } from '../errors.js';
import { Log } from '../logging.js';
import { RouteMetrics } from '../metrics.js';
import { PublicMemory } from '../public-memory.js';
import { assertDepth, assertShape, assertUtf8 } from './body-shape.js';
import { acceptForms, FORM_LIMIT, FORM_ROUTE } from './forms.js';
import { HttpServer } from './http-server.js';
import { languageOf } from './language.js';
import { describeProblem } from './problem.filter.js';
import { Refusals } from './refusals.js';
import { ownerOf } from './route-owner.js';

/** Meta sends webhooks of up to 3 MB. Fastify would refuse them: its default of 1 MiB answers 413. */
const BODY_LIMIT = 4 * 1024 * 1024;
/**
 * Limit of every other route. A report of 20,000 emoji, each written as two escapes, with all its lists, must
 * fit.
 */
const JSON_LIMIT = 1024 * 1024;

/** Headers of uploads that can be resumed (tus 1.0). */
const TUS_HEADERS = ['Tus-Resumable', 'Upload-Length', 'Upload-Offset', 'Upload-Metadata'];

export const PREFIX = 'api/v1';
/** Routes of controllers without the prefix: the root address, probes, metrics. */
const UNPREFIXED = ['', 'health/live', 'health/ready', 'metrics'];

type Parser = (
  request: FastifyRequest,
  body: Buffer,
  done: (error: Error | null, body?: unknown) => void,
) => void;

/** The API reads JSON. `forms.ts` takes the only form. */
class JsonAdapter extends FastifyAdapter {
  override useBodyParser(type: string | string[] | RegExp, rawBody: boolean, options: object): void {
    if (type === 'application/x-www-form-urlencoded') return;
    const parse = this.getInstance().getDefaultJsonParser('error', 'error') as unknown as Parser;
    const parser: Parser = (request, body, done) => {
      assertDepth(body);
      parse(request, body, done);
    };
    (super.useBodyParser as (...parameters: unknown[]) => void)(type, rawBody, options, parser);
  }
}

export function httpAdapter(config: Pick<Config, 'trustProxy'>): FastifyAdapter {
  return new JsonAdapter({
    bodyLimit: BODY_LIMIT,
    // Fastify's own ids count requests and so tell how many reports came. Use random ids, and never the
    // header of the client.
    genReqId: () => randomUUID(),
    requestIdHeader: false,
    trustProxy: config.trustProxy,
    routerOptions: { ignoreTrailingSlash: true },
    serverFactory: (work: RequestListener) => new HttpServer(work),
    // A request with an unreadable path never reaches the filter.
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) => {
      const problem = describeProblem(error, languageOf(request));
      void reply
        .status(problem.status)
        .header('Content-Type', 'application/problem+json; charset=utf-8')
        .header('Cache-Control', 'no-store')
        .send(JSON.stringify({ ...problem, requestId: request.id }));
    },
    logger: false,
  });
}

/**
 * Sets up everything around the routes that Nest does not know (`http.module.ts` has the rest). The server,
 * the tests and the OpenAPI writer all use it. Routes of reporters leave no line when they succeed. When they
 * do not, they leave counts (see `untimed-lines.ts`).
 */
export function setup(app: NestFastifyApplication, config: Pick<Config, 'corsOrigins'>): void {
  app.setGlobalPrefix(PREFIX, { exclude: UNPREFIXED });
  allowOrigins(app, config.corsOrigins);
  const server = app.getHttpAdapter().getInstance() as unknown as FastifyInstance;
  limitBodies(server, config.corsOrigins);
  sendSafely(server);
  forgetAfterChanges(server, app.get(PublicMemory));
  app.get(Refusals).watch(server);
  watchAnswers(server, app);
}

/** Every origin may read public data. For the rest only the listed origins may. */
function allowOrigins(app: NestFastifyApplication, corsOrigins: readonly string[]): void {
  app.enableCors({
    delegator: (request: FastifyRequest, callback: (error: Error | null, options: object) => void) => {
      const open = request.url.startsWith(`/${PREFIX}/public/`);
      callback(null, {
        origin: open ? '*' : corsOrigins,
        methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
        allowedHeaders: [
          'Authorization',
          'Content-Type',
          'Accept-Language',
          'Idempotency-Key',
          'If-Match',
          'If-None-Match',
          'X-Api-Key',
          'Follow-Up-Token',
          'Ivr-Token',
          ...TUS_HEADERS,
        ],
        exposedHeaders: [
          'ETag',
          'Retry-After',
          'Content-Language',
          'Content-Disposition',
          'Link',
          'Location',
          'Tus-Version',
          ...TUS_HEADERS,
        ],
        maxAge: 600,
      });
    },
  } as never);
}

/** Limits bodies: their length, compression, shape and encoding. */
function limitBodies(server: FastifyInstance, corsOrigins: string[]): void {
  // Otherwise JSON sent as text would arrive as one string, and the answer would say that its fields are
  // missing.
  server.removeContentTypeParser('text/plain');
  acceptForms(server, corsOrigins, isWebhook);
  server.addHook('onRoute', (route) => {
    if (!isWebhook(route.url)) route.bodyLimit = route.url === FORM_ROUTE ? FORM_LIMIT : JSON_LIMIT;
  });
  server.addHook('preParsing', (request, _reply, _payload, done) => {
    const encoding = request.headers['content-encoding'];
    done(encoding === undefined || encoding.trim().toLowerCase() === 'identity' ? null : compressedBody());
  });
  server.addHook('preValidation', (request, _reply, done) => {
    try {
      const route = request.routeOptions.url ?? '';
      if (!isWebhook(route)) {
        assertUtf8(request);
        assertShape(request.body, isAdmin(route) ? 'admin' : 'anybody');
      }
      done();
    } catch (error) {
      done(error as Error);
    }
  });
}

/**
 * Sets headers so that an answer is not stored, its type not guessed, not framed, and its address not told to
 * another page, unless its route says so.
 */
function sendSafely(server: FastifyInstance): void {
  server.addHook('onSend', (_request, reply, payload, done) => {
    if (!reply.hasHeader('Cache-Control')) reply.header('Cache-Control', 'no-store');
    reply.header('X-Content-Type-Options', 'nosniff');
    reply.header('Referrer-Policy', 'no-referrer');
    reply.header('X-Frame-Options', 'DENY');
    done(null, payload);
  });
}

/**
 * Clears the public memory after a change by an administrator, who looks at once whether the change shows.
 */
function forgetAfterChanges(server: FastifyInstance, memory: PublicMemory): void {
  server.addHook('onSend', (request, reply, payload, done) => {
    if (isAdmin(request.routeOptions.url) && request.method !== 'GET' && reply.statusCode < 300)
      memory.clear();
    done(null, payload);
  });
}

/** Measures every answer and writes the lines of the log. */
function watchAnswers(server: FastifyInstance, app: NestFastifyApplication): void {
  const metrics = app.get(RouteMetrics);
  const lines = new RequestLines(app.get(Log), app.get(Clock));
  server.addHook('onResponse', (request, reply, done) => {
    const owner = ownerOf(request);
    // A mistyped path may also come from a reporter, so it is not measured.
    if (owner !== 'nobody') {
      const route = owner === 'staff' ? request.routeOptions.url : undefined;
      metrics.observe(route, reply.elapsedTime, reply.statusCode >= 500);
    }
    if (request.method !== 'OPTIONS') lines.write(request, reply);
    done();
  });
}

/**
 * Writes one line for each request of staff. For reporters it writes only what cannot be connected with a
 * report.
 */
class RequestLines {
  constructor(
    private readonly log: Log,
    private readonly clock: Clock,
  ) {}

  write(request: FastifyRequest, reply: FastifyReply): void {
    const route = request.routeOptions.url;
    const code = (reply as { problemCode?: string }).problemCode ?? '';
    switch (ownerOf(request)) {
      case 'reporters':
        this.ofReporters(reply.statusCode, code);
        break;
      case 'nobody':
        this.log.warningWithoutTime('unmatched-routes');
        break;
      case 'staff':
        if (route!.startsWith('/health') || route === '/metrics') break;
        this.log.info('request', {
          method: request.method,
          route,
          status: reply.statusCode,
          ms: Math.round(reply.elapsedTime),
          code,
          requestId: request.id,
        });
    }
  }

  /**
   * Success leaves nothing. A refusal adds one to the count of its code. The filter has already logged a
   * fault, with what is known about it.
   */
  private ofReporters(status: number, code: string): void {
    if (status >= 500) {
      if (code !== 'INTERNAL') this.log.warningWithoutTime('reporters-not-served', { code });
    } else if (status >= 400) this.log.refused(code || String(status), localDay(this.clock.now(), LOG_ZONE));
  }
}

/**
 * Refuses a compressed body. It may be a thousand times as large after unpacking, and no body of this API is
 * large.
 */
function compressedBody(): DomainError {
  return new DomainError('UNSUPPORTED_MEDIA_TYPE', 415, {
    es: 'Manda el cuerpo sin comprimir: quita Content-Encoding.',
    en: 'Send the body uncompressed: leave Content-Encoding out.',
  });
}

function isAdmin(route = ''): boolean {
  return route.startsWith(`/${PREFIX}/admin/`);
}

function isWebhook(route: string): boolean {
  return route.startsWith(`/${PREFIX}/channels/`);
}
