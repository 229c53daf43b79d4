import { applyDecorators } from '@nestjs/common';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform, Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  Equals,
  IsArray,
  IsIn,
  IsInt,
  IsObject,
  IsOptional,
  Max,
  Min,
  NotEquals,
  ValidateNested,
} from 'class-validator';
import { IsCode, IsDay, IsHttpsUrl, IsName } from '../../platform/http/typed-fields.js';
import { IsPlainText } from '../../platform/http/validation.js';
import type { CalendarRule } from '../business-calendar.js';
import { PRIORITIES, type Priority } from '../default-catalog.js';
import { NO_TYPE } from '../expediente-template.js';
import { SHORT_CODE } from '../short-codes.js';
import { IfGiven } from './support.js';

const CODE = /^[A-Z][A-Z0-9_]{1,39}$/;
const CODE_DOC = 'Mayúsculas, cifras y guion bajo, de 2 a 40. No cambia nunca.';
const FROM_DOC = 'Primer día en que vale; si falta, hoy.';
const TO_DOC = 'Último día en que vale, incluido; null = sin fecha de término.';
/** A row of a WhatsApp list shows no more; longer texts are cut there. */
const WHATSAPP = 'WhatsApp muestra los primeros';

/** Years whose calendar anybody may need; the rules of the laws hold for none before. */
const FIRST_YEAR = 2000;
const LAST_YEAR = 2100;

function ShortCode(example: string): PropertyDecorator {
  return applyDecorators(
    ApiPropertyOptional({
      pattern: SHORT_CODE.source,
      description:
        'Clave corta en español para los expedientes, única en la institución: de 2 a 6 mayúsculas y cifras, menos `SC` (sin clasificar). Si falta se toma del nombre. Los expedientes ya dados no cambian.',
      example,
    }),
    IfGiven(),
    IsCode(SHORT_CODE),
    NotEquals(NO_TYPE),
  );
}

function AreaLabelEn(example: string): PropertyDecorator {
  return applyDecorators(
    ApiPropertyOptional({
      type: String,
      nullable: true,
      minLength: 1,
      maxLength: 120,
      description: 'En inglés; null = se muestra el nombre en español.',
      example,
    }),
    IsOptional(),
    IsName(1, 120),
  );
}

export class AddArea {
  @ApiProperty({ description: CODE_DOC, example: 'ARCHIVO' })
  @IsCode(CODE)
  code!: string;

  @ApiProperty({ minLength: 1, maxLength: 120, example: 'Archivo' })
  @IsName(1, 120)
  label!: string;

  @AreaLabelEn('Legal department')
  labelEn?: string | null;

  @ApiPropertyOptional({ format: 'date', description: FROM_DOC, example: '2026-11-20' })
  @IfGiven()
  @IsDay()
  validFrom?: string;

  @ApiPropertyOptional({ type: String, format: 'date', nullable: true, description: TO_DOC, example: null })
  @IsOptional()
  @IsDay()
  validTo?: string | null;
}

export class ChangeArea {
  @ApiPropertyOptional({ minLength: 1, maxLength: 120, example: 'Supervisión de obra' })
  @IfGiven()
  @IsName(1, 120)
  label?: string;

  @AreaLabelEn('Works supervision')
  labelEn?: string | null;

  @ApiPropertyOptional({ type: String, format: 'date', nullable: true, description: TO_DOC })
  @IsOptional()
  @IsDay()
  validTo?: string | null;

  @ApiPropertyOptional({
    enum: [true],
    description: 'La nombra área de respaldo, en lugar de la que lo era.',
  })
  @IfGiven()
  @Equals(true)
  fallback?: true;
}

export class AddCategory {
  @ApiProperty({ description: CODE_DOC, example: 'CONFLICT_OF_INTEREST' })
  @IsCode(CODE)
  code!: string;

  @ShortCode('CON')
  shortCode?: string;

  @ApiProperty({
    minLength: 1,
    maxLength: 80,
    description: `${WHATSAPP} 24 caracteres.`,
    example: 'Conflicto de interés',
  })
  @IsName(1, 80)
  label!: string;

  @ApiProperty({ minLength: 1, maxLength: 80, description: 'En inglés.', example: 'Conflict of interest' })
  @IsName(1, 80)
  labelEn!: string;

  @ApiProperty({
    minLength: 1,
    maxLength: 300,
    description: `Explicación en palabras sencillas. ${WHATSAPP} 72 caracteres.`,
    example: 'Alguien decidió sobre un asunto en el que tenía un interés propio.',
  })
  @IsPlainText(1, 300)
  description!: string;

  @ApiPropertyOptional({ enum: PRIORITIES, default: 'normal', example: 'normal' })
  @IfGiven()
  @IsIn(PRIORITIES)
  priority?: Priority;

  @ApiPropertyOptional({ format: 'date', description: FROM_DOC, example: '2026-11-20' })
  @IfGiven()
  @IsDay()
  validFrom?: string;

  @ApiPropertyOptional({ type: String, format: 'date', nullable: true, description: TO_DOC, example: null })
  @IsOptional()
  @IsDay()
  validTo?: string | null;
}

