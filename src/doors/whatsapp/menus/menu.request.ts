import { applyDecorators } from '@nestjs/common';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform, Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsIn,
  IsNumber,
  IsUUID,
  Max,
  Min,
  ValidateNested,
} from 'class-validator';
import { IsCode, IsDay, IsEach, IsHttpsUrl, IsName, IsPhone } from '../../../platform/http/typed-fields.js';
import { check, isPlainText, IsPlainText } from '../../../platform/http/validation.js';
import { typedName } from '../../../platform/typed-text.js';
import { IfGiven } from '../../../foundations/catalogs/admin/support.js';
import { LIMITS } from '../bot/messages.js';

/** What an option may start. */
export const MENU_STARTS = [
  'report',
  'follow_up',
  'person',
  'privacy_notice',
  'delete_data',
  'anonymity',
  'scope',
  'contact',
] as const;
export type MenuStart = (typeof MENU_STARTS)[number];

/** Options of a menu, and rows of a list of the chat. */
export const MOST_OPTIONS = LIMITS.rows;
/** Characters of a greeting: the body of a list takes 1,024, with the question and the languages. */
const GREETING = 700;
/** Characters of an answer: a message takes 4,096, with title, link and telephone. */
const ANSWER = 3000;

export class MenuPlace {
  @ApiProperty({ minLength: 1, maxLength: 100, example: 'Palacio municipal' })
  @IsName(1, 100)
  name!: string;

  @ApiProperty({ minLength: 1, maxLength: 200, example: 'Plaza principal, centro' })
  @IsName(1, 200)
  address!: string;

  @ApiProperty({ minimum: -90, maximum: 90, description: 'Grados, WGS 84.', example: 19.6397 })
  @IsNumber()
  @Min(-90)
  @Max(90)
  latitude!: number;

  @ApiProperty({ minimum: -180, maximum: 180, description: 'Grados, WGS 84.', example: -98.9112 })
  @IsNumber()
  @Min(-180)
  @Max(180)
  longitude!: number;
}

export class MenuDocument {
  @ApiProperty({
    example: 'https://ejemplo.gob.mx/reglas.pdf',
    description: 'Pública: WhatsApp la descarga.',
  })
  @IsHttpsUrl()
  url!: string;

  @ApiProperty({ minLength: 1, maxLength: 100, example: 'Reglas de operación.pdf' })
  @IsName(1, 100)
  name!: string;
}

export class MenuAnswerContent {
  @ApiPropertyOptional({
    minLength: 1,
    maxLength: ANSWER,
    example: 'Necesitas identificación oficial, CURP y comprobante de domicilio. El trámite es gratuito.',
  })
  @IfGiven()
  @IsPlainText(1, ANSWER)
  @IsShort(ANSWER)
  text?: string;

  @ApiPropertyOptional({ example: 'https://ejemplo.gob.mx/requisitos' })
  @IfGiven()
  @IsHttpsUrl()
  link?: string;

  @ApiPropertyOptional({ example: '800 000 0000' })
  @IfGiven()
  @IsPhone()
  telephone?: string;

  @ApiPropertyOptional({ type: MenuDocument })
  @IfGiven()
  @ValidateNested()
  @Type(() => MenuDocument)
  document?: MenuDocument;

  @ApiPropertyOptional({ type: MenuPlace })
  @IfGiven()
  @ValidateNested()
  @Type(() => MenuPlace)
  place?: MenuPlace;
}

/** What the two levels of a menu have in common. */
class MenuRow {
  @ApiProperty({
    pattern: '^[a-z0-9][a-z0-9-]{0,39}$',
    example: 'requisitos',
    description: 'No cambia cuando cambia el título: las cifras cuentan por él.',
  })
  @IsCode(/^[a-z0-9][a-z0-9-]{0,39}$/)
  code!: string;

  @ApiProperty({ minLength: 1, maxLength: LIMITS.rowTitle, example: 'Requisitos' })
  @IsName(1, LIMITS.rowTitle)
  @IsShort(LIMITS.rowTitle)
  title!: string;

  @ApiPropertyOptional({
    minLength: 1,
    maxLength: LIMITS.rowDescription,
    example: 'Qué documentos necesitas',
    description: 'Segunda línea de la opción.',
  })
  @IfGiven()
  @IsName(1, LIMITS.rowDescription)
  @IsShort(LIMITS.rowDescription)
  description?: string;

  @ApiPropertyOptional({
    type: [String],
    maxItems: 30,
    example: ['papeles', 'documentos', 'qué necesito'],
    description:
      'Otras palabras con las que la gente lo busca; no hace falta repetir el título ni poner acentos.',
  })
  @IfGiven()
  @IsArray()
  @ArrayMaxSize(30)
  @AreTexts(60)
  keywords?: string[];

