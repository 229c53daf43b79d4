import { Body, Controller, Get, Patch, Post } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { StaffActor } from '../../../platform/actor.js';
import { INVALID, refusal } from '../../../platform/http/api-docs.js';
import { CurrentStaff } from '../../../platform/http/current.js';
import { catalogErrors } from '../errors.js';
import { AreasService } from './areas.service.js';
import { AddArea, ChangeArea } from './requests.js';
import { ApiIdParam, ForCatalogAdmin, PathId } from './support.js';
import { AdminArea, AdminAreas } from './views.js';

@ApiTags('Administración')
@Controller('admin/areas')
export class AreasController {
  constructor(private readonly areas: AreasService) {}

  @Get()
  @ForCatalogAdmin()
  @ApiOperation({ operationId: 'listAreas', summary: 'Áreas de tu institución' })
  @ApiOkResponse({ type: AdminAreas })
  async list(@CurrentStaff() staff: StaffActor): Promise<AdminAreas> {
    return { items: await this.areas.list(staff) };
  }

  @Post()
  @ForCatalogAdmin(INVALID, refusal(catalogErrors.areaExists('OIC'), 'Ya hay un área con esa clave.'))
  @ApiOperation({ operationId: 'createArea', summary: 'Agregar un área' })
  @ApiCreatedResponse({ type: AdminArea })
  add(@CurrentStaff() staff: StaffActor, @Body() input: AddArea): Promise<AdminArea> {
    return this.areas.add(staff, input);
  }

  @Patch(':id')
  @ForCatalogAdmin(
    INVALID,
    refusal(catalogErrors.areaUnknown(), 'Esa área no existe en tu institución.'),
    refusal(
      catalogErrors.fallbackArea(),
      'El área de respaldo no puede terminar, ni nombrarse una que termina.',
    ),
  )
  @ApiIdParam('Identificador del área.')
  @ApiOperation({
    operationId: 'changeArea',
    summary: 'Cambiar o terminar un área',
    description:
      'Un campo ausente queda como está; `validTo: null` quita la fecha de término. Un área que terminó no recibe casos nuevos y conserva los suyos. Para que termine hoy mismo, da el día de ayer. El área de respaldo no puede terminar: nombra antes otra con `fallback`.',
  })
  @ApiOkResponse({ type: AdminArea })
  change(
    @CurrentStaff() staff: StaffActor,
    @PathId() id: string,
    @Body() input: ChangeArea,
  ): Promise<AdminArea> {
    return this.areas.change(staff, id, input);
  }
}
