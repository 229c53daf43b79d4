import { DomainError } from '../../../platform/errors.js';

/** Errors of the menus. */
export const menuErrors = {
  stale(version: number): DomainError {
    return new DomainError(
      'STALE_VERSION',
      412,
      {
        es: 'Alguien publicó otra versión del menú desde que la leíste. Léela y vuelve a intentarlo.',
        en: 'Somebody published another version of the menu since you read it. Read it and try again.',
      },
      { version },
    );
  },
  versionUnknown(): DomainError {
    return new DomainError('MENU_VERSION_UNKNOWN', 404, {
      es: 'Tu institución no tiene esa versión del menú.',
      en: 'Your institution has no such version of the menu.',
    });
  },
  questionUnknown(): DomainError {
    return new DomainError('MENU_QUESTION_UNKNOWN', 404, {
      es: 'Esa pregunta no está, o ya se quitó.',
      en: 'That question is not there, or was already removed.',
    });
  },
};
