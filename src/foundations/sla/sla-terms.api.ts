import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsInt, IsOptional, Max, Min } from 'class-validator';
import type { Text } from '../../platform/errors.js';
import { ApiCode, ApiText } from '../../platform/http/labels.js';
import { IsDay, IsTypedCode } from '../../platform/http/typed-fields.js';
import { IfGiven } from '../catalogs/admin/support.js';
import { PRIORITY_LABELS } from '../catalogs/labels.js';
import { PRIORITIES, type Priority } from '../catalogs/priorities.js';
import { METRICS, TERM_SOURCES, type Metric, type TermSource } from './deadline.js';
import { METRIC_LABELS, SOURCE_LABELS } from './labels.js';

/** Eight years of business days. This is longer than any legal term. The table refuses more. */
export const MAX_TERM = 2000;

const CATEGORY_DOC = 'Clave de la categoría; null o ausente = todas.';
const PRIORITY_DOC = 'null o ausente = todas.';
const SOURCE_DOC = 'De dónde sale el plazo. «propuesta» no es ley: dilo así a la gente.';

export class AddTerm {
  @ApiProperty({ enum: METRICS, example: 'resolution' })
  @IsIn(METRICS)
  metric!: Metric;

  @ApiPropertyOptional({ type: String, nullable: true, description: CATEGORY_DOC, example: 'HARASSMENT' })
  @IsOptional()
  @IsTypedCode(1, 40)
  category?: string | null;

  @ApiPropertyOptional({
    type: String,
    enum: PRIORITIES,
    nullable: true,
    description: PRIORITY_DOC,
    example: 'urgent',
  })
  @IsOptional()
  @IsIn(PRIORITIES)
  priority?: Priority | null;

  @ApiProperty({ type: 'integer', minimum: 1, maximum: MAX_TERM, description: 'Días hábiles.', example: 20 })
  @IsInt()
  @Min(1)
  @Max(MAX_TERM)
  businessDays!: number;

  @ApiPropertyOptional({ enum: TERM_SOURCES, default: 'propuesta', description: SOURCE_DOC, example: 'ley' })
  @IfGiven()
  @IsIn(TERM_SOURCES)
  source?: TermSource;

  @ApiPropertyOptional({
    format: 'date',
    description: 'Primer día en que vale; si falta, hoy.',
    example: '2026-11-20',
  })
  @IfGiven()
  @IsDay()
  validFrom?: string;
}

export class EndTerm {
  @ApiPropertyOptional({
    type: String,
    format: 'date',
    nullable: true,
    description: 'Último día en que vale, incluido; null = sin fecha de término.',
    example: '2026-12-31',
  })
  @IsOptional()
  @IsDay()
  validTo?: string | null;
}

export class TermView {
  @ApiProperty({
    type: String,
    format: 'uuid',
    nullable: true,
    description: 'null en los plazos por omisión, que nadie capturó.',
    example: '0b9c2f5e-6f0e-4f3c-9d39-3a4d0f2b8c11',
  })
  id!: string | null;

  @ApiCode(METRIC_LABELS, { example: 'resolution' })
  metric!: Metric;

  @ApiProperty({ type: String, nullable: true, description: CATEGORY_DOC, example: 'HARASSMENT' })
  category!: string | null;

  @ApiText({ nullable: true, example: 'Acoso u hostigamiento' })
  categoryLabel!: Text | null;

  @ApiCode(PRIORITY_LABELS, { nullable: true, description: PRIORITY_DOC, example: 'urgent' })
  priority!: Priority | null;

  @ApiProperty({ type: 'integer', description: 'Días hábiles.', example: 20 })
  businessDays!: number;

  @ApiCode(SOURCE_LABELS, { description: SOURCE_DOC, example: 'ley' })
  source!: TermSource;

  @ApiProperty({ type: String, format: 'date', nullable: true, example: '2026-11-20' })
  validFrom!: string | null;

  @ApiProperty({
    type: String,
    format: 'date',
    nullable: true,
    description: 'Último día, incluido.',
    example: null,
  })
  validTo!: string | null;

  @ApiProperty({
    description: 'Si hoy vale. En un plazo por omisión: si hoy hay denuncias para las que no hay otro.',
    example: true,
  })
  inForce!: boolean;
}

export class TermList {
  @ApiProperty({
    type: [TermView],
    description: 'Los plazos capturados, también los que terminaron, y al final los que valen por omisión.',
  })
  items!: TermView[];
}
