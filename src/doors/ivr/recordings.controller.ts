import { applyDecorators, Controller, Headers, Post, Req, UseInterceptors } from '@nestjs/common';
import { ApiCreatedResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import type { ReporterActor } from '../../platform/actor.js';
import { DomainError } from '../../platform/errors.js';
import { ForChannel } from '../../platform/http/access.js';
import { FORBIDDEN, INVALID, refusal, Refuses, UNAUTHENTICATED } from '../../platform/http/api-docs.js';
import { unauthenticated } from '../../platform/http/credentials-refused.js';
import { CurrentChannel, type ShownKey } from '../../platform/http/current.js';
import { TakesFile } from '../../platform/http/file-form.js';
import { caseErrors } from '../../work/cases/errors.js';
import { evidenceErrors } from '../../work/evidence/errors.js';
import { LIMITS } from '../../work/evidence/limits.js';
import type { Incoming } from '../../work/evidence/incoming-file.js';
import { takeRecording } from '../../work/evidence/read-form.js';
import { ReceiveEvidence, type Receipt } from '../../work/evidence/receive-evidence.js';
import { ivrErrors } from './errors.js';
import { IVR_TOKEN } from './ivr-tokens.js';
import { IvrKept } from './ivr.views.js';
import { CALLER, OVER, TokenHeader } from './docs.js';
import { IvrSessions } from './ivr-sessions.js';
import { SaysWhy } from './says-why.js';
import { choicesOf } from './speech/menus.js';
import { sayKept } from './speech/receipts.js';

function TakesRecording(): MethodDecorator {
  return applyDecorators(
    ForChannel('channel.ivr'),
    TakesFile(),
    TokenHeader(),
    ApiCreatedResponse({ type: IvrKept }),
    Refuses(
      INVALID,
      CALLER,
      OVER,
      refusal(caseErrors.reportClosed(null), 'La denuncia ya está cerrada.'),
      refusal(evidenceErrors.empty(), 'La grabación llegó vacía.'),
      refusal(evidenceErrors.tooLarge(), 'La grabación es demasiado grande.'),
      refusal(evidenceErrors.caseFull({ files: 0, bytes: LIMITS.caseBytes }), 'El caso ya no admite más.'),
      refusal(evidenceErrors.executable(), 'Es un programa.'),
      refusal(evidenceErrors.noRecording(), 'No es una grabación que se reconozca.'),
      refusal(evidenceErrors.noRoom(), 'No hay espacio para archivos.'),
    ),
  );
}

/** What a caller leaves with the own voice. It is evidence of the case. */
@ApiTags('Menú de voz')
@Controller('ivr')
@UseInterceptors(SaysWhy)
@Refuses(UNAUTHENTICATED, FORBIDDEN)
export class IvrRecordingsController {
  constructor(
    private readonly sessions: IvrSessions,
    private readonly evidence: ReceiveEvidence,
  ) {}

  @Post('messages')
  @TakesRecording()
  @ApiOperation({
    operationId: 'leaveVoiceMessage',
    summary: 'Dejar el relato, o un mensaje de voz',
    description:
      'Un formulario con la grabación en `file` y nada más; su nombre no se guarda. El caso y su bitácora dicen que llegó por el menú de voz. La misma grabación dos veces se guarda una.',
  })
  message(
    @CurrentChannel() { actor }: ShownKey,
    @Req() request: FastifyRequest,
    @Headers(IVR_TOKEN) token?: string,
  ): Promise<IvrKept> {
    return this.keep(actor, request, token, async (giver, incoming) => ({
      receipt: await this.evidence.receive(giver, incoming),
      answered: null,
    }));
  }

  @Post('answers')
  @TakesRecording()
  @ApiOperation({
    operationId: 'answerByVoice',
    summary: 'Contestar con la voz la pregunta abierta',
    description:
      'Como `/ivr/messages`, y contesta la pregunta abierta. Si ya no hay ninguna, la grabación se guarda como mensaje y `answered` es `false`: nadie tiene que decir dos veces lo mismo.',
  })
  answer(
    @CurrentChannel() { actor }: ShownKey,
    @Req() request: FastifyRequest,
    @Headers(IVR_TOKEN) token?: string,
  ): Promise<IvrKept> {
    return this.keep(actor, request, token, (giver, incoming) =>
      this.evidence.receiveAnswer(giver.actor, incoming),
    );
  }

  private async keep(
    actor: ShownKey['actor'],
    request: FastifyRequest,
    token: string | undefined,
    receive: Receive,
  ): Promise<IvrKept> {
    const { session, reporter } = await this.sessions.resume(actor, token);
    const { receipt, answered } = await takeRecording(request, (incoming) =>
      receive({ actor: reporter }, incoming).catch(asOver),
    );
    return {
      number: receipt.number,
      answered,
      say: sayKept(answered, session.language),
      options: choicesOf({ write: true, answer: false, hearAll: false }),
    };
  }
}

/**
 * For a code that was exchanged while the recording came.
 * @throws IVR_SESSION_OVER, and every other error as it is
 */
function asOver(error: unknown): never {
  const exchanged = error instanceof DomainError && error.code === unauthenticated('tracking').code;
  throw exchanged ? ivrErrors.sessionOver() : error;
}

type Receive = (
  giver: { actor: ReporterActor },
  incoming: Incoming,
) => Promise<{ receipt: Receipt; answered: boolean | null }>;
