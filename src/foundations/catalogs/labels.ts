import type { Text } from '../../platform/errors.js';
import type { Language } from '../../platform/http/language.js';
import type { CalendarRule } from './business-calendar.js';
import type { InstitutionRow } from './catalog.entities.js';
import type { Area, Category } from './catalogs.reader.js';
import type { Channel } from './channels.js';
import type { Fault } from './faults.js';
import { findMunicipality, states } from './municipalities.js';
import type { Priority } from './priorities.js';

/** The words that people read for the state of their report. The Spanish words agree with "la denuncia". */
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

export const PRIORITY_LABELS: Readonly<Record<Priority, Text>> = {
  low: { es: 'Baja', en: 'Low' },
  normal: { es: 'Normal', en: 'Normal' },
  high: { es: 'Alta', en: 'High' },
  urgent: { es: 'Urgente', en: 'Urgent' },
};

export const LANGUAGE_LABELS: Readonly<Record<Language, Text>> = {
  es: { es: 'Español', en: 'Spanish' },
  en: { es: 'Inglés', en: 'English' },
};

/**
 * Labels for the kind of an institution, and for the level of the territories in which public figures are
 * counted.
 */
export const KIND_LABELS: Readonly<Record<InstitutionRow['kind'], Text>> = {
  federal: { es: 'Federal', en: 'Federal' },
  state: { es: 'Estatal', en: 'State' },
  municipal: { es: 'Municipal', en: 'Municipal' },
};

export const CALENDAR_RULE_LABELS: Readonly<Record<CalendarRule, Text>> = {
  LFPA28: {
    es: 'Ley Federal de Procedimiento Administrativo, artículo 28',
    en: 'Federal Administrative Procedure Act, article 28',
  },
  LFT74: { es: 'Ley Federal del Trabajo, artículo 74', en: 'Federal Labour Act, article 74' },
};

export const FAULT_KIND_LABELS: Readonly<Record<Fault['kind'], Text>> = {
  no_grave: { es: 'No grave', en: 'Not serious' },
  grave: { es: 'Grave', en: 'Serious' },
  particulares: { es: 'De particulares', en: 'By private persons' },
};

/** Returns the name from INEGI, which is the same in every language. */
export function municipalityLabel(key: string): string | undefined {
  return findMunicipality(key)?.name;
}

/** Returns the name of a state (two digits) or a municipality (five digits). */
export function territoryName(key: string): string | undefined {
  return key.length === 2 ? states().find((state) => state.key === key)?.name : municipalityLabel(key);
}

export function areaText({ label, labelEn }: Pick<Area, 'label' | 'labelEn'>): Text {
  return { es: label, en: labelEn ?? label };
}

export function categoryText({ labelEs, labelEn }: Pick<Category, 'labelEs' | 'labelEn'>): Text {
  return { es: labelEs, en: labelEn };
}

export function areaLabel(area: Pick<Area, 'label' | 'labelEn'>, language: Language): string {
  return areaText(area)[language];
}

export function categoryLabel(category: Pick<Category, 'labelEs' | 'labelEn'>, language: Language): string {
  return categoryText(category)[language];
}

/** Turns a table of labels into the list that the API answers. */
export function labelList(
  table: Readonly<Record<string, Text>>,
  language: Language,
): { code: string; label: string }[] {
  return Object.entries(table).map(([code, text]) => ({ code, label: text[language] }));
}
