import { Controller, Get, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Public } from '../platform/http/access.js';
import { opensInBrowser } from '../platform/http/browser.js';
import { PREFIX } from '../platform/http/setup.js';

/** The addresses are relative, so that they work below any path that a proxy adds. */
const PLACES = { documentation: 'docs', openapi: 'openapi.json', api: PREFIX, ready: 'health/ready' };

/** The root address of the service. It is not in the API's document. */
@ApiExcludeController()
@Controller()
export class StartController {
  /** Redirect a browser to the page of the API. Tell a program the addresses. */
  @Get()
  @Public()
  start(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    reply.header('Vary', 'Accept');
    if (opensInBrowser(request)) void reply.redirect(PLACES.documentation, 302);
    else void reply.send({ name: 'Denuncia Abierta', ...PLACES });
  }
}
