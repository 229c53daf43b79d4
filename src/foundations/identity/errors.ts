import { DomainError } from '../../platform/errors.js';
import { invalidField, type InvalidRequest } from '../../platform/http/validation.js';
import type { ApprovalState } from './approvals/approval.entity.js';
import { APPROVAL_STATE_LABELS } from './labels.js';
import { MAX_PASSWORD, MIN_PASSWORD, type PasswordFault } from './passwords/password-rules.js';

/** The same answer for an unknown account, a wrong password and a deactivated account. */
export function invalidCredentials(): DomainError {
  return new DomainError('INVALID_CREDENTIALS', 401, {
    es: 'El correo o la contraseña no coinciden. Revísalos; si tienes cuenta en varias instituciones, indica cuál. Si olvidaste la contraseña, pide una de un solo uso a tu administrador.',
    en: 'The e-mail or the password does not match. Check them, name the institution if you have accounts at several, or ask your administrator for a one-time password.',
  });
}

/** Only somebody with the right one-time password sees this answer. */
export function oneTimePasswordExpired(): DomainError {
  return new DomainError('ONE_TIME_PASSWORD_EXPIRED', 401, {
    es: 'La contraseña de un solo uso venció. Pide otra a tu administrador.',
    en: 'The one-time password has expired. Ask your administrator for another one.',
  });
}

/**
 * Only somebody with the right password sees this answer. The password fits accounts of the address at
 * several institutions.
 */
export function institutionRequired(institutions: { code: string; name: string }[]): DomainError {
  return new DomainError(
    'INSTITUTION_REQUIRED',
    409,
    {
      es: 'Tienes cuenta con esa contraseña en varias instituciones. Repite con la clave de una de ellas en `institution`.',
      en: 'You have accounts with that password at several institutions. Repeat with the code of one of them in `institution`.',
    },
    { institutions },
  );
}

/** @param retryAfter seconds */
export function accountLocked(retryAfter: number): DomainError {
  return new DomainError(
    'TOO_MANY_ATTEMPTS',
    429,
    {
      es: 'Hubo demasiados intentos fallidos con esta cuenta. Por ahora no se acepta ninguna contraseña, tampoco la correcta; el bloqueo termina por sí solo al pasar el tiempo indicado.',
      en: 'Too many failed attempts for this account. No password is accepted for now, not even the right one; the lock ends by itself after the given time.',
    },
    { retryAfter },
  );
}

/** @param retryAfter seconds */
export function signInSlowed(retryAfter: number): DomainError {
  return new DomainError(
    'TOO_MANY_ATTEMPTS',
    429,
    {
      es: 'Esa contraseña no es correcta y hubo muchos intentos fallidos con este correo. La correcta entra unos segundos después, salvo que haya demasiada fila; todo vuelve a lo normal al pasar el tiempo indicado.',
      en: 'That password is not right, and there were many failed attempts for this address. The right one works some seconds later, unless the line is full; all is normal again after the given time.',
    },
    { retryAfter },
  );
}

/** @param retryAfter seconds */
export function serviceUnderAttack(retryAfter: number): DomainError {
  return new DomainError(
    'TOO_MANY_ATTEMPTS',
    429,
    {
      es: 'El servicio recibe demasiados intentos fallidos de entrada. Vuelve a intentarlo cuando pase el tiempo indicado; las sesiones abiertas siguen funcionando.',
      en: 'The service is receiving too many failed sign-ins. Try again after the given time; open sessions keep working.',
    },
    { retryAfter },
  );
}

export function busy(): DomainError {
  return new DomainError(
    'UNAVAILABLE',
    503,
    {
      es: 'Hay demasiadas personas entrando al mismo tiempo. Vuelve a intentarlo en unos segundos.',
      en: 'Too many people are signing in at once. Try again in a few seconds.',
    },
    { retryAfter: 2 },
  );
}

export function wrongPassword(): DomainError {
  return new DomainError('WRONG_PASSWORD', 400, {
    es: 'La contraseña actual no es correcta.',
    en: 'The current password is not right.',
  });
}

export function passwordAlreadyChanged(): DomainError {
  return new DomainError('PASSWORD_ALREADY_CHANGED', 409, {
    es: 'La contraseña cambió mientras tanto. Inicia sesión con la nueva.',
    en: 'The password was changed meanwhile. Sign in with the new one.',
  });
}

export function accountNotFound(): DomainError {
  return new DomainError('ACCOUNT_NOT_FOUND', 404, {
    es: 'No hay una cuenta con ese identificador en tu institución.',
    en: 'There is no account with that id in your institution.',
  });
}

export function emailTaken(): DomainError {
  return new DomainError('EMAIL_TAKEN', 409, {
    es: 'Ya hay una cuenta con ese correo en tu institución. Usa otro correo o reactiva la cuenta que existe.',
    en: 'Your institution has an account with that e-mail already. Use another one or reactivate the existing account.',
  });
}

