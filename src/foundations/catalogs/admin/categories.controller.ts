import { Body, Controller, Get, Patch, Post } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { StaffActor } from '../../../platform/actor.js';
import { INVALID, type ProblemCase, refusal } from '../../../platform/http/api-docs.js';
import { CurrentStaff } from '../../../platform/http/current.js';
import { catalogErrors } from '../errors.js';
import { CategoriesService } from './categories.service.js';
import { AddCategory, ChangeCategory } from './category-requests.js';
import { ApiIdParam, ForCatalogAdmin, PathId } from './support.js';
import { AdminCategories, AdminCategory } from './views.js';

const SHORT_CODE_TAKEN: ProblemCase = refusal(
  catalogErrors.shortCodeTaken('COH'),
  'Otra categoría ya tiene esa clave corta.',
);

@ApiTags('Administración')
@Controller('admin/categories')
export class CategoriesController {
  constructor(private readonly categories: CategoriesService) {}

  @Get()
  @ForCatalogAdmin()
  @ApiOperation({ operationId: 'listCategories', summary: 'Categorías de tu institución' })
  @ApiOkResponse({ type: AdminCategories })
  async list(@CurrentStaff() staff: StaffActor): Promise<AdminCategories> {
    return { items: await this.categories.list(staff) };
  }

  @Post()
  @ForCatalogAdmin(
    INVALID,
    refusal(catalogErrors.categoryExists('FRAUD'), 'Ya hay una categoría con esa clave.'),
    SHORT_CODE_TAKEN,
  )
  @ApiOperation({ operationId: 'createCategory', summary: 'Agregar una categoría' })
  @ApiCreatedResponse({ type: AdminCategory })
  add(@CurrentStaff() staff: StaffActor, @Body() input: AddCategory): Promise<AdminCategory> {
    return this.categories.add(staff, input);
  }

  @Patch(':id')
  @ForCatalogAdmin(
    INVALID,
    refusal(catalogErrors.categoryUnknown(), 'Esa categoría no existe en tu institución.'),
    SHORT_CODE_TAKEN,
  )
  @ApiIdParam('Identificador de la categoría.')
  @ApiOperation({
    operationId: 'changeCategory',
    summary: 'Cambiar o terminar una categoría',
    description:
      'Un campo ausente queda como está; `validTo: null` quita la fecha de término. Los casos conservan su categoría y su prioridad; una categoría que terminó ya no se ofrece. Para que termine hoy mismo, da el día de ayer.',
  })
  @ApiOkResponse({ type: AdminCategory })
  change(
    @CurrentStaff() staff: StaffActor,
    @PathId() id: string,
    @Body() input: ChangeCategory,
  ): Promise<AdminCategory> {
    return this.categories.change(staff, id, input);
  }
}
