import { Readable } from 'node:stream';
import { Body, Controller, Get, Post, Req, Res, StreamableFile } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ApiIdParam } from '../../foundations/catalogs/admin/support.js';
import type { StaffActor } from '../../platform/actor.js';
import { Requires } from '../../platform/http/access.js';
import { refusal, Refuses } from '../../platform/http/api-docs.js';
import { CurrentStaff } from '../../platform/http/current.js';
import { PathUuid } from '../../platform/http/path-uuid.js';
import { DocumentedCase, DocumentedMove } from '../cases/docs.js';
import type { OnCase } from '../cases/moves/case-moves.js';
import { TheCase } from '../cases/moves/route.js';
import { Folio } from '../cases/parameters.js';
import { evidenceErrors } from './errors.js';
import { OriginalRequest, OriginalRequestView } from './evidence.views.js';
import { Originals } from './originals.js';

/** The file as it came, which opens between two people. */
@ApiTags('Pruebas')
@Controller('cases/:folio/evidence/:id')
export class OriginalsController {
  constructor(private readonly originals: Originals) {}

  @Get('original-requests')
  @Requires('cases.read')
  @ApiIdParam('Identificador de la prueba.')
  @ApiOperation({ operationId: 'listOriginalRequests', summary: 'Quién pidió el original y qué se contestó' })
  @ApiOkResponse({ type: [OriginalRequestView] })
  @DocumentedCase()
  @Refuses(refusal(evidenceErrors.notFound(), 'No hay esa prueba en este caso.'))
  listOriginalRequests(
    @CurrentStaff() staff: StaffActor,
    @Folio() folio: string,
    @PathUuid() id: string,
  ): Promise<OriginalRequestView[]> {
    return this.originals.list(staff, folio, id);
  }

  @Post('original-requests')
  @Requires('cases.write')
  @ApiIdParam('Identificador de la prueba.')
  @ApiOperation({
    operationId: 'requestOriginal',
    summary: 'Pedir el original de una prueba',
    description:
      'El archivo como llegó puede ser dañino y puede decir quién lo tomó. Se abre sólo entre dos personas: quien lo pide con su razón, y la titularidad del área o auditoría, que contesta con `POST /approvals/{id}/agreement`. Entonces se descarga durante una hora.',
  })
  @ApiCreatedResponse({ type: OriginalRequestView })
  @DocumentedMove(
    refusal(evidenceErrors.notFound(), 'No hay esa prueba en este caso.'),
    refusal(evidenceErrors.originalAsked(), 'Ya lo pediste.'),
  )
  requestOriginal(
    @TheCase() on: OnCase,
    @PathUuid() id: string,
    @Body() { reason }: OriginalRequest,
  ): Promise<OriginalRequestView> {
    return this.originals.ask(on, id, reason);
  }

  @Get('original')
  @Requires('cases.write')
  @ApiIdParam('Identificador de la prueba.')
  @ApiOperation({
    operationId: 'openOriginal',
    summary: 'Descargar el original, si dos personas lo acordaron',
    description:
      'Los bytes como llegaron, sólo como descarga, para quien lo pidió y durante una hora. Ábrelo en una máquina aparte. Cada descarga queda en la bitácora; HEAD no da bytes y no queda.',
  })
  @ApiProduces('application/octet-stream')
  @ApiOkResponse({ schema: { type: 'string', format: 'binary' }, description: 'Los bytes como llegaron.' })
  @DocumentedCase()
  @Refuses(
    refusal(evidenceErrors.notFound(), 'No hay esa prueba en este caso.'),
    refusal(evidenceErrors.originalNotAgreed(), 'No lo pediste, nadie estuvo de acuerdo o pasó la hora.'),
    refusal(evidenceErrors.unreadable(), 'Lo guardado no se puede leer.'),
  )
  async openOriginal(
    @CurrentStaff() staff: StaffActor,
    @Folio() folio: string,
    @PathUuid() id: string,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<StreamableFile> {
    const original = await this.originals.open(staff, folio, id, request);
    void reply.header('Content-Security-Policy', "sandbox; default-src 'none'");
    return new StreamableFile(Readable.from(await original.send()), {
      type: 'application/octet-stream',
      disposition: `attachment; filename="${original.fileName}"`,
      length: original.size,
    });
  }
}
