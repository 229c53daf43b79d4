import { Controller, Get, Query, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { AuditPage } from '../../foundations/audit/trail.views.js';
import type { StaffActor } from '../../platform/actor.js';
import { Requires } from '../../platform/http/access.js';
import { Refuses, FORBIDDEN, INVALID, UNAUTHENTICATED } from '../../platform/http/api-docs.js';
import { CurrentStaff } from '../../platform/http/current.js';
import { PageQuery } from '../../platform/http/paging.js';
import { CaseList } from './case-list.js';
import { CaseTrail } from './case-trail.js';
import { CasesReader } from './cases.reader.js';
import { DocumentedCase } from './docs.js';
import { Folio } from './parameters.js';
import { CasesQuery } from './requests.js';
import { AssignableView, CaseDetail, CasePage, DeadlineView } from './views.js';

@ApiTags('Casos')
@Controller('cases')
export class CasesController {
  constructor(
    private readonly reader: CasesReader,
    private readonly list: CaseList,
    private readonly trail: CaseTrail,
  ) {}

  @Get()
  @Requires('cases.read')
  @ApiOperation({
    operationId: 'listCases',
    summary: 'Lista de casos de tus áreas',
    description:
      'Sin contenido. Por omisión lo vencido va primero. Páginas por cursor; nunca dice cuántos hay en total.',
  })
  @ApiOkResponse({ type: CasePage })
  @Refuses(INVALID, UNAUTHENTICATED, FORBIDDEN)
  find(@CurrentStaff() staff: StaffActor, @Query() query: CasesQuery): Promise<CasePage> {
    return this.list.find(staff, query);
  }

  @Get(':folio')
  @Requires('cases.read')
  @ApiOperation({
    operationId: 'getCase',
    summary: 'Un caso completo',
    description: 'Leerlo queda en la bitácora. `ETag` trae la versión para `If-Match`.',
  })
  @ApiOkResponse({
    type: CaseDetail,
    headers: { ETag: { schema: { type: 'string', example: '"3"' }, description: 'Versión.' } },
  })
  @DocumentedCase()
  async get(
    @CurrentStaff() staff: StaffActor,
    @Folio() folio: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<CaseDetail> {
    const detail = await this.reader.detail(staff, folio);
    void reply.header('ETag', `"${detail.version}"`);
    return detail;
  }

  @Get(':folio/deadlines')
  @Requires('cases.read')
  @ApiOperation({ operationId: 'getDeadlines', summary: 'Plazos del caso' })
  @ApiOkResponse({ type: [DeadlineView] })
  @DocumentedCase()
  deadlines(@CurrentStaff() staff: StaffActor, @Folio() folio: string): Promise<DeadlineView[]> {
    return this.reader.deadlines(staff, folio);
  }

  @Get(':folio/audit')
  @Requires('cases.audit')
  @ApiOperation({
    operationId: 'getAuditTrail',
    summary: 'Bitácora del caso',
    description:
      'Quién leyó y cambió qué, en orden, con los nombres de ese momento. Cada entrada se comprueba al leerla: `integrity` dice si coincide con su compromiso y con lo guardado.',
  })
  @ApiOkResponse({ type: AuditPage })
  @DocumentedCase(INVALID)
  audit(
    @CurrentStaff() staff: StaffActor,
    @Folio() folio: string,
    @Query() page: PageQuery,
  ): Promise<AuditPage> {
    return this.trail.page(staff, folio, page);
  }

  @Get(':folio/assignable')
  @Requires('cases.assign')
  @ApiOperation({
    operationId: 'listAssignable',
    summary: 'Cuentas a las que se puede asignar',
    description: 'Según el estado actual: las que `assignment` aceptaría ahora.',
  })
  @ApiOkResponse({ type: [AssignableView] })
  @DocumentedCase()
  assignable(@CurrentStaff() staff: StaffActor, @Folio() folio: string): Promise<AssignableView[]> {
    return this.reader.assignable(staff, folio);
  }
}
