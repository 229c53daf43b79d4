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
import { CurrentStaff } from '../../platform/http/current.js';
import { PathUuid } from '../../platform/http/path-uuid.js';
import { caseErrors } from '../cases/errors.js';
import { DocumentedCase, DocumentedMove } from '../cases/docs.js';
import type { OnCase } from '../cases/moves/case-moves.js';
import { TheCase } from '../cases/moves/route.js';
import { Folio } from '../cases/parameters.js';
import { Custody } from './custody.js';
import { SealedFileBroken } from '../../platform/crypto/sealed-file.js';
import { ObjectMissing } from '../../platform/storage/object-store.js';
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
      'La copia sin metadatos que se hizo del original, siempre como descarga. Admite `Range` e `If-None-Match`. Cada descarga queda en la bitácora; las partes que siguen dentro de una hora son la misma. HEAD y 304 no dan bytes y no quedan.',
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
  )
  async open(
    @CurrentStaff() staff: StaffActor,
    @Folio() folio: string,
    @PathUuid() id: string,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<StreamableFile | undefined> {
    const copy = await this.reader.open(staff, folio, id, request);
    const { status, part } = copy.answer;
    void reply
      .status(status)
      .header('Accept-Ranges', 'bytes')
      .header('Content-Security-Policy', "sandbox; default-src 'none'")
      .header('ETag', `"${copy.sha256}"`);
    if (status === 304) return undefined;
    if (status === 416) {
      void reply.header('Content-Range', `bytes */${copy.size}`);
      throw evidenceErrors.noSuchRange();
    }
    const { from, to } = part ?? { from: 0, to: copy.size };
    if (status === 206) void reply.header('Content-Range', `bytes ${from}-${to - 1}/${copy.size}`);
    // HEAD gets the headers alone.
    const bytes = part ? await begun(copy.bytes(part)) : [];
    return new StreamableFile(Readable.from(bytes), {
      type: copy.type,
      disposition: `attachment; filename="${copy.fileName}"`,
      length: to - from,
    });
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

/** Reads the first piece before the headers are sent. @throws EVIDENCE_UNREADABLE */
async function begun(bytes: AsyncIterable<Buffer>): Promise<AsyncIterable<Buffer>> {
  const pieces = bytes[Symbol.asyncIterator]();
  let first: IteratorResult<Buffer>;
  try {
    first = await pieces.next();
  } catch (error) {
    if (error instanceof SealedFileBroken || error instanceof ObjectMissing)
      throw evidenceErrors.unreadable();
    throw error;
  }
  return (async function* () {
    for (let piece = first; !piece.done; piece = await pieces.next()) yield piece.value;
  })();
}
