import { randomUUID } from 'node:crypto';
import { Reflector } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Config } from '../config.js';
import { Clock } from '../clock.js';
import { Log } from '../logging.js';
import { RouteMetrics } from '../metrics.js';
import { AccessGuard, Credentials } from './access.guard.js';
import { ProblemFilter } from './problem.filter.js';
import { isReporterRoute } from './reporter-routes.js';
import { validation } from './validation.js';

/** Meta sends webhooks of up to 3 MB; Fastify's default of 1 MiB answers 413. */
const BODY_LIMIT = 4 * 1024 * 1024;

export const PREFIX = 'api/v1';
/** Routes without the prefix: probes, metrics, the documentation. */
export const UNPREFIXED = ['health/live', 'health/ready', 'metrics', 'openapi.json'];

/** The API speaks JSON: a form, which a page of any origin may send without asking, is answered 415. */
class JsonAdapter extends FastifyAdapter {
  override useBodyParser(type: string | string[] | RegExp, ...rest: unknown[]): void {
    if (type === 'application/x-www-form-urlencoded') return;
    (super.useBodyParser as (...parameters: unknown[]) => void)(type, ...rest);
  }
}

export function httpAdapter(config: Pick<Config, 'trustProxy'>): FastifyAdapter {
  return new JsonAdapter({
    bodyLimit: BODY_LIMIT,
    // Fastify's own ids count requests and so tell how many reports came: random ones, never the client's header.
    genReqId: () => randomUUID(),
    requestIdHeader: false,
    trustProxy: config.trustProxy,
    routerOptions: { ignoreTrailingSlash: true },
    logger: false,
  });
}

/**
 * Everything around the routes, once for the server, the tests and the OpenAPI writer.
 * Reporters' routes leave no line when they succeed; errors leave code, route template and day.
 */
export function setup(app: NestFastifyApplication, config: Pick<Config, 'corsOrigins'>): void {
  app.setGlobalPrefix(PREFIX, { exclude: UNPREFIXED });
  app.useGlobalPipes(validation);
  app.useGlobalGuards(new AccessGuard(app.get(Reflector), app.get(Credentials)));
  app.useGlobalFilters(new ProblemFilter(app.get(Log), app.get(Clock)));
  app.enableCors({
    delegator: (request: FastifyRequest, callback: (error: Error | null, options: object) => void) => {
      const open = request.url.startsWith(`/${PREFIX}/public/`);
      callback(null, {
        origin: open ? '*' : config.corsOrigins,
        methods: ['GET', 'POST', 'PATCH', 'DELETE'],
        allowedHeaders: [
          'Authorization',
          'Content-Type',
          'Accept-Language',
          'Idempotency-Key',
          'If-Match',
          'X-Api-Key',
        ],
        exposedHeaders: ['ETag', 'Retry-After', 'Content-Language'],
        maxAge: 600,
      });
    },
  } as never);

  const log = app.get(Log);
  const clock = app.get(Clock);
  const metrics = app.get(RouteMetrics);
  const server = app.getHttpAdapter().getInstance();
  server.addHook(
    'onSend',
    (
      _request: FastifyRequest,
      reply: FastifyReply,
      payload: unknown,
      done: (error: null, payload: unknown) => void,
    ) => {
      if (!reply.hasHeader('Cache-Control')) reply.header('Cache-Control', 'no-store');
      reply.header('X-Content-Type-Options', 'nosniff');
      reply.header('Referrer-Policy', 'no-referrer');
      reply.header('X-Frame-Options', 'DENY');
      done(null, payload);
    },
  );
  server.addHook('onResponse', (request: FastifyRequest, reply: FastifyReply, done: () => void) => {
    const route = request.routeOptions.url ?? 'none';
    const failed = reply.statusCode >= 500;
    metrics.observe(route, reply.elapsedTime, failed);
    const code = (reply as { problemCode?: string }).problemCode ?? '';
    if (isReporterRoute(route)) {
      if (reply.statusCode >= 400) {
        log.withoutTime('refused', {
          method: request.method,
          route,
          status: reply.statusCode,
          code,
          day: clock.now().toISOString().slice(0, 10),
        });
      }
    } else if (!route.startsWith('/health') && route !== '/metrics') {
      log.info('request', {
        method: request.method,
        route,
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime),
        code,
        requestId: request.id,
      });
    }
    done();
  });
}
