import { Body, Controller, Headers, HttpCode, Post, UseInterceptors } from '@nestjs/common';
import {
  ApiBody,
  ApiCreatedResponse,
  ApiHeader,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import { ForChannel } from '../../platform/http/access.js';
import { FORBIDDEN, INVALID, refusal, Refuses, UNAUTHENTICATED } from '../../platform/http/api-docs.js';
import { CurrentChannel, type ShownKey } from '../../platform/http/current.js';
import { folioDigits } from '../../work/cases/folio-digits.js';
import { noRoom, unavailable } from '../../work/intake/collector.js';
import { idempotencyMismatch } from '../../work/intake/idempotency.js';
import { inProgress } from '../../work/intake/once-per-key.js';
import { CALLER } from './docs.js';
import { IvrReports } from './ivr-reports.js';
import { IvrFolioRequest, IvrMenuRequest, IvrReportRequest } from './ivr.requests.js';
import { IvrFolio, IvrMenu, IvrReceipt } from './ivr.views.js';
import { IvrSessions } from './ivr-sessions.js';
import { languageMenu, mainMenu } from './menu.js';
import { SaysWhy } from './says-why.js';
import { choicesOf } from './speech/menus.js';
import { PROMPTS } from './speech/prompts.js';
import { sayReceipt } from './speech/receipts.js';
import { languageIn } from './typed.js';

/** One alone: a second one could not be sent with the same Idempotency-Key. */
const REPORTS = {
  anonymous: { summary: 'Anónima', value: { language: '1', mode: '1' } },
};

/** A call to a voice menu, up to the report or to folio and access code. */
@ApiTags('Menú de voz')
@Controller('ivr')
@UseInterceptors(SaysWhy)
@Refuses(INVALID, CALLER, UNAUTHENTICATED, FORBIDDEN)
export class IvrMenuController {
  constructor(
    private readonly sessions: IvrSessions,
    private readonly reports: IvrReports,
  ) {}

  @Post('menu')
  @HttpCode(200)
  @ForChannel('channel.ivr')
  @ApiOperation({
    operationId: 'ivrMenu',
    summary: 'Empezar una llamada y elegir el idioma',
    description:
      'Sin `language`, la pregunta por el idioma. Con él, el menú y `prompts`: lo que se dice antes de cada cosa que la persona teclea o dice. Nada de la llamada se guarda.',
  })
  @ApiOkResponse({ type: IvrMenu })
  async menu(@CurrentChannel() { actor }: ShownKey, @Body() { language }: IvrMenuRequest): Promise<IvrMenu> {
    if (language === undefined || language === null) return languageMenu();
    return mainMenu(await this.sessions.catalogOf(actor), languageIn(language));
  }

  @Post('folio')
  @HttpCode(200)
  @ForChannel('channel.ivr')
  @ApiOperation({
    operationId: 'ivrFolio',
    summary: 'Comprobar las cifras de un folio, antes de pedir la clave',
    description: 'Sólo la cifra que comprueba las demás. No dice si hay una denuncia con ese folio.',
  })
  @ApiOkResponse({ type: IvrFolio })
  async folio(@CurrentChannel() { actor }: ShownKey, @Body() body: IvrFolioRequest): Promise<IvrFolio> {
    const language = languageIn(body.language);
    const folio = await this.sessions.folioOf(actor, body.folio);
    return { folioDigits: folioDigits(folio), say: [PROMPTS.accessCode[language]], options: [] };
  }

  @Post('reports')
  @ForChannel('channel.ivr', { files: true })
  @ApiHeader({
    name: 'Idempotency-Key',
    required: true,
    description:
      'Un UUID al azar por llamada, de 22 a 128 caracteres. Repetir con el mismo da el mismo folio y la misma clave por 24 horas o más. No uses el identificador que guarda la compañía de teléfono.',
    example: '3f6c1a8e-6a0f-4a6f-9d5e-2f1f0c9a7b11',
  })
  @ApiBody({ type: IvrReportRequest, examples: REPORTS })
  @ApiOperation({
    operationId: 'ivrReport',
    summary: 'Presentar una denuncia cuyo relato es la voz',
    description:
      'El caso se abre ya, con sus plazos; `say` lee folio y clave dos veces. Después manda la grabación a `/ivr/messages` con el token. Si la llamada se corta, lo que se contestó está guardado.',
  })
  @ApiCreatedResponse({ type: IvrReceipt })
  @Refuses(
    refusal(inProgress(), 'La primera solicitud con esa clave sigue en curso.'),
    refusal(idempotencyMismatch(), 'Esa clave ya se usó con otra denuncia.'),
    refusal(unavailable(), 'No se pudo confirmar; repite con el mismo Idempotency-Key.'),
    refusal(noRoom(), 'No hay espacio; nada se guardó.'),
  )
  async report(
    @CurrentChannel() key: ShownKey,
    @Body() body: IvrReportRequest,
    @Headers('Idempotency-Key') idempotencyKey?: string,
  ): Promise<IvrReceipt> {
    const language = languageIn(body.language);
    const { receipt, session, exchanged } = await this.reports.file(key, body, language, idempotencyKey);
    const { folio, accessCode, mode, receivedOn } = receipt;
    return {
      folio,
      folioDigits: receipt.folioDigits,
      accessCode,
      mode,
      receivedOn,
      token: session?.token ?? null,
      expiresAt: session?.expiresAt.toISOString() ?? null,
      say: sayReceipt(receipt, language, { record: session !== null, exchanged }),
      options: session ? choicesOf({ write: true, answer: false, hearAll: false }) : [],
    };
  }
}
