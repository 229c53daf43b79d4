import type { Machine } from '../../platform/actor.js';
import type { Text } from '../../platform/errors.js';
import type { ActorKind, Fault } from './audit.entities.js';

/**
 * Events in the trail of a case: what happened to the case, and who looked at it. An event without words in
 * this table cannot be recorded.
 */
const CASE_EVENT_LABELS = {
  CASE_OPENED: { es: 'Llegó la denuncia', en: 'Report received' },
  CASE_READ: { es: 'Leyó el caso', en: 'Read the case' },
  DEADLINES_READ: { es: 'Leyó los plazos del caso', en: 'Read the deadlines of the case' },
  ASSIGNABLE_READ: {
    es: 'Vio a quién puede asignarse el caso',
    en: 'Looked up to whom the case may be assigned',
  },
  AUDIT_READ: { es: 'Leyó la bitácora del caso', en: 'Read the trail of the case' },
  REPORTER_READ: { es: 'Quien denuncia consultó su denuncia', en: 'The reporter looked at the report' },
  CASE_TRIAGED: {
    es: 'Confirmó o cambió área, categoría y prioridad',
    en: 'Confirmed or changed area, category, priority',
  },
  CASE_ASSIGNED: { es: 'Asignó el caso', en: 'Assigned the case' },
  CASE_TRANSFERRED: { es: 'Turnó el caso a otra área', en: 'Transferred the case to another area' },
  INVESTIGATION_STARTED: { es: 'Inició la investigación', en: 'Started the investigation' },
  INFORMATION_REQUESTED: {
    es: 'Pidió información a quien denuncia',
    en: 'Asked the reporter for information',
  },
  INFORMATION_REQUEST_EXPIRED: {
    es: 'Venció una solicitud de información',
    en: 'An information request expired',
  },
  MESSAGE_SENT: { es: 'Escribió a quien denuncia', en: 'Wrote to the reporter' },
  NOTE_WRITTEN: { es: 'Escribió una nota interna', en: 'Wrote an internal note' },
  REPORTER_WROTE: { es: 'Quien denuncia escribió', en: 'The reporter wrote' },
  REPORTER_ANSWERED: { es: 'Quien denuncia contestó', en: 'The reporter answered' },
  EVIDENCE_RECEIVED: { es: 'Llegó un archivo', en: 'A file arrived' },
  EVIDENCE_LOST: { es: 'Un archivo no se pudo recibir', en: 'A file could not be received' },
  EVIDENCE_PREPARED: { es: 'Se hizo la copia segura de un archivo', en: 'The safe copy of a file was made' },
  EVIDENCE_KEPT_SEALED: {
    es: 'Un archivo se conserva sellado: no se puede mostrar',
    en: 'A file is kept sealed: it cannot be shown',
  },
  EVIDENCE_QUARANTINED: { es: 'Un archivo quedó en cuarentena', en: 'A file was put in quarantine' },
  EVIDENCE_WAITS: {
    es: 'Un archivo espera a quien opera el servidor',
    en: 'A file waits for the operator of the server',
  },
  EVIDENCE_LISTED: { es: 'Vio los archivos del caso', en: 'Listed the files of the case' },
  EVIDENCE_OPENED: { es: 'Descargó la copia segura de un archivo', en: 'Downloaded the safe copy of a file' },
  TRANSCRIPT_WRITTEN: { es: 'Transcribió un archivo', en: 'Transcribed a file' },
  ORIGINAL_REQUESTED: {
    es: 'Pidió abrir el original de un archivo',
    en: 'Asked to open the original of a file',
  },
  ORIGINAL_AGREED: {
    es: 'Estuvo de acuerdo con abrir el original de un archivo',
    en: 'Agreed to opening the original of a file',
  },
  ORIGINAL_REFUSED: {
    es: 'Se negó a abrir el original de un archivo',
    en: 'Refused to open the original of a file',
  },
  ORIGINAL_REQUESTS_READ: {
    es: 'Vio las solicitudes del original de un archivo',
    en: 'Read the requests for the original of a file',
  },
  ORIGINAL_OPENED: { es: 'Descargó el original de un archivo', en: 'Downloaded the original of a file' },
  EVIDENCE_CUSTODY_READ: { es: 'Leyó la custodia de un archivo', en: 'Read the custody of a file' },
  CASE_CLOSED: { es: 'Concluyó o cerró el caso', en: 'Concluded or closed the case' },
  CASE_ARCHIVED: {
    es: 'El caso se archivó al terminar su plazo',
    en: 'The case was archived when its time was over',
  },
  CASE_REOPENED: { es: 'Reabrió el caso', en: 'Reopened the case' },
  DEADLINE_WARNING: { es: 'Un plazo está por vencer', en: 'A deadline is near' },
  DEADLINE_CORRECTED: {
    es: 'Se corrigió la marca de un plazo',
    en: 'The mark of a deadline was corrected',
  },
  DEADLINE_BREACHED: { es: 'Un plazo venció', en: 'A deadline passed' },
  ACCESS_CODE_EXCHANGED: {
    es: 'Quien denuncia cambió su clave',
    en: 'The reporter exchanged the access code',
  },
  ACCESS_CODE_HARDENED: { es: 'La clave de consulta quedó protegida', en: 'The access code was hardened' },
} satisfies Record<string, Text>;

