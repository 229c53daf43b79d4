import { Controller, Get, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Public } from '../platform/http/access.js';
import { opensInBrowser } from '../platform/http/browser.js';
import { PREFIX } from '../platform/http/setup.js';

/** Relative, so that they hold below any path that a proxy puts in front. */
const PLACES = { documentation: 'docs', openapi: 'openapi.json', api: PREFIX, ready: 'health/ready' };

/** The bare address of the service, outside of the API's document. */
@ApiExcludeController()
@Controller()
export class StartController {
  /** A browser is led to the page of the API; a program is told where things are. */
  @Get()
  @Public()
  start(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    reply.header('Vary', 'Accept');
    if (opensInBrowser(request)) void reply.redirect(PLACES.documentation, 302);
    else void reply.send({ name: 'Denuncia Abierta', ...PLACES });
  }
}
