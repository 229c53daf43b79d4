import { DomainError } from '../../../platform/errors.js';

export const numberErrors = {
  /** The same for a number that never was and for one of another institution. */
  notFound: () =>
    new DomainError('WHATSAPP_NUMBER_NOT_FOUND', 404, {
      es: 'No hay un número de WhatsApp con ese identificador en tu institución.',
      en: 'There is no WhatsApp number with that id in your institution.',
    }),
  /** The same, whichever institution has it: nobody learns which numbers others have. */
  exists: () =>
    new DomainError('WHATSAPP_NUMBER_EXISTS', 409, {
      es: 'Ese `phoneNumberId` ya está dado de alta en esta instalación. Revísalo; si es de tu institución y no aparece en la lista, pregunta a quien opera el servicio.',
      en: 'That `phoneNumberId` is in use at this installation. Check it; if it belongs to your institution and is not in the list, ask whoever runs the service.',
    }),
  tooMany: (limit: number) =>
    new DomainError('TOO_MANY_WHATSAPP_NUMBERS', 409, {
      es: `La institución ya tiene ${limit} números activos, el máximo. Apaga uno que ya no uses con \`active: false\`.`,
      en: `The institution already has ${limit} active numbers, the most there can be. Switch one off that is no longer used with \`active: false\`.`,
    }),
  /** A row that was damaged or moved. A start with another key-encryption key is refused. */
  unreadable: () =>
    new DomainError('WHATSAPP_CREDENTIALS_UNREADABLE', 409, {
      es: 'Las credenciales guardadas de este número ya no se pueden abrir. Pon de nuevo `accessToken`, `appSecret` y `verifyToken`, los tres en una petición.',
      en: 'The stored credentials of this number can no longer be opened. Set `accessToken`, `appSecret` and `verifyToken` anew, all three in one request.',
    }),
  /** @param version the present one */
  stale: (version: number) =>
    new DomainError(
      'STALE_VERSION',
      412,
      {
        es: 'Otra persona cambió el número desde que lo leíste. Léelo otra vez y repite tu cambio.',
        en: 'Somebody else changed the number since you read it. Read it again and repeat your change.',
      },
      { version },
    ),
};