/** Events that belong to no case. They stand in the trail of an institution or of the installation. */
const INSTITUTION_EVENT_LABELS = {
  CASES_LISTED: { es: 'Consultó la lista de casos', en: 'Listed cases' },
  AUDIT_LISTED: { es: 'Consultó la bitácora de la institución', en: 'Read the trail of the institution' },
  AUDIT_VERIFIED: { es: 'Se comprobó la bitácora', en: 'The trail was verified' },
  ADMIN_READ: { es: 'Consultó la administración', en: 'Read the administration' },
  APPROVALS_LISTED: { es: 'Consultó las solicitudes', en: 'Listed requests' },
  APPROVAL_REQUESTED: {
    es: 'Pidió el acuerdo de otra persona',
    en: 'Asked for the agreement of a second person',
  },
  APPROVAL_AGREED: { es: 'Estuvo de acuerdo con una solicitud', en: 'Agreed to a request' },
  APPROVAL_REFUSED: { es: 'Se negó a una solicitud', en: 'Refused a request' },
  DONE_WITHOUT_APPROVAL: {
    es: 'Se hizo sin que nadie pudiera estar de acuerdo',
    en: 'Done while nobody could agree',
  },
  TWO_PEOPLE_FROM_NOW: {
    es: 'Desde ahora hacen falta dos personas',
    en: 'From now on two people are needed',
  },
  ACCOUNT_CREATED: { es: 'Creó una cuenta', en: 'Created an account' },
  ACCOUNT_CHANGED: { es: 'Cambió una cuenta', en: 'Changed an account' },
  ONE_TIME_PASSWORD_SET: { es: 'Dio una contraseña de un solo uso', en: 'Set a one-time password' },
  PASSWORD_CHANGED: { es: 'Cambió su contraseña', en: 'Changed the own password' },
  PASSWORD_CHANGE_REFUSED: {
    es: 'Se rechazó un cambio de contraseña',
    en: 'A change of password was refused',
  },
  SESSION_OPENED: { es: 'Inició sesión', en: 'Signed in' },
  SESSION_CLOSED: { es: 'Cerró su sesión', en: 'Signed out' },
  SESSION_REFUSED: { es: 'Se rechazó una entrada', en: 'A sign-in was refused' },
  SESSION_REUSE_DETECTED: {
    es: 'Se usó otra vez una credencial ya cambiada',
    en: 'An exchanged token was used again',
  },
  ACCESS_DENIED: { es: 'Se rechazó una petición', en: 'A request was refused' },
  CREDENTIAL_REFUSED: { es: 'Se rechazó una credencial', en: 'A credential was refused' },
  REFUSALS_OMITTED: {
    es: 'Hubo más rechazos de los que se anotaron',
    en: 'There were more refusals than were written down',
  },
  CHANNEL_KEY_CREATED: { es: 'Creó una clave de canal', en: 'Created a channel key' },
  CHANNEL_KEY_REVOKED: { es: 'Revocó una clave de canal', en: 'Revoked a channel key' },
  WHATSAPP_NUMBER_CREATED: { es: 'Agregó un número de WhatsApp', en: 'Added a WhatsApp number' },
  WHATSAPP_NUMBER_CHANGED: { es: 'Cambió un número de WhatsApp', en: 'Changed a WhatsApp number' },
  WHATSAPP_NUMBER_CHECKED: {
    es: 'Comprobó la conexión de un número de WhatsApp',
    en: 'Checked the connection of a WhatsApp number',
  },
  INSTITUTION_CHANGED: { es: 'Cambió los datos de la institución', en: 'Changed the institution' },
  AREA_CREATED: { es: 'Agregó un área', en: 'Added an area' },
  AREA_CHANGED: { es: 'Cambió un área', en: 'Changed an area' },
  CATEGORY_CREATED: { es: 'Agregó una categoría', en: 'Added a category' },
  CATEGORY_CHANGED: { es: 'Cambió una categoría', en: 'Changed a category' },
  CALENDAR_RULE_CHANGED: {
    es: 'Cambió la ley de los días inhábiles',
    en: 'Changed the law of non-working days',
  },
  CLOSURES_ADDED: { es: 'Agregó días inhábiles', en: 'Added closures' },
  CLOSURE_WITHDRAWN: { es: 'Quitó un día inhábil', en: 'Withdrew a closure' },
  MENU_PUBLISHED: { es: 'Publicó un menú del chat', en: 'Published a menu of the chat' },
  PRIVACY_NOTICE_PUBLISHED: { es: 'Publicó un aviso de privacidad', en: 'Published a privacy notice' },
  ROUTING_RULE_CREATED: { es: 'Agregó una regla de turno', en: 'Added a routing rule' },
  ROUTING_RULE_CHANGED: { es: 'Cambió una regla de turno', en: 'Changed a routing rule' },
  SLA_TERM_CREATED: { es: 'Agregó un plazo', en: 'Added a term' },
  SLA_TERM_CHANGED: { es: 'Cambió un plazo', en: 'Changed a term' },
  NOTICES_LISTED: { es: 'Consultó sus avisos', en: 'Listed own notices' },
  NOTICE_READ: { es: 'Marcó un aviso como leído', en: 'Marked a notice as read' },
  STATS_READ: { es: 'Consultó cifras exactas', en: 'Read exact figures' },
  STATS_RELEASED: { es: 'Se publicaron cifras de un periodo', en: 'Figures of a period were published' },
  STATS_RELEASE_REFUSED: { es: 'Se rechazó una publicación', en: 'A publication was refused' },
  STATS_RELEASES_IMPORTED: { es: 'Se importaron publicaciones', en: 'Releases were imported' },
  STATS_DOMAIN_FIXED: { es: 'Se fijó el plan de publicaciones', en: 'The plan of releases was fixed' },
  STATS_HELD: { es: 'Se detuvieron las publicaciones', en: 'Releases were held' },
  STATS_HOLD_LIFTED: { es: 'Se reanudaron las publicaciones', en: 'Releases go on' },
} satisfies Record<string, Text>;

