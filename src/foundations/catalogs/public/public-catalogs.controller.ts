import { Controller, Get, Query, Req, UseInterceptors } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { Clock } from '../../../platform/clock.js';
import { Public } from '../../../platform/http/access.js';
import { Refuses, INVALID, type ProblemCase, refusal } from '../../../platform/http/api-docs.js';
import { languageOf } from '../../../platform/http/language.js';
import { PublicAnswers } from '../../../platform/http/public-answers.js';
import { unknownValue } from '../../../platform/http/validation.js';
import { validOn } from '../catalogs.reader.js';
import { catalogErrors } from '../errors.js';
import { faults } from '../faults.js';
import { areaLabel, categoryLabel, CHANNEL_LABELS, labelList, STATUS_LABELS } from '../labels.js';
import { municipalities } from '../municipalities.js';
import { PublicCatalogsReader } from './public-catalogs.reader.js';
import { AnyInstitutionQuery, InstitutionQuery, MunicipalitiesQuery, NoQuery } from './requests.js';
import {
  CodeAndLabel,
  PublicArea,
  PublicCategory,
  PublicFault,
  PublicInstitution,
  PublicMunicipality,
  PublicPrivacyNotice,
} from './views.js';

const UNKNOWN: ProblemCase = refusal(
  catalogErrors.institutionUnknown(),
  'No hay ninguna institución con esa clave.',
);

@ApiTags('Catálogos públicos')
@Controller('public')
@UseInterceptors(PublicAnswers)
export class PublicCatalogsController {
  constructor(
    private readonly catalogs: PublicCatalogsReader,
    private readonly clock: Clock,
  ) {}

  @Get('institutions')
  @Public()
  @ApiOperation({
    operationId: 'listInstitutions',
    summary: 'Instituciones que reciben denuncias',
    description: 'La clave de una de ellas va en `institution` en las demás rutas públicas.',
  })
  @ApiOkResponse({ type: [PublicInstitution] })
  @Refuses(INVALID)
  async institutions(@Query() _: NoQuery): Promise<PublicInstitution[]> {
    const all = await this.catalogs.institutions();
    return all.map(({ code, name, kind, territory, contactText, webFormUrl, demo }) => ({
      code,
      name,
      kind,
      territory,
      contactText,
      webFormUrl,
      demo,
    }));
  }

  @Get('catalogs/categories')
  @Public()
  @ApiOperation({
    operationId: 'listPublicCategories',
    summary: 'Categorías de denuncia vigentes hoy',
    description:
      'Elegir una es opcional: quien no sepa puede dejarla vacía. `Accept-Language: en` da los nombres en inglés.',
  })
  @ApiOkResponse({ type: [PublicCategory] })
  @Refuses(INVALID, UNKNOWN)
  async categories(
    @Query() query: InstitutionQuery,
    @Req() request: FastifyRequest,
  ): Promise<PublicCategory[]> {
    const { institution, categories } = await this.catalogs.snapshot(query.institution);
    const today = this.clock.today(institution.timeZone);
    const language = languageOf(request);
    return categories
      .filter((category) => validOn(category, today))
      .map((category) => ({
        code: category.code,
        label: categoryLabel(category, language),
        description: category.description,
      }));
  }

  @Get('catalogs/areas')
  @Public()
  @ApiOperation({
    operationId: 'listPublicAreas',
    summary: 'Áreas que atienden denuncias hoy',
    description:
      'La institución decide a cuál llega cada denuncia; no se elige al denunciar. `Accept-Language: en` da los nombres en inglés que la institución haya puesto.',
  })
  @ApiOkResponse({ type: [PublicArea] })
  @Refuses(INVALID, UNKNOWN)
  async areas(@Query() query: InstitutionQuery, @Req() request: FastifyRequest): Promise<PublicArea[]> {
    const { institution, areas } = await this.catalogs.snapshot(query.institution);
    const today = this.clock.today(institution.timeZone);
    const language = languageOf(request);
    return areas
      .filter((area) => validOn(area, today))
      .map((area) => ({ code: area.code, label: areaLabel(area, language) }));
  }

  @Get('catalogs/municipalities')
  @Public()
  @ApiOperation({
    operationId: 'listMunicipalities',
    summary: 'Municipios y alcaldías del país',
    description:
      'Del marco geoestadístico del INEGI, en el orden de su clave. Con `state`, sólo los de una entidad.',
  })
  @ApiOkResponse({ type: [PublicMunicipality] })
  @Refuses(INVALID, UNKNOWN)
  async municipalities(@Query() query: MunicipalitiesQuery): Promise<PublicMunicipality[]> {
    await this.assertKnown(query.institution);
    if (query.state !== undefined && municipalities(query.state).length === 0) {
      throw unknownValue('state', 'GET /public/catalogs/municipalities');
    }
    return municipalities(query.state).map(({ key, name, stateKey, stateName }) => ({
      key,
      name,
      state: { key: stateKey, name: stateName },
    }));
  }

  @Get('catalogs/statuses')
  @Public()
  @ApiOperation({ operationId: 'listStatuses', summary: 'Estados por los que pasa una denuncia' })
  @ApiOkResponse({ type: [CodeAndLabel] })
  @Refuses(INVALID, UNKNOWN)
  async statuses(
    @Query() query: AnyInstitutionQuery,
    @Req() request: FastifyRequest,
  ): Promise<CodeAndLabel[]> {
    await this.assertKnown(query.institution);
    return labelList(STATUS_LABELS, languageOf(request));
  }

  @Get('catalogs/channels')
  @Public()
  @ApiOperation({ operationId: 'listChannels', summary: 'Canales por los que llega una denuncia' })
  @ApiOkResponse({ type: [CodeAndLabel] })
  @Refuses(INVALID, UNKNOWN)
  async channels(
    @Query() query: AnyInstitutionQuery,
    @Req() request: FastifyRequest,
  ): Promise<CodeAndLabel[]> {
    await this.assertKnown(query.institution);
    return labelList(CHANNEL_LABELS, languageOf(request));
  }

  @Get('catalogs/faults')
  @Public()
  @ApiOperation({
    operationId: 'listFaults',
    summary: 'Faltas administrativas de la LGRA',
    description:
      'Artículos 49 a 73 de la Ley General de Responsabilidades Administrativas, con nombre abreviado.',
  })
  @ApiOkResponse({ type: [PublicFault] })
  @Refuses(INVALID)
  faults(@Query() _: AnyInstitutionQuery): PublicFault[] {
    return faults().map(({ article, kind, name }) => ({ article, kind, name }));
  }

  @Get('privacy-notice')
  @Public()
  @ApiOperation({
    operationId: 'getPrivacyNotice',
    summary: 'Aviso de privacidad vigente',
    description: 'Muéstralo antes de enviar una denuncia y manda su versión en `privacyNotice.version`.',
  })
  @ApiOkResponse({ type: PublicPrivacyNotice })
  @Refuses(
    INVALID,
    UNKNOWN,
    refusal(catalogErrors.noticeMissing(), 'La institución aún no ha publicado su aviso.'),
  )
  async privacyNotice(@Query() query: InstitutionQuery): Promise<PublicPrivacyNotice> {
    const { notice } = await this.catalogs.snapshot(query.institution);
    if (!notice) throw catalogErrors.noticeMissing();
    return notice;
  }

  private async assertKnown(code: string | undefined): Promise<void> {
    if (code !== undefined) await this.catalogs.institution(code);
  }
}
