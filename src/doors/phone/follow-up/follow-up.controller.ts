import { Body, Controller, Delete, Headers, HttpCode, Post } from '@nestjs/common';
import {
  ApiBody,
  ApiCreatedResponse,
  ApiHeader,
  ApiNoContentResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import { CurrentSession, type SessionActor } from '../../../foundations/identity/staff.js';
import { Requires } from '../../../platform/http/access.js';
import { FORBIDDEN, INVALID, refusal, Refuses, UNAUTHENTICATED } from '../../../platform/http/api-docs.js';
import { OwnedBy } from '../../../platform/http/route-owner.js';
import { CasesReader } from '../../../work/cases/cases.reader.js';
import { Correspondence } from '../../../work/cases/correspondence.service.js';
import { caseErrors } from '../../../work/cases/errors.js';
import { TextRequest } from '../../../work/cases/requests.js';
import { tooManyExchanges, tooManyTries, trackingDenied } from '../../tracking/errors.js';
import { TrackingRequest } from '../../tracking/tracking.controller.js';
import { phoneErrors } from '../errors.js';
import { spokenReceipt } from '../spoken.js';
import { FollowUpAnswerRequest, FollowUpCode, FollowUpOpened } from './follow-up.dto.js';
import { FollowUps } from './follow-ups.js';

const HEADER = 'Follow-Up-Token';
const TokenHeader = (): MethodDecorator =>
  ApiHeader({
    name: HEADER,
    required: true,
    example: 'daf_AbC',
    description: 'El token de `POST /phone/follow-up`.',
  });
const OVER = refusal(phoneErrors.followUpOver(), 'El seguimiento terminó, o es de otra sesión.');

/** What an operator does during a call for a caller who gives folio and access code. */
@ApiTags('Teléfono')
@Controller('phone/follow-up')
@Refuses(UNAUTHENTICATED, FORBIDDEN)
export class FollowUpController {
  constructor(
    private readonly followUps: FollowUps,
    private readonly reader: CasesReader,
    private readonly correspondence: Correspondence,
  ) {}

  @Post()
  @Requires('phone.follow_up')
  @OwnedBy('reporters')
  @ApiOperation({
    operationId: 'openFollowUp',
    summary: 'Abrir el seguimiento de quien llama, con su folio y su clave',
    description:
      'Muestra lo mismo que vería la persona. El token vale diez minutos y sólo con la sesión que lo abrió; después no hay camino de vuelta sin la clave. La misma respuesta para un folio que no existe, uno de otra institución y una clave equivocada.',
  })
  @ApiCreatedResponse({ type: FollowUpOpened })
  @Refuses(
    INVALID,
    refusal(trackingDenied(), 'El folio y la clave no coinciden.'),
    refusal(tooManyTries(300), 'Demasiados intentos con este folio.'),
  )
  async open(@CurrentSession() actor: SessionActor, @Body() body: TrackingRequest): Promise<FollowUpOpened> {
    const { token, expiresAt, reporter } = await this.followUps.open(actor, body);
    const shown = await this.reader.forReporter(reporter);
    return { token, expiresAt: expiresAt.toISOString(), case: shown };
  }

  @Post('answers')
  @HttpCode(204)
  @Requires('phone.follow_up')
  @OwnedBy('reporters')
  @TokenHeader()
  @ApiOperation({
    operationId: 'answerByPhone',
    summary: 'Contestar en nombre de quien llama',
    description: 'El caso y su bitácora dicen que lo escribió una operadora en nombre de la persona.',
  })
  @ApiNoContentResponse()
  @Refuses(
    INVALID,
    OVER,
    refusal(caseErrors.requestNotFound(), 'No hay esa solicitud en esta denuncia.'),
    refusal(caseErrors.requestNotOpen(), 'La solicitud ya se contestó o venció.'),
  )
  async answer(
    @CurrentSession() actor: SessionActor,
    @Body() body: FollowUpAnswerRequest,
    @Headers(HEADER) token?: string,
  ): Promise<void> {
    const reporter = await this.followUps.resume(actor, token);
    await this.correspondence.answer(reporter, body.informationRequest, body.text);
  }

  @Post('messages')
  @HttpCode(204)
  @Requires('phone.follow_up')
  @OwnedBy('reporters')
  @TokenHeader()
  @ApiBody({
    type: TextRequest,
    examples: { message: { value: { text: 'Recordó que fue un lunes por la mañana.' } } },
  })
  @ApiOperation({
    operationId: 'writeByPhone',
    summary: 'Escribir un mensaje en nombre de quien llama',
    description: 'El caso y su bitácora dicen que lo escribió una operadora en nombre de la persona.',
  })
  @ApiNoContentResponse()
  @Refuses(
    INVALID,
    OVER,
    refusal(caseErrors.reportClosed(null), 'La denuncia ya está cerrada.'),
    refusal(caseErrors.tooManyMessages(), 'Muchos mensajes seguidos sin respuesta.'),
  )
  async write(
    @CurrentSession() actor: SessionActor,
    @Body() body: TextRequest,
    @Headers(HEADER) token?: string,
  ): Promise<void> {
    const reporter = await this.followUps.resume(actor, token);
    await this.correspondence.messageOfReporter(reporter, body.text);
  }

  @Post('access-code')
  @Requires('phone.follow_up')
  @OwnedBy('reporters')
  @TokenHeader()
  @ApiOperation({
    operationId: 'exchangeCodeByPhone',
    summary: 'Cambiar la clave de quien llama y leerle la nueva',
    description:
      'La clave anterior deja de valer, y con este token ya no se lee ni se escribe. Si la respuesta se pierde, repite: da la misma clave nueva, hasta `DELETE` o diez minutos después de abrir. Quien lee la clave nueva la conoce: quien quiera una que nadie más sepa la cambia por internet, con `POST /tracking/access-code`.',
  })
  @ApiCreatedResponse({ type: FollowUpCode })
  @Refuses(OVER, refusal(tooManyExchanges(3600), 'Hoy la clave ya se cambió varias veces.'))
  async exchange(
    @CurrentSession() actor: SessionActor,
    @Headers(HEADER) token?: string,
  ): Promise<FollowUpCode> {
    const { folio, accessCode } = await this.followUps.exchange(actor, token);
    return { accessCode, spoken: spokenReceipt({ folio, accessCode }) };
  }

  @Delete()
  @HttpCode(204)
  @Requires('phone.follow_up')
  @OwnedBy('reporters')
  @TokenHeader()
  @ApiOperation({
    operationId: 'endFollowUp',
    summary: 'Terminar el seguimiento',
    description:
      'Al colgar, también después de cambiar la clave. El token ya no abre nada, tampoco a quien lo haya copiado.',
  })
  @ApiNoContentResponse()
  @Refuses(OVER)
  async end(@CurrentSession() actor: SessionActor, @Headers(HEADER) token?: string): Promise<void> {
    await this.followUps.end(actor, token);
  }
}
