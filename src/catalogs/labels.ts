import type { Text } from '../platform/errors.js';
import type { Language } from '../platform/http/language.js';
import type { Area, Category } from './catalogs.reader.js';
import type { Channel } from './channels.js';

/** What people read for a state of their report; in Spanish it agrees with "la denuncia". */
export const STATUS_LABELS = {
  received: { es: 'Recibida', en: 'Received' },
  in_triage: { es: 'En revisión inicial', en: 'Under first review' },
  assigned: { es: 'Turnada al área responsable', en: 'Assigned to the area in charge' },
  under_investigation: { es: 'En investigación', en: 'Under investigation' },
  awaiting_reporter: { es: 'En espera de información', en: 'Waiting for information' },
  resolved: { es: 'Resuelta', en: 'Resolved' },
  closed: { es: 'Cerrada', en: 'Closed' },
  referred: { es: 'Remitida a otra autoridad', en: 'Referred to another authority' },
  merged: { es: 'Unida a otra denuncia', en: 'Merged into another report' },
} as const satisfies Record<string, Text>;

export const CHANNEL_LABELS = {
  web: { es: 'Internet', en: 'Web' },
  whatsapp: { es: 'WhatsApp', en: 'WhatsApp' },
  phone: { es: 'Teléfono', en: 'Telephone' },
} as const satisfies Record<Channel, Text>;

export function statusLabel(status: keyof typeof STATUS_LABELS, language: Language): string {
  return STATUS_LABELS[status][language];
}

export function channelLabel(channel: Channel, language: Language): string {
  return CHANNEL_LABELS[channel][language];
}

export function areaLabel({ label, labelEn }: Pick<Area, 'label' | 'labelEn'>, language: Language): string {
  return language === 'en' ? (labelEn ?? label) : label;
}

export function categoryLabel({ labelEs, labelEn }: Pick<Category, 'labelEs' | 'labelEn'>, language: Language): string {
  return language === 'en' ? labelEn : labelEs;
}

/** A table of labels as the list the API answers. */
export function labelList(
  table: Readonly<Record<string, Text>>,
  language: Language,
): { code: string; label: string }[] {
  return Object.entries(table).map(([code, text]) => ({ code, label: text[language] }));
}
