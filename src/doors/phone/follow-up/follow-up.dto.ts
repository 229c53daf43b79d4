import { ApiProperty } from '@nestjs/swagger';
import { IsUUID } from 'class-validator';
import { TextRequest } from '../../../work/cases/requests.js';
import { ReporterCase } from '../../../work/cases/views.js';
import { SpokenReceipt } from '../spoken.js';

export class FollowUpAnswerRequest extends TextRequest {
  @ApiProperty({
    format: 'uuid',
    example: '0b9c2f5e-6f0e-4f3c-9d39-3a4d0f2b8c11',
    description: 'La solicitud que se contesta: `id` de `informationRequests`.',
  })
  @IsUUID()
  informationRequest!: string;
}

export class FollowUpOpened {
  @ApiProperty({
    example: 'daf_AbC…',
    description: 'Va en `Follow-Up-Token`, junto con la sesión que lo abrió.',
  })
  token!: string;
  @ApiProperty({ example: '2026-11-20T16:10:00Z', description: 'Diez minutos después.' }) expiresAt!: string;
  @ApiProperty({ type: ReporterCase, description: 'Lo mismo que vería la persona, y nada más.' })
  case!: ReporterCase;
}

export class FollowUpCode {
  @ApiProperty({
    example: '4821-0937-5566-1204',
    description:
      'La clave nueva. La anterior ya no vale, y con este token sólo se repite esta respuesta o se termina.',
  })
  accessCode!: string;
  @ApiProperty({ type: SpokenReceipt, description: 'Folio y clave nueva para leerlos.' })
  spoken!: SpokenReceipt;
}
