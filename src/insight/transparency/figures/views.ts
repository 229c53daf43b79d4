import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import {
  CHANNEL_LABELS,
  municipalityLabel,
  PRIORITY_LABELS,
  STATUS_LABELS,
} from '../../../foundations/catalogs/labels.js';
import type { Metric } from '../../../foundations/sla/deadline.js';
import { METRIC_LABELS } from '../../../foundations/sla/labels.js';
import { ApiCode } from '../../../platform/http/labels.js';
import { OUTCOME_LABELS } from '../../../work/cases/labels.js';
import type { CaseGroup } from './dimensions.js';

const SCOPE_LABELS = {
  institution: { es: 'Toda la institución', en: 'The whole institution' },
  areas: { es: 'Tus áreas', en: 'Your areas' },
};

const CODE = { type: String, nullable: true } as const;

/** Only the dimensions named in `by` are present. */
class PlaceFigure {
  @ApiPropertyOptional({ ...CODE, description: 'null: sin categoría.', example: 'FRAUD' }) category?:
    string | null;
  @ApiPropertyOptional({ ...CODE, example: 'Fraude o engaño' }) categoryLabel?: string | null;
  @ApiPropertyOptional({ ...CODE, example: 'OIC' }) area?: string | null;
  @ApiPropertyOptional({ ...CODE, example: 'Órgano Interno de Control' }) areaLabel?: string | null;
  @ApiPropertyOptional({ ...CODE, description: 'Mes de recepción.', example: '2026-10' }) period?:
    string | null;
}

export class CaseFigure extends PlaceFigure implements CaseGroup {
  @ApiCode(STATUS_LABELS, { optional: true, nullable: true }) status?: string | null;
  @ApiCode(CHANNEL_LABELS, { optional: true, nullable: true }) channel?: string | null;
  @ApiCode(PRIORITY_LABELS, { optional: true, nullable: true }) priority?: string | null;
  @ApiCode(municipalityLabel, {
    optional: true,
    nullable: true,
    description: 'Clave INEGI; null: no se dijo.',
    example: '15002',
  })
  municipality?: string | null;
  @ApiCode(OUTCOME_LABELS, { optional: true, nullable: true, description: 'null: sin resultado todavía.' })
  outcome?: string | null;
  @ApiProperty({ type: 'integer', example: 12 }) count!: number;
}

class Figures {
  @ApiProperty({ enum: ['receivedOn'], description: 'Qué día limitan `from` y `to`: el de recepción.' })
  filteredBy!: 'receivedOn';

  @ApiProperty({ ...CODE, format: 'date', example: '2026-10-01' }) from!: string | null;
  @ApiProperty({
    format: 'date',
    description: 'El último día contado: el pedido, o ayer si es antes.',
    example: '2026-10-31',
  })
  to!: string;

  @ApiCode(SCOPE_LABELS, { description: 'Si abarca toda la institución o sólo tus áreas.' })
  scope!: 'institution' | 'areas';
}

export class CaseFigures extends Figures {
  @ApiProperty({ type: [CaseFigure] }) rows!: CaseFigure[];
  @ApiProperty({ type: 'integer', example: 12 }) total!: number;
}

export class DeadlineFigure extends PlaceFigure {
  @ApiCode(METRIC_LABELS) metric!: Metric;
  @ApiProperty({ type: 'integer', description: 'Atendidos en plazo.', example: 9 }) met!: number;
  @ApiProperty({ type: 'integer', description: 'Vencidos: atendidos tarde o aún sin atender.', example: 1 })
  breached!: number;
  @ApiProperty({ type: 'integer', description: 'Abiertos y en plazo.', example: 4 }) running!: number;
  @ApiProperty({ type: 'integer', description: 'De los vencidos, los que siguen sin atender.', example: 1 })
  overdue!: number;
  @ApiProperty({
    type: Number,
    nullable: true,
    description:
      'Cumplimiento: met / (met + breached), de 0 a 1; null si nada está decidido. Lo que corre en plazo no cuenta.',
    example: 0.9,
  })
  compliance!: number | null;
}

export class DeadlineFigures extends Figures {
  @ApiProperty({ type: [DeadlineFigure] }) rows!: DeadlineFigure[];
}
