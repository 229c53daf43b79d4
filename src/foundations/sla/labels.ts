import type { Text } from '../../platform/errors.js';
import type { Metric, Stage, TermSource } from './deadline.js';

export const METRIC_LABELS: Readonly<Record<Metric, Text>> = {
  acknowledgement: { es: 'Acuse', en: 'Acknowledgement' },
  triage: { es: 'Revisión inicial', en: 'First review' },
  first_response: { es: 'Primera respuesta', en: 'First answer' },
  resolution: { es: 'Resolución', en: 'Resolution' },
};

export const STAGE_LABELS: Readonly<Record<Stage, Text>> = {
  on_time: { es: 'En tiempo', en: 'On time' },
  warning: { es: 'Por vencer', en: 'About to expire' },
  overdue: { es: 'Vencido', en: 'Overdue' },
  met: { es: 'Cumplido', en: 'Met' },
  late: { es: 'Cumplido tarde', en: 'Met late' },
  cancelled: { es: 'Ya no se debe', en: 'No longer due' },
};

export const SOURCE_LABELS: Readonly<Record<TermSource, Text>> = {
  ley: { es: 'De la ley', en: 'From the law' },
  ley_analogia: { es: 'Por analogía con la ley', en: 'By analogy with the law' },
  nota_prensa: { es: 'De una nota de prensa', en: 'From a press release' },
  referencia_internacional: { es: 'De una referencia internacional', en: 'From an international reference' },
  propuesta: { es: 'Propuesta, no es ley', en: 'A proposal, not law' },
};
