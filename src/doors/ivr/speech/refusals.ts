import { DomainError, type Text } from '../../../platform/errors.js';
import type { Language } from '../../../platform/http/language.js';
import { InvalidRequest } from '../../../platform/http/validation.js';

/** What a caller hears for each refusal, and what to do next. */
const OF_CODES: ReadonlyMap<string, Text> = named({
  TRACKING_DENIED: {
    es: 'El folio y la clave no coinciden. Revise los dos y márquelos otra vez.',
    en: 'Folio and access code do not match. Check both and type them again.',
  },
  TOO_MANY_ATTEMPTS: {
    es: 'Hubo demasiados intentos. Cuelgue y llame en unos minutos.',
    en: 'There were too many attempts. Hang up and call again in a few minutes.',
  },
  IVR_SESSION_OVER: {
    es: 'Pasó demasiado tiempo. Marque otra vez su folio y su clave.',
    en: 'Too much time went by. Type your folio and your access code again.',
  },
  REPORT_CLOSED: {
    es: 'Su denuncia ya no recibe mensajes. Si hay hechos nuevos, presente otra y mencione este folio.',
    en: 'Your report takes no more messages. If there are new facts, file another one and mention this folio.',
  },
  EVIDENCE_EMPTY: {
    es: 'No se oyó nada y no se guardó nada. Grabe otra vez.',
    en: 'Nothing was heard and nothing was kept. Record again.',
  },
  EVIDENCE_EXECUTABLE: {
    es: 'La grabación no se pudo reconocer y no se guardó. No es culpa suya: la línea tiene una falla.',
    en: 'The recording was not recognised and was not kept. It is not your fault: the line has a fault.',
  },
  EVIDENCE_NO_RECORDING: {
    es: 'La grabación no se pudo reconocer y no se guardó. No es culpa suya: la línea tiene una falla.',
    en: 'The recording was not recognised and was not kept. It is not your fault: the line has a fault.',
  },
  EVIDENCE_TOO_LARGE: {
    es: 'La grabación es demasiado larga y no se guardó. Grabe otra más corta.',
    en: 'The recording is too long and was not kept. Record a shorter one.',
  },
  EVIDENCE_CASE_FULL: {
    es: 'Esta denuncia ya no admite más grabaciones. La que hizo no se guardó.',
    en: 'This report takes no more recordings. The one you made was not kept.',
  },
  TOO_MANY_EXCHANGES: {
    es: 'Hoy la clave ya se cambió varias veces. La última sigue sirviendo.',
    en: 'The access code was exchanged several times today. The last one still works.',
  },
});

/** What a caller hears when something that was typed is wrong, by the field, or by field and code. */
const OF_FIELDS: ReadonlyMap<string, Text> = named({
  folio: {
    es: 'Ese folio no es correcto. Marque otra vez las quince cifras.',
    en: 'That folio is not right. Type the fifteen digits again.',
  },
  accessCode: {
    es: 'Esa clave no es correcta. Marque otra vez las dieciséis cifras.',
    en: 'That access code is not right. Type the sixteen digits again.',
  },
  language: {
    es: 'Para español, marque uno. For English, press two.',
    en: 'Para español, marque uno. For English, press two.',
  },
  mode: {
    es: 'Esa opción no existe. Marque uno, dos o tres.',
    en: 'There is no such option. Press one, two or three.',
  },
  'phone FORBIDDEN_WHEN_ANONYMOUS': {
    es: 'Una denuncia sin sus datos no lleva su número. Siga sin marcarlo.',
    en: 'A report without your data carries no number of yours. Go on without typing it.',
  },
  phone: {
    es: 'Ese número no es correcto. Márquelo otra vez.',
    en: 'That number is not right. Type it again.',
  },
  reporter: {
    es: 'Falta el número al que se le puede llamar. Márquelo, o denuncie sin dar sus datos.',
    en: 'The number at which you can be called is missing. Type it, or report without giving your data.',
  },
  privacyNotice: {
    es: 'Para dejar sus datos hace falta que acepte el aviso de privacidad.',
    en: 'To leave your data you have to accept the privacy notice.',
  },
});

/** For refusals that only the program can mend, and for faults. */
const OTHERWISE: Text = {
  es: 'En este momento no se puede. Llame otra vez en unos minutos.',
  en: 'That is not possible at this moment. Call again in a few minutes.',
};

/** What a caller hears when something is refused. */
export function sayRefusal(refusal: DomainError, language: Language): string[] {
  if (refusal instanceof InvalidRequest) {
    const known = refusal.errors.flatMap(
      ({ field, code }) => OF_FIELDS.get(`${field} ${code}`) ?? OF_FIELDS.get(field.split('.')[0]!) ?? [],
    );
    return (known.length > 0 ? known : [OTHERWISE]).map((text) => text[language]);
  }
  return [(OF_CODES.get(refusal.code) ?? OTHERWISE)[language]];
}

function named(texts: Readonly<Record<string, Text>>): ReadonlyMap<string, Text> {
  return new Map(Object.entries(texts));
}
