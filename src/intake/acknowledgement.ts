import type { Language } from '../platform/http/language.js';

/** What of a report the reporter is told at once. */
export interface Acknowledged {
  institution: string;
  folio: string;
  /** Day of the first answer; absent, or past when a call is registered late: then nothing is promised. */
  dueOn?: string;
  /** Local day of the institution. */
  today: string;
}

/** The text a reporter gets on every channel. Says only what is true; promises no sealing and no absolute anonymity. */
export function acknowledgement(language: Language, { institution, folio, dueOn, today }: Acknowledged): string {
  const answer = dueOn !== undefined && dueOn >= today ? ` ${firstAnswer(language, dueOn)}` : '';
  if (language === 'en') {
    return (
      `${institution} received your report. Your folio is ${folio}. ` +
      'Keep the folio and the 16-digit access code: with both you can follow it and read and answer messages, also if you are anonymous. ' +
      `We cannot recover the code.${answer}`
    );
  }
  return (
    `${institution} recibió tu denuncia. Tu folio es ${folio}. ` +
    'Guarda el folio y la clave de 16 dígitos: con los dos puedes ver cómo va, leer mensajes y contestarlos, también si es anónima. ' +
    `No podemos recuperar la clave.${answer}`
  );
}

const SPELLED = {
  es: new Intl.DateTimeFormat('es-MX', { dateStyle: 'long', timeZone: 'UTC' }),
  en: new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' }),
};

/** @param day 'YYYY-MM-DD' */
export function firstAnswer(language: Language, day: string): string {
  const spelled = SPELLED[language].format(new Date(`${day}T00:00:00Z`));
  return language === 'en'
    ? `You should have a first answer by ${spelled}.`
    : `Debes tener una primera respuesta a más tardar el ${spelled}.`;
}
