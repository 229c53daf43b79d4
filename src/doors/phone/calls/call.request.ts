import { ApiProperty, ApiPropertyOptional, OmitType, PartialType } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsBoolean, IsIn, IsObject, IsOptional, ValidateNested } from 'class-validator';
import { IsInstant } from '../../../platform/http/typed-fields.js';
import { IsPlainText } from '../../../platform/http/validation.js';
import { ReportRequest } from '../../reports/report.request.js';

export class BeginCallRequest {
  @ApiProperty({ enum: ['es', 'en'], example: 'es', description: 'En qué idioma se habla con la persona.' })
  @IsIn(['es', 'en'])
  language!: 'es' | 'en';

  @ApiPropertyOptional({
    example: false,
    description: 'Si hace falta intérprete, por ejemplo de una lengua indígena.',
  })
  @IsOptional()
  @IsBoolean()
  interpreterNeeded?: boolean;

  @ApiPropertyOptional({
    example: true,
    description: 'Si la persona acepta que se grabe la llamada; se omite cuando no se preguntó.',
  })
  @IsOptional()
  @IsBoolean()
  recordingConsent?: boolean;

  @ApiPropertyOptional({
    example: '2026-11-20T09:55:00-06:00',
    description: 'Cuándo empezó; los plazos cuentan desde ese día. Sin ella, ahora.',
  })
  @IsOptional()
  @IsInstant()
  startedAt?: string;
}

export class DraftCallRequest {
  @ApiPropertyOptional({
    example: 'La línea se cortó y la persona volvió a llamar dos días después.',
    description: 'Obligatoria al presentar si la llamada empezó hace más de un día.',
  })
  @IsOptional()
  @IsPlainText(3, 1000)
  reason?: string;

  @ApiPropertyOptional({ example: true, description: 'En lugar de lo dicho al empezar.' })
  @IsOptional()
  @IsBoolean()
  interpreterNeeded?: boolean;

  @ApiPropertyOptional({
    example: false,
    description: 'En lugar de lo dicho al empezar: la persona puede cambiar de opinión.',
  })
  @IsOptional()
  @IsBoolean()
  recordingConsent?: boolean;
}

/** What the caller has told so far: the fields of a report, each as soon as it is known. */
export class PhoneDraft extends PartialType(
  OmitType(ReportRequest, ['institution', 'call', 'narrative', 'language', 'externalReference']),
) {
  @ApiPropertyOptional({
    example: 'En la ventanilla tres me pidieron dinero para inscribirme.',
    minLength: 1,
    maxLength: 20000,
    description: 'El relato, hasta donde va. Para presentar hacen falta al menos 10 caracteres.',
  })
  @IsOptional()
  @IsPlainText(1, 20_000)
  narrative?: string;

  @ApiPropertyOptional({
    enum: ['es', 'en'],
    example: 'en',
    description:
      'En qué idioma se habla con la persona, si no es el que se dijo al empezar: en él van `readBack` y el acuse. Sin él, el de la llamada.',
  })
  @IsOptional()
  @IsIn(['es', 'en'])
  language?: 'es' | 'en';

  @ApiPropertyOptional({ type: DraftCallRequest, description: 'Lo que cambió de la llamada misma.' })
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => DraftCallRequest)
  call?: DraftCallRequest;
}

export class EndCallRequest {
  @ApiPropertyOptional({
    example: false,
    description: 'Borrar lo anotado aunque no se haya presentado, porque la persona ya no quiere.',
  })
  @IsOptional()
  @IsBoolean()
  discard?: boolean;
}
