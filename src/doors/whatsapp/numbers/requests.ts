import { applyDecorators } from '@nestjs/common';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean, IsIn, IsInt, IsOptional, Max, Min, ValidateIf } from 'class-validator';
import { IfGiven } from '../../../foundations/catalogs/admin/support.js';
import { IsCode, IsName } from '../../../platform/http/typed-fields.js';
import { PURPOSES, type Purpose } from './whatsapp-number.js';

/** Visible ASCII only. Meta's own are so, and a line end must not come into a header. */
const LONG = /^[!-~]{16,1000}$/;
const SHORT = /^[!-~]{8,200}$/;

const TOKEN = 'Token de acceso de un usuario del sistema de Meta. Sólo se escribe: ninguna respuesta lo da.';
const SECRET = 'Clave secreta de la aplicación en Meta, con la que firma. Sólo se escribe.';
const VERIFY = 'El token que se pone en Meta al verificar el webhook. Sólo se escribe.';

/** A credential. It is written and never read. */
function Credential(form: RegExp, description: string, example: string): PropertyDecorator {
  const [minLength, maxLength] = form === LONG ? [16, 1000] : [8, 200];
  const common = { description, example, writeOnly: true, minLength, maxLength };
  return applyDecorators(ApiProperty(common), IsCode(form));
}

export class AddWhatsAppNumber {
  @ApiProperty({ minLength: 1, maxLength: 120, example: 'Denuncias', description: 'Cómo la llaman ustedes.' })
  @IsName(1, 120)
  label!: string;

  @ApiProperty({
    enum: PURPOSES,
    example: 'reports',
    description: 'Para qué escribe la gente a este número.',
  })
  @IsIn(PURPOSES)
  purpose!: Purpose;

  @ApiProperty({
    example: '106540352242922',
    description:
      'Identificador del número en Meta (WhatsApp › Configuración de la API); no es el teléfono. No cambia nunca.',
  })
  @IsCode(/^\d{5,20}$/)
  phoneNumberId!: string;

  @ApiPropertyOptional({
    type: String,
    nullable: true,
    example: '+525550000001',
    description: 'El teléfono, para personas: `+`, país y número, sin espacios.',
  })
  @IsOptional()
  @IsCode(/^\+\d{8,15}$/)
  displayPhone?: string | null;

  @Credential(LONG, TOKEN, 'PEGA-AQUI-EL-TOKEN-DE-ACCESO')
  accessToken!: string;

  @Credential(LONG, SECRET, 'PEGA-AQUI-LA-CLAVE-SECRETA')
  appSecret!: string;

  @Credential(SHORT, VERIFY, 'UN-TOKEN-QUE-TU-INVENTAS')
  verifyToken!: string;

  @FreeMessages()
  freeMessages?: number | null;
}

/** How many delivered messages a month cost nothing. */
function FreeMessages(): PropertyDecorator {
  return applyDecorators(
    ApiPropertyOptional({
      type: 'integer',
      nullable: true,
      minimum: 1,
      maximum: 10_000_000,
      example: 1000,
      description:
        'Mensajes entregados al mes que Meta no cobra; si falta, 1000. Al llegar al 80 % se avisa a quienes administran, una vez al mes. `null`: nunca.',
    }),
    IsOptional(),
    IsInt(),
    Min(1),
    Max(10_000_000),
  );
}

export class ChangeWhatsAppNumber {
  @ApiPropertyOptional({ minLength: 1, maxLength: 120, example: 'Denuncias y quejas' })
  @IfGiven()
  @IsName(1, 120)
  label?: string;

  @ApiPropertyOptional({ enum: PURPOSES, example: 'both' })
  @IfGiven()
  @IsIn(PURPOSES)
  purpose?: Purpose;

  @ApiPropertyOptional({
    type: String,
    nullable: true,
    example: '+525550000001',
    description: '`null` lo quita.',
  })
  @IsOptional()
  @IsCode(/^\+\d{8,15}$/)
  displayPhone?: string | null;

  @ApiPropertyOptional({
    type: Boolean,
    example: true,
    description: '`false` lo apaga: lo que llegue se guarda sin atenderse y nada sale.',
  })
  @IfGiven()
  @IsBoolean()
  active?: boolean;

  @ApiPropertyOptional({ writeOnly: true, minLength: 16, maxLength: 1000, description: TOKEN })
  @IfGiven()
  @IsCode(LONG)
  accessToken?: string;

  @ApiPropertyOptional({
    writeOnly: true,
    minLength: 16,
    maxLength: 1000,
    description: `${SECRET} La anterior sigue valiendo hasta que se quite con \`previousAppSecret: null\`.`,
  })
  @IfGiven()
  @IsCode(LONG)
  appSecret?: string;

  @ApiPropertyOptional({
    type: String,
    enum: [null],
    nullable: true,
    example: null,
    description: '`null`: la clave secreta anterior deja de valer en ese momento.',
  })
  @ValidateIf((_, value) => value !== undefined && value !== null)
  @IsIn([null])
  previousAppSecret?: null;

  @ApiPropertyOptional({ writeOnly: true, minLength: 8, maxLength: 200, description: VERIFY })
  @IfGiven()
  @IsCode(SHORT)
  verifyToken?: string;

  @FreeMessages()
  freeMessages?: number | null;
}
