import { addBusinessDays, type BusinessCalendar } from '../../foundations/catalogs/business-calendar.js';
import { spelledDay } from '../../platform/days.js';
import type { Text } from '../../platform/errors.js';
import type { CaseRow } from './case.entities.js';
import { isOpen } from './lifecycle.js';

/**
 * Number of business days for which a reporter may still write after the case ended, whatever the outcome. A
 * resolved case is archived after these days (contract, table "Staff").
 */
const DAYS_TO_WRITE = 10;

type Ended = Pick<CaseRow, 'status' | 'closeOn'>;

/**
 * The last day on which the reporter may write.
 * @param endedOn local day of the institution; counting begins with the next business day
 */
export function lastDayToWrite(calendar: BusinessCalendar, endedOn: string): string {
  return addBusinessDays(calendar, endedOn, DAYS_TO_WRITE);
}

/** Decide by the day alone. It makes no difference whether the sweep has already archived the case. */
export function reporterMayWrite({ status, closeOn }: Ended, today: string): boolean {
  return isOpen(status) || (closeOn !== null && today <= closeOn);
}

/**
 * Staff may write for longer than the reporter: a reporter who wrote on the last evening must get an answer.
 */
export function staffMayAnswer(row: Ended & Pick<CaseRow, 'awaitingAnswer'>, today: string): boolean {
  return reporterMayWrite(row, today) || row.awaitingAnswer;
}

/**
 * What the reporter reads about the time to write. `until` is null while the case is open, and when no day
 * was ever set.
 */
export interface Writing {
  allowed: boolean;
  until: string | null;
  text: Text;
}

export function writingOf(row: Ended, today: string): Writing {
  const allowed = reporterMayWrite(row, today);
  const until = isOpen(row.status) ? null : row.closeOn;
  return { allowed, until, text: allowed ? mayWrite(until) : mayNot(until) };
}

function mayWrite(until: string | null): Text {
  if (until === null) {
    return {
      es: 'Puedes escribir mientras se atiende tu denuncia.',
      en: 'You can write while your report is worked on.',
    };
  }
  return {
    es: `Tu denuncia terminó. Si no estás de acuerdo o quieres agregar algo, puedes escribir hasta el ${spelledDay(until, 'es')}, incluido ese día.`,
    en: `Your report has ended. If you disagree or want to add something, you can write until ${spelledDay(until, 'en')}, that day included.`,
  };
}

/** The text for a reporter who may not write any more. The refusal of a message uses the same text. */
export function mayNot(until: string | null): Text {
  const over =
    until === null
      ? {
          es: 'Tu denuncia está cerrada y ya no recibe mensajes',
          en: 'Your report is closed and takes no more messages',
        }
      : {
          es: `Tu denuncia está cerrada y ya no recibe mensajes: podías escribir hasta el ${spelledDay(until, 'es')}`,
          en: `Your report is closed and takes no more messages: you could write until ${spelledDay(until, 'en')}`,
        };
  return {
    es: `${over.es}. Si no estás de acuerdo o hay hechos nuevos, presenta otra denuncia y menciona este folio.`,
    en: `${over.en}. If you disagree or there are new facts, file another report and mention this folio.`,
  };
}
