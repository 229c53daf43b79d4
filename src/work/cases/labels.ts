import type { Text } from '../../platform/errors.js';
import type { CaseEntryRow, EntryKind, InformationRequestRow, Mode } from './case.entities.js';
import type { Outcome } from './lifecycle.js';
import type { LIST_URGENCIES } from './list-urgency.js';
import { MOVE_NAMES, MOVES, type Move } from './moves/moves.js';

/** The Spanish texts agree grammatically with "la denuncia". */
export const OUTCOME_LABELS: Readonly<Record<Outcome, Text>> = {
  sanction_proceedings: { es: 'Con procedimiento de sanción', en: 'Sanction proceedings' },
  measures_taken: { es: 'Con medidas', en: 'Measures taken' },
  no_elements: { es: 'Sin elementos suficientes', en: 'Not enough evidence' },
  inadmissible: { es: 'Improcedente', en: 'Inadmissible' },
  withdrawn: { es: 'Desistida', en: 'Withdrawn' },
};

export const MODE_LABELS: Readonly<Record<Mode, Text>> = {
  anonymous: { es: 'Anónima', en: 'Anonymous' },
  confidential: { es: 'Confidencial', en: 'Confidential' },
  identified: { es: 'Con datos', en: 'Identified' },
};

/** Texts that a client may show on buttons. `write` is not a move: it changes no state. */
export const MOVE_LABELS = {
  ...(Object.fromEntries(MOVE_NAMES.map((move) => [move, MOVES[move].label])) as Record<Move, Text>),
  write: { es: 'Escribir', en: 'Write' },
} as const satisfies Readonly<Record<Move | 'write', Text>>;

/** Labels of entries, the same for the reporter and for staff. */
export const ENTRY_LABELS: Readonly<Record<EntryKind, Text>> = {
  received: { es: 'Se recibió la denuncia', en: 'The report was received' },
  triaged: {
    es: 'Se revisó y se turnó al área responsable',
    en: 'It was reviewed and sent to the area in charge',
  },
  assigned: { es: 'Se asignó a una persona', en: 'It was assigned to a person' },
  transferred: { es: 'Se turnó a otra área', en: 'It was transferred to another area' },
  investigation_started: { es: 'Empezó la investigación', en: 'The investigation began' },
  information_requested: { es: 'Se pidió información', en: 'Information was asked for' },
  answered: { es: 'Se contestó la solicitud de información', en: 'The information request was answered' },
  information_request_expired: {
    es: 'Venció la solicitud de información sin respuesta',
    en: 'The information request expired without an answer',
  },
  message: { es: 'Mensaje', en: 'Message' },
  note: { es: 'Nota interna', en: 'Internal note' },
  transcript: { es: 'Se transcribió', en: 'It was transcribed' },
  original_requested: { es: 'Se pidió abrir el original', en: 'Opening the original was asked for' },
  original_agreed: { es: 'Se acordó abrir el original', en: 'Opening the original was agreed to' },
  original_refused: { es: 'Se negó abrir el original', en: 'Opening the original was refused' },
  evidence_received: { es: 'Llegó un archivo', en: 'A file arrived' },
  evidence_lost: {
    es: 'Un archivo que se envió por chat no se pudo recibir; hay que enviarlo otra vez',
    en: 'A file sent over chat could not be received; it must be sent again',
  },
  resolved: { es: 'Se concluyó', en: 'It was concluded' },
  closed: { es: 'Se cerró', en: 'It was closed' },
  archived: { es: 'Se archivó', en: 'It was archived' },
  reopened: { es: 'Se reabrió', en: 'It was reopened' },
  deadline_warning: { es: 'Un plazo está por vencer', en: 'A deadline is near' },
  deadline_breached: { es: 'Un plazo venció', en: 'A deadline passed' },
  deadline_corrected: { es: 'Se corrigió la marca de un plazo', en: 'The mark of a deadline was corrected' },
};

export const AUTHOR_LABELS: Readonly<Record<CaseEntryRow['author'], Text>> = {
  reporter: { es: 'Quien denuncia', en: 'The reporter' },
  staff: { es: 'La institución', en: 'The institution' },
  system: { es: 'El sistema', en: 'The system' },
};

export const REQUEST_STATE_LABELS: Readonly<Record<InformationRequestRow['state'], Text>> = {
  open: { es: 'Sin contestar', en: 'Unanswered' },
  answered: { es: 'Contestada', en: 'Answered' },
  expired: { es: 'Vencida', en: 'Expired' },
  withdrawn: { es: 'Retirada', en: 'Withdrawn' },
};

export const LIST_URGENCY_LABELS: Readonly<Record<(typeof LIST_URGENCIES)[number], Text>> = {
  breached: { es: 'Con algún plazo vencido', en: 'A deadline passed' },
  warning: { es: 'Con algún plazo por vencer', en: 'A deadline is near' },
  on_time: { es: 'En tiempo', en: 'On time' },
  ended: { es: 'Terminado', en: 'Ended' },
};
