import { applyDecorators, Controller, Get, Query, Req, UseInterceptors } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { EVENT_LABELS } from '../../foundations/audit/labels.js';
import { catalogErrors } from '../../foundations/catalogs/errors.js';
import { labelList, PRIORITY_LABELS } from '../../foundations/catalogs/labels.js';
import { PublicCatalogsReader } from '../../foundations/catalogs/public/public-catalogs.reader.js';
import { AnyInstitutionQuery } from '../../foundations/catalogs/public/requests.js';
import { CodeAndLabel } from '../../foundations/catalogs/public/views.js';
import { ROLE_LABELS } from '../../foundations/identity/labels.js';
import { METRIC_LABELS } from '../../foundations/sla/labels.js';
import type { Text } from '../../platform/errors.js';
import { Public } from '../../platform/http/access.js';
import { Refuses, INVALID, refusal } from '../../platform/http/api-docs.js';
import { languageOf } from '../../platform/http/language.js';
import { PublicAnswers } from '../../platform/http/public-answers.js';
import { ENTRY_LABELS, MODE_LABELS, MOVE_LABELS, OUTCOME_LABELS } from './labels.js';

/**
 * Codes that are the same in every institution, for authors of clients. Statuses and channels are in
 * `catalogs`.
 */
@ApiTags('Catálogos públicos')
@Controller('public/catalogs')
@UseInterceptors(PublicAnswers)
export class PublicCodesController {
  constructor(private readonly catalogs: PublicCatalogsReader) {}

  @CodeList('outcomes', 'listOutcomes', 'Resultados con que termina una denuncia')
  outcomes(@Query() query: AnyInstitutionQuery, @Req() request: FastifyRequest): Promise<CodeAndLabel[]> {
    return this.list(OUTCOME_LABELS, query, request);
  }

  @CodeList('metrics', 'listMetrics', 'Lo que miden los plazos')
  metrics(@Query() query: AnyInstitutionQuery, @Req() request: FastifyRequest): Promise<CodeAndLabel[]> {
    return this.list(METRIC_LABELS, query, request);
  }

  @CodeList('events', 'listEvents', 'Sucesos de las bitácoras')
  events(@Query() query: AnyInstitutionQuery, @Req() request: FastifyRequest): Promise<CodeAndLabel[]> {
    return this.list(EVENT_LABELS, query, request);
  }

  @CodeList('entries', 'listEntryKinds', 'Lo que cuenta la historia de un caso')
  entries(@Query() query: AnyInstitutionQuery, @Req() request: FastifyRequest): Promise<CodeAndLabel[]> {
    return this.list(ENTRY_LABELS, query, request);
  }

  @CodeList('roles', 'listRoles', 'Roles de las cuentas del personal')
  roles(@Query() query: AnyInstitutionQuery, @Req() request: FastifyRequest): Promise<CodeAndLabel[]> {
    return this.list(ROLE_LABELS, query, request);
  }

  @CodeList('moves', 'listMoves', 'Movimientos de un caso')
  moves(@Query() query: AnyInstitutionQuery, @Req() request: FastifyRequest): Promise<CodeAndLabel[]> {
    return this.list(MOVE_LABELS, query, request);
  }

  @CodeList('priorities', 'listPriorities', 'Prioridades')
  priorities(@Query() query: AnyInstitutionQuery, @Req() request: FastifyRequest): Promise<CodeAndLabel[]> {
    return this.list(PRIORITY_LABELS, query, request);
  }

  @CodeList('modes', 'listModes', 'Modalidades de una denuncia')
  modes(@Query() query: AnyInstitutionQuery, @Req() request: FastifyRequest): Promise<CodeAndLabel[]> {
    return this.list(MODE_LABELS, query, request);
  }

  private async list(
    labels: Readonly<Record<string, Text>>,
    { institution }: AnyInstitutionQuery,
    request: FastifyRequest,
  ): Promise<CodeAndLabel[]> {
    if (institution !== undefined) await this.catalogs.institution(institution);
    return labelList(labels, languageOf(request));
  }
}

function CodeList(path: string, operationId: string, summary: string): MethodDecorator {
  return applyDecorators(
    Get(path),
    Public(),
    ApiOperation({ operationId, summary, description: '`Accept-Language: en` da los textos en inglés.' }),
    ApiOkResponse({ type: [CodeAndLabel] }),
    Refuses(
      INVALID,
      refusal(catalogErrors.institutionUnknown(), 'No hay ninguna institución con esa clave.'),
    ),
  );
}
