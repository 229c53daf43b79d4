import { Controller, Get, Query, Req, Res, UseInterceptors } from '@nestjs/common';
import { ApiExtraModels, ApiOkResponse, ApiOperation, ApiTags, getSchemaPath } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { catalogErrors } from '../../../foundations/catalogs/errors.js';
import { InstitutionQuery } from '../../../foundations/catalogs/public/requests.js';
import { Public } from '../../../platform/http/access.js';
import { Refuses, INVALID, type ProblemCase, refusal } from '../../../platform/http/api-docs.js';
import { opensInBrowser } from '../../../platform/http/browser.js';
import { languageOf } from '../../../platform/http/language.js';
import { PublicAnswers } from '../../../platform/http/public-answers.js';
import { MAX_ROWS, statisticsErrors } from '../errors.js';
import { invalidPeriod } from '../release-domain.js';
import { PublishedReader } from './published.reader.js';
import { asJson, fileName, reportsCsv } from './reports-file.js';
import { PublishedReportsQuery } from './requests.js';
import { PlanView, PublishedReports, ReleaseView } from './views.js';

const UNKNOWN: ProblemCase = refusal(
  catalogErrors.institutionUnknown(),
  'No hay ninguna institución con esa clave.',
);

@ApiTags('Estadísticas')
@Controller('public/stats')
@UseInterceptors(PublicAnswers)
export class PublishedController {
  constructor(private readonly published: PublishedReader) {}

  @Get('releases')
  @Public('ignored', 'staff')
  @ApiOperation({
    operationId: 'listReleases',
    summary: 'Periodos publicados',
    description: 'Cada periodo se publica una sola vez, después de cerrar, y no se corrige.',
  })
  @ApiOkResponse({ type: [ReleaseView] })
  @Refuses(INVALID, UNKNOWN)
  releases(@Query() { institution }: InstitutionQuery): Promise<ReleaseView[]> {
    return this.published.releases(institution);
  }

  @Get('plan')
  @Public('ignored', 'staff')
  @ApiOperation({
    operationId: 'getReleasePlan',
    summary: 'Plan de publicaciones',
    description:
      'Las casillas y el ruido (ε) de cada periodo, fijados antes de que empiece y sin mirar las denuncias. Rige un periodo la versión más alta cuyo `validFrom` no pasa de su primer día. La base de datos no acepta una publicación que se aparte del plan.',
  })
  @ApiOkResponse({ type: [PlanView] })
  @Refuses(INVALID, UNKNOWN)
  plan(@Query() { institution }: InstitutionQuery): Promise<PlanView[]> {
    return this.published.plan(institution);
  }

  @Get('reports')
  @Public('ignored', 'staff')
  @ApiOperation({
    operationId: 'getPublishedReports',
    summary: 'Denuncias recibidas, con ruido que protege a quien denuncia',
    description:
      'Cuenta por día de registro y por la categoría que la denuncia tenía al registrarse: lo que la mesa de control corrige después no mueve ninguna casilla, ni importa qué día se publica. Una denuncia registrada cuando su periodo ya se publicó cuenta en el siguiente. Cada periodo tiene casillas fijas (territorio × categoría, también las vacías) con un ruido sorteado una sola vez; toda cifra es la suma de esas casillas, con su margen. ' +
      'Por eso un `value` puede ser negativo: las filas suman exactamente el total, pero no si antes se recortan a cero. `from` y `to` limitan por periodo; sólo se suman los publicados, que se listan en `periods`; `periodCount` dice cuántos abarca cada fila. ' +
      'Los nombres siguen `Accept-Language`. El CSV (RFC 4180, UTF-8) lleva una fila por combinación, sin totales; su declaración de privacidad es la del JSON, enlazada en `Link`. Sus claves son texto y las de sólo cifras van entre comillas: al abrirlo con doble clic, Excel les quita los ceros (`01`); impórtalas como texto.',
  })
  @ApiExtraModels(PublishedReports)
  @ApiOkResponse({
    content: {
      'application/json': { schema: { $ref: getSchemaPath(PublishedReports) } },
      'text/csv': {
        schema: { type: 'string' },
        example:
          'category,category_label,value,low,high,margin,period_count,epsilon\r\nFRAUD,Fraude o engaño,41,15,67,26,3,1\r\n',
      },
    },
  })
  @Refuses(
    INVALID,
    refusal(invalidPeriod(), 'El periodo no es como 2026-03 o 2026-Q1.'),
    UNKNOWN,
    refusal(
      statisticsErrors.tooManyRows(MAX_ROWS),
      'Serían más de 10,000 filas: acorta los periodos o agrupa por menos.',
    ),
  )
  async reports(
    @Query() query: PublishedReportsQuery,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<PublishedReports | string> {
    const { institution, format, bom, ...filter } = query;
    const published = await this.published.reports(institution, filter, languageOf(request));
    if (format === 'json') return published;
    void reply
      .header('Content-Type', 'text/csv; charset=utf-8; header=present')
      .header('Content-Disposition', `attachment; filename="${fileName(published)}"`)
      .header('Link', `<${asJson(request.url)}>; rel="describedby"; type="application/json"`);
    if (bom === undefined) reply.header('Vary', 'Accept');
    return reportsCsv(published, filter.by, {
      bom: bom === undefined ? opensInBrowser(request) : bom === '1',
    });
  }
}
