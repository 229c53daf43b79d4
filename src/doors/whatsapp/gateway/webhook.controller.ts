import { Controller, Get, Header, Headers, HttpCode, Post, Query, Req } from '@nestjs/common';
import { ApiBody, ApiHeader, ApiOkResponse, ApiOperation, ApiQuery, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { createHash, timingSafeEqual } from 'node:crypto';
import { DomainError } from '../../../platform/errors.js';
import { Public } from '../../../platform/http/access.js';
import { Refuses, refusal } from '../../../platform/http/api-docs.js';
import { Channel } from '../channel.js';
import type { WhatsAppConfig } from '../whatsapp.config.js';
import { Inbox } from './inbox.js';
import { verifySignature } from './signature.js';
import { WEBHOOK } from './webhook-body.js';

/**
 * Meta's webhook of the WhatsApp channel (Cloud API, "Webhooks"). Without its configuration the channel is
 * off and the routes answer 404.
 */
@ApiTags('WhatsApp')
@Controller(WEBHOOK)
export class WebhookController {
  constructor(
    private readonly channel: Channel,
    private readonly inbox: Inbox,
  ) {}

  @Get()
  @Public()
  @Header('Content-Type', 'text/plain; charset=utf-8')
  @ApiOperation({
    operationId: 'verifyWhatsAppWebhook',
    summary: 'Verificación del webhook por Meta',
    description: 'Contesta el reto tal cual si el token es el configurado.',
  })
  @ApiQuery({ name: 'hub.mode', type: String, example: 'subscribe' })
  @ApiQuery({ name: 'hub.verify_token', type: String, description: 'El token que se configuró en Meta.' })
  @ApiQuery({ name: 'hub.challenge', type: String, example: '1158201444' })
  @ApiOkResponse({ description: 'El reto.', content: { 'text/plain': { schema: { type: 'string' } } } })
  @Refuses(
    refusal(tokenInvalid(), 'El token de verificación no es el configurado.'),
    refusal(notConfigured(), 'El canal de WhatsApp no está configurado.'),
  )
  verify(
    @Query('hub.mode') mode: unknown,
    @Query('hub.verify_token') token: unknown,
    @Query('hub.challenge') challenge: unknown,
  ): string {
    const { verifyToken } = this.settings();
    const right = typeof token === 'string' && isSame(token, verifyToken);
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
    const { appSecrets } = this.settings();
    const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
    if (!verifySignature(body, signature, appSecrets)) throw signatureInvalid();
    await this.inbox.store(body);
  }

  private settings(): WhatsAppConfig {
    const { settings } = this.channel;
    if (!settings) throw notConfigured();
    return settings;
  }
}

/** Compare digests, because `timingSafeEqual` throws for texts of different length. */
function isSame(one: string, other: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}

function tokenInvalid(): DomainError {
  return new DomainError('WEBHOOK_TOKEN_INVALID', 403, {
    es: 'El token de verificación no es el configurado. Revisa WHATSAPP_VERIFY_TOKEN.',
    en: 'The verify token is not the configured one. Check WHATSAPP_VERIFY_TOKEN.',
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
