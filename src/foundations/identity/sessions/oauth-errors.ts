import { DomainError, type Text } from '../../../platform/errors.js';
import type { ErrorShape } from '../../../platform/http/error-shapes.js';
import { describeProblem } from '../../../platform/http/problem.filter.js';
import { InvalidRequest } from '../../../platform/http/validation.js';

export const OAUTH_ERRORS = [
  'invalid_request',
  'invalid_grant',
  'unsupported_grant_type',
  'temporarily_unavailable',
  'server_error',
] as const;
export type OAuthErrorName = (typeof OAUTH_ERRORS)[number];

/** A request that does not follow RFC 6749. */
export class InvalidTokenRequest extends DomainError {
  constructor(
    readonly error: 'invalid_request' | 'unsupported_grant_type',
    readonly says: Text,
  ) {
    super(error.toUpperCase(), 400, says);
  }
}

/** The names of our own fields in a form of RFC 6749. */
const FORM_NAMES: Readonly<Record<string, string>> = { email: 'username', refreshToken: 'refresh_token' };

type Said = readonly [error: OAuthErrorName, es: string, en: string];

/**
 * The answers by our own code. RFC 6749 allows only ASCII without quotes in `error_description`. So the texts
 * name the fields of the form instead of words with accents. The full sentence is in `detail`.
 */
const SAID: Readonly<Record<string, Said>> = {
  INVALID_CREDENTIALS: [
    'invalid_grant',
    'El correo (username) y el password no coinciden. Si olvidaste el password, pide uno de un solo uso a quien administra las cuentas.',
    'The username or the password does not match. If you forgot it, ask your administrator for a one-time password.',
  ],
  ONE_TIME_PASSWORD_EXPIRED: [
    'invalid_grant',
    'El password de un solo uso ya no vale. Pide otro a quien administra las cuentas.',
    'The one-time password has expired. Ask your administrator for another one.',
  ],
  UNAUTHENTICATED: [
    'invalid_grant',
    'El refresh_token ya no vale. Entra otra vez con username y password.',
    'The refresh_token is not valid any more. Sign in again with username and password.',
  ],
  TOO_MANY_ATTEMPTS: [
    'temporarily_unavailable',
    'Hubo demasiados intentos fallidos. El password correcto entra unos segundos despues, salvo que la fila este llena; en $seconds segundos todo vuelve a lo normal.',
    'Too many failed attempts. The right password works some seconds later, unless the line is full; in $seconds seconds all is normal again.',
  ],
};

const REFUSED: Said = [
  'invalid_request',
  'La solicitud no se puede atender.',
  'The request cannot be served.',
];
const UNAVAILABLE: Said = [
  'temporarily_unavailable',
  'El servicio no puede atender ahora. Repite en unos segundos.',
  'The service cannot answer now. Repeat in some seconds.',
];
const FAULT: Said = ['server_error', 'Hubo un error interno.', 'There was an internal error.'];

/**
 * Gives errors of `POST /auth/token` the form of RFC 6749, section 5.2: `error` for programs,
 * `error_description` for people, status 400. Too many attempts stay 429, and a service that cannot answer
 * stays 503, so that the client knows to wait before it repeats. Our own `code` and `detail` are added, and
 * clients ignore members they do not know.
 */
export const oauthError: ErrorShape = (error, language) => {
  const { status, code, detail, retryAfter, institutions } = describeProblem(error, language);
  const [name, es, en] =
    error instanceof InvalidTokenRequest
      ? ([error.error, error.says.es, error.says.en] as const)
      : saidOf(code, status, error);
  const says = (language === 'es' ? es : en).replace('$seconds', String(retryAfter));
  return {
    status: status === 401 || status === 409 ? 400 : status,
    body: { error: name, error_description: says, code, detail, retryAfter, institutions },
  };
};

function saidOf(code: string, status: number, error: unknown): Said {
  if (error instanceof InvalidRequest) {
    const fields = [...new Set(error.errors.map(({ field }) => FORM_NAMES[field] ?? field))].join(', ');
    return ['invalid_request', `Faltan o no son validos: ${fields}.`, `Missing or not valid: ${fields}.`];
  }
  if (code === 'INSTITUTION_REQUIRED') {
    const { institutions } = (error as DomainError).extra as { institutions: { code: string }[] };
    const codes = institutions.map((one) => one.code).join(', ');
    return [
      'invalid_request',
      `Ese password es de cuentas en varias instituciones. Agrega el campo institution con una de estas claves: ${codes}.`,
      `That password fits accounts at several institutions. Add the field institution with one of these codes: ${codes}.`,
    ];
  }
  return SAID[code] ?? (status >= 503 || status === 429 ? UNAVAILABLE : status >= 500 ? FAULT : REFUSED);
}
