import { Body, Controller, Get, HttpCode, Param, ParseUUIDPipe, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { Requires } from '../../../platform/http/access.js';
import {
  Refuses,
  FORBIDDEN,
  INVALID,
  UNAUTHENTICATED,
  type ProblemCase,
  refusal,
} from '../../../platform/http/api-docs.js';
import { approvalErrors, emailTaken, rolesIncompatible } from '../errors.js';
import { CurrentSession, type SessionActor } from '../staff.js';
import {
  AgreedApproval,
  ApprovalAsked,
  ApprovalPage,
  ApprovalsQuery,
  RefusalRequest,
} from './approvals.dto.js';
import { ApprovalsReader } from './approvals.reader.js';
import { Approvals } from './approvals.service.js';

const ID = new ParseUUIDPipe({ exceptionFactory: approvalErrors.notFound });
const ANSWERS: ProblemCase[] = [
  UNAUTHENTICATED,
  FORBIDDEN,
  refusal(
    approvalErrors.notYours(),
    'La contesta auditoría o la titularidad de las áreas; nunca quien la pidió.',
  ),
  refusal(approvalErrors.notFound(), 'No hay una solicitud con ese identificador en tu institución.'),
  refusal(approvalErrors.closed('agreed'), 'Ya se contestó o venció.'),
];

@ApiTags('Acuerdos de dos personas')
@Controller('approvals')
export class ApprovalsController {
  constructor(
    private readonly approvals: Approvals,
    private readonly reader: ApprovalsReader,
  ) {}

  @Get()
  @Requires('approvals.read')
  @ApiOperation({
    operationId: 'listApprovals',
    summary: 'Lo que pide estar de acuerdo',
    description:
      'Las solicitudes de la institución, la más nueva primero; `mayDecide` dice cuáles te toca contestar.',
  })
  @ApiOkResponse({ type: ApprovalPage })
  @Refuses(INVALID, UNAUTHENTICATED, FORBIDDEN)
  list(@CurrentSession() session: SessionActor, @Query() query: ApprovalsQuery): Promise<ApprovalPage> {
    return this.reader.list(session, query);
  }

  @Post(':id/agreement')
  @HttpCode(200)
  @Requires('approvals.decide')
  @ApiOperation({
    operationId: 'agreeToApproval',
    summary: 'Estar de acuerdo: se hace en ese momento',
    description:
      'Comprueba antes que la persona existe y que lo pidió. Si es una cuenta nueva o una contraseña, la respuesta trae la contraseña de un solo uso: entrégala tú.',
  })
  @ApiParam({ name: 'id', description: 'Identificador de la solicitud.', format: 'uuid' })
  @ApiOkResponse({ type: AgreedApproval })
  @Refuses(
    ...ANSWERS,
    refusal(approvalErrors.stale(), 'La cuenta cambió desde que se pidió y ahora alcanzaría más.'),
    refusal(emailTaken(), 'Mientras tanto se hizo una cuenta con ese correo.'),
    refusal(rolesIncompatible(), 'Con los roles que la cuenta tiene ahora, ya no puede ser.'),
  )
  agree(@CurrentSession() session: SessionActor, @Param('id', ID) id: string): Promise<AgreedApproval> {
    return this.approvals.agree(session, id.toLowerCase());
  }

  @Post(':id/refusal')
  @HttpCode(200)
  @Requires('approvals.decide')
  @ApiOperation({
    operationId: 'refuseApproval',
    summary: 'No estar de acuerdo',
    description: 'No se hace. Si ya se había hecho porque nadie podía contestar, la cuenta se desactiva.',
  })
  @ApiParam({ name: 'id', description: 'Identificador de la solicitud.', format: 'uuid' })
  @ApiOkResponse({ type: ApprovalAsked })
  @Refuses(INVALID, ...ANSWERS)
  async refuse(
    @CurrentSession() session: SessionActor,
    @Param('id', ID) id: string,
    @Body() { reason }: RefusalRequest,
  ): Promise<ApprovalAsked> {
    return { approval: await this.approvals.refuse(session, id.toLowerCase(), reason) };
  }
}
