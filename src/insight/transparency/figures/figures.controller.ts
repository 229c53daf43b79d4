import { Controller, Get, Query, Req } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import type { StaffActor } from '../../../platform/actor.js';
import { Requires } from '../../../platform/http/access.js';
import {
  Refuses,
  FORBIDDEN,
  INVALID,
  UNAUTHENTICATED,
  type ProblemCase,
  refusal,
} from '../../../platform/http/api-docs.js';
import { CurrentStaff } from '../../../platform/http/current.js';
import { languageOf } from '../../../platform/http/language.js';
import { MAX_ROWS, statisticsErrors } from '../errors.js';
import { FiguresReader } from './figures.reader.js';
import { CaseFiguresQuery, DeadlineFiguresQuery, spanOf } from './requests.js';
import { CaseFigures, DeadlineFigures } from './views.js';

const TOO_MANY: ProblemCase = refusal(
  statisticsErrors.tooManyRows(MAX_ROWS),
  'La consulta daría más de 10000 filas.',
);
const SCOPE =
  'La titularidad de área ve sus áreas; auditoría y transparencia, la institución. Las fechas son de recepción (`receivedOn`; en una llamada, su día), mientras que lo público cuenta por día de registro. Se cuenta hasta ayer: `to` responde el día usado, nunca posterior a ayer en la zona de la institución, y lo registrado hoy (también una llamada con fecha anterior) aparece mañana. Quien no ve casos encuentra los que esperan a quien denuncia en el estado al que vuelven (`awaiting_reporter` no aparece). Leerlas queda en la bitácora.';

@ApiTags('Estadísticas')
@Controller('stats')
export class FiguresController {
  constructor(private readonly figures: FiguresReader) {}

  @Get('cases')
  @Requires('stats.read')
  @ApiOperation({ operationId: 'countCases', summary: 'Casos, en cifras exactas', description: SCOPE })
  @ApiOkResponse({ type: CaseFigures })
  @Refuses(INVALID, UNAUTHENTICATED, FORBIDDEN, TOO_MANY)
  cases(
    @CurrentStaff() staff: StaffActor,
    @Query() query: CaseFiguresQuery,
    @Req() request: FastifyRequest,
  ): Promise<CaseFigures> {
    return this.figures.cases(staff, spanOf(query), query.by, languageOf(request));
  }

  @Get('sla')
  @Requires('stats.read')
  @ApiOperation({
    operationId: 'countDeadlines',
    summary: 'Cumplimiento de plazos, en cifras exactas',
    description: `El vencimiento se decide con las fechas guardadas y el momento de la consulta, no con lo que ya marcó el proceso de fondo. ${SCOPE}`,
  })
  @ApiOkResponse({ type: DeadlineFigures })
  @Refuses(INVALID, UNAUTHENTICATED, FORBIDDEN, TOO_MANY)
  deadlines(
    @CurrentStaff() staff: StaffActor,
    @Query() query: DeadlineFiguresQuery,
    @Req() request: FastifyRequest,
  ): Promise<DeadlineFigures> {
    const by = query.by.filter((dimension) => dimension !== 'metric');
    return this.figures.deadlines(staff, spanOf(query), by, languageOf(request));
  }
}
