import { Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance } from 'fastify';
import { randomUUID } from 'node:crypto';
import { PREFIX } from '../../../platform/http/setup.js';

export const WEBHOOK = 'channels/whatsapp/webhook';
const ROUTE = `/${PREFIX}/${WEBHOOK}`;

/** The type is random, so that no request to another route can name it. */
const RAW = `application/x-raw-${randomUUID()}`;

/**
 * Gives the webhook its body as unchanged bytes, whatever content type it has. Meta signs bytes. A signed
 * body that is no JSON must be stored and answered with 200, otherwise it comes again for seven days. Fastify
 * still checks size limit and length.
 */
@Injectable()
export class WebhookBody implements OnModuleInit {
  constructor(private readonly host: HttpAdapterHost) {}

  onModuleInit(): void {
    // A worker has no HTTP server.
    const server = this.host.httpAdapter?.getInstance<FastifyInstance>();
    if (!server) return;
    server.addContentTypeParser(RAW, { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
    server.addHook('onRequest', (request, _reply, done) => {
      if (request.method === 'POST' && request.routeOptions.url === ROUTE)
        request.raw.headers['content-type'] = RAW;
      done();
    });
  }
}
