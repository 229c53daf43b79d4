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
  ValidateIf,
  ValidateNested,
} from 'class-validator';
import {
  IsCode,
  IsDay,
  IsEmailAddress,
  IsForeignKey,
  IsInstant,
  IsName,
  IsPhone,
  IsTypedCode,
} from '../../platform/http/typed-fields.js';
import { IsPlainText } from '../../platform/http/validation.js';
import type { Mode } from '../../work/cases/case.entities.js';

export class PlaceRequest {
  @ApiPropertyOptional({ example: 'Oficina de atención, planta baja' })
  @IsOptional()
  @IsPlainText(1, 1000)
  description?: string;

  @ApiPropertyOptional({
    example: 19.6364,
    minimum: -90,
    maximum: 90,
    description: 'Sólo junto con `longitude`.',
  })
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
    description:
      'Con lo que haga falta para llamar, como «ext. 12»: de 7 a 40 caracteres y al menos siete cifras.',
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

  @ApiPropertyOptional({
    example: false,
    description: 'La llamada se hizo con intérprete, o haría falta para volver a hablar.',
  })
  @IsOptional()
  @IsBoolean()
  interpreterNeeded?: boolean;

  @ApiPropertyOptional({
    example: true,
    description: 'Si la persona aceptó que se grabara la llamada; ausente cuando no se preguntó.',
  })
  @IsOptional()
  @IsBoolean()
  recordingConsent?: boolean;
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

/**
 * A report as any channel sends it. The only mandatory content is the narrative (LGRA 93), written or as a
 * voice. The mode is required too.
 */
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

  @ApiPropertyOptional({
    example: 'En la ventanilla me pidieron dinero para inscribirme en el programa.',
    minLength: 10,
    maxLength: 20000,
    description: 'El relato. Sólo puede faltar con `voice: true`.',
  })
  @ValidateIf(({ narrative, voice }: ReportRequest) => voice !== true || narrative !== undefined)
  @IsPlainText(10, 20_000)
  narrative?: string;

  @ApiPropertyOptional({
    example: false,
    description:
      'El relato es una grabación: mándala después con folio y clave (`POST /tracking/evidence` o `/uploads`). El caso se abre ya, con sus plazos, y espera la grabación.',
  })
  @IsOptional()
  @IsBoolean()
  voice?: boolean;

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

  @ApiPropertyOptional({
    type: ReporterRequest,
    description: 'Prohibido si es anónima; si no, al menos un dato.',
  })
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
    example: 'LLAMADA-00017',
    minLength: 1,
    maxLength: 100,
    description:
      'Sólo con clave de canal: cómo se llama esta denuncia en tu sistema. Se cifra con tu clave; la lee sólo ella, con el folio y la clave de consulta (`POST /tracking/external-reference`). Nunca pongas aquí el número de quien llama.',
  })
  @IsOptional()
  @IsForeignKey(100)
  externalReference?: string;

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
