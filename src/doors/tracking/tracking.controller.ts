import { Body, Controller, Get, HttpCode, Post, Req } from '@nestjs/common';
import {
  ApiBody,
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiProperty,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { ApiIdParam } from '../../foundations/catalogs/admin/support.js';
import type { ReporterActor } from '../../platform/actor.js';
import { ForReporter, Public } from '../../platform/http/access.js';
import { Refuses, INVALID, UNAUTHENTICATED, refusal } from '../../platform/http/api-docs.js';
import { CurrentReporter } from '../../platform/http/current.js';
import { PathUuid } from '../../platform/http/path-uuid.js';
import { IsTypedCode } from '../../platform/http/typed-fields.js';
import { CasesReader } from '../../work/cases/cases.reader.js';
import { Correspondence } from '../../work/cases/correspondence.service.js';
import { caseErrors } from '../../work/cases/errors.js';
import { EXAMPLE_ACCESS_CODE, EXAMPLE_FOLIO } from '../../work/cases/example-cases.js';
import { TextRequest } from '../../work/cases/requests.js';
import { ReporterCase } from '../../work/cases/views.js';
import { TakesEvidence } from '../../work/evidence/evidence-docs.js';
import { EvidenceReceipt } from '../../work/evidence/evidence.views.js';
import { takeEvidence } from '../../work/evidence/read-form.js';
import { ReceiveEvidence } from '../../work/evidence/receive-evidence.js';
import { trackingDenied, tooManyTries, alreadyExchanged, tooManyExchanges } from './errors.js';
import { ExchangeAccessCode } from './exchange.js';
import { TrackingService } from './tracking.service.js';

export class TrackingRequest {
  @ApiProperty({ example: EXAMPLE_FOLIO, description: 'Se perdonan minúsculas, espacios y guiones.' })
  @IsTypedCode(1, 64)
  folio!: string;

  @ApiProperty({ example: EXAMPLE_ACCESS_CODE, description: 'Los 16 dígitos, con o sin espacios.' })
  @IsTypedCode(1, 64)
  accessCode!: string;
}

export class TrackingSession {
  @ApiProperty({ example: 'dat_AbC…' }) token!: string;
  @ApiProperty({ example: '2026-11-20T16:30:00Z' }) expiresAt!: string;
}

export class ExchangedCode extends TrackingSession {
  @ApiProperty({
    example: '4821-0937-5566-1204',
    description: 'La clave nueva, que no se vuelve a mostrar. La anterior ya no sirve.',
  })
  accessCode!: string;
}

@ApiTags('Seguimiento')
@Controller('tracking')
export class TrackingController {
  constructor(
    private readonly tracking: TrackingService,
    private readonly reader: CasesReader,
    private readonly correspondence: Correspondence,
    private readonly codes: ExchangeAccessCode,
    private readonly evidence: ReceiveEvidence,
  ) {}

  @Post('sessions')
  @Public()
  @ApiOperation({
    operationId: 'openTracking',
    summary: 'Abrir el seguimiento con folio y clave',
    description: 'La misma respuesta para un folio que no existe y una clave equivocada.',
  })
  @ApiCreatedResponse({ type: TrackingSession })
  @Refuses(
    INVALID,
    refusal(trackingDenied(), 'El folio y la clave no coinciden.'),
    refusal(tooManyTries(300), 'Demasiados intentos con este folio.'),
  )
  async open(@Body() body: TrackingRequest): Promise<TrackingSession> {
    const { token, expiresAt } = await this.tracking.open(body);
    return { token, expiresAt: expiresAt.toISOString() };
  }

  @Post('access-code')
  @ForReporter()
  @ApiOperation({
    operationId: 'exchangeAccessCode',
    summary: 'Cambiar mi clave de consulta',
    description:
      'Da una clave nueva. La anterior y todo token abierto con ella dejan de valer en ese momento; la respuesta trae un token nuevo. Conviene a quien denunció por teléfono, porque la persona que tomó la llamada conoce la primera clave. Anótala antes de cerrar: si la respuesta se pierde, nadie puede recuperarla.',
  })
  @ApiCreatedResponse({ type: ExchangedCode })
  @Refuses(
    UNAUTHENTICATED,
    refusal(alreadyExchanged(), 'La clave ya se cambió en otra solicitud al mismo tiempo.'),
    refusal(tooManyExchanges(3600), 'Hoy la clave ya se cambió varias veces.'),
  )
  async exchange(@CurrentReporter() reporter: ReporterActor): Promise<ExchangedCode> {
    const { accessCode, token, expiresAt } = await this.codes.exchange(reporter);
    return { accessCode, token, expiresAt: expiresAt.toISOString() };
  }

  @Get('case')
  @ForReporter()
  @ApiOperation({ operationId: 'getOwnReport', summary: 'Cómo va mi denuncia' })
  @ApiOkResponse({ type: ReporterCase })
  @Refuses(UNAUTHENTICATED)
  get(@CurrentReporter() reporter: ReporterActor): Promise<ReporterCase> {
    return this.reader.forReporter(reporter);
  }

  @Post('messages')
  @HttpCode(204)
  @ForReporter()
  @ApiBody({
    type: TextRequest,
    examples: { message: { value: { text: 'Recordé que fue un lunes por la mañana.' } } },
  })
  @ApiOperation({ operationId: 'writeAsReporter', summary: 'Escribir un mensaje sobre mi denuncia' })
  @ApiNoContentResponse()
  @Refuses(
    INVALID,
    UNAUTHENTICATED,
    refusal(caseErrors.reportClosed(null), 'La denuncia ya está cerrada.'),
    refusal(caseErrors.tooManyMessages(), 'Muchos mensajes seguidos sin respuesta.'),
  )
  write(@CurrentReporter() reporter: ReporterActor, @Body() body: TextRequest): Promise<void> {
    return this.correspondence.messageOfReporter(reporter, body.text);
  }

  @Post('evidence')
  @ForReporter()
  @ApiOperation({
    operationId: 'sendEvidence',
    summary: 'Mandar una prueba: foto, audio, video o documento',
    description:
      'Un archivo por solicitud, hasta 100 MB. Se guarda cifrado; quien atiende tu denuncia ve una copia sin datos ocultos como el lugar o el teléfono. `GET /tracking/case` dice cuántos llegaron y cuánto cabe todavía. Si tu línea se corta, usa `/uploads`. Los sistemas de canal lo hacen igual, con el folio y la clave que recibieron.',
  })
  @TakesEvidence()
  @Refuses(UNAUTHENTICATED, refusal(caseErrors.reportClosed(null), 'La denuncia ya está cerrada.'))
  send(@CurrentReporter() actor: ReporterActor, @Req() request: FastifyRequest): Promise<EvidenceReceipt> {
    return takeEvidence(request, (incoming) => this.evidence.receive({ actor }, incoming));
  }

  @Post('information-requests/:id/answer')
  @HttpCode(204)
  @ApiIdParam('Identificador de la solicitud.')
  @ForReporter()
  @ApiBody({
    type: TextRequest,
    examples: { answer: { value: { text: 'En la ventanilla tres, un martes por la mañana.' } } },
  })
  @ApiOperation({ operationId: 'answerInformationRequest', summary: 'Contestar lo que me preguntaron' })
  @ApiNoContentResponse()
  @Refuses(
    INVALID,
    UNAUTHENTICATED,
    refusal(caseErrors.requestNotFound(), 'No hay esa solicitud en esta denuncia.'),
    refusal(caseErrors.requestNotOpen(), 'La solicitud ya se contestó o venció.'),
  )
  answer(
    @CurrentReporter() reporter: ReporterActor,
    @PathUuid() id: string,
    @Body() body: TextRequest,
  ): Promise<void> {
    return this.correspondence.answer(reporter, id, body.text);
  }
}
