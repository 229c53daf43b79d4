import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsBoolean, IsIn, IsInt, IsOptional, Max, Min } from 'class-validator';
import { CHANNELS } from '../../foundations/catalogs/channels.js';
import { PRIORITIES, type Priority } from '../../foundations/catalogs/priorities.js';
import { PageQuery } from '../../platform/http/paging.js';
import { IsCode, IsDay, IsTypedCode, IsTypedEmail } from '../../platform/http/typed-fields.js';
import { IsPlainText } from '../../platform/http/validation.js';
import { SORTS, type Sort } from './case-filter.js';
import { OUTCOMES, STATUSES, type Outcome } from './lifecycle.js';
import { SLA_FILTERS, type SlaFilter } from './place-in-lists.js';

const CODE = /^[A-Za-z0-9_-]{1,40}$/;

export class CasesQuery extends PageQuery {
  @ApiPropertyOptional({
    enum: STATUSES,
    isArray: true,
    description: 'Uno o varios estados, separados por comas.',
    example: 'received,in_triage',
  })
  @IsOptional()
  @Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? value.split(',').filter(Boolean) : value))
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
    description: '`true`: sólo los casos en que quien denuncia escribió y nadie le ha contestado; `false`: los demás.',
  })
  @IsOptional()
  @Transform(({ value }: { value: unknown }) => (value === 'true' ? true : value === 'false' ? false : value))
  @IsBoolean()
  awaitingAnswer?: boolean;

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

export class TriageRequest {
  @ApiPropertyOptional({ example: 'BRIBERY' })
  @IsOptional()
  @IsCode(CODE)
  category?: string;

  @ApiPropertyOptional({ example: 'OIC' })
  @IsOptional()
  @IsCode(CODE)
  area?: string;

  @ApiPropertyOptional({ enum: PRIORITIES, example: 'high' })
  @IsOptional()
  @IsIn(PRIORITIES)
  priority?: Priority;

  @ApiProperty({ example: 'Confirmo: piden dinero por la inscripción al programa.', minLength: 3, maxLength: 2000 })
  @IsPlainText(3, 2000)
  reason!: string;
}

export class AssignmentRequest {
  @ApiProperty({ description: 'Identificador o correo de la cuenta.', example: 'investigador@conavi.demo' })
  @IsTypedEmail(3, 200)
  assignee!: string;
}

export class TransferRequest {
  @ApiProperty({ example: 'SUBSIDIOS' })
  @IsCode(CODE)
  area!: string;

  @ApiProperty({ example: 'Los hechos son del padrón de beneficiarios.', minLength: 3, maxLength: 2000 })
  @IsPlainText(3, 2000)
  reason!: string;
}

/** Takes no fields; an empty object. */
export class InvestigationRequest {}

export class TextRequest {
  @ApiProperty({ example: 'Recibimos tu denuncia y ya la revisamos.', minLength: 1, maxLength: 10000 })
  @IsPlainText(1, 10_000)
  text!: string;
}

export class InformationRequestBody {
  @ApiProperty({ example: '¿En qué oficina y qué día ocurrió?', minLength: 3, maxLength: 5000 })
  @IsPlainText(3, 5000)
  question!: string;

  @ApiProperty({
    description: 'Días hábiles para contestar, desde el día hábil siguiente.',
    minimum: 1,
    maximum: 60,
    example: 5,
  })
  @IsInt()
  @Min(1)
  @Max(60)
  businessDays!: number;
}

export class ClosureRequest {
  @ApiProperty({ enum: OUTCOMES, example: 'measures_taken' })
  @IsIn(OUTCOMES)
  outcome!: Outcome;

  @ApiProperty({
    description: 'Motivación interna; quien denuncia no la ve.',
    example: 'Se acreditó el cobro; se inició procedimiento.',
  })
  @IsPlainText(3, 10_000)
  grounds!: string;

  @ApiProperty({
    description: 'Texto para quien denuncia.',
    example: 'Comprobamos los hechos y se tomaron medidas. Gracias por denunciar.',
  })
  @IsPlainText(3, 5000)
  publicText!: string;
}

export class ReasonRequest {
  @ApiProperty({ example: 'Llegaron elementos nuevos (LGRA 100).', minLength: 3, maxLength: 2000 })
  @IsPlainText(3, 2000)
  reason!: string;
}