export class ChangeCategory {
  @ShortCode('FRA')
  shortCode?: string;

  @ApiPropertyOptional({ minLength: 1, maxLength: 80, example: 'Fraude o engaño' })
  @IfGiven()
  @IsName(1, 80)
  label?: string;

  @ApiPropertyOptional({ minLength: 1, maxLength: 80, example: 'Fraud' })
  @IfGiven()
  @IsName(1, 80)
  labelEn?: string;

  @ApiPropertyOptional({
    minLength: 1,
    maxLength: 300,
    example: 'Engaños para quedarse con dinero, apoyos o bienes públicos.',
  })
  @IfGiven()
  @IsPlainText(1, 300)
  description?: string;

  @ApiPropertyOptional({
    enum: PRIORITIES,
    description: 'Vale para las denuncias que lleguen desde ahora.',
    example: 'high',
  })
  @IfGiven()
  @IsIn(PRIORITIES)
  priority?: Priority;

  @ApiPropertyOptional({ type: String, format: 'date', nullable: true, description: TO_DOC })
  @IsOptional()
  @IsDay()
  validTo?: string | null;
}

export class CalendarQuery {
  @ApiPropertyOptional({
    type: 'integer',
    minimum: FIRST_YEAR,
    maximum: LAST_YEAR,
    description: 'Si falta, el año en curso.',
    example: 2026,
  })
  @IsOptional()
  @Transform(({ value }: { value: unknown }) =>
    typeof value === 'string' && /^\d{4}$/.test(value) ? Number(value) : value,
  )
  @IsInt()
  @Min(FIRST_YEAR)
  @Max(LAST_YEAR)
  year?: number;
}

export class ChangeCalendar {
  @ApiPropertyOptional({
    enum: ['LFPA28', 'LFT74'],
    description: 'Ley cuyos días inhábiles aplican: LFPA, artículo 28, o LFT, artículo 74.',
    example: 'LFPA28',
  })
  @IfGiven()
  @IsIn(['LFPA28', 'LFT74'])
  rule?: CalendarRule;
}

export class ClosureDay {
  @ApiProperty({ format: 'date', description: 'Hoy o un día por venir.', example: '2026-12-21' })
  @IsDay()
  day!: string;

  @ApiProperty({ minLength: 1, maxLength: 120, example: 'Suspensión de labores (acuerdo publicado)' })
  @IsName(1, 120)
  label!: string;
}

export class AddClosures {
  @ApiProperty({ type: [ClosureDay], minItems: 1, maxItems: 100 })
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(100)
  @IsObject({ each: true })
  @ValidateNested({ each: true })
  @Type(() => ClosureDay)
  days!: ClosureDay[];
}

export class ChangeInstitution {
  @ApiPropertyOptional({ minLength: 1, maxLength: 200, example: 'Comisión de Vivienda (demostración)' })
  @IfGiven()
  @IsName(1, 200)
  name?: string;

  @ApiPropertyOptional({
    minLength: 1,
    maxLength: 1000,
    description:
      'Dónde más encontrar ayuda: teléfonos y horarios, en palabras sencillas. WhatsApp lo da a quien no trae una denuncia.',
    example: 'Atención ciudadana: 800 000 0000, de lunes a viernes de 9 a 18 h.',
  })
  @IfGiven()
  @IsPlainText(1, 1000)
  contactText?: string;

  @ApiPropertyOptional({
    type: String,
    nullable: true,
    description: 'Dirección https de la página para denunciar y dar seguimiento; null la quita.',
    example: 'https://ejemplo.gob.mx/denuncias',
  })
  @IsOptional()
  @IsHttpsUrl()
  webFormUrl?: string | null;

  @ApiPropertyOptional({
    description:
      'Forma de los expedientes que se den desde ahora; los que ya existen no cambian. Entre llaves: `number` (consecutivo, una vez y entre separadores) y `year`, ambos obligatorios, y `area`, `type` (clave corta de la categoría) y `municipality`. `number` cuenta sin huecos dentro de lo demás.',
    example: '{area}/{type}/{number}/{year}',
  })
  @IfGiven()
  @IsPlainText(1, 200)
  expedienteTemplate?: string;
}

export class PublishNotice {
  @ApiProperty({ description: 'Letras, cifras, punto y guion, hasta 40.', example: '2027-1' })
  @IsCode(/^[A-Za-z0-9][A-Za-z0-9.-]{0,39}$/)
  version!: string;

  @ApiProperty({
    minLength: 1,
    maxLength: 20000,
    description: 'Aviso simplificado, en palabras sencillas.',
    example: 'Tus datos se usan sólo para atender tu denuncia.',
  })
  @IsPlainText(1, 20_000)
  text!: string;

  @ApiPropertyOptional({
    type: String,
    nullable: true,
    description: 'Dirección https del aviso integral.',
    example: 'https://ejemplo.gob.mx/aviso',
  })
  @IsOptional()
  @IsHttpsUrl()
  url?: string | null;

  @ApiPropertyOptional({ format: 'date', description: FROM_DOC, example: '2027-01-01' })
  @IfGiven()
  @IsDay()
  validFrom?: string;
}
