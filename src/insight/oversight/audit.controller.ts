import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiPropertyOptional, ApiTags } from '@nestjs/swagger';
import { IsIn, IsOptional, IsUUID } from 'class-validator';
import { INSTITUTION_EVENTS } from '../../foundations/audit/labels.js';
import { AuditList } from '../../foundations/audit/trail.views.js';
import type { StaffActor } from '../../platform/actor.js';
import { Requires } from '../../platform/http/access.js';
import { Refuses, FORBIDDEN, INVALID, UNAUTHENTICATED } from '../../platform/http/api-docs.js';
import { CurrentStaff } from '../../platform/http/current.js';
import { PageQuery } from '../../platform/http/paging.js';
import { IsDay } from '../../platform/http/typed-fields.js';
import { InstitutionTrail } from './institution-trail.js';

export class AuditQuery extends PageQuery {
  @ApiPropertyOptional({
    enum: INSTITUTION_EVENTS,
    description: 'Sólo este suceso. Los de un caso están en la bitácora del caso.',
    example: 'ACCOUNT_CHANGED',
  })
  @IsOptional()
  @IsIn(INSTITUTION_EVENTS)
  event?: string;

  @ApiPropertyOptional({ format: 'uuid', description: 'Lo que hizo esta cuenta y lo que se cambió en ella.' })
  @IsOptional()
  @IsUUID()
  account?: string;

  @ApiPropertyOptional({ format: 'date', description: 'Primer día.', example: '2026-11-01' })
  @IsOptional()
  @IsDay()
  from?: string;

  @ApiPropertyOptional({ format: 'date', description: 'Último día, incluido.', example: '2026-11-30' })
  @IsOptional()
  @IsDay()
  to?: string;
}

@ApiTags('Bitácora')
@Controller('audit')
export class AuditController {
  constructor(private readonly trail: InstitutionTrail) {}

  @Get()
  @Requires('audit.read')
  @ApiOperation({
    operationId: 'listAudit',
    summary: 'Bitácora de la institución',
    description:
      'Lo que no pertenece a un caso: configuración, cuentas, entradas al sistema, rechazos, listas y cifras que se leyeron; lo más nuevo primero. Cada entrada se comprueba al leerla. La de un caso está en `GET /cases/{folio}/audit`.',
  })
  @ApiOkResponse({ type: AuditList })
  @Refuses(INVALID, UNAUTHENTICATED, FORBIDDEN)
  list(@CurrentStaff() staff: StaffActor, @Query() query: AuditQuery): Promise<AuditList> {
    return this.trail.page(staff, query);
  }
}
