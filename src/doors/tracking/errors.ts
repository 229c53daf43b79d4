import { DomainError } from '../../platform/errors.js';

export function trackingDenied(): DomainError {
  return new DomainError('TRACKING_DENIED', 401, {
    es: 'El folio y la clave no coinciden. Revisa los 16 dígitos y el folio completo.',
    en: 'Folio and access code do not match. Check the 16 digits and the whole folio.',
  });
}

/** @param retryAfter seconds */
export function tooManyTries(retryAfter: number): DomainError {
  return new DomainError(
    'TOO_MANY_ATTEMPTS',
    429,
    {
      es: 'Hubo demasiados intentos. Espera un momento y revisa folio y clave antes de repetir.',
      en: 'There were too many attempts. Wait a moment and check folio and code before trying again.',
    },
    { retryAfter },
  );
}

export function alreadyExchanged(): DomainError {
  return new DomainError('ACCESS_CODE_ALREADY_EXCHANGED', 409, {
    es: 'La clave ya se cambió en otra solicitud. Entra con la clave nueva; si no fuiste tú quien la cambió, presenta otra denuncia y menciona este folio.',
    en: 'The access code was exchanged by another request already. Use the new one; if it was not you who exchanged it, file another report and mention this folio.',
  });
}

/** @param retryAfter seconds */
export function tooManyExchanges(retryAfter: number): DomainError {
  return new DomainError(
    'TOO_MANY_EXCHANGES',
    429,
    {
      es: 'Hoy ya cambiaste la clave varias veces. La última que recibiste sigue sirviendo; podrás cambiarla otra vez mañana.',
      en: 'You exchanged the access code several times today. The last one you got still works; you can exchange it again tomorrow.',
    },
    { retryAfter },
  );
}
