import { Body, Controller, Delete, Get, HttpCode, Post } from '@nestjs/common';
import {
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import { Public, SignedIn } from '../../../platform/http/access.js';
import { Refuses, INVALID, UNAUTHENTICATED, refusal } from '../../../platform/http/api-docs.js';
import { AccountsReader } from '../accounts/accounts.reader.js';
import {
  invalidCredentials,
  oneTimePasswordExpired,
  institutionRequired,
  accountLocked,
  wrongPassword,
  passwordAlreadyChanged,
} from '../errors.js';
import { OwnPasswordService } from '../passwords/own-password.service.js';
import { CurrentSession, type SessionActor } from '../staff.js';
import {
  ChangePasswordRequest,
  CurrentAccount,
  OpenSessionRequest,
  RefreshSessionRequest,
  SessionTokens,
} from './auth.dto.js';
import { SessionsService } from './sessions.service.js';

@ApiTags('Sesión')
@Controller('auth')
export class AuthController {
  constructor(
    private readonly sessions: SessionsService,
    private readonly accounts: AccountsReader,
    private readonly passwords: OwnPasswordService,
  ) {}

  @Post('sessions')
  @Public('ignored', 'staff')
  @ApiOperation({
    operationId: 'openSession',
    summary: 'Iniciar sesión',
    description:
      'Da un token de acceso (15 minutos) y uno de renovación. La respuesta a un correo desconocido y a una contraseña equivocada es la misma. Quien tiene cuenta con el mismo correo en varias instituciones usa la contraseña de cada una; si es la misma, indica `institution`. Diez contraseñas equivocadas en 15 minutos hacen lenta la entrada con ese correo hasta que pasa ese plazo: la correcta entra unos segundos después, salvo que otros llenen la fila; las sesiones abiertas siguen.',
  })
  @ApiCreatedResponse({ description: 'Sesión abierta.', type: SessionTokens })
  @Refuses(
    INVALID,
    refusal(invalidCredentials(), 'El correo o la contraseña no coinciden.'),
    refusal(oneTimePasswordExpired(), 'La contraseña de un solo uso venció; pide otra a tu administrador.'),
    refusal(
      institutionRequired([{ code: 'CONAVI-DEMO', name: 'Comisión de Vivienda (demostración)' }]),
      'La contraseña es de cuentas en varias instituciones; indica una en `institution`.',
    ),
    refusal(
      accountLocked(540),
      'Una contraseña equivocada más después de demasiadas; la correcta entra unos segundos después, salvo que la fila esté llena, y en `retryAfter` segundos todo vuelve a lo normal.',
    ),
  )
  open(@Body() body: OpenSessionRequest): Promise<SessionTokens> {
    return this.sessions.open(body);
  }

  @Post('sessions/refresh')
  @HttpCode(200)
  @Public('ignored', 'staff')
  @ApiOperation({
    operationId: 'refreshSession',
    summary: 'Renovar los tokens de la sesión',
    description:
      'Cambia el token de renovación por un par nuevo; el token de acceso anterior deja de valer en ese momento. Repetido en los 30 segundos siguientes, el mismo token de renovación da el mismo par, como lo hacen dos pestañas de un navegador; más tarde termina la sesión entera: hay que iniciar sesión de nuevo. Renovar no alarga las 12 horas de la sesión.',
  })
  @ApiOkResponse({ description: 'Par nuevo de tokens.', type: SessionTokens })
  @Refuses(INVALID, UNAUTHENTICATED)
  refresh(@Body() body: RefreshSessionRequest): Promise<SessionTokens> {
    return this.sessions.refresh(body.refreshToken);
  }

  @Delete('sessions/current')
  @HttpCode(204)
  @SignedIn({ duringPasswordChange: true })
  @ApiOperation({
    operationId: 'closeSession',
    summary: 'Cerrar la sesión',
    description: 'Los dos tokens de la sesión dejan de valer en ese momento.',
  })
  @ApiNoContentResponse({ description: 'Sesión cerrada.' })
  @Refuses(UNAUTHENTICATED)
  close(@CurrentSession() session: SessionActor): Promise<void> {
    return this.sessions.close(session);
  }

  @Get('me')
  @SignedIn({ duringPasswordChange: true })
  @ApiOperation({
    operationId: 'getCurrentAccount',
    summary: 'Consultar la propia cuenta',
    description: 'Quién soy, en qué institución y áreas trabajo y qué puedo hacer.',
  })
  @ApiOkResponse({ description: 'La cuenta de la sesión.', type: CurrentAccount })
  @Refuses(UNAUTHENTICATED)
  me(@CurrentSession() session: SessionActor): Promise<CurrentAccount> {
    return this.accounts.me(session);
  }

  @Post('password')
  @HttpCode(204)
  @SignedIn({ duringPasswordChange: true })
  @ApiOperation({
    operationId: 'changePassword',
    summary: 'Cambiar la propia contraseña',
    description:
      'Pide la contraseña actual. Las demás sesiones de la cuenta terminan; la presente sigue. Con una contraseña de un solo uso este es el primer paso obligado.',
  })
  @ApiNoContentResponse({ description: 'Contraseña cambiada.' })
  @Refuses(
    [
      400,
      'INVALID_REQUEST',
      'La contraseña nueva no cumple las reglas.',
      {
        errors: [
          {
            field: 'new',
            code: 'TOO_SHORT',
            message: 'Usa al menos 12 caracteres; una frase corta es fácil de recordar.',
          },
        ],
      },
    ],
    refusal(wrongPassword(), 'La contraseña actual no es correcta.'),
    UNAUTHENTICATED,
    refusal(passwordAlreadyChanged(), 'La contraseña cambió mientras tanto.'),
    refusal(
      accountLocked(540),
      'Demasiados intentos con la contraseña actual; se vuelve a admitir por sí solo después de `retryAfter` segundos.',
    ),
  )
  changePassword(
    @CurrentSession() session: SessionActor,
    @Body() body: ChangePasswordRequest,
  ): Promise<void> {
    return this.passwords.change(session, body);
  }
}
