import { Body, Controller, Get, HttpCode, Param, Post, Query, Req } from '@nestjs/common';
import {
  ApiBody,
  ApiCreatedResponse,
  ApiHeader,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import type { StaffActor } from '../../../platform/actor.js';
import { Requires } from '../../../platform/http/access.js';
import { FORBIDDEN, INVALID, refusal, Refuses, UNAUTHENTICATED } from '../../../platform/http/api-docs.js';
import { CurrentStaff } from '../../../platform/http/current.js';
import { versionOf } from '../../../work/cases/parameters.js';
import { menuErrors } from './errors.js';
import { MENU_EXAMPLES, PREVIEW_EXAMPLES } from './examples.js';
import { MenuQuery, PreviewMenu, PublishMenu } from './menu.request.js';
import { MenuOverview, MenuPreview, MenuVersion, MenuView } from './menu.views.js';
import { MenusService } from './menus.service.js';

@ApiTags('Administración')
@Controller('admin/menu')
export class MenusController {
  constructor(private readonly menus: MenusService) {}

  @Get()
  @Requires('admin.menu')
  @Refuses(UNAUTHENTICATED, FORBIDDEN, INVALID)
  @ApiOperation({ operationId: 'getMenu', summary: 'El menú del chat y sus versiones' })
  @ApiOkResponse({ type: MenuOverview })
  overview(@CurrentStaff() staff: StaffActor, @Query() { number }: MenuQuery): Promise<MenuOverview> {
    return this.menus.overview(staff, number);
  }

  @Get('versions/:version')
  @Requires('admin.menu')
  @Refuses(
    UNAUTHENTICATED,
    FORBIDDEN,
    INVALID,
    refusal(menuErrors.versionUnknown(), 'No existe esa versión.'),
  )
  @ApiParam({ name: 'version', schema: { type: 'string', pattern: '^\\d{1,9}$', example: '1' } })
  @ApiOperation({ operationId: 'getMenuVersion', summary: 'Una versión del menú, completa' })
  @ApiOkResponse({ type: MenuView })
  version(
    @CurrentStaff() staff: StaffActor,
    @Param('version') version: string,
    @Query() { number }: MenuQuery,
  ): Promise<MenuView> {
    return this.menus.version(staff, /^\d{1,9}$/.test(version) ? Number(version) : 0, number);
  }

  @Post()
  @Requires('admin.menu')
  @ApiHeader({
    name: 'If-Match',
    required: false,
    description:
      'La versión más nueva que se leyó, entre comillas: así nadie tapa lo que otra persona publicó.',
    example: '"1"',
  })
  @ApiBody({ type: PublishMenu, examples: MENU_EXAMPLES })
  @ApiOperation({
    operationId: 'publishMenu',
    summary: 'Publicar una versión del menú',
    description:
      'Sustituye el menú entero desde `validFrom`. Una versión publicada no se cambia ni se borra; una corrección es otra versión. Vale la que empezó más tarde de las que ya empezaron. La gente puede escribir *denunciar*, *persona*, *menú* o *911* aunque el menú no los tenga.',
  })
  @ApiCreatedResponse({ type: MenuVersion })
  @Refuses(
    UNAUTHENTICATED,
    FORBIDDEN,
    INVALID,
    refusal(menuErrors.stale(2), 'Alguien publicó otra versión desde que se leyó.'),
  )
  publish(
    @CurrentStaff() staff: StaffActor,
    @Body() input: PublishMenu,
    @Req() request: FastifyRequest,
  ): Promise<MenuVersion> {
    return this.menus.publish(staff, input, versionOf(request));
  }

  @Post('preview')
  @HttpCode(200)
  @Requires('admin.menu')
  @ApiBody({ type: PreviewMenu, examples: PREVIEW_EXAMPLES })
  @ApiOperation({
    operationId: 'previewMenu',
    summary: 'Probar un menú sin publicarlo',
    description:
      'Contesta lo que contestaría el chat a cada mensaje, en orden y de la misma persona. Para tocar una opción, escribe su título o su número. No guarda ni cuenta nada.',
  })
  @ApiOkResponse({ type: MenuPreview })
  @Refuses(UNAUTHENTICATED, FORBIDDEN, INVALID)
  preview(@CurrentStaff() staff: StaffActor, @Body() input: PreviewMenu): Promise<MenuPreview> {
    return this.menus.preview(staff, input);
  }
}
