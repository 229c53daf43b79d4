import { Body, Controller, Get, Patch, Post } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { StaffActor } from '../../platform/actor.js';
import { INVALID, refusal } from '../../platform/http/api-docs.js';
import { CurrentStaff } from '../../platform/http/current.js';
import { ApiIdParam, ForCatalogAdmin, PathId } from '../catalogs/admin/support.js';
import { AddTerm, EndTerm, TermList, TermView } from './sla-terms.api.js';
import { SlaTermsService, termUnknown } from './sla-terms.service.js';

const FROM_NOW_ON = 'Los plazos que ya corren conservan sus fechas.';

@ApiTags('Administración')
@Controller('admin/sla-terms')
export class SlaTermsController {
  constructor(private readonly terms: SlaTermsService) {}

  @Get()
  @ForCatalogAdmin()
  @ApiOperation({
    operationId: 'listTerms',
    summary: 'Plazos de tu institución',
    description: 'Con los que valen por omisión, marcados `propuesta` y sin `id`.',
  })
  @ApiOkResponse({ type: TermList })
  async list(@CurrentStaff() staff: StaffActor): Promise<TermList> {
    return { items: await this.terms.list(staff) };
  }

  @Post()
  @ForCatalogAdmin(INVALID)
  @ApiOperation({
    operationId: 'createTerm',
    summary: 'Fijar un plazo',
    description: `A cada denuncia se aplica el más específico de los que valen el día en que empieza: categoría y prioridad, categoría, prioridad, ninguna; entre iguales, el más nuevo. ${FROM_NOW_ON}`,
  })
  @ApiCreatedResponse({ type: TermView })
  add(@CurrentStaff() staff: StaffActor, @Body() input: AddTerm): Promise<TermView> {
    return this.terms.add(staff, input);
  }

  @Patch(':id')
  @ForCatalogAdmin(INVALID, refusal(termUnknown(), 'Ese plazo no existe en tu institución.'))
  @ApiIdParam('Identificador del plazo.')
  @ApiOperation({
    operationId: 'endTerm',
    summary: 'Terminar un plazo',
    description: `Un plazo no se cambia ni se borra: se termina, o se fija otro más nuevo. Para que deje de valer hoy mismo, da el día de ayer. ${FROM_NOW_ON}`,
  })
  @ApiOkResponse({ type: TermView })
  end(@CurrentStaff() staff: StaffActor, @PathId() id: string, @Body() input: EndTerm): Promise<TermView> {
    return this.terms.end(staff, id, input);
  }
}
