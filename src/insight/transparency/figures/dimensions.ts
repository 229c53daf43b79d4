import {
  findArea,
  findCategory,
  type CatalogSnapshot,
} from '../../../foundations/catalogs/catalogs.reader.js';
import { areaLabel, categoryLabel } from '../../../foundations/catalogs/labels.js';
import type { Language } from '../../../platform/http/language.js';

export const CASE_DIMENSIONS = [
  'status',
  'category',
  'area',
  'channel',
  'priority',
  'municipality',
  'outcome',
  'period',
] as const;
export type CaseDimension = (typeof CASE_DIMENSIONS)[number];

/** SQL of each dimension, for a table `cases c`. */
export const CASE_COLUMNS: Readonly<Record<CaseDimension, string>> = {
  status: 'c.status',
  category: 'c.category_id',
  area: 'c.area_id',
  channel: 'c.channel',
  priority: 'c.priority',
  municipality: 'c.municipality',
  outcome: 'c.outcome',
  period: `to_char(c.received_on, 'YYYY-MM')`,
};

/**
 * SQL used instead of the state for people who see no case. A case that waits for its reporter counts in the
 * state to which it returns.
 */
export const RETURNING_STATUS = 'coalesce(c.resume_status, c.status)';

/**
 * The group that one row counts: a code per dimension, null when the case has no such code. Areas and
 * categories also have their name.
 */
export interface CaseGroup {
  status?: string | null;
  category?: string | null;
  categoryLabel?: string | null;
  area?: string | null;
  areaLabel?: string | null;
  channel?: string | null;
  priority?: string | null;
  municipality?: string | null;
  outcome?: string | null;
  period?: string | null;
}

/** Turn the columns of a grouped row into codes and names. */
export function describeGroup(
  by: readonly CaseDimension[],
  row: Readonly<Partial<Record<CaseDimension, string | null>>>,
  catalog: CatalogSnapshot,
  language: Language,
): CaseGroup {
  const group: Record<string, string | null> = {};
  for (const dimension of by) {
    const value = row[dimension] ?? null;
    const { code, label } = describe(dimension, value, catalog, language);
    group[dimension] = code;
    if (label !== undefined) group[`${dimension}Label`] = label;
  }
  return group;
}

function describe(
  dimension: CaseDimension,
  value: string | null,
  catalog: CatalogSnapshot,
  language: Language,
): { code: string | null; label?: string | null } {
  switch (dimension) {
    case 'category': {
      const category = value === null ? undefined : findCategory(catalog, { id: value });
      return { code: category?.code ?? null, label: category ? categoryLabel(category, language) : null };
    }
    case 'area': {
      const area = value === null ? undefined : findArea(catalog, { id: value });
      return { code: area?.code ?? null, label: area ? areaLabel(area, language) : null };
    }
    case 'status':
    case 'channel':
    case 'municipality':
    case 'priority':
    case 'outcome':
    case 'period':
      return { code: value };
  }
}

/** Order rows by the codes of their dimensions. A missing code comes last. */
export function byCodes(dimensions: readonly CaseDimension[]): (left: CaseGroup, right: CaseGroup) => number {
  return (left, right) => {
    for (const dimension of dimensions) {
      const [a, b] = [left[dimension] ?? null, right[dimension] ?? null];
      if (a === b) continue;
      if (a === null || b === null) return a === null ? 1 : -1;
      return a < b ? -1 : 1;
    }
    return 0;
  };
}