  @ApiPropertyOptional({ enum: MENU_STARTS, description: 'Lo que empieza.' })
  @IfGiven()
  @IsIn(MENU_STARTS)
  start?: MenuStart;

  @ApiPropertyOptional({
    type: MenuAnswerContent,
    description: 'Lo que contesta; al menos uno de sus campos.',
  })
  @IfGiven()
  @ValidateNested()
  @Type(() => MenuAnswerContent)
  answer?: MenuAnswerContent;
}

/** An option behind another option. */
export class MenuSubOption extends MenuRow {}

/** An option of the menu. Exactly one of `start`, `answer` and `options` is given. */
export class MenuOptionContent extends MenuRow {
  @ApiPropertyOptional({
    type: [MenuSubOption],
    minItems: 1,
    maxItems: MOST_OPTIONS,
    description: 'Las opciones que abre; no abren otras.',
  })
  @IfGiven()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(MOST_OPTIONS)
  @ValidateNested({ each: true })
  @Type(() => MenuSubOption)
  options?: MenuSubOption[];
}

export class MenuLanguageContent {
  @ApiProperty({ example: 'es-MX', description: 'BCP 47.' })
  @IsCode(/^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|\d{3}))?$/)
  language!: string;

  @ApiProperty({
    minLength: 1,
    maxLength: 24,
    example: 'Español',
    description: 'Como lo escriben quienes lo hablan.',
  })
  @IsName(1, 24)
  @IsShort(24)
  name!: string;

  @ApiPropertyOptional({
    type: [String],
    maxItems: 10,
    example: ['español', 'spanish'],
    description: 'Palabras con las que se pide; la primera se muestra.',
  })
  @IfGiven()
  @IsArray()
  @ArrayMaxSize(10)
  @AreTexts(24)
  words?: string[];

  @ApiPropertyOptional({
    minLength: 1,
    maxLength: GREETING,
    example: 'Hola. Aquí contesta la Comisión de Vivienda (demostración).',
    description: 'Lo que dice antes de las opciones; sin él, el saludo general.',
  })
  @IfGiven()
  @IsPlainText(1, GREETING)
  @IsShort(GREETING)
  greeting?: string;

  @ApiProperty({ type: [MenuOptionContent], minItems: 1, maxItems: MOST_OPTIONS })
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(MOST_OPTIONS)
  @ValidateNested({ each: true })
  @Type(() => MenuOptionContent)
  options!: MenuOptionContent[];
}

/** A menu in every language in which the institution offers it. */
export class MenuContent {
  @ApiProperty({
    type: [MenuLanguageContent],
    minItems: 1,
    maxItems: 8,
    description:
      'El primero es el de quien no pidió otro. En total caben 200,000 caracteres y 5,000 valores; quien pase debe quitar palabras clave.',
  })
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(8)
  @ValidateNested({ each: true })
  @Type(() => MenuLanguageContent)
  languages!: MenuLanguageContent[];
}

export class MenuQuery {
  @ApiPropertyOptional({
    format: 'uuid',
    description:
      'El número cuyo menú es, de `GET /admin/whatsapp-numbers`; sin él, el de toda la institución.',
  })
  @IfGiven()
  @IsRowId()
  number?: string;
}

export class PublishMenu extends MenuContent {
  @ApiPropertyOptional({
    format: 'uuid',
    description: 'El número cuyo menú es; sin él, el de todos los números que no tienen uno propio.',
  })
  @IfGiven()
  @IsRowId()
  number?: string;

  @ApiPropertyOptional({
    format: 'date',
    example: '2026-12-01',
    description: 'Primer día en que vale; si falta, hoy.',
  })
  @IfGiven()
  @IsDay()
  validFrom?: string;
}

export class PreviewMenu extends MenuContent {
  @ApiPropertyOptional({
    type: [String],
    maxItems: 20,
    example: ['hola', '¿qué papeles nesecito?', '👍'],
    description: 'Lo que escribiría la persona; sin él, «hola».',
  })
  @IfGiven()
  @IsArray()
  @ArrayMaxSize(20)
  @AreTexts(1000)
  messages?: string[];
}

/** Nobody knows how Meta counts: UTF-16 units are the larger count (`bot/messages.ts`). */
function IsShort(max: number): PropertyDecorator {
  return check('isLength', (value) => typeof value !== 'string' || value.length <= max, `1 ${max}`);
}

/** The id of a row, in the form in which it is stored. */
function IsRowId(): PropertyDecorator {
  return applyDecorators(
    Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? value.toLowerCase() : value)),
    IsUUID(),
  );
}

/** A list of texts of one line, none of them empty. */
function AreTexts(max: number): PropertyDecorator {
  return IsEach(
    typedName,
    'isEachText',
    (value) => typeof value === 'string' && isPlainText(value) && value !== '' && value.length <= max,
  );
}