export function rolesIncompatible(): DomainError {
  return new DomainError('ROLES_INCOMPATIBLE', 422, {
    es: 'Esos roles no pueden estar en una misma cuenta: quien administra cuentas no ve casos ni cifras exactas, la mesa no se audita a sí misma, y ni mesa ni auditoría investigan. Usa cuentas separadas.',
    en: 'One account cannot hold these roles: who keeps accounts sees neither cases nor exact figures, the desk does not audit itself, and neither desk nor audit investigates. Use separate accounts.',
  });
}

export function ownAccount(): DomainError {
  return new DomainError('OWN_ACCOUNT', 409, {
    es: 'No puedes desactivar tu propia cuenta, cambiar sus roles o áreas ni darle una contraseña de un solo uso. Pídelo a otra persona administradora.',
    en: 'You cannot deactivate your own account, change its roles or areas or set its one-time password. Ask another administrator.',
  });
}

export const approvalErrors = {
  notFound: () =>
    new DomainError('APPROVAL_NOT_FOUND', 404, {
      es: 'No hay una solicitud con ese identificador en tu institución.',
      en: 'There is no request with that id in your institution.',
    }),
  closed: (state: ApprovalState) =>
    new DomainError(
      'APPROVAL_CLOSED',
      409,
      {
        es: 'Esa solicitud ya no se puede contestar: alguien la contestó, venció o quien la pidió ya no administra. Si aún hace falta, hay que pedirla otra vez.',
        en: 'That request can no longer be answered: somebody did, it expired, or whoever asked is no administrator any more. If it is still needed, it must be asked for again.',
      },
      { state, stateLabel: APPROVAL_STATE_LABELS[state] },
    ),
  stale: () =>
    new DomainError('APPROVAL_STALE', 409, {
      es: 'La cuenta cambió desde que se pidió y ahora alcanzaría más. Pide que se solicite otra vez.',
      en: 'The account changed since this was asked for and would now reach further. It must be asked for again.',
    }),
  notYours: () =>
    new DomainError('APPROVAL_NOT_YOURS', 403, {
      es: 'No te toca contestar esa solicitud: la contesta auditoría o la titularidad de las áreas, nunca quien la pidió ni la persona de la cuenta.',
      en: 'That request is not yours to answer: auditors or the heads of the areas do, never whoever asked or the person of the account.',
    }),
  tooMany: (limit: number) =>
    new DomainError('TOO_MANY_APPROVALS', 409, {
      es: `Ya hay ${limit} solicitudes sin contestar, el máximo. Pide a auditoría o a la titularidad que las conteste.`,
      en: `There are ${limit} unanswered requests already, the most there can be. Ask the auditor or the heads to answer them.`,
    }),
};

export function channelKeyNotFound(): DomainError {
  return new DomainError('CHANNEL_KEY_NOT_FOUND', 404, {
    es: 'No hay una clave de canal con ese identificador en tu institución.',
    en: 'There is no channel key with that id in your institution.',
  });
}

export function badCursor(): InvalidRequest {
  return invalidField(
    'cursor',
    'FORMAT',
    'La marca de página no es de esta lista.',
    'The cursor is not of this list.',
  );
}

export function unknownArea(code: string): InvalidRequest {
  return invalidField(
    'areas',
    'NOT_A_VALUE',
    `Tu institución no tiene un área con la clave «${code}».`,
    `Your institution has no area with the code "${code}".`,
  );
}

export function areaMissing(): InvalidRequest {
  return invalidField(
    'areas',
    'REQUIRED',
    'Faltan las áreas (areas): quien investiga o es titular trabaja en un área; indica al menos una.',
    'The areas are missing (areas): investigators and area heads work in an area; name at least one.',
  );
}

const PASSWORD_FAULTS: Record<PasswordFault, [es: string, en: string]> = {
  TOO_SHORT: [
    `Usa al menos ${MIN_PASSWORD} caracteres; una frase corta es fácil de recordar.`,
    `Use at least ${MIN_PASSWORD} characters; a short phrase is easy to remember.`,
  ],
  TOO_LONG: [`Usa a lo más ${MAX_PASSWORD} caracteres.`, `Use at most ${MAX_PASSWORD} characters.`],
  COMMON: [
    'Es una contraseña muy común y fácil de adivinar. Elige otra.',
    'It is a very common password, easy to guess. Choose another one.',
  ],
  IS_EMAIL: ['No uses tu correo como contraseña.', 'Do not use your e-mail as password.'],
};

export function badPassword(fault: PasswordFault): InvalidRequest {
  return invalidField('new', fault, ...PASSWORD_FAULTS[fault]);
}

export function samePassword(): InvalidRequest {
  return invalidField(
    'new',
    'SAME_PASSWORD',
    'La contraseña nueva debe ser distinta de la actual.',
    'The new password must differ from the current one.',
  );
}
