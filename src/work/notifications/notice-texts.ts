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
  access_changed: { es: 'Cambio en quién ve casos', en: 'Change in who sees cases' },
  routing_changed: { es: 'Cambio en las reglas de turno', en: 'Change in the routing rules' },
  trail_broken: { es: 'La bitácora no coincide', en: 'The trail does not match' },
} as const satisfies Readonly<Record<string, Text>>;
export type NoticeKind = keyof typeof NOTICE_LABELS;

/** What a notice says, in a sentence; what it does not know leaves no gap. */
export function noticeText(notice: {
  kind: NoticeKind;
  folio: string | null;
  metric: string | null;
  account: { name: string } | null;
}): Text {
  const { kind, folio, account } = notice;
  const at = (before: string): string => (folio === null ? '' : ` ${before} ${folio}`);
  const of = {
    es: account ? ` la cuenta de ${account.name}` : ' una cuenta',
    en: account ? ` the account of ${account.name}` : ' an account',
  };
  const metric = METRIC_LABELS[notice.metric as Metric] as Text | undefined;
  const term = {
    es: metric ? ` de ${metric.es.toLowerCase()}` : '',
    en: metric ? ` of ${metric.en.toLowerCase()}` : '',
  };
  switch (kind) {
    case 'deadline_warning':
      return {
        es: `Está por vencer el plazo${term.es}${at('del caso')}.`,
        en: `The deadline${term.en}${at('of case')} is near.`,
      };
    case 'deadline_breached':
      return {
        es: `Venció el plazo${term.es}${at('del caso')}.`,
        en: `The deadline${term.en}${at('of case')} has passed.`,
      };
    case 'reporter_wrote':
      return { es: `Quien denuncia escribió${at('en el caso')}.`, en: `The reporter wrote${at('in case')}.` };
    case 'case_assigned':
      return {
        es: `Te asignaron${folio === null ? ' un caso' : at('el caso')}.`,
        en: `You were given${folio === null ? ' a case' : at('case')}.`,
      };
    case 'assignee_left':
      return {
        es: `${folio === null ? 'Un caso' : `El caso ${folio}`} se quedó sin quien lo lleve: asígnalo a otra persona.`,
        en: `${folio === null ? 'A case' : `Case ${folio}`} lost its assignee: give it to somebody else.`,
      };
    case 'approval_requested':
      return { es: `Te piden tu acuerdo sobre${of.es}.`, en: `You are asked to agree about${of.en}.` };
    case 'access_changed':
      return { es: `Cambió lo que alcanza${of.es}.`, en: `The reach of${of.en} has changed.` };
    case 'routing_changed':
      return {
        es: 'Cambiaron las reglas que turnan las denuncias.',
        en: 'The rules that route reports have changed.',
      };
    case 'trail_broken':
      return {
        es: `La bitácora${folio === null ? '' : ` del caso ${folio}`} no coincide con lo guardado: avisa a quien opera el servicio.`,
        en: `The trail${at('of case')} does not match what is stored: tell whoever runs the service.`,
      };
  }
}
