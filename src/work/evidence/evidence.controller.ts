import { Readable } from 'node:stream';
import { Body, Controller, Get, Post, Req, Res, StreamableFile } from '@nestjs/common';
import {
  ApiCreatedResponse,
  ApiHeader,
  ApiOkResponse,
  ApiOperation,
  ApiProduces,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ApiIdParam } from '../../foundations/catalogs/admin/support.js';
import type { StaffActor } from '../../platform/actor.js';
import { Requires } from '../../platform/http/access.js';
import { refusal, Refuses } from '../../platform/http/api-docs.js';
import { clientSignal } from '../../platform/http/client-signal.js';
import { CurrentStaff } from '../../platform/http/current.js';
import { PathUuid } from '../../platform/http/path-uuid.js';
import { caseErrors } from '../cases/errors.js';
import { DocumentedCase, DocumentedMove } from '../cases/docs.js';
import type { OnCase } from '../cases/moves/case-moves.js';
import { TheCase } from '../cases/moves/route.js';
import { Folio } from '../cases/parameters.js';
import { Custody } from './custody.js';
import { evidenceErrors } from './errors.js';
import { TakesEvidence } from './evidence-docs.js';
import { EvidenceReader } from './evidence.reader.js';
import {
  CustodyView,
  EvidenceListItem,
  EvidenceReceipt,
  TranscriptRequest,
  WrittenTranscript,
} from './evidence.views.js';
import { takeEvidence } from './read-form.js';
import { ReceiveEvidence } from './receive-evidence.js';
import { Transcripts } from './transcripts.js';
import { EVIDENCE_STATE_LABELS } from '../cases/evidence-view.js';

@ApiTags('Pruebas')
@Controller('cases/:folio/evidence')
export class EvidenceController {
  constructor(
    private readonly reader: EvidenceReader,
    private readonly receiving: ReceiveEvidence,
    private readonly custody: Custody,
    private readonly transcripts: Transcripts,
  ) {}

  @Get()
  @Requires('cases.read')
  @ApiOperation({
    operationId: 'listEvidence',
    summary: 'Las pruebas del caso',
    description: 'Los archivos que llegaron, con vista pequeña. Leerlos queda en la bitácora.',
  })
  @ApiOkResponse({ type: [EvidenceListItem] })
  @DocumentedCase()
  list(@CurrentStaff() staff: StaffActor, @Folio() folio: string): Promise<EvidenceListItem[]> {
    return this.reader.list(staff, folio);
  }

  @Post()
  @Requires('cases.write')
  @ApiOperation({
    operationId: 'addEvidence',
    summary: 'Agregar una prueba',
    description: 'Un archivo por solicitud. Quien denuncia no ve que existe.',
  })
  @TakesEvidence()
  @DocumentedCase(refusal(caseErrors.illegalMove('closed', 'write'), 'El caso ya terminó.'))
  add(
    @CurrentStaff() actor: StaffActor,
    @Folio() folio: string,
    @Req() request: FastifyRequest,
  ): Promise<EvidenceReceipt> {
    return takeEvidence(request, (incoming) => this.receiving.receive({ actor, folio }, incoming));
  }

  @Get(':id')
  @Requires('cases.read')
  @ApiIdParam('Identificador de la prueba.')
  @ApiOperation({
    operationId: 'openEvidence',
    summary: 'Descargar la copia segura',
    description:
      'La copia sin metadatos que se hizo del original, siempre como descarga. Imágenes y PDF llevan a la vista la marca de quien los descarga (folio, cuenta, minuto), y por eso vienen enteros y su SHA-256 no es el de la copia guardada. Audio y video admiten `Range` e `If-None-Match`. Cada descarga queda en la bitácora; las partes que siguen dentro de una hora son la misma. HEAD y 304 no dan bytes y no quedan.',
  })
  @ApiHeader({ name: 'Range', required: false, example: 'bytes=0-65535' })
  @ApiHeader({ name: 'If-None-Match', required: false, example: '"9f86d081884c7d65"' })
  @ApiProduces('application/octet-stream')
  @ApiOkResponse({
    schema: { type: 'string', format: 'binary' },
    description: 'Los bytes; 206 con `Range`, y 304 sin bytes si mandas su `ETag` en `If-None-Match`.',
  })
  @DocumentedCase()
  @Refuses(
    refusal(evidenceErrors.notFound(), 'No hay esa prueba en este caso.'),
    refusal(evidenceErrors.notOpenable(EVIDENCE_STATE_LABELS.sealed), 'Todavía no, o nunca, se puede abrir.'),
    refusal(evidenceErrors.noSuchRange(), 'La copia no tiene esa parte.'),
    refusal(evidenceErrors.unreadable(), 'Lo guardado no se puede leer.'),
    refusal(evidenceErrors.notMarked(), 'No se pudo poner la marca.'),
  )
  async open(
    @CurrentStaff() staff: StaffActor,
    @Folio() folio: string,
    @PathUuid() id: string,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<StreamableFile | undefined> {
    const { type, fileName, answer, same, send } = await this.reader.open(staff, folio, id, request);
    const { status, part } = answer;
    void reply
      .status(status)
      .header('Accept-Ranges', same ? 'bytes' : 'none')
      .header('Content-Security-Policy', "sandbox; default-src 'none'");
    if (same) void reply.header('ETag', `"${same.sha256}"`);
    if (status === 304) return undefined;
    if (status === 416) {
      void reply.header('Content-Range', `bytes */${same!.size}`);
      throw evidenceErrors.noSuchRange();
    }
    if (status === 206)
      void reply.header('Content-Range', `bytes ${part!.from}-${part!.to - 1}/${same!.size}`);
    // HEAD gets the headers alone.
    const { size, bytes } = part ? await send(clientSignal(reply)) : { size: same?.size, bytes: [] };
    const disposition = `attachment; filename="${fileName}"`;
    return new StreamableFile(Readable.from(bytes), { type, disposition, length: size });
  }

  @Post(':id/transcript')
  @Requires('cases.write')
  @ApiIdParam('Identificador de la prueba.')
  @ApiOperation({
    operationId: 'writeTranscript',
    summary: 'Transcribir una prueba',
    description:
      'Lo que se oye en una grabación o se lee en una imagen. Una transcripción nunca cambia: otra es la versión siguiente. Es lo que leen las reglas en un relato por voz. Quien denuncia no la ve.',
  })
  @ApiCreatedResponse({ type: WrittenTranscript })
  @DocumentedMove(refusal(evidenceErrors.notFound(), 'No hay esa prueba en este caso.'))
  transcribe(
    @TheCase() on: OnCase,
    @PathUuid() id: string,
    @Body() { text }: TranscriptRequest,
  ): Promise<WrittenTranscript> {
    return this.transcripts.write(on, id, text);
  }

  @Get(':id/custody')
  @Requires('cases.audit')
  @ApiIdParam('Identificador de la prueba.')
  @ApiOperation({
    operationId: 'getCustody',
    summary: 'La cadena de custodia de una prueba',
    description:
      'Qué llegó, si lo guardado sigue igual (se lee entero para contestar) y quién hizo qué con el archivo. Consultarla queda en la bitácora.',
  })
  @ApiOkResponse({ type: CustodyView })
  @DocumentedCase()
  @Refuses(refusal(evidenceErrors.notFound(), 'No hay esa prueba en este caso.'))
  getCustody(
    @CurrentStaff() staff: StaffActor,
    @Folio() folio: string,
    @PathUuid() id: string,
  ): Promise<CustodyView> {
    return this.custody.of(staff, folio, id);
  }
}
