import { Body, Controller, Get, Patch } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { StaffActor } from '../../../platform/actor.js';
import { INVALID } from '../../../platform/http/api-docs.js';
import { CurrentStaff } from '../../../platform/http/current.js';
import { InstitutionService } from './institution.service.js';
import { ChangeInstitution } from './requests.js';
import { ForCatalogAdmin } from './support.js';
import { AdminInstitution } from './views.js';

@ApiTags('Administración')
@Controller('admin/institution')
export class InstitutionController {
  constructor(private readonly institution: InstitutionService) {}

  @Get()
  @ForCatalogAdmin()
  @ApiOperation({ operationId: 'getInstitution', summary: 'Datos de la institución' })
  @ApiOkResponse({ type: AdminInstitution })
  show(@CurrentStaff() staff: StaffActor): Promise<AdminInstitution> {
    return this.institution.show(staff);
  }

  @Patch()
  @ForCatalogAdmin(INVALID)
  @ApiOperation({
    operationId: 'changeInstitution',
    summary: 'Cambiar lo que la institución dice de sí',
    description:
      'Nombre, contacto y página web aparecen en acuses, en WhatsApp y en las rutas públicas; `expedienteTemplate` da forma a los expedientes que vengan. Clave, prefijo, territorio y zona horaria no cambian: de ellos dependen folios, plazos y cifras.',
  })
  @ApiOkResponse({ type: AdminInstitution })
  change(@CurrentStaff() staff: StaffActor, @Body() input: ChangeInstitution): Promise<AdminInstitution> {
    return this.institution.change(staff, input);
  }
}
