import { findArea, findCategory, type CatalogSnapshot } from '../../foundations/catalogs/catalogs.reader.js';
import { findMunicipality } from '../../foundations/catalogs/municipalities.js';
import { findPeople } from '../../foundations/identity/staff-directory.js';
import type { Tx } from '../../platform/database/tx.js';
import { assertOrder, invalidField, unknownValue } from '../../platform/http/validation.js';
import type { SlaFilter } from './list-urgency.js';
import type { SearchText } from './search-text.js';

export const SORTS = ['urgency', 'newest', 'oldest'] as const;
export type Sort = (typeof SORTS)[number];

export interface CaseFilter {
  status?: string[];
  category?: string;
  area?: string;
  municipality?: string;
  channel?: string;
  priority?: string;
  /** Account id, `me` or `none`. */
  assignee?: string;
  sla?: SlaFilter;
  awaitingAnswer?: boolean;
  awaitsVoice?: boolean;
  receivedFrom?: string;
  receivedTo?: string;
  /** A complete folio or expediente, or its beginning, in upper or lower case. */
  q?: string;
  sort?: Sort;
  cursor?: string;
  limit: number;
}

/**
 * Refuse a value that no case can match: an empty list would read as "there are none".
 * @throws InvalidRequest naming the field
 */
export async function assertFilter(
  tx: Tx,
  catalog: CatalogSnapshot,
  filter: CaseFilter,
): Promise<{ categoryId?: string; areaId?: string }> {
  const { municipality, assignee, receivedFrom, receivedTo } = filter;
  assertOrder('receivedTo', receivedFrom, receivedTo);
  const category = filter.category ? findCategory(catalog, { code: filter.category }) : undefined;
  if (filter.category && !category) throw unknownValue('category', 'GET /public/catalogs/categories');
  const area = filter.area ? findArea(catalog, { code: filter.area }) : undefined;
  if (filter.area && !area) throw unknownValue('area', 'GET /public/catalogs/areas');
  if (municipality && !findMunicipality(municipality)) {
    throw unknownValue('municipality', 'GET /public/catalogs/municipalities');
  }
  if (assignee && assignee !== 'me' && assignee !== 'none') {
    const found = await findPeople(tx, [assignee]);
    if (found.size === 0) throw unknownValue('assignee', 'GET /cases/{folio}/assignable');
  }
  return { categoryId: category?.id, areaId: area?.id };
}

/**
 * Refuse a text that is no folio and no expediente. Call this when a list came out empty. A text that fits no
 * number of today may still begin an expediente of an earlier template, and another condition may have left
 * out that case. So look for such an expediente before refusing.
 * @throws InvalidRequest
 */
export async function assertSearch(
  tx: Tx,
  { institution }: CatalogSnapshot,
  search: SearchText,
): Promise<void> {
  if (search.possible) return;
  const parameters: unknown[] = [institution.id];
  const condition = searchCondition(search, (value) => `$${parameters.push(value)}`);
  const found = await tx.query(
    `select 1 from cases c where c.institution_id = $1 and ${condition} limit 1`,
    parameters,
  );
  if (found.length > 0) return;
  throw invalidField(
    'q',
    'FORMAT',
    'No es un folio ni un expediente, ni su principio. No se busca en el texto de las denuncias.',
    'It is no folio and no expediente, nor the beginning of one. The text of reports is not searched.',
  );
}

/**
 * Match the exact text or its beginning, by range in byte order. LIKE would not use an index under row-level
 * security.
 */
export function searchCondition({ folio, expediente }: SearchText, bind: (value: unknown) => string): string {
  const range = (column: string, text: string): string =>
    `(${column} collate "C" >= ${bind(text)} and ${column} collate "C" < ${bind(`${text}\u{10FFFF}`)})`;
  return `(${range('c.folio', folio)} or ${range('c.expediente_search', expediente)})`;
}
