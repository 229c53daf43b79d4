import { Body, Controller, Headers, HttpCode, Post, UseInterceptors } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Clock } from '../../platform/clock.js';
import { ForChannel } from '../../platform/http/access.js';
import { FORBIDDEN, INVALID, refusal, Refuses, UNAUTHENTICATED } from '../../platform/http/api-docs.js';
import { CurrentChannel, type ShownKey } from '../../platform/http/current.js';
import { CasesReader } from '../../work/cases/cases.reader.js';
import { tooManyExchanges, tooManyTries, trackingDenied } from '../tracking/errors.js';
import { CALLER, OVER, TokenHeader } from './docs.js';
import { IVR_TOKEN } from './ivr-tokens.js';
import { IvrExchangeRequest, IvrSessionRequest, IvrStateRequest } from './ivr.requests.js';
import { IvrCode, IvrSessionOpened, IvrState } from './ivr.views.js';
import { IvrSessions } from './ivr-sessions.js';
import { SaysWhy } from './says-why.js';
import { daysUntil } from './speech/days.js';
import { choicesOf, offer } from './speech/menus.js';
import { sayNewCode } from './speech/receipts.js';
import { nextDeadline, openQuestion, sayState } from './speech/state.js';
import { languageIn } from './typed.js';

/** What a caller hears and changes after folio and access code. */
@ApiTags('Menú de voz')
@Controller('ivr')
@UseInterceptors(SaysWhy)
@Refuses(UNAUTHENTICATED, FORBIDDEN)
export class IvrSessionsController {
  constructor(
    private readonly sessions: IvrSessions,
    private readonly reader: CasesReader,
    private readonly clock: Clock,
  ) {}

  @Post('sessions')
  @ForChannel('channel.ivr')
  @ApiOperation({
    operationId: 'openIvrSession',
    summary: 'Abrir el seguimiento con folio y clave tecleados',
    description:
      'La misma respuesta para un folio que no existe, uno de otra institución y una clave equivocada. Se entiende también si la persona tecleó los dos al revés.',
  })
  @ApiCreatedResponse({ type: IvrSessionOpened })
  @Refuses(
    INVALID,
    CALLER,
    refusal(trackingDenied(), 'El folio y la clave no coinciden.'),
    refusal(tooManyTries(300), 'Demasiados intentos con este folio, o con esta clave de canal.'),
  )
  async open(
    @CurrentChannel() { actor }: ShownKey,
    @Body() body: IvrSessionRequest,
  ): Promise<IvrSessionOpened> {
    const language = languageIn(body.language);
    const { token, expiresAt } = await this.sessions.open(actor, body, language);
    const options = choicesOf({ write: true, answer: false, hearAll: false });
    const say = options.map((choice) => offer(choice, language));
    return { token, expiresAt: expiresAt.toISOString(), say, options };
  }

  @Post('state')
  @HttpCode(200)
  @ForChannel('channel.ivr')
  @TokenHeader()
  @ApiOperation({
    operationId: 'hearIvrState',
    summary: 'Oír cómo va la denuncia',
    description:
      'Estado, plazo que sigue, mensajes del personal y pregunta abierta, para leerse en orden. Nuevos son los mensajes que la persona no ha contestado: no se guarda lo que alguien oyó.',
  })
  @ApiOkResponse({ type: IvrState })
  @Refuses(INVALID, CALLER, OVER)
  async state(
    @CurrentChannel() { actor }: ShownKey,
    @Body() { messages }: IvrStateRequest,
    @Headers(IVR_TOKEN) token?: string,
  ): Promise<IvrState> {
    const { session, reporter } = await this.sessions.resume(actor, token);
    const { language } = session;
    const [own, { institution }] = await Promise.all([
      this.reader.forReporter(reporter),
      this.sessions.catalogOf(actor),
    ]);
    const today = this.clock.today(institution.timeZone);
    const next = nextDeadline(own, today);
    const question = openQuestion(own);
    const options = choicesOf({
      write: own.writing.allowed,
      answer: question !== null,
      hearAll: own.messages.length > 0,
    });
    const told = sayState(own, { language, today, messages: messages ?? 'new' });
    return {
      status: own.status,
      nextDeadline: next && { metric: next.metric, dueOn: next.dueOn, days: daysUntil(next.dueOn, today) },
      newMessages: own.newMessages,
      openQuestion: question !== null,
      awaitsVoice: own.awaitsVoice,
      say: [...told, ...options.map((choice) => offer(choice, language))],
      options,
    };
  }

  @Post('access-code')
  @ForChannel('channel.ivr')
  @TokenHeader()
  @ApiOperation({
    operationId: 'exchangeCodeByIvr',
    summary: 'Cambiar la clave y leer la nueva',
    description:
      'La clave anterior deja de valer, y con este token ya no se lee ni se graba: quien vuelve a entrar con la nueva demuestra que la anotó. Si la respuesta se pierde, repite: da la misma clave nueva mientras viva el token.',
  })
  @ApiCreatedResponse({ type: IvrCode })
  @Refuses(INVALID, CALLER, OVER, refusal(tooManyExchanges(3600), 'Hoy la clave ya se cambió varias veces.'))
  async exchange(
    @CurrentChannel() { actor }: ShownKey,
    @Body() _input: IvrExchangeRequest,
    @Headers(IVR_TOKEN) token?: string,
  ): Promise<IvrCode> {
    const { accessCode, language } = await this.sessions.exchange(actor, token);
    return { accessCode, say: sayNewCode(accessCode, language), options: [] };
  }
}
