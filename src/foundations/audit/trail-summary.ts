import { spelledDay } from '../../platform/days.js';
import { isText, type Text } from '../../platform/errors.js';
import { labelOf, type Labels } from '../../platform/http/labels.js';
import { EVENT_LABELS } from './labels.js';
import type { AuditRecord } from './trail.reader.js';

/** The words of the modules above. This storey does not know areas or priorities. */
export interface Vocabulary {
  /** Areas and categories by id. */
  things: ReadonlyMap<string, Text>;
  /** Labels of the codes in `data`, by the name of the member. */
  codes: Readonly<Record<string, Labels>>;
}

/**
 * The members of `data` that a sentence tells, in this order. All other members are for programs, or too
 * long.
 */
const TOLD: Readonly<Record<string, Text>> = {
  number: { es: 'prueba', en: 'evidence' },
  tool: { es: 'con', en: 'with' },
  from: { es: 'de', en: 'from' },
  to: { es: 'a', en: 'to' },
  area: { es: 'área', en: 'area' },
  category: { es: 'categoría', en: 'category' },
  priority: { es: 'prioridad', en: 'priority' },
  channel: { es: 'canal', en: 'channel' },
  outcome: { es: 'resultado', en: 'outcome' },
  metric: { es: 'plazo', en: 'deadline' },
  dueOn: { es: 'vence el', en: 'due on' },
  assignee: { es: 'a cargo de', en: 'assigned to' },
  accountId: { es: 'cuenta', en: 'account' },
  roles: { es: 'roles', en: 'roles' },
  areas: { es: 'áreas', en: 'areas' },
  permission: { es: 'permiso', en: 'permission' },
  period: { es: 'periodo', en: 'period' },
  count: { es: 'cuántos', en: 'how many' },
  swallowed: { es: 'cuántos', en: 'how many' },
  operator: { es: 'por teléfono, con', en: 'by phone, through' },
  machine: { es: 'por', en: 'through' },
  reason: { es: 'motivo:', en: 'reason:' },
};

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const DAY = /^\d{4}-\d{2}-\d{2}$/;

/**
 * Describes the entry in a sentence, with names instead of codes and ids. A member that has no name is left
 * out together with its word.
 */
export function summaryOf(
  { event, data, names }: Pick<AuditRecord, 'event' | 'data' | 'names'>,
  words: Vocabulary,
): Text {
  const say = (language: keyof Text): string => {
    const told = Object.entries(TOLD).flatMap(([member, word]) => {
      const value = valueOf(member, data[member], names, words, language);
      return value === '' ? [] : [`${word[language]} ${value}`];
    });
    const what = labelOf(EVENT_LABELS, event, language);
    return `${what}${told.length === 0 ? '' : `: ${told.join('; ')}`}.`;
  };
  return { es: say('es'), en: say('en') };
}

function valueOf(
  member: string,
  value: unknown,
  names: Readonly<Record<string, string>>,
  words: Vocabulary,
  language: keyof Text,
): string {
  if (Array.isArray(value)) {
    return value
      .map((one) => valueOf(member, one, names, words, language))
      .filter((one) => one !== '')
      .join(', ');
  }
  if (typeof value === 'number') return String(value);
  if (typeof value !== 'string') return isText(value) ? value[language] : '';
  const thing = words.things.get(value);
  if (thing) return thing[language];
  // Leave out the address: the entry shows it in another place.
  if (UUID.test(value)) return names[value]?.replace(/ <[^>]*>$/, '') ?? '';
  if (DAY.test(value)) return spelledDay(value, language);
  const codes = words.codes[member];
  return codes ? labelOf(codes, value, language) : value.trim().replace(/\.$/, '');
}
