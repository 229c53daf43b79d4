import { DomainError } from '../../platform/errors.js';

export const phoneErrors = {
  /** The same for a number that never was, that ended, and that belongs to another institution. */
  callNotFound: () =>
    new DomainError('CALL_NOT_FOUND', 404, {
      es: 'No hay una llamada con ese número, o ya terminó. Pide a la persona que lo repita; son 12 cifras.',
      en: 'There is no call with that number, or it has ended. Ask the person to repeat it; it has 12 digits.',
    }),
  /** @param retryAfter seconds */
  tooManyNumbers: (retryAfter: number) =>
    new DomainError(
      'TOO_MANY_ATTEMPTS',
      429,
      {
        es: 'Probaste muchos números de llamada que no existen. Revisa el número; las llamadas que sí existen siguen, más despacio.',
        en: 'You tried many call numbers that do not exist. Check the number; calls that do exist go on, more slowly.',
      },
      { retryAfter },
    ),
  /** @param version the present one */
  draftStale: (version: number) =>
    new DomainError(
      'STALE_VERSION',
      412,
      {
        es: 'Otra persona cambió el borrador desde que lo leíste. Retoma la llamada con GET y agrega lo tuyo.',
        en: 'Somebody else changed the draft since you read it. Resume the call with GET and add what you have.',
      },
      { version },
    ),
  callFiled: () =>
    new DomainError('CALL_FILED', 409, {
      es: 'La denuncia de esta llamada ya se presentó. Repite POST …/report: da el mismo acuse, y léelo.',
      en: 'The report of this call was filed already. Repeat POST …/report: it gives the same receipt to read.',
    }),
  /** The one answer while nobody knows whether the report of a call was stored. 503 for the try itself. */
  filingUncertain: (status: 409 | 503) =>
    new DomainError(
      'FILING_UNCERTAIN',
      status,
      {
        es: 'No se sabe todavía si la denuncia se presentó. Repite POST …/report: si ya se presentó da su acuse, y si no, la presenta una sola vez. Lo anotado se guarda tres días.',
        en: 'It is not known yet whether the report was filed. Repeat POST …/report: if it was filed this gives its receipt, and if not it files it, once only. What was written down is kept for three days.',
      },
      status === 503 ? { retryAfter: 2 } : {},
    ),
  /** @param failure of intake, after which it is certain that nothing was stored */
  notFiled: ({ code, status, extra }: DomainError) =>
    new DomainError(
      code,
      status,
      {
        es: 'La denuncia no se presentó: al sistema le falta espacio o está muy ocupado. Lo anotado sigue guardado y puede cambiar. Repite en unos minutos.',
        en: 'The report was not filed: the system has no room or is very busy. What was written down is still kept and may change. Try again in a few minutes.',
      },
      extra,
    ),
  draftEmpty: () =>
    new DomainError('DRAFT_EMPTY', 409, {
      es: 'Todavía no hay nada anotado en esta llamada. Guarda primero el borrador con PUT …/draft.',
      en: 'Nothing is written down in this call yet. Save the draft first with PUT …/draft.',
    }),
  draftUnfiled: () =>
    new DomainError('DRAFT_UNFILED', 409, {
      es: 'Lo anotado no se ha presentado. Si la línea se cortó, deja la llamada abierta: el borrador se guarda tres días. Si la persona no quiere denunciar, repite con «discard: true».',
      en: 'What was written down is not filed. If the line dropped, leave the call open: the draft is kept for three days. If the person does not want to report, repeat with "discard: true".',
    }),
  /** One answer for a token that is forged, too old, ended, of another session, or of an exchanged code. */
  followUpOver: () =>
    new DomainError('FOLLOW_UP_OVER', 410, {
      es: 'Este seguimiento terminó o no es de tu sesión. Pide otra vez folio y clave a la persona.',
      en: 'This follow-up is over or does not belong to your session. Ask the person for folio and access code again.',
    }),
};
