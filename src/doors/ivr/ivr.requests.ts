import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsIn, IsObject, IsOptional, ValidateNested } from 'class-validator';
import { IsForeignKey, IsPhone, IsTypedCode } from '../../platform/http/typed-fields.js';
import { EXAMPLE_ACCESS_CODE } from '../../work/cases/example-cases.js';
import { PrivacyNoticeRequest } from '../reports/report.request.js';

export class IvrMenuRequest {
  @ApiPropertyOptional({
    example: '1',
    description:
      '1 o es: español; 2 o en: inglés. También el nombre. Sin él se contesta la pregunta por el idioma.',
  })
  @IsOptional()
  @IsTypedCode(1, 40)
  language?: string;
}

export class IvrFolioRequest extends IvrMenuRequest {
  @ApiProperty({
    example: '288483439839674#',
    description: 'Las quince cifras, como se teclearon. Se perdonan #, *, espacios y guiones.',
  })
  @IsTypedCode(1, 64)
  folio!: string;
}

export class IvrSessionRequest extends IvrFolioRequest {
  @ApiProperty({ example: EXAMPLE_ACCESS_CODE, description: 'Las dieciséis cifras, como se teclearon.' })
  @IsTypedCode(1, 64)
  accessCode!: string;
}

export class IvrStateRequest {
  @ApiPropertyOptional({
    enum: ['new', 'all'],
    default: 'new',
    description: 'Qué mensajes se leen: los que la persona no ha contestado, o todos.',
  })
  @IsOptional()
  @IsIn(['new', 'all'])
  messages?: 'new' | 'all';
}

export class IvrReportRequest extends IvrMenuRequest {
  @ApiProperty({
    example: '1',
    description:
      '1 anónima, 2 confidencial, 3 con datos. También el código (anonymous, confidential, identified).',
  })
  @IsTypedCode(1, 40)
  mode!: string;

  @ApiPropertyOptional({
    example: '5555550100#',
    description:
      'Sólo con 2 o 3: el número que la persona teclea para que le llamen. Nunca el número desde el que llama.',
  })
  @IsOptional()
  @IsPhone()
  phone?: string;

  @ApiPropertyOptional({
    type: PrivacyNoticeRequest,
    description: 'Con 2 o 3: la versión de `noticeVersion` y que la persona la aceptó.',
  })
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => PrivacyNoticeRequest)
  privacyNotice?: PrivacyNoticeRequest;

  @ApiPropertyOptional({
    example: 'LLAMADA-00017',
    minLength: 1,
    maxLength: 100,
    description: 'Como en `POST /reports`. Nunca el número de quien llama.',
  })
  @IsOptional()
  @IsForeignKey(100)
  externalReference?: string;
}

/** Nothing is sent. */
export class IvrExchangeRequest {}
