import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { MAX_PASSWORD } from '../passwords/password-rules.js';
import { OAUTH_ERRORS, type OAuthErrorName } from './oauth-errors.js';

const GRANT_TYPES = ['password', 'refresh_token'] as const;

/**
 * The form of RFC 6749, with the names of the standard. This class is only for the OpenAPI document: the
 * controller reads the form itself.
 */
export class TokenRequest {
  @ApiProperty({ enum: GRANT_TYPES, description: 'Qué se entrega a cambio de los tokens.' })
  grant_type!: string;

  @ApiPropertyOptional({ description: 'Con `password`: el correo de la cuenta.', maxLength: 254 })
  username?: string;

  @ApiPropertyOptional({
    description: 'Con `password`: la contraseña.',
    format: 'password',
    maxLength: MAX_PASSWORD,
  })
  password?: string;

  @ApiPropertyOptional({ description: 'Con `refresh_token`: el más reciente de la sesión.', maxLength: 200 })
  refresh_token?: string;

  @ApiPropertyOptional({
    description:
      'Con `password`: clave de la institución, si el correo tiene cuentas con la misma contraseña en varias.',
    maxLength: 40,
  })
  institution?: string;

  @ApiPropertyOptional({ description: 'No cambia nada: los permisos son los de la cuenta.' })
  scope?: string;
}

/**
 * The demo prints its password at its start, and no document contains it. With these examples the answer is
 * `invalid_grant`.
 */
export const TOKEN_EXAMPLES = {
  password: {
    summary: 'Entrar; pon la contraseña de la cuenta',
    value: {
      grant_type: 'password',
      username: 'mesa@conavi.demo',
      password: 'una frase que solo yo conozco',
    },
  },
  refresh: {
    summary: 'Renovar con el `refresh_token` de la sesión',
    value: { grant_type: 'refresh_token', refresh_token: 'dar_4mC1yVZk0q3rXo9d2bqfJ8s5m1Hn7LxTgUeKpWvYzA0' },
  },
};

export class OAuthTokens {
  @ApiProperty({
    description: 'Va en `Authorization: Bearer …`.',
    example: 'das_8Jt0mXwqv3b1R6yYc2dZkP9oEfLhGnUaSiTrVxQwK5M',
  })
  access_token!: string;

  @ApiProperty({ enum: ['Bearer'] })
  token_type!: 'Bearer';

  @ApiProperty({ description: 'Segundos que vale `access_token`.', type: 'integer', example: 900 })
  expires_in!: number;

  @ApiProperty({
    description: 'Para el siguiente par de tokens. Repetido en 30 segundos da el mismo par.',
    example: 'dar_4mC1yVZk0q3rXo9d2bqfJ8s5m1Hn7LxTgUeKpWvYzA0',
  })
  refresh_token!: string;
}

/** Refusals of the token route (RFC 6749, section 5.2). */
export class OAuthError {
  @ApiProperty({ enum: OAUTH_ERRORS, description: 'Qué pasó, para programas.', example: 'invalid_grant' })
  error!: OAuthErrorName;

  @ApiProperty({
    description:
      'Qué pasó, para personas. El estándar sólo admite ASCII; el texto completo está en `detail`.',
    example: 'El correo (username) y el password no coinciden.',
  })
  error_description!: string;

  @ApiProperty({
    description: 'Clave estable del problema, como en las demás rutas.',
    example: 'INVALID_CREDENTIALS',
  })
  code!: string;

  @ApiPropertyOptional({
    description: 'Qué pasó y qué hacer ahora.',
    example: 'El correo o la contraseña no coinciden. Revísalos.',
  })
  detail?: string;

  @ApiPropertyOptional({ description: 'Segundos de espera antes de repetir.', type: 'integer', example: 540 })
  retryAfter?: number;

  @ApiProperty({
    description: 'Identificador aleatorio de la solicitud.',
    format: 'uuid',
    example: '5d0c3a52-7f0e-4a0c-9a52-0f2f6a6a4f11',
  })
  requestId!: string;
}
