import { Body, Controller, Header, HttpCode, Post, type OnModuleInit } from '@nestjs/common';
import {
  ApiBody,
  ApiConsumes,
  ApiExtraModels,
  ApiOkResponse,
  ApiOperation,
  ApiResponse,
  ApiTags,
  getSchemaPath,
} from '@nestjs/swagger';
import { Clock } from '../../../platform/clock.js';
import { Public } from '../../../platform/http/access.js';
import { ErrorShapes } from '../../../platform/http/error-shapes.js';
import { FORM_ROUTE } from '../../../platform/http/forms.js';
import { validation } from '../../../platform/http/validation.js';
import { OpenSessionRequest, RefreshSessionRequest } from './auth.dto.js';
import { InvalidTokenRequest, oauthError } from './oauth-errors.js';
import { OAuthError, OAuthTokens, TOKEN_EXAMPLES, TokenRequest } from './oauth.dto.js';
import type { IssuedTokens } from './session.steps.js';
import { SessionsService } from './sessions.service.js';

/**
 * The second door to a session: OAuth's password grant (RFC 6749, sections 4.3 and 6). It is for tools that
 * sign in by themselves, such as Swagger UI. Both doors use the same service, with its limits, its slow line
 * and its trail.
 */
@ApiTags('Sesión')
@Controller('auth/token')
export class TokenController implements OnModuleInit {
  constructor(
    private readonly sessions: SessionsService,
    private readonly clock: Clock,
    private readonly shapes: ErrorShapes,
  ) {}

  onModuleInit(): void {
    this.shapes.register(FORM_ROUTE, oauthError);
  }

  @Post()
  @HttpCode(200)
  @Header('Cache-Control', 'no-store')
  @Header('Pragma', 'no-cache')
  @Public('ignored', 'staff')
  @ApiConsumes('application/x-www-form-urlencoded')
  @ApiExtraModels(OAuthError)
  @ApiOperation({
    operationId: 'issueToken',
    summary: 'Iniciar o renovar la sesión con OAuth 2.0',
    description:
      'Lo mismo que `POST /auth/sessions` y `POST /auth/sessions/refresh`, como lo piden las herramientas de OAuth (RFC 6749, secciones 4.3 y 6): un formulario con `grant_type=password`, `username` y `password`, o con `grant_type=refresh_token` y `refresh_token`. Valen los mismos límites. No hay clientes registrados: `client_id`, `client_secret` y `scope` no cambian nada. Los errores tienen la forma de la sección 5.2.',
  })
  @ApiBody({ type: TokenRequest, examples: TOKEN_EXAMPLES })
  @ApiOkResponse({ description: 'Tokens de la sesión.', type: OAuthTokens })
  @ApiResponse({
    status: 400,
    description:
      '`invalid_grant`: los datos no coinciden o ya no valen. `invalid_request`, `unsupported_grant_type`: la solicitud no es la esperada.',
    content: { 'application/json': { schema: { $ref: getSchemaPath(OAuthError) } } },
  })
  @ApiResponse({
    status: 429,
    description:
      '`temporarily_unavailable`: demasiados intentos fallidos; todo vuelve a lo normal después de `Retry-After` segundos.',
    content: { 'application/json': { schema: { $ref: getSchemaPath(OAuthError) } } },
  })
  async issue(@Body() body: unknown): Promise<OAuthTokens> {
    const form = fieldsOf(body);
    switch (form.get('grant_type')) {
      case 'password': {
        const input = {
          email: form.get('username'),
          password: form.get('password'),
          institution: form.get('institution'),
        };
        return this.answer(await this.sessions.open(await checked(OpenSessionRequest, input)));
      }
      case 'refresh_token': {
        const { refreshToken } = await checked(RefreshSessionRequest, {
          refreshToken: form.get('refresh_token'),
        });
        return this.answer(await this.sessions.refresh(refreshToken));
      }
      case undefined:
        throw new InvalidTokenRequest('invalid_request', {
          es: 'Falta grant_type.',
          en: 'The field grant_type is missing.',
        });
      default:
        throw new InvalidTokenRequest('unsupported_grant_type', {
          es: 'Se admite grant_type=password o grant_type=refresh_token.',
          en: 'The service takes grant_type=password or grant_type=refresh_token.',
        });
    }
  }

  private answer({ accessToken, refreshToken, expiresAt }: IssuedTokens): OAuthTokens {
    const seconds = Math.floor((Date.parse(expiresAt) - this.clock.now().getTime()) / 1000);
    return {
      access_token: accessToken,
      token_type: 'Bearer',
      expires_in: Math.max(0, seconds),
      refresh_token: refreshToken,
    };
  }
}

/**
 * Returns the fields of a form. A field without a value counts as absent. A field that was sent twice is
 * refused (RFC 6749, section 3.2).
 */
function fieldsOf(body: unknown): ReadonlyMap<string, string> {
  // The form parser gives an object without a prototype. The JSON parser gives an object with one.
  if (typeof body !== 'object' || body === null || Object.getPrototypeOf(body) !== null) {
    throw new InvalidTokenRequest('invalid_request', {
      es: 'Manda un formulario: application/x-www-form-urlencoded.',
      en: 'Send a form: application/x-www-form-urlencoded.',
    });
  }
  const fields = new Map<string, string>();
  for (const [name, value] of Object.entries(body)) {
    if (Array.isArray(value)) {
      throw new InvalidTokenRequest('invalid_request', {
        es: 'Un campo viene dos veces. Manda cada uno una sola vez.',
        en: 'A field comes twice. Send each of them once.',
      });
    }
    if (value !== '') fields.set(name, String(value));
  }
  return fields;
}

/** Checks the fields by the rules of the other door to a session. @throws InvalidRequest */
function checked<T extends object>(
  type: new () => T,
  fields: Record<string, string | undefined>,
): Promise<T> {
  const sent = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
  return validation.transform(sent, { type: 'body', metatype: type }) as Promise<T>;
}
