import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsBoolean, IsIn, IsOptional } from 'class-validator';
import { CHANNELS } from '../../foundations/catalogs/channels.js';
import { PRIORITIES } from '../../foundations/catalogs/priorities.js';
import { PageQuery } from '../../platform/http/paging.js';
import { IsCode, IsDay, IsTypedCode } from '../../platform/http/typed-fields.js';
import { IsPlainText } from '../../platform/http/validation.js';
import { SORTS, type Sort } from './case-filter.js';
import { STATUSES } from './lifecycle.js';
import { SLA_FILTERS, type SlaFilter } from './list-urgency.js';

/** Form of the codes of areas and categories. */
export const CODE = /^[A-Za-z0-9_-]{1,40}$/;

/** A boolean in a query. Anything else stays as it is and is refused. */
function yesOrNo({ value }: { value: unknown }): unknown {
  return value === 'true' ? true : value === 'false' ? false : value;
}

export class CasesQuery extends PageQuery {
  @ApiPropertyOptional({
    enum: STATUSES,
    isArray: true,
    description: 'Uno o varios estados, separados por comas.',
    example: 'received,in_triage',
  })
  @IsOptional()
  @Transform(({ value }: { value: unknown }) =>
    typeof value === 'string' ? value.split(',').filter(Boolean) : value,
  )
  @IsIn(STATUSES, { each: true })
  status?: string[];

  @ApiPropertyOptional({ example: 'FRAUD' })
  @IsOptional()
  @IsCode(CODE)
  category?: string;

  @ApiPropertyOptional({ example: 'OIC' })
  @IsOptional()
  @IsCode(CODE)
  area?: string;

  @ApiPropertyOptional({ example: '15002', description: 'Clave INEGI.' })
  @IsOptional()
  @IsCode(/^\d{5}$/)
  municipality?: string;

  @ApiPropertyOptional({ enum: CHANNELS })
  @IsOptional()
  @IsIn(CHANNELS)
  channel?: string;

  @ApiPropertyOptional({ enum: PRIORITIES })
  @IsOptional()
  @IsIn(PRIORITIES)
  priority?: string;

  @ApiPropertyOptional({ description: 'Identificador de la cuenta, `me` o `none`.', example: 'me' })
  @IsOptional()
  @IsCode(/^(me|none|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$/)
  assignee?: string;

  @ApiPropertyOptional({
    enum: SLA_FILTERS,
    description:
      'Lugar del caso en la lista, como lo da `sla.stage`. `overdue`, palabra de un plazo suelto en el detalle, vale por `breached`.',
  })
  @IsOptional()
  @IsIn(SLA_FILTERS)
  sla?: SlaFilter;

  @ApiPropertyOptional({
    type: Boolean,
    description:
      '`true`: sólo los casos en que quien denuncia escribió y nadie le ha contestado; `false`: los demás.',
  })
  @IsOptional()
  @Transform(yesOrNo)
  @IsBoolean()
  awaitingAnswer?: boolean;

  @ApiPropertyOptional({
    type: Boolean,
    description: '`true`: sólo los relatos por voz cuya grabación no ha llegado; `false`: los demás.',
  })
  @IsOptional()
  @Transform(yesOrNo)
  @IsBoolean()
  awaitsVoice?: boolean;

  @ApiPropertyOptional({ example: '2026-11-01' })
  @IsOptional()
  @IsDay()
  receivedFrom?: string;

  @ApiPropertyOptional({ example: '2026-11-30' })
  @IsOptional()
  @IsDay()
  receivedTo?: string;

  @ApiPropertyOptional({
    description:
      'Folio o expediente, completo o su principio, con mayúsculas o minúsculas. Lo que no puede ser ninguno de los dos da 400.',
    example: 'CNV-2026-7K3M',
  })
  @IsOptional()
  @IsTypedCode(0, 60)
  q?: string;

  @ApiPropertyOptional({
    enum: SORTS,
    default: 'urgency',
    description: 'Por omisión, lo vencido y lo que vence antes va primero.',
  })
  @IsOptional()
  @IsIn(SORTS)
  sort?: Sort;
}

export class TextRequest {
  @ApiProperty({ example: 'Recibimos tu denuncia y ya la revisamos.', minLength: 1, maxLength: 10000 })
  @IsPlainText(1, 10_000)
  text!: string;
}
