import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProperty, ApiPropertyOptional, ApiTags } from '@nestjs/swagger';
import { IsOptional } from 'class-validator';
import { CatalogsReader, findCategory, validOn } from '../../../foundations/catalogs/catalogs.reader.js';
import { catalogErrors } from '../../../foundations/catalogs/errors.js';
import type { StaffActor } from '../../../platform/actor.js';
import { Clock } from '../../../platform/clock.js';
import type { Text } from '../../../platform/errors.js';
import { Requires } from '../../../platform/http/access.js';
import { FORBIDDEN, INVALID, refusal, Refuses, UNAUTHENTICATED } from '../../../platform/http/api-docs.js';
import { CurrentStaff } from '../../../platform/http/current.js';
import { ApiText } from '../../../platform/http/labels.js';
import { OwnedBy } from '../../../platform/http/route-owner.js';
import { IsCode } from '../../../platform/http/typed-fields.js';
import { SCRIPT_VERSION, scriptOf } from './phone-script.js';

export class ScriptQuery {
  @ApiPropertyOptional({
    example: 'BRIBERY',
    description: 'De /public/catalogs/categories; sin ella, los pasos de cualquier llamada.',
  })
  @IsOptional()
  @IsCode(/^[A-Za-z0-9_-]{1,40}$/)
  category?: string;
}

export class PhoneScriptStep {
  @ApiProperty({ example: 'narrative', description: 'Nombre del paso; no cambia con el texto.' })
  id!: string;

  @ApiText({
    example: 'Cuénteme con sus palabras qué pasó. Yo escribo mientras usted habla.',
    description: 'Lo que se dice, en el idioma de `Accept-Language`.',
  })
  say!: Text;

  @ApiProperty({
    type: String,
    nullable: true,
    example: 'narrative',
    description: 'Campo al que va la respuesta, al empezar la llamada o en su borrador; null si a ninguno.',
  })
  field!: string | null;

  @ApiText({
    nullable: true,
    example: 'No interrumpas. Escribe lo que dice, no lo que crees.',
    description: 'Para la operadora; no se lee.',
  })
  note!: Text | null;
}

export class PhoneScript {
  @ApiProperty({ example: '2026-1', description: 'Cambia con cada cambio de los textos.' })
  version!: string;

  @ApiProperty({ type: [PhoneScriptStep], description: 'En el orden de la llamada.' })
  steps!: PhoneScriptStep[];
}

@ApiTags('Teléfono')
@Controller('catalogs')
export class ScriptController {
  constructor(
    private readonly catalogs: CatalogsReader,
    private readonly clock: Clock,
  ) {}

  @Get('phone-script')
  @Requires('phone.calls')
  @OwnedBy('reporters')
  @ApiOperation({
    operationId: 'getPhoneScript',
    summary: 'El guion de una llamada, paso por paso',
    description:
      'Qué decir, en qué orden y a qué campo va cada respuesta. Con `category` trae además las preguntas de esa categoría, después del relato.',
  })
  @ApiOkResponse({ type: PhoneScript })
  @Refuses(
    INVALID,
    UNAUTHENTICATED,
    FORBIDDEN,
    refusal(catalogErrors.categoryNotInForce(), 'La categoría no está vigente.'),
  )
  async script(@CurrentStaff() actor: StaffActor, @Query() { category }: ScriptQuery): Promise<PhoneScript> {
    if (category !== undefined) await this.assertInForce(actor.institutionId, category);
    const steps = scriptOf(category).map(({ id, say, field = null, note = null }) => ({
      id,
      say,
      field,
      note,
    }));
    return { version: SCRIPT_VERSION, steps };
  }

  private async assertInForce(institutionId: string, code: string): Promise<void> {
    const catalog = await this.catalogs.snapshotOf(institutionId);
    const known = findCategory(catalog, { code });
    if (!known || !validOn(known, this.clock.today(catalog.institution.timeZone)))
      throw catalogErrors.categoryNotInForce();
  }
}
