import { randomUUID } from 'node:crypto';
import { FileFaults, readCsv } from '../catalogs/csv-file.js';
import { knownCode, oneOf } from '../catalogs/institution-files.js';
import type { SetupResult, SetupClient } from '../catalogs/institution-setup.js';
import { PRIORITIES, type Priority } from '../catalogs/priorities.js';
import { METRICS, TERM_SOURCES, type Metric, type TermSource } from './deadline.js';
import { MAX_TERM } from './sla-terms.api.js';

/** metric,business_days[,category,priority,source] */
export const TERMS_FILE = 'sla_terms.csv';

export interface FileTerm {
  metric: Metric;
  businessDays: number;
  /** Code of the category. */
  category: string | null;
  priority: Priority | null;
  source: TermSource;
}

/** @throws StartError with one line per fault, naming file and line */
export function parseTerms(text: string, categories: ReadonlySet<string>): FileTerm[] {
  const faults = new FileFaults(TERMS_FILE);
  const rows = readCsv(TERMS_FILE, text, ['metric', 'business_days'], ['category', 'priority', 'source']);
  const terms = rows.map((row) => {
    const days = row.code('business_days');
    const metric = oneOf(row, 'metric', METRICS, faults);
    if (row.code('metric') === '') faults.add(row.line, 'the metric is missing');
    const businessDays = /^\d{1,4}$/.test(days) ? Number(days) : 0;
    if (businessDays < 1 || businessDays > MAX_TERM) {
      faults.add(row.line, `business_days must be a whole number from 1 to ${MAX_TERM}`);
    }
    return {
      metric: metric ?? 'resolution',
      businessDays,
      category: knownCode(row, 'category', categories, faults) ?? null,
      priority: oneOf(row, 'priority', PRIORITIES, faults) ?? null,
      source: oneOf(row, 'source', TERM_SOURCES, faults) ?? 'propuesta',
    };
  });
  faults.done();
  return terms;
}

/**
 * Adds the terms that an institution does not have yet. A term with the same content that has not ended
 * counts as present.
 * @param today local day from which they hold
 * @returns how many were added
 */
export async function addTerms(
  client: SetupClient,
  { id, categoryIds }: Pick<SetupResult, 'id' | 'categoryIds'>,
  terms: readonly FileTerm[],
  { today, now }: { today: string; now: Date },
): Promise<number> {
  let added = 0;
  for (const { metric, businessDays, category, priority, source } of terms) {
    const { rows } = await client.query(
      `insert into sla_terms (id, institution_id, metric, category_id, priority, business_days, source, valid_from, created_at)
       select $1::uuid, $2::uuid, $3::text, $4::uuid, $5::text, $6::integer, $7::text, $8::date, $9::timestamptz
        where not exists (select 1 from sla_terms t where t.institution_id = $2 and t.metric = $3
          and t.category_id is not distinct from $4 and t.priority is not distinct from $5
          and t.business_days = $6 and t.source = $7 and t.valid_to is null)
       returning id`,
      [
        randomUUID(),
        id,
        metric,
        category === null ? null : categoryIds.get(category),
        priority,
        businessDays,
        source,
        today,
        now,
      ],
    );
    added += rows.length;
  }
  return added;
}
