import { findArea, findCategory, type CatalogSnapshot } from '../../foundations/catalogs/catalogs.reader.js';
import { areaText, categoryText, PRIORITY_LABELS } from '../../foundations/catalogs/labels.js';
import type { Metric } from '../../foundations/sla/deadline.js';
import { METRIC_LABELS } from '../../foundations/sla/labels.js';
import type { Text } from '../../platform/errors.js';
import type { EntryBody, TriageCodes } from './case-vault.js';
import type { EntryKind } from './case.entities.js';
import { ENTRY_LABELS, OUTCOME_LABELS } from './labels.js';
import type { Outcome } from './lifecycle.js';

/** The facts of an entry as people read them: areas, categories and people by name, not by code or id. */
export interface EntryFacts {
  text?: string;
  reason?: string;
  grounds?: string;
  from?: Text;
  to?: Text;
  metric?: string;
  outcome?: string;
  /** Number of a file among those of the case. */
  evidence?: number;
  /** Of a transcript. */
  version?: number;
}

/**
 * The facts of an entry body.
 * @param names of people by id, for entries that contain only the id
 */
export function factsOf(
  { from, to, ...body }: Omit<EntryBody, 'by' | 'byPhone' | 'byVoiceMenu'>,
  catalog: CatalogSnapshot,
  names: ReadonlyMap<string, string>,
): EntryFacts {
  return {
    ...body,
    ...(from === undefined ? {} : { from: sideText(from, catalog) }),
    ...(to === undefined ? {} : { to: isPerson(to) ? same(to.name) : sideText(to, catalog, names) }),
  };
}

/**
 * What happened, in one sentence.
 * @param through by whom or what it came from the reporter
 */
export function summaryOf(kind: EntryKind, facts: EntryFacts, through?: keyof typeof THROUGH): Text {
  const told = whatHappened(kind, facts);
  if (through === undefined) return told;
  const { es, en } = THROUGH[through];
  return { es: `${told.es} ${es}`, en: `${told.en} ${en}` };
}

function whatHappened(kind: EntryKind, { from, to, metric, outcome, evidence }: EntryFacts): Text {
  const label = ENTRY_LABELS[kind];
  switch (kind) {
    case 'triaged':
      if (!from || !to) break;
      if (from.es === to.es) return sentence`${CONFIRMED}: ${to}`;
      return sentence`${CHANGED}. ${BEFORE}: ${from}. ${NOW}: ${to}`;
    case 'transferred':
      if (!from || !to) break;
      return sentence`${label}. ${BEFORE}: ${from}. ${NOW}: ${to}`;
    case 'assigned':
      if (!to) break;
      return sentence`${ASSIGNED} ${to}`;
    case 'deadline_warning':
    case 'deadline_breached':
    case 'deadline_corrected':
      if (metric === undefined) break;
      return sentence`${label}: ${METRIC_LABELS[metric as Metric] ?? same(metric)}`;
    case 'resolved':
    case 'closed':
      if (outcome === undefined) break;
      return sentence`${label}: ${OUTCOME_LABELS[outcome as Outcome] ?? same(outcome)}`;
    case 'evidence_received':
    case 'answered':
    case 'transcript':
    case 'original_requested':
    case 'original_agreed':
    case 'original_refused':
      if (evidence === undefined) break;
      return sentence`${label}: ${EVIDENCE} ${same(String(evidence))}`;
    default:
  }
  return sentence`${label}`;
}

const THROUGH = {
  operator: {
    es: 'Lo escribió una operadora por teléfono, en nombre de quien denuncia.',
    en: 'An operator wrote it by phone, on behalf of the reporter.',
  },
  voiceMenu: {
    es: 'Llegó por el menú de voz del teléfono.',
    en: 'It came through the voice menu of the telephone.',
  },
} as const satisfies Readonly<Record<string, Text>>;
const CONFIRMED: Text = { es: 'La mesa confirmó lo propuesto', en: 'The desk confirmed what was proposed' };
const CHANGED: Text = { es: 'La mesa cambió lo propuesto', en: 'The desk changed what was proposed' };
const ASSIGNED: Text = { es: 'Se asignó a', en: 'It was assigned to' };
const BEFORE: Text = { es: 'Antes', en: 'Before' };
const EVIDENCE: Text = { es: 'prueba', en: 'evidence' };
const NOW: Text = { es: 'Ahora', en: 'Now' };
const same = (text: string): Text => ({ es: text, en: text });
const isPerson = (to: NonNullable<EntryBody['to']>): to is { id: string; name: string } =>
  typeof to === 'object' && 'name' in to;

function sentence(strings: TemplateStringsArray, ...parts: readonly Text[]): Text {
  const say = (language: keyof Text): string =>
    strings.map((string, at) => string + (parts[at]?.[language] ?? '')).join('') + '.';
  return { es: say('es'), en: say('en') };
}

/**
 * The text of one side of a change, before or after. Entries of former versions hold one string: `MESA /
 * FRAUD / high` (with an empty category when there was none), or the id of a person.
 */
function sideText(
  side: string | TriageCodes,
  catalog: CatalogSnapshot,
  names?: ReadonlyMap<string, string>,
): Text {
  if (typeof side !== 'string') return triageText(side, catalog);
  const [area, category, priority] = side.split(' / ');
  if (area !== undefined && priority !== undefined) {
    return triageText({ area, category: category || null, priority }, catalog);
  }
  const name = names?.get(side);
  return name === undefined ? { es: 'otra persona', en: 'somebody else' } : same(name);
}

function triageText(
  { area: areaCode, category: categoryCode, priority }: TriageCodes,
  catalog: CatalogSnapshot,
): Text {
  const area = findArea(catalog, { code: areaCode });
  const category = categoryCode === null ? undefined : findCategory(catalog, { code: categoryCode });
  const level = (PRIORITY_LABELS as Readonly<Record<string, Text>>)[priority] ?? same(priority);
  const parts = [
    area ? areaText(area) : same(areaCode),
    category ? categoryText(category) : same(categoryCode ?? ''),
    { es: `prioridad ${level.es.toLowerCase()}`, en: `${level.en.toLowerCase()} priority` },
  ];
  const join = (language: keyof Text): string =>
    parts
      .map((part) => part[language])
      .filter((part) => part !== '')
      .join(', ');
  return { es: join('es'), en: join('en') };
}
