import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  Equals,
  IsArray,
  IsBoolean,
  IsIn,
  IsNumber,
  IsObject,
  IsOptional,
  Max,
  MaxLength,
  Min,
  ValidateNested,
} from 'class-validator';
import { CHANNEL_LABELS, PRIORITY_LABELS, STATUS_LABELS } from '../catalogs/labels.js';
import type { Mode } from '../cases/case.entities.js';
import {
  IsCode,
  IsDay,
  IsEmailAddress,
  IsInstant,
  IsName,
  IsPhone,
  IsTypedCode,
} from '../platform/http/typed-fields.js';
import { IsPlainText } from '../platform/http/validation.js';
import { MODE_LABELS } from '../cases/labels.js';
import { ApiCode } from '../platform/http/labels.js';
import type { Metric } from '../sla/deadline.js';
import { METRIC_LABELS } from '../sla/labels.js';

export class PlaceRequest {
  @ApiPropertyOptional({ example: 'Oficina de atención, planta baja' })
  @IsOptional()
  @IsPlainText(1, 1000)
  description?: string;

  @ApiPropertyOptional({ example: 19.6364, minimum: -90, maximum: 90, description: 'Sólo junto con `longitude`.' })
  @IsOptional()
  @IsNumber()
  @Min(-90)
  @Max(90)
  latitude?: number;

  @ApiPropertyOptional({ example: -98.911, minimum: -180, maximum: 180 })
  @IsOptional()
  @IsNumber()
  @Min(-180)
  @Max(180)
  longitude?: number;
}

export class OccurredRequest {
  @ApiPropertyOptional({ example: '2026-11-01' })
  @IsOptional()
  @IsDay()
  from?: string;

  @ApiPropertyOptional({ example: '2026-11-03' })
  @IsOptional()
  @IsDay()
  to?: string;
}

export class AccusedRequest {
  @ApiPropertyOptional({ example: 'No sé su nombre' })
  @IsOptional()
  @IsName(1, 200)
  name?: string;

  @ApiPropertyOptional({ example: 'Ventanilla' })
  @IsOptional()
  @IsName(1, 200)
  position?: string;

  @ApiPropertyOptional({ example: 'Atención al público' })
  @IsOptional()
  @IsName(1, 200)
  unit?: string;

  @ApiPropertyOptional({ example: 'Alto, con lentes' })
  @IsOptional()
  @IsPlainText(1, 2000)
  description?: string;
}

export class WitnessRequest {
  @ApiPropertyOptional({ example: 'Una vecina' })
  @IsOptional()
  @IsName(1, 200)
  name?: string;

  @ApiPropertyOptional({ example: '55 5555 0100' })
  @IsOptional()
  @IsName(1, 200)
  contact?: string;
}

export class ReporterRequest {
  @ApiPropertyOptional({ example: 'Nombre de prueba' })
  @IsOptional()
  @IsName(1, 200)
  name?: string;

  @ApiPropertyOptional({ example: 'persona@ejemplo.mx' })
  @IsOptional()
  @IsEmailAddress()
  @MaxLength(200)
  email?: string;

  @ApiPropertyOptional({
    example: '55 5555 0100',
    description: 'Con lo que haga falta para llamar, como «ext. 12»: de 7 a 40 caracteres y al menos siete cifras.',
  })
  @IsOptional()
  @IsPhone()
  phone?: string;
}

export class CallRequest {
  @ApiProperty({
    example: '2026-11-18T10:00:00-06:00',
    description: 'Inicio de la llamada; los plazos cuentan desde ese día.',
  })
  @IsInstant()
  startedAt!: string;

  @ApiPropertyOptional({
    example: 'No había sistema en la caseta.',
    description: 'Obligatoria si la llamada fue hace más de un día.',
  })
  @IsOptional()
  @IsPlainText(3, 1000)
  reason?: string;
}

export class PrivacyNoticeRequest {
  @ApiProperty({ example: '2026-1', description: 'La de `GET /public/privacy-notice`.' })
  @IsTypedCode(1, 40)
  version!: string;

  @ApiProperty({ example: true })
  @IsBoolean()
  @Equals(true)
  accepted!: boolean;
}

/** A report as any channel sends it. Only the account of facts is mandatory (LGRA 93). */
export class ReportRequest {
  @ApiPropertyOptional({
    example: 'CONAVI-DEMO',
    description: 'Código de la institución; sólo sin clave de canal ni sesión.',
  })
  @IsOptional()
  @IsCode(/^[A-Z0-9][A-Z0-9-]{1,39}$/)
  institution?: string;

