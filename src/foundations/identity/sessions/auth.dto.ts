import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional } from 'class-validator';
import { ApiCode } from '../../../platform/http/labels.js';
import { IsSecret, IsTypedCode, IsTypedEmail } from '../../../platform/http/typed-fields.js';
import { IsPlainText } from '../../../platform/http/validation.js';
import { PERMISSION_LABELS, ROLE_LABELS } from '../labels.js';
import { MAX_PASSWORD, MIN_PASSWORD } from '../passwords/password-rules.js';
import type { Role } from '../permissions.js';

export class OpenSessionRequest {
  @ApiProperty({
    description: 'Correo de la cuenta. Mayúsculas y minúsculas dan igual.',
    example: 'mesa@conavi.demo',
    maxLength: 254,
  })
  @IsTypedEmail(1, 254)
  email!: string;

  @ApiProperty({
    description: 'Contraseña, o la contraseña de un solo uso que dio tu administrador.',
    example: 'una frase que solo yo conozco',
    format: 'password',
    maxLength: MAX_PASSWORD,
  })
  @IsSecret(MAX_PASSWORD)
  password!: string;

  @ApiPropertyOptional({
    description:
      'Clave de la institución. Solo hace falta cuando el correo tiene cuentas con la misma contraseña en varias, o cuentas en más de dos.',
    example: 'CONAVI-DEMO',
    maxLength: 40,
  })
  @IsOptional()
  @IsTypedCode(1, 40)
  institution?: string;
}

export class RefreshSessionRequest {
  @ApiProperty({
    description: 'El `refreshToken` más reciente de la sesión. Repetido en 30 segundos da el mismo par.',
    example: 'dar_4mC1yVZk0q3rXo9d2bqfJ8s5m1Hn7LxTgUeKpWvYzA0',
    maxLength: 200,
  })
  @IsPlainText(1, 200)
  refreshToken!: string;
}

export class SessionTokens {
  @ApiProperty({
    description: 'Va en `Authorization: Bearer …`. Vale 15 minutos.',
    example: 'das_8Jt0mXwqv3b1R6yYc2dZkP9oEfLhGnUaSiTrVxQwK5M',
  })
  accessToken!: string;

  @ApiProperty({
    description:
      'Para pedir el siguiente par de tokens. La sesión entera dura a lo más 12 horas desde la entrada.',
    example: 'dar_4mC1yVZk0q3rXo9d2bqfJ8s5m1Hn7LxTgUeKpWvYzA0',
  })
  refreshToken!: string;

  @ApiProperty({
    description: 'Hasta cuándo vale `accessToken`.',
    format: 'date-time',
    example: '2026-11-20T10:15:00-06:00',
  })
  expiresAt!: string;
}

export class ChangePasswordRequest {
  @ApiProperty({
    description: 'Contraseña actual, o la de un solo uso.',
    example: '7k3m-q9tx-4hbn-w2pd',
    format: 'password',
    maxLength: MAX_PASSWORD,
  })
  @IsSecret(MAX_PASSWORD)
  current!: string;

  @ApiProperty({
    description:
      'Contraseña nueva. Solo cuentan la longitud y que no sea de las más comunes; una frase es buena idea.',
    example: 'una frase que solo yo conozco',
    format: 'password',
    minLength: MIN_PASSWORD,
    maxLength: MAX_PASSWORD,
  })
  // The rules of passwords check the length, because their message is better than the validator's message.
  @IsSecret(1000)
  new!: string;
}

export class AccountArea {
  @ApiProperty({ description: 'Clave del área.', example: 'OBRA' })
  code!: string;

  @ApiProperty({ description: 'Nombre del área.', example: 'Supervisión de obra' })
  label!: string;
}

export class AccountInstitution {
  @ApiProperty({ description: 'Clave de la institución.', example: 'CONAVI-DEMO' })
  code!: string;

  @ApiProperty({
    description: 'Nombre de la institución.',
    example: 'Comisión Nacional de Vivienda (demostración)',
  })
  name!: string;
}

export class CurrentAccount {
  @ApiProperty({
    description: 'Identificador de la cuenta.',
    format: 'uuid',
    example: '0b8f6c1e-53a4-4f0e-9c57-2f1b6a1d9e34',
  })
  id!: string;

  @ApiProperty({ description: 'Correo con el que se entra.', example: 'mesa@conavi.demo' })
  email!: string;

  @ApiProperty({ description: 'Nombre de la persona.', example: 'Mesa de control' })
  name!: string;

  @ApiCode(ROLE_LABELS, {
    description: 'Roles de la cuenta.',
    isArray: true,
    as: 'roleLabels',
    example: 'triage',
  })
  roles!: Role[];

  @ApiProperty({ description: 'Institución de la cuenta.', type: () => AccountInstitution })
  institution!: AccountInstitution;

  @ApiProperty({ description: 'Áreas de la cuenta.', type: () => [AccountArea] })
  areas!: AccountArea[];

  @ApiCode(PERMISSION_LABELS, {
    description: 'Lo que los roles permiten, con los nombres que usa `x-permission` en este documento.',
    isArray: true,
    as: 'permissionLabels',
    example: 'cases.read',
  })
  permissions!: string[];

  @ApiProperty({
    description: 'Si antes de cualquier otra cosa hay que cambiar la contraseña de un solo uso.',
    type: Boolean,
    example: false,
  })
  mustChangePassword!: boolean;
}
