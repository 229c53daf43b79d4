import { Controller, Delete, Get, HttpCode, Query } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { StaffActor } from '../../../platform/actor.js';
import { Requires } from '../../../platform/http/access.js';
import { FORBIDDEN, INVALID, refusal, Refuses, UNAUTHENTICATED } from '../../../platform/http/api-docs.js';
import { CurrentStaff } from '../../../platform/http/current.js';
import { PathUuid } from '../../../platform/http/path-uuid.js';
import { menuErrors } from './errors.js';
import { FiguresQuery, MenuFigures, UnansweredPage, UnansweredQuery } from './menu-figures.api.js';
import { MenuFiguresReader } from './menu-figures.reader.js';

/** The register of consultations: what was asked, and whether the answer helped. */
@ApiTags('Administración')
@Controller('admin/menu')
export class MenuFiguresController {
  constructor(private readonly menuFigures: MenuFiguresReader) {}

  @Get('figures')
  @Requires('admin.menu')
  @Refuses(UNAUTHENTICATED, FORBIDDEN, INVALID)
  @ApiOperation({
    operationId: 'getMenuFigures',
    summary: 'Cuánto se consulta cada respuesta y si sirve',
    description:
      'Hasta ayer. Cuenta sólo respuestas: quién empieza una denuncia, la sigue o pide hablar con alguien no se cuenta. Lo que se consulta a media denuncia tampoco.',
  })
  @ApiOkResponse({ type: MenuFigures })
  figures(@CurrentStaff() staff: StaffActor, @Query() query: FiguresQuery): Promise<MenuFigures> {
    return this.menuFigures.figures(staff, query);
  }

  @Get('unanswered')
  @Requires('admin.menu')
  @Refuses(UNAUTHENTICATED, FORBIDDEN, INVALID)
  @ApiOperation({
    operationId: 'listUnansweredQuestions',
    summary: 'Preguntas que no tuvieron respuesta',
    description:
      'Hasta ayer, las más frecuentes primero, sin quién preguntó. No se anota lo que puede ser una denuncia, ni lo que lleva números largos, direcciones o nombres que se presentan. Se borran a los noventa días.',
  })
  @ApiOkResponse({ type: UnansweredPage })
  unanswered(
    @CurrentStaff() staff: StaffActor,
    @Query() { limit }: UnansweredQuery,
  ): Promise<UnansweredPage> {
    return this.menuFigures.unanswered(staff, limit);
  }

  @Delete('unanswered/:id')
  @HttpCode(204)
  @Requires('admin.menu')
  @Refuses(
    UNAUTHENTICATED,
    FORBIDDEN,
    INVALID,
    refusal(menuErrors.questionUnknown(), 'No está, o ya se quitó.'),
  )
  @ApiParam({ name: 'id', format: 'uuid', example: '0b9c2f5e-6f0e-4f3c-9d39-3a4d0f2b8c11' })
  @ApiOperation({ operationId: 'removeUnansweredQuestion', summary: 'Quitar una pregunta ya atendida' })
  @ApiNoContentResponse({ description: 'Quitada.' })
  remove(@CurrentStaff() staff: StaffActor, @PathUuid() id: string): Promise<void> {
    return this.menuFigures.remove(staff, id);
  }
}