  @ApiProperty({
    enum: ['anonymous', 'confidential', 'identified'],
    description:
      'anonymous: no se piden ni guardan datos. confidential: quienes atienden el caso no los ven. identified: el área que atiende puede verlos.',
  })
  @IsIn(['anonymous', 'confidential', 'identified'])
  mode!: Mode;

  @ApiProperty({
    example: 'En la ventanilla me pidieron dinero para inscribirme en el programa.',
    minLength: 10,
    maxLength: 20000,
  })
  @IsPlainText(10, 20_000)
  narrative!: string;

  @ApiPropertyOptional({ example: 'FRAUD', description: 'De /public/catalogs/categories.' })
  @IsOptional()
  @IsCode(/^[A-Za-z0-9_-]{1,40}$/)
  category?: string;

  @ApiPropertyOptional({ example: '15002', description: 'Clave INEGI del municipio.' })
  @IsOptional()
  @IsCode(/^\d{5}$/)
  municipality?: string;

  @ApiPropertyOptional({ type: PlaceRequest })
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => PlaceRequest)
  place?: PlaceRequest;

  @ApiPropertyOptional({
    type: OccurredRequest,
    description: 'Días; no pueden estar en el futuro de ninguna parte del país.',
  })
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => OccurredRequest)
  occurred?: OccurredRequest;

  @ApiPropertyOptional({ type: [AccusedRequest] })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(50)
  @IsObject({ each: true })
  @ValidateNested({ each: true })
  @Type(() => AccusedRequest)
  accused?: AccusedRequest[];

  @ApiPropertyOptional({ type: [WitnessRequest] })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(50)
  @IsObject({ each: true })
  @ValidateNested({ each: true })
  @Type(() => WitnessRequest)
  witnesses?: WitnessRequest[];

  @ApiPropertyOptional({ type: ReporterRequest, description: 'Prohibido si es anónima; si no, al menos un dato.' })
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => ReporterRequest)
  reporter?: ReporterRequest;

  @ApiPropertyOptional({ type: CallRequest, description: 'Sólo por teléfono.' })
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => CallRequest)
  call?: CallRequest;

  @ApiPropertyOptional({ enum: ['es', 'en'], default: 'es' })
  @IsOptional()
  @IsIn(['es', 'en'])
  language?: 'es' | 'en';

  @ApiPropertyOptional({
    type: PrivacyNoticeRequest,
    description:
      'Aceptación del aviso de `GET /public/privacy-notice`. Obligatoria en las modalidades con datos, salvo que la institución aún no publique ninguno; una anónima puede omitirla.',
  })
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => PrivacyNoticeRequest)
  privacyNotice?: PrivacyNoticeRequest;
}

/** Each can be sent as it is: without credentials, with a channel key, with an operator's session. */
export const REPORT_EXAMPLES = {
  web: {
    summary: 'Web, anónima: sin credencial',
    value: {
      institution: 'CONAVI-DEMO',
      mode: 'anonymous',
      narrative: 'En la ventanilla tres me pidieron dinero para inscribirme en el programa.',
      category: 'BRIBERY',
      municipality: '15002',
      occurred: { from: '2026-11-01', to: '2026-11-03' },
      accused: [{ position: 'Ventanilla', description: 'Alto, con lentes' }],
    },
  },
  channel: {
    summary: 'Canal, confidencial: con X-Api-Key',
    value: {
      mode: 'confidential',
      narrative: 'El encargado del padrón inscribió a su familia, que no vive aquí.',
      category: 'FRAUD',
      reporter: { name: 'Nombre de prueba', phone: '55 5555 0100' },
      privacyNotice: { version: '2026-1', accepted: true },
    },
  },
  phone: {
    summary: 'Teléfono, con nombre: con la sesión de operación; la llamada es de ahora si falta `call`',
    value: {
      mode: 'identified',
      narrative: 'Me negaron el trámite aunque llevé todos los documentos.',
      reporter: { name: 'Nombre de prueba', phone: '55 5555 0100' },
      privacyNotice: { version: '2026-1', accepted: true },
    },
  },
  lateCall: {
    summary: 'Teléfono, una llamada de hace dos días que se registra hoy: los plazos cuentan desde la llamada',
    value: {
      mode: 'anonymous',
      narrative: 'Llamó para decir que la obra tiene grietas en todos los muros.',
      category: 'WORKS_QUALITY',
      call: { startedAt: '2026-11-18T10:00:00-06:00', reason: 'No había sistema en la caseta.' },
    },
  },
};

/** Labels of a receipt are written here, in the language of the report, whatever the caller reads. */
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
