import { Controller, Get, Header, Headers, HttpCode, Post, Query, Req } from '@nestjs/common';
import { ApiBody, ApiHeader, ApiOkResponse, ApiOperation, ApiQuery, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { DomainError } from '../../../platform/errors.js';
import { Public } from '../../../platform/http/access.js';
import { Refuses, refusal } from '../../../platform/http/api-docs.js';
import type { KnownNumbers } from '../numbers/known-numbers.js';
import { Numbers } from '../numbers/numbers.js';
import { Inbox } from './inbox.js';
import { WEBHOOK } from './webhook-body.js';

/**
 * Meta's webhook of the WhatsApp channel (Cloud API, "Webhooks"), one for all numbers. Without a number the
 * channel is off and the routes answer 404.
 */
@ApiTags('WhatsApp')
@Controller(WEBHOOK)
export class WebhookController {
  constructor(
    private readonly numbers: Numbers,
    private readonly inbox: Inbox,
  ) {}

  @Get()
  @Public()
  @Header('Content-Type', 'text/plain; charset=utf-8')
  @ApiOperation({
    operationId: 'verifyWhatsAppWebhook',
    summary: 'Verificación del webhook por Meta',
    description: 'Contesta el reto tal cual si el token es el de alguno de los números.',
  })
  @ApiQuery({ name: 'hub.mode', type: String, example: 'subscribe' })
  @ApiQuery({ name: 'hub.verify_token', type: String, description: 'El token que se configuró en Meta.' })
  @ApiQuery({ name: 'hub.challenge', type: String, example: '1158201444' })
  @ApiOkResponse({ description: 'El reto.', content: { 'text/plain': { schema: { type: 'string' } } } })
  @Refuses(
    refusal(tokenInvalid(), 'El token de verificación no es el de ningún número.'),
    refusal(notConfigured(), 'El canal de WhatsApp no está configurado.'),
  )
  async verify(
    @Query('hub.mode') mode: unknown,
    @Query('hub.verify_token') token: unknown,
    @Query('hub.challenge') challenge: unknown,
  ): Promise<string> {
    const numbers = await this.known();
    const right = typeof token === 'string' && numbers.isVerifyToken(token);
    if (mode !== 'subscribe' || !right || typeof challenge !== 'string') throw tokenInvalid();
    return challenge;
  }

  @Post()
  @Public()
  @HttpCode(200)
  @ApiOperation({
    operationId: 'receiveWhatsAppWebhook',
    summary: 'Eventos de WhatsApp, firmados por Meta',
    description:
      'Contesta 200 en cuanto el lote quedó guardado y antes de trabajarlo. También lo que no conoce: se guarda y no hace daño.',
  })
  @ApiHeader({
    name: 'X-Hub-Signature-256',
    required: true,
    description: '`sha256=` y el HMAC-SHA256 de los bytes recibidos, con la clave secreta de la aplicación.',
  })
  @ApiBody({ schema: { type: 'object', description: 'Un lote de la Cloud API.' } })
  @ApiOkResponse({ description: 'Guardado.' })
  @Refuses(
    refusal(signatureInvalid(), 'La firma falta o no corresponde al contenido.'),
    refusal(notConfigured(), 'El canal de WhatsApp no está configurado.'),
    [413, 'TOO_LARGE', 'El lote pasa de 4 MiB.'],
    [503, 'UNAVAILABLE', 'No se pudo guardar; Meta lo enviará otra vez.', { retryAfter: 2 }],
  )
  async receive(
    @Req() request: FastifyRequest,
    @Headers('X-Hub-Signature-256') signature: string | undefined,
  ): Promise<void> {
    const numbers = await this.known();
    const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
    const signers = await numbers.signers(body, signature);
    if (signers.length === 0) throw signatureInvalid();
    await this.inbox.store(body, signers);
  }

  private async known(): Promise<KnownNumbers> {
    const numbers = await this.numbers.now();
    if (numbers.isEmpty) throw notConfigured();
    return numbers;
  }
}

function tokenInvalid(): DomainError {
  return new DomainError('WEBHOOK_TOKEN_INVALID', 403, {
    es: 'El token de verificación no es el de ningún número. Revisa `verifyToken` del número o WHATSAPP_VERIFY_TOKEN.',
    en: 'The verify token is not that of any number. Check `verifyToken` of the number, or WHATSAPP_VERIFY_TOKEN.',
  });
}

function signatureInvalid(): DomainError {
  return new DomainError('WEBHOOK_SIGNATURE_INVALID', 401, {
    es: 'La firma falta o no corresponde al contenido.',
    en: 'The signature is missing or does not match the content.',
  });
}

function notConfigured(): DomainError {
  return new DomainError('NOT_FOUND', 404, {
    es: 'El canal de WhatsApp no está configurado.',
    en: 'The WhatsApp channel is not configured.',
  });
}
