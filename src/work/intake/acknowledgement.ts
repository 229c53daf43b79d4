import { spelledDay } from '../../platform/days.js';
import type { Language } from '../../platform/http/language.js';

/** What the reporter is told at once about a report. */
export interface Acknowledged {
  institution: string;
  folio: string;
  /**
   * Day of the first answer. When it is absent, or already past (a call that is registered late), nothing is
   * promised.
   */
  dueOn?: string;
  /** Local day of the institution. */
  today: string;
  /** The recording is still to be sent. */
  awaitsVoice?: boolean;
}

/**
 * The text that a reporter gets on every channel. Says only what is true. Does not promise sealing or
 * absolute anonymity.
 */
export function acknowledgement(
  language: Language,
  { institution, folio, dueOn, today, awaitsVoice }: Acknowledged,
): string {
  const answer = dueOn !== undefined && dueOn >= today ? ` ${firstAnswer(language, dueOn)}` : '';
  if (language === 'en') {
    return (
      `${institution} received your report. Your folio is ${folio}. ` +
      'Keep the folio and the 16-digit access code: with both you can follow it and read and answer messages, also if you are anonymous. ' +
      `We cannot recover the code.${answer}${awaitsVoice ? ' Your recording is still missing: send it now.' : ''}`
    );
  }
  return (
    `${institution} recibió tu denuncia. Tu folio es ${folio}. ` +
    'Guarda el folio y la clave de 16 dígitos: con los dos puedes ver cómo va, leer mensajes y contestarlos, también si es anónima. ' +
    `No podemos recuperar la clave.${answer}${awaitsVoice ? ' Todavía falta tu grabación: mándala ahora.' : ''}`
  );
}

/**
 * The next answer that the institution owes the reporter.
 * @param day 'YYYY-MM-DD'
 */
export function firstAnswer(language: Language, day: string): string {
  const spelled = spelledDay(day, language);
  return language === 'en'
    ? `The institution must give you a first answer by ${spelled}.`
    : `La institución debe darte una primera respuesta a más tardar el ${spelled}.`;
}
