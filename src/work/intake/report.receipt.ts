import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { CHANNEL_LABELS, PRIORITY_LABELS, STATUS_LABELS } from '../../foundations/catalogs/labels.js';
import type { Metric } from '../../foundations/sla/deadline.js';
import { METRIC_LABELS } from '../../foundations/sla/labels.js';
import { ApiCode } from '../../platform/http/labels.js';
import { MODE_LABELS } from '../cases/labels.js';

/**
 * Labels of a receipt are part of the receipt. They are in the language of the report, whatever language the
 * caller reads.
 */
export class IntakeDeadline {
  @ApiCode(METRIC_LABELS) metric!: Metric;
  metricLabel?: string;
  @ApiProperty({ example: '2026-11-25' }) dueOn!: string;
}

export class IntakeCodeLabel {
  @ApiProperty({ example: 'OIC' }) code!: string;
  @ApiProperty({ example: 'Órgano Interno de Control' }) label!: string;
}

export class IntakeReceipt {
  @ApiProperty({ example: 'CNV-2026-7K3M-Q9TZ-4' }) folio!: string;
  @ApiPropertyOptional({
    example: '2884-8343-9839-674',
    description: 'Por teléfono: el folio en cifras, para quien llame a un menú de voz.',
  })
  folioDigits?: string;
  @ApiProperty({ example: '4821-0937-5566-1204', description: 'Clave de consulta; sólo aparece aquí.' })
  accessCode!: string;
  @ApiCode(MODE_LABELS) mode!: string;
  modeLabel?: string;
  @ApiCode(CHANNEL_LABELS) channel!: string;
  channelLabel?: string;
  @ApiCode(STATUS_LABELS) status!: string;
  statusLabel?: string;
  @ApiProperty({ example: '2026-11-20' }) receivedOn!: string;
  @ApiProperty({ type: IntakeCodeLabel }) area!: IntakeCodeLabel;
  @ApiProperty({ type: IntakeCodeLabel, nullable: true }) category!: IntakeCodeLabel | null;
  @ApiCode(PRIORITY_LABELS, { example: 'normal' }) priority!: string;
  priorityLabel?: string;
  @ApiProperty({ type: [IntakeDeadline] }) deadlines!: IntakeDeadline[];
  @ApiProperty({ example: 'Recibimos tu denuncia…' }) acknowledgement!: string;
}
