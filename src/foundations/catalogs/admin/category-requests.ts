import { applyDecorators } from '@nestjs/common';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional, NotEquals } from 'class-validator';
import { IsCode, IsDay, IsName } from '../../../platform/http/typed-fields.js';
import { IsPlainText } from '../../../platform/http/validation.js';
import { NO_TYPE } from '../expediente-template.js';
import { PRIORITIES, type Priority } from '../priorities.js';
import { SHORT_CODE } from '../short-codes.js';
import { CODE, CODE_DOC, FROM_DOC, IfGiven, TO_DOC } from './support.js';

/** For hints about length: a row of a WhatsApp list cuts longer texts. */
const WHATSAPP = 'WhatsApp muestra los primeros';

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