/** An act on a case. */
export type CaseAct = keyof typeof CASE_EVENT_LABELS;
export type AuditEvent = CaseAct | keyof typeof INSTITUTION_EVENT_LABELS;

export const INSTITUTION_EVENTS = Object.keys(INSTITUTION_EVENT_LABELS).sort();
export const EVENT_LABELS: Readonly<Record<AuditEvent, Text>> = {
  ...CASE_EVENT_LABELS,
  ...INSTITUTION_EVENT_LABELS,
};

export const ACTOR_LABELS: Readonly<Record<ActorKind, Text>> = {
  staff: { es: 'Personal', en: 'Staff' },
  system: { es: 'El sistema', en: 'The system' },
  reporter: { es: 'Quien denuncia', en: 'The reporter' },
  channel: { es: 'Un sistema de canal', en: 'A channel system' },
  nobody: { es: 'Sin credencial', en: 'Without a credential' },
};

/** Through what a reporter acted. */
export const MACHINE_LABELS: Readonly<Record<Machine, Text>> = {
  ivr: { es: 'un menú de voz del teléfono', en: 'a voice menu of the telephone' },
  channel: { es: 'un sistema de canal', en: 'a channel system' },
};

export const INTEGRITY_LABELS: Readonly<Record<'ok' | 'broken', Text>> = {
  ok: { es: 'Coincide', en: 'Matches' },
  broken: { es: 'No coincide', en: 'Does not match' },
};

export const FAULT_LABELS: Readonly<Record<Fault, Text>> = {
  unreadable: { es: 'No se puede abrir lo cifrado', en: 'What is sealed does not open' },
  commitment: { es: 'Lo cifrado no es lo comprometido', en: 'What is sealed is not what was committed to' },
  columns: { es: 'Las columnas dicen otra cosa', en: 'The columns say something else' },
  content: {
    es: 'Lo guardado no es lo que la entrada avala',
    en: 'What is stored is not what the entry vouches for',
  },
  unattested: { es: 'Hay algo guardado sin entrada', en: 'Something is stored without an entry' },
  missing: { es: 'Falta una entrada', en: 'An entry is missing' },
  past: { es: 'Cambió lo que ya se había comprobado', en: 'What was verified before has changed' },
};
