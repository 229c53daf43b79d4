import type { Metric } from '../../foundations/sla/deadline.js';
import { METRIC_LABELS } from '../../foundations/sla/labels.js';
import type { Text } from '../../platform/errors.js';

export const NOTICE_LABELS = {
  deadline_warning: { es: 'Plazo por vencer', en: 'Deadline near' },
  deadline_breached: { es: 'Plazo vencido', en: 'Deadline passed' },
  reporter_wrote: { es: 'Quien denuncia escribió', en: 'The reporter wrote' },
  case_assigned: { es: 'Caso asignado', en: 'Case assigned' },
  assignee_left: { es: 'Caso sin quien lo lleve', en: 'Case without its assignee' },
  approval_requested: { es: 'Solicitud por contestar', en: 'Request to answer' },
  approval_answered: { es: 'Solicitud contestada', en: 'Request answered' },
  access_changed: { es: 'Cambio en quién ve casos', en: 'Change in who sees cases' },
  routing_changed: { es: 'Cambio en las reglas de turno', en: 'Change in the routing rules' },
  evidence_quarantined: { es: 'Archivo en cuarentena', en: 'File in quarantine' },
  trail_broken: { es: 'La bitácora no coincide', en: 'The trail does not match' },
  whatsapp_number_down: { es: 'Número de WhatsApp sin servicio', en: 'WhatsApp number out of service' },
  whatsapp_free_messages: { es: 'Mensajes de WhatsApp sin costo', en: 'Free WhatsApp messages' },
} as const satisfies Readonly<Record<string, Text>>;
export type NoticeKind = keyof typeof NOTICE_LABELS;

interface Told {
  folio: string | null;
  metric: string | null;
  account: { name: string } | null;
}

/** The text of a notice, in one sentence. A missing fact leaves no gap in the sentence. */
export function noticeText({ kind, ...told }: Told & { kind: NoticeKind }): Text {
  const sentence = SENTENCES[kind];
  return { es: sentence.es(told), en: sentence.en(told) };
}

const SENTENCES: Readonly<Record<NoticeKind, Record<keyof Text, (told: Told) => string>>> = {
  deadline_warning: {
    es: (told) => `Está por vencer el plazo${termOf(told, 'es')}${caseOf(told, 'del caso')}.`,
    en: (told) => `The deadline${termOf(told, 'en')}${caseOf(told, 'of case')} is near.`,
  },
  deadline_breached: {
    es: (told) => `Venció el plazo${termOf(told, 'es')}${caseOf(told, 'del caso')}.`,
    en: (told) => `The deadline${termOf(told, 'en')}${caseOf(told, 'of case')} has passed.`,
  },
  reporter_wrote: {
    es: (told) => `Quien denuncia escribió${caseOf(told, 'en el caso')}.`,
    en: (told) => `The reporter wrote${caseOf(told, 'in case')}.`,
  },
  case_assigned: {
    es: (told) => `Te asignaron${caseOf(told, 'el caso', ' un caso')}.`,
    en: (told) => `You were given${caseOf(told, 'case', ' a case')}.`,
  },
  assignee_left: {
    es: ({ folio }) =>
      `${folio === null ? 'Un caso' : `El caso ${folio}`} se quedó sin quien lo lleve: asígnalo a otra persona.`,
    en: ({ folio }) =>
      `${folio === null ? 'A case' : `Case ${folio}`} lost its assignee: give it to somebody else.`,
  },
  approval_requested: {
    es: (told) =>
      `Te piden tu acuerdo ${told.folio === null ? `sobre${accountOf(told, 'la cuenta de', 'una cuenta')}` : `para abrir el original de una prueba${caseOf(told, 'del caso')}`}.`,
    en: (told) =>
      `You are asked to agree ${told.folio === null ? `about${accountOf(told, 'the account of', 'an account')}` : `to opening the original of a file${caseOf(told, 'of case')}`}.`,
  },
  approval_answered: {
    es: (told) => `Contestaron tu solicitud del original de una prueba${caseOf(told, 'del caso')}.`,
    en: (told) => `Your request for the original of a file${caseOf(told, 'of case')} was answered.`,
  },
  access_changed: {
    es: (told) => `Cambió lo que alcanza${accountOf(told, 'la cuenta de', 'una cuenta')}.`,
    en: (told) => `The reach of${accountOf(told, 'the account of', 'an account')} has changed.`,
  },
  routing_changed: {
    es: () => 'Cambiaron las reglas que turnan las denuncias.',
    en: () => 'The rules that route reports have changed.',
  },
  evidence_quarantined: {
    es: (told) =>
      `Se encontró un programa dañino en un archivo${caseOf(told, 'del caso')}: no se puede abrir.`,
    en: (told) => `Harmful software was found in a file${caseOf(told, 'of case')}: it cannot be opened.`,
  },
  trail_broken: {
    es: (told) =>
      `La bitácora${caseOf(told, 'del caso')} no coincide con lo guardado: avisa a quien opera el servicio.`,
    en: (told) =>
      `The trail${caseOf(told, 'of case')} does not match what is stored: tell whoever runs the service.`,
  },
  whatsapp_number_down: {
    es: () => 'Un número de WhatsApp dejó de funcionar: la lista de números dice cuál y qué hacer.',
    en: () => 'A WhatsApp number has stopped working: the list of numbers says which, and what to do.',
  },
  whatsapp_free_messages: {
    es: () => 'Un número de WhatsApp se acerca al final de los mensajes del mes que Meta no cobra.',
    en: () => 'A WhatsApp number comes near the end of the messages of the month that Meta does not charge.',
  },
};

function caseOf({ folio }: Told, before: string, without = ''): string {
  return folio === null ? without : ` ${before} ${folio}`;
}

function accountOf({ account }: Told, before: string, without: string): string {
  return account === null ? ` ${without}` : ` ${before} ${account.name}`;
}

function termOf({ metric }: Told, language: keyof Text): string {
  const label = METRIC_LABELS[metric as Metric] as Text | undefined;
  return label ? `${language === 'es' ? ' de' : ' of'} ${label[language].toLowerCase()}` : '';
}
