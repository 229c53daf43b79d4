import type { Text } from '../../../platform/errors.js';
import type { Purpose } from './whatsapp-number.js';

export const PURPOSE_LABELS: Readonly<Record<Purpose, Text>> = {
  attention: { es: 'Atención', en: 'Questions and answers' },
  reports: { es: 'Denuncias', en: 'Reports' },
  both: { es: 'Atención y denuncias', en: 'Questions, answers and reports' },
};
