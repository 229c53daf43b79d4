import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional } from 'class-validator';
import { IsDay } from '../../../platform/http/typed-fields.js';
import { assertOrder } from '../../../platform/http/validation.js';
import { List } from '../../../platform/http/list-parameter.js';
import { CASE_DIMENSIONS, type CaseDimension } from './dimensions.js';

class SpanQuery {
  @ApiPropertyOptional({ format: 'date', description: 'Primer día de recepción.', example: '2026-10-01' })
  @IsOptional()
  @IsDay()
  from?: string;

  @ApiPropertyOptional({
    format: 'date',
    description: 'Último día de recepción, incluido; a más tardar ayer.',
    example: '2026-10-31',
  })
  @IsOptional()
  @IsDay()
  to?: string;
}

export class CaseFiguresQuery extends SpanQuery {
  @ApiPropertyOptional({
    enum: CASE_DIMENSIONS,
    isArray: true,
    description: 'Por qué se agrupa, separado por comas. `period` es el mes de recepción.',
    example: 'category,status',
  })
  @List()
  @IsIn(CASE_DIMENSIONS, { each: true })
  by: CaseDimension[] = [];
}

export const DEADLINE_DIMENSIONS = ['metric', 'area', 'category', 'period'] as const;

export class DeadlineFiguresQuery extends SpanQuery {
  @ApiPropertyOptional({
    enum: DEADLINE_DIMENSIONS,
    isArray: true,
    description: `Por qué se agrupa, separado por comas. Siempre se separa por \`metric\`: plazos distintos no se suman.`,
    example: 'area',
  })
  @List()
  @IsIn(DEADLINE_DIMENSIONS, { each: true })
  by: (typeof DEADLINE_DIMENSIONS)[number][] = [];
}

/** The days that a query asks for. @throws InvalidRequest when `to` lies before `from` */
export function spanOf({ from, to }: SpanQuery): { from?: string; to?: string } {
  assertOrder('to', from, to);
  return { from, to };
}
