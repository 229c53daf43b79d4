import { MACHINE_LABELS } from '../../foundations/audit/labels.js';
import type { Vocabulary } from '../../foundations/audit/trail-summary.js';
import type { CatalogSnapshot } from '../../foundations/catalogs/catalogs.reader.js';
import {
  areaText,
  categoryText,
  CALENDAR_RULE_LABELS,
  CHANNEL_LABELS,
  PRIORITY_LABELS,
} from '../../foundations/catalogs/labels.js';
import { PERMISSION_LABELS, ROLE_LABELS } from '../../foundations/identity/labels.js';
import { METRIC_LABELS } from '../../foundations/sla/labels.js';
import type { Text } from '../../platform/errors.js';
import { OUTCOME_LABELS } from './labels.js';

/** The vocabulary for the sentences of a trail. */
export function trailWords({ areas, categories }: Pick<CatalogSnapshot, 'areas' | 'categories'>): Vocabulary {
  const byCode = Object.fromEntries(areas.map((area) => [area.code, areaText(area)]));
  return {
    things: new Map<string, Text>([
      ...areas.map((area): [string, Text] => [area.id, areaText(area)]),
      ...categories.map((category): [string, Text] => [category.id, categoryText(category)]),
    ]),
    codes: {
      from: CALENDAR_RULE_LABELS,
      to: CALENDAR_RULE_LABELS,
      areas: byCode,
      category: Object.fromEntries(categories.map((category) => [category.code, categoryText(category)])),
      priority: PRIORITY_LABELS,
      channel: CHANNEL_LABELS,
      outcome: OUTCOME_LABELS,
      metric: METRIC_LABELS,
      roles: ROLE_LABELS,
      permission: PERMISSION_LABELS,
      machine: MACHINE_LABELS,
    },
  };
}
