import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProperty, ApiTags } from '@nestjs/swagger';
import { ChannelSeal } from '../../foundations/identity/channels/channel-seal.js';
import { ForChannel } from '../../platform/http/access.js';
import { FORBIDDEN, INVALID, refusal, Refuses, UNAUTHENTICATED } from '../../platform/http/api-docs.js';
import { CurrentChannel, type ShownKey } from '../../platform/http/current.js';
import { ExternalReferences } from '../../work/cases/external-references.js';
import { tooManyTries, trackingDenied } from './errors.js';
import { TrackingRequest } from './tracking.controller.js';
import { TrackingService } from './tracking.service.js';

export class ExternalReference {
  @ApiProperty({
    type: String,
    nullable: true,
    example: 'LLAMADA-00017',
    description: 'Lo que esta misma clave mandó; null si no mandó nada, también si otra clave mandó algo.',
  })
  externalReference!: string | null;
}

/** By which a channel system finds its own record again when its caller comes back. */
@ApiTags('Seguimiento')
@Controller('tracking')
export class ExternalReferenceController {
  constructor(
    private readonly tracking: TrackingService,
    private readonly references: ExternalReferences,
    private readonly seals: ChannelSeal,
  ) {}

  @Post('external-reference')
  @HttpCode(200)
  @ForChannel('channel.references')
  @ApiOperation({
    operationId: 'getExternalReference',
    summary: 'Con qué referencia mandó mi sistema esta denuncia',
    description:
      'Para un sistema de canal cuya persona vuelve y da su folio y su clave de consulta. No hay camino de la referencia al folio: quien robara la clave del canal probaría referencias. La misma respuesta para un folio que no existe, uno de otra institución y una clave de consulta equivocada.',
  })
  @ApiOkResponse({ type: ExternalReference })
  @Refuses(
    INVALID,
    UNAUTHENTICATED,
    FORBIDDEN,
    refusal(trackingDenied(), 'El folio y la clave no coinciden.'),
    refusal(tooManyTries(300), 'Demasiados intentos con este folio.'),
  )
  async get(@CurrentChannel() key: ShownKey, @Body() body: TrackingRequest): Promise<ExternalReference> {
    const { institutionId, keyId } = key.actor;
    const { caseId, generation } = await this.tracking.check(body, institutionId);
    const sealed = await this.references.of({
      kind: 'reporter',
      institutionId,
      caseId,
      codeGeneration: generation,
      machine: { keyId, kind: 'channel' },
    });
    return { externalReference: sealed === null ? null : this.seals.open(key, sealed) };
  }
}
