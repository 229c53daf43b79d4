import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiBody, ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Actor } from '../../platform/actor.js';
import { asStaff } from '../../platform/http/access.guard.js';
import { CurrentActor, Requires } from '../../platform/http/access.js';
import { CaseMoves } from './case-moves.service.js';
import { Correspondence } from './correspondence.service.js';
import { DocumentedMove } from './docs.js';
import { Folio, IfMatch } from './parameters.js';
import {
  AssignmentRequest,
  ClosureRequest,
  InformationRequestBody,
  InvestigationRequest,
  ReasonRequest,
  TextRequest,
  TransferRequest,
} from './requests.js';
import { AskedView, MoveView, WrittenView } from './views.js';

@ApiTags('Casos')
@Controller('cases/:folio')
export class CaseMovesController {
  constructor(
    private readonly moves: CaseMoves,
    private readonly correspondence: Correspondence,
  ) {}

  @Post('assignment')
  @HttpCode(200)
  @Requires('cases.assign')
  @ApiOperation({
    operationId: 'assignCase',
    summary: 'Asignar',
    description:
      'A una cuenta de la mesa: de recibida a en revisión. A quien investiga en el área: el estado queda igual.',
  })
  @ApiOkResponse({ type: MoveView })
  @DocumentedMove([422, 'ASSIGNEE_UNSUITABLE', 'La cuenta no puede recibir este caso.'])
  assign(
    @CurrentActor() actor: Actor,
    @Folio() folio: string,
    @IfMatch() ifMatch: number | undefined,
    @Body() body: AssignmentRequest,
  ): Promise<MoveView> {
    return this.moves.assign(asStaff(actor), { folio, ifMatch }, body);
  }

  @Post('transfers')
  @HttpCode(200)
  @Requires('cases.transfer')
  @ApiOperation({
    operationId: 'transferCase',
    summary: 'Turnar a otra área',
    description: 'Historia, plazos y expediente se conservan; la asignación se quita.',
  })
  @ApiOkResponse({ type: MoveView })
  @DocumentedMove([422, 'AREA_UNKNOWN', 'El área no está vigente.'], [409, 'SAME_AREA', 'Ya está en esa área.'])
  transfer(
    @CurrentActor() actor: Actor,
    @Folio() folio: string,
    @IfMatch() ifMatch: number | undefined,
    @Body() body: TransferRequest,
  ): Promise<MoveView> {
    return this.moves.transfer(asStaff(actor), { folio, ifMatch }, body);
  }

  @Post('investigation')
  @HttpCode(200)
  @Requires('cases.investigate')
  @ApiOperation({
    operationId: 'startInvestigation',
    summary: 'Iniciar la investigación',
    description: 'Asigna el expediente.',
  })
  @ApiOkResponse({ type: MoveView })
  @DocumentedMove([
    503,
    'EXPEDIENTE_TAKEN',
    'Otro caso tomó el mismo número en ese instante; repite el movimiento.',
    { retryAfter: 1 },
  ])
  investigate(
    @CurrentActor() actor: Actor,
    @Folio() folio: string,
    @IfMatch() ifMatch: number | undefined,
    @Body() _body: InvestigationRequest,
  ): Promise<MoveView> {
    return this.moves.investigate(asStaff(actor), { folio, ifMatch });
  }

  @Post('information-requests')
  @Requires('cases.ask')
  @ApiOperation({
    operationId: 'askReporter',
    summary: 'Pedir información a quien denuncia',
    description: 'El caso espera la respuesta; al contestar o vencer vuelve a su estado.',
  })
  @ApiCreatedResponse({ type: AskedView })
  @DocumentedMove()
  ask(
    @CurrentActor() actor: Actor,
    @Folio() folio: string,
    @IfMatch() ifMatch: number | undefined,
    @Body() body: InformationRequestBody,
  ): Promise<AskedView> {
    return this.correspondence.ask(asStaff(actor), { folio, ifMatch }, body);
  }

  @Post('messages')
  @Requires('cases.write')
  @ApiOperation({
    operationId: 'writeMessage',
    summary: 'Escribir a quien denuncia',
    description: 'Lo verá con folio y clave, también si es anónima.',
  })
  @ApiCreatedResponse({ type: WrittenView })
  @DocumentedMove()
  message(
    @CurrentActor() actor: Actor,
    @Folio() folio: string,
    @IfMatch() ifMatch: number | undefined,
    @Body() body: TextRequest,
  ): Promise<WrittenView> {
    return this.correspondence.message(asStaff(actor), { folio, ifMatch }, body.text);
  }

  @Post('notes')
  @Requires('cases.write')
  @ApiBody({ type: TextRequest, examples: { note: { value: { text: 'Falta pedir el padrón a Subsidios.' } } } })
  @ApiOperation({ operationId: 'writeNote', summary: 'Nota interna', description: 'Quien denuncia nunca la ve.' })
  @ApiCreatedResponse({ type: WrittenView })
  @DocumentedMove()
  note(
    @CurrentActor() actor: Actor,
    @Folio() folio: string,
    @IfMatch() ifMatch: number | undefined,
    @Body() body: TextRequest,
  ): Promise<WrittenView> {
    return this.correspondence.note(asStaff(actor), { folio, ifMatch }, body.text);
  }

  @Post('closure')
  @HttpCode(200)
  @Requires('cases.close')
  @ApiOperation({
    operationId: 'closeCase',
    summary: 'Concluir o cerrar',
    description:
      'Con sanción, con medidas o sin elementos: sólo desde investigación, queda resuelta y se archiva a los 10 días hábiles. Improcedente o desistida: cierra cualquier caso abierto.',
  })
  @ApiOkResponse({ type: MoveView })
  @DocumentedMove()
  close(
    @CurrentActor() actor: Actor,
    @Folio() folio: string,
    @IfMatch() ifMatch: number | undefined,
    @Body() body: ClosureRequest,
  ): Promise<MoveView> {
    return this.moves.close(asStaff(actor), { folio, ifMatch }, body);
  }

  @Post('reopening')
  @HttpCode(200)
  @Requires('cases.reopen')
  @ApiOperation({
    operationId: 'reopenCase',
    summary: 'Reabrir',
    description: 'Empieza un plazo nuevo de resolución, ningún otro.',
  })
  @ApiOkResponse({ type: MoveView })
  @DocumentedMove()
  reopen(
    @CurrentActor() actor: Actor,
    @Folio() folio: string,
    @IfMatch() ifMatch: number | undefined,
    @Body() body: ReasonRequest,
  ): Promise<MoveView> {
    return this.moves.reopen(asStaff(actor), { folio, ifMatch }, body);
  }
}
