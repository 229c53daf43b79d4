import { Body, Controller, Headers, Post } from '@nestjs/common';
import { ApiBody, ApiCreatedResponse, ApiHeader, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Channel } from '../../foundations/catalogs/channels.js';
import { catalogErrors } from '../../foundations/catalogs/errors.js';
import { PublicCatalogsReader } from '../../foundations/catalogs/public/public-catalogs.reader.js';
import { ChannelSeal } from '../../foundations/identity/channels/channel-seal.js';
import type { Actor } from '../../platform/actor.js';
import { forbidden } from '../../platform/http/access.guard.js';
import { Public } from '../../platform/http/access.js';
import { Refuses, INVALID, UNAUTHENTICATED, refusal } from '../../platform/http/api-docs.js';
import { CurrentActor, ShownChannelKey, type ShownKey } from '../../platform/http/current.js';
import { invalidField } from '../../platform/http/validation.js';
import type { Report } from '../../work/intake/admission.js';
import { Collector, unavailable, noRoom } from '../../work/intake/collector.js';
import { idempotencyMismatch } from '../../work/intake/idempotency.js';
import { inProgress, OncePerKey } from '../../work/intake/once-per-key.js';
import { IntakeReceipt } from '../../work/intake/report.receipt.js';
import { REPORT_EXAMPLES } from './report.examples.js';
import { ReportRequest } from './report.request.js';
import { withoutNulls } from './without-nulls.js';

type Referenced = Pick<ReportRequest, 'externalReference'>;

@ApiTags('Denunciar')
@Controller('reports')
export class ReportsController {
  /**
   * Institution ids by code. They never change, so each process may keep them without agreement between
   * processes.
   */
  private readonly institutions = new Map<string, string>();

  constructor(
    private readonly collector: Collector,
    private readonly once: OncePerKey,
    private readonly catalogs: PublicCatalogsReader,
    private readonly references: ChannelSeal,
  ) {}

  @Post()
  @Public('optional')
  @ApiOperation({
    operationId: 'createReport',
    summary: 'Presentar una denuncia',
    description:
      'La única entrada: sin credencial es la web pública (con `institution`); con `X-Api-Key`, el canal de la clave; con la sesión de operación, el teléfono. Folio y clave sólo aparecen en esta respuesta. Nada se guarda si la respuesta es 4xx.',
  })
  @ApiHeader({
    name: 'Idempotency-Key',
    required: false,
    description:
      'De 22 a 128 caracteres, mejor un UUID. Repetir con el mismo da la misma respuesta por 24 horas o más.',
    example: '3f6c1a8e-6a0f-4a6f-9d5e-2f1f0c9a7b11',
  })
  @ApiBody({ type: ReportRequest, examples: REPORT_EXAMPLES })
  @ApiCreatedResponse({ type: IntakeReceipt })
  @Refuses(
    INVALID,
    UNAUTHENTICATED,
    refusal(forbidden('reports.create'), 'La cuenta no puede registrar denuncias.'),
    refusal(catalogErrors.institutionUnknown(), 'No hay una institución con ese código.'),
    refusal(inProgress(), 'La primera solicitud con esa clave sigue en curso.'),
    [413, 'TOO_LARGE', 'La solicitud pasa de 1 MiB.'],
    [415, 'UNSUPPORTED_MEDIA_TYPE', 'Se espera application/json.'],
    refusal(idempotencyMismatch(), 'Esa clave ya se usó con otra denuncia.'),
    refusal(catalogErrors.categoryNotInForce(), 'La categoría no está vigente.'),
    refusal(catalogErrors.municipalityUnknown(), 'No hay un municipio con esa clave.'),
    refusal(unavailable(), 'No se pudo confirmar; repite con el mismo Idempotency-Key.'),
    refusal(noRoom(), 'No hay espacio; nada se guardó. Repite en unos minutos con el mismo Idempotency-Key.'),
  )
  async create(
    @CurrentActor() actor: Actor,
    @Body() body: ReportRequest,
    @Headers('Idempotency-Key') idempotencyKey?: string,
    @ShownChannelKey() key?: ShownKey,
  ): Promise<IntakeReceipt> {
    const { externalReference, ...told } = withoutNulls(body) as Report & Referenced;
    const sealedReference = this.sealed(externalReference, key);
    const report = sealedReference === undefined ? told : { ...told, sealedReference };
    const { institutionId, channel, credential } = await this.entrance(actor, report);
    if (idempotencyKey === undefined) return this.collector.submit(institutionId, { report, channel, actor });
    const repeatable = { scope: `${institutionId}|${credential}`, key: idempotencyKey, request: body };
    return this.once.run(repeatable, (idempotency) =>
      this.collector.submit(institutionId, { report, channel, actor, idempotency }),
    );
  }

  /** Find institution and channel from the actor who files the report. */
  private async entrance(
    actor: Actor,
    body: Report,
  ): Promise<{ institutionId: string; channel: Channel; credential: string }> {
    switch (actor.kind) {
      case 'channel':
        return {
          institutionId: actor.institutionId,
          channel: actor.channel as Channel,
          credential: actor.keyId,
        };
      case 'staff':
        if (!actor.permissions.has('reports.create')) throw forbidden('reports.create');
        return { institutionId: actor.institutionId, channel: 'phone', credential: actor.accountId };
      case 'nobody': {
        if (body.institution === undefined) {
          throw invalidField(
            'institution',
            'REQUIRED',
            'Falta la institución (institution): di a cuál va la denuncia.',
            'The institution is missing (institution): say which one the report is for.',
          );
        }
        return {
          institutionId: await this.institutionId(body.institution),
          channel: 'web',
          credential: 'public',
        };
      }
      case 'reporter':
      case 'system':
        throw forbidden();
    }
  }

  /** @throws InvalidRequest when somebody else than a channel system sends a reference */
  private sealed(reference: string | undefined, key: ShownKey | undefined): string | undefined {
    if (reference === undefined) return undefined;
    if (key) return this.references.seal(key, reference);
    throw invalidField(
      'externalReference',
      'CHANNEL_ONLY',
      'Sólo la mandan sistemas de canal, con X-Api-Key. Quita este campo.',
      'Only channel systems send it, with X-Api-Key. Leave this field out.',
    );
  }

  private async institutionId(code: string): Promise<string> {
    const known = this.institutions.get(code);
    if (known !== undefined) return known;
    const { id } = await this.catalogs.institution(code, 'intake');
    this.institutions.set(code, id);
    return id;
  }
}
