import { Injectable } from '@nestjs/common';
import { AuditService } from '../../foundations/audit/audit.service.js';
import { CatalogsReader, type CatalogSnapshot } from '../../foundations/catalogs/catalogs.reader.js';
import { findPeople, type Person } from '../../foundations/identity/staff-directory.js';
import type { StaffActor } from '../../platform/actor.js';
import { Database } from '../../platform/database/database.js';
import type { Tx } from '../../platform/database/tx.js';
import { decodeCursor, encodeCursor, type CursorKind } from '../../platform/http/paging.js';
import { assertFilter, assertSearch, searchCondition, type CaseFilter, type Sort } from './case-filter.js';
import { assigneeOf, areaAndCategory } from './cases.reader.js';
import { NO_DUE_DAY, LIST_URGENCIES, urgencyOf } from './list-urgency.js';
import { searchText, type SearchText } from './search-text.js';
import type { CasePage } from './views.js';

/** Keyset columns of each order: the columns of one index, compared as a row. */
const ORDERS: Record<
  Sort,
  { columns: readonly string[]; direction: 'asc' | 'desc'; types: string[]; kinds: CursorKind[] }
> = {
  urgency: {
    columns: ['urgency', 'next_due_on', 'id'],
    direction: 'asc',
    types: ['integer', 'date', 'uuid'],
    kinds: ['integer', 'day', 'uuid'],
  },
  newest: {
    columns: ['received_on', 'id'],
    direction: 'desc',
    types: ['date', 'uuid'],
    kinds: ['day', 'uuid'],
  },
  oldest: {
    columns: ['received_on', 'id'],
    direction: 'asc',
    types: ['date', 'uuid'],
    kinds: ['day', 'uuid'],
  },
};

const DEFAULT_SORT: Sort = 'urgency';

interface ListRow {
  id: string;
  folio: string;
  expediente: string | null;
  status: string;
  area_id: string;
  category_id: string | null;
  priority: string;
  municipality: string | null;
  channel: string;
  received_on: string;
  assignee_id: string | null;
  awaiting_answer: boolean;
  awaits_voice: boolean;
  urgency: number;
  next_due_on: string;
  version: number;
}

/**
 * The list of cases: no content, and one trail entry with the filter and the number shown. By default
 * breaches come first. For staff with single areas, each area is read separately and the pages are merged.
 * PostgreSQL then knows each area by its id and how rare its rows are, so a small area in a large institution
 * costs only what its own rows cost.
 */
@Injectable()
export class CaseList {
  constructor(
    private readonly database: Database,
    private readonly catalogs: CatalogsReader,
    private readonly audit: AuditService,
  ) {}

  async find(actor: StaffActor, filter: CaseFilter): Promise<CasePage> {
    return this.database.tx(actor, async (tx) => {
      const catalog = await this.catalogs.snapshot(tx, actor.institutionId);
      const narrowed = await assertFilter(tx, catalog, filter);
      const search = filter.q ? searchText(filter.q, catalog.institution.expedienteTemplate) : undefined;
      const { text, parameters } = queryOf(actor, filter, narrowed, search);
      const rows = await tx.query<ListRow & Record<string, unknown>>(text, parameters);
      if (search && rows.length === 0) await assertSearch(tx, catalog, search);
      const shown = rows.slice(0, filter.limit);
      const [people] = await Promise.all([
        findPeople(
          tx,
          shown.map((row) => row.assignee_id),
        ),
        this.record(tx, filter, shown),
      ]);
      const more = rows.length > filter.limit;
      return {
        items: shown.map((row) => itemOf(row, catalog, people)),
        nextCursor: more ? cursorAfter(filter.sort ?? DEFAULT_SORT, shown.at(-1)!) : null,
      };
    });
  }

  private async record(tx: Tx, filter: CaseFilter, shown: readonly ListRow[]): Promise<void> {
    const { cursor: _cursor, limit: _limit, ...criteria } = filter;
    const folios = shown.map(({ folio }) => folio);
    await this.audit.record(tx, {
      event: 'CASES_LISTED',
      payload: { filter: { ...criteria }, count: shown.length, folios },
    });
  }
}

/** Ids of what a filter names by code. */
interface Narrowed {
  categoryId?: string;
  areaId?: string;
}

interface Query {
  text: string;
  parameters: unknown[];
}

/** The query of a page. Reads one row more than the page shows, to find out whether another page follows. */
function queryOf(
  actor: StaffActor,
  filter: CaseFilter,
  narrowed: Narrowed,
  search: SearchText | undefined,
): Query {
  const parameters: unknown[] = [];
  const bind: Bind = (value) => `$${parameters.push(value)}`;
  const { columns, direction } = ORDERS[filter.sort ?? DEFAULT_SORT];
  const sortedBy = (prefix: string): string =>
    columns.map((column) => `${prefix}${column} ${direction}`).join(', ');
  const where = conditionsOf(actor, { filter, narrowed, search }, bind).join(' and ');
  const limit = bind(filter.limit + 1);
  const page = (area?: string): string =>
    `select c.* from cases c where ${area === undefined ? '' : `c.area_id = ${bind(area)} and `}${where} order by ${sortedBy('')} limit ${limit}`;
  const pages = areasOf(actor, narrowed.areaId)?.map((area) => `(${page(area)})`);
  const source =
    pages === undefined
      ? page()
      : `select x.* from (${pages.join(' union all ')}) x order by ${sortedBy('')} limit ${limit}`;
  const text = `select p.*, p.received_on::text as received_on, p.next_due_on::text as next_due_on
    from (${source}) p order by ${sortedBy('p.')}`;
  return { text, parameters };
}

type Bind = (value: unknown) => string;

function conditionsOf(
  actor: StaffActor,
  asked: { filter: CaseFilter; narrowed: Narrowed; search: SearchText | undefined },
  bind: Bind,
): string[] {
  const { filter, narrowed, search } = asked;
  const conditions = [`c.institution_id = ${bind(actor.institutionId)}`];
  const add = (condition: string, value: unknown): void => {
    if (value !== undefined) conditions.push(`${condition} ${bind(value)}`);
  };
  if (filter.status?.length) conditions.push(`c.status = any (${bind(filter.status)})`);
  add('c.category_id =', narrowed.categoryId);
  add('c.municipality =', filter.municipality || undefined);
  add('c.channel =', filter.channel || undefined);
  add('c.priority =', filter.priority || undefined);
  add('c.urgency =', filter.sla && urgencyOf(filter.sla));
  if (filter.awaitingAnswer !== undefined)
    conditions.push(filter.awaitingAnswer ? 'c.awaiting_answer' : 'not c.awaiting_answer');
  if (filter.awaitsVoice !== undefined)
    conditions.push(filter.awaitsVoice ? 'c.awaits_voice' : 'not c.awaits_voice');
  add('c.received_on >=', filter.receivedFrom || undefined);
  add('c.received_on <=', filter.receivedTo || undefined);
  if (filter.assignee === 'none') conditions.push('c.assignee_id is null');
  else add('c.assignee_id =', filter.assignee === 'me' ? actor.accountId : filter.assignee || undefined);
  if (search) conditions.push(searchCondition(search, bind));
  if (filter.cursor) conditions.push(afterCursor(filter.cursor, filter.sort ?? DEFAULT_SORT, bind));
  return conditions;
}

function afterCursor(cursor: string, sort: Sort, bind: Bind): string {
  const { columns, direction, types, kinds } = ORDERS[sort];
  const values = decodeCursor(cursor, sort, kinds).map((value, i) => `${bind(value)}::${types[i]}`);
  const compared = columns.map((column) => `c.${column}`).join(', ');
  return `(${compared}) ${direction === 'asc' ? '>' : '<'} (${values.join(', ')})`;
}

function cursorAfter(sort: Sort, row: ListRow): string {
  return encodeCursor(
    sort,
    sort === 'urgency' ? [row.urgency, row.next_due_on, row.id] : [row.received_on, row.id],
  );
}

/** Areas to read one by one, at least one. Null means the whole institution, in one index. */
function areasOf(actor: StaffActor, filtered: string | undefined): readonly string[] | null {
  if (actor.areas === '*') return filtered === undefined ? null : [filtered];
  const areas = filtered === undefined ? actor.areas : actor.areas.filter((area) => area === filtered);
  return areas.length === 0 ? [NOTHING] : areas;
}

/** An id that no row has. Used for staff without any area, or who filter by an area that is not theirs. */
const NOTHING = '00000000-0000-0000-0000-000000000000';

function itemOf(
  row: ListRow,
  catalog: CatalogSnapshot,
  people: ReadonlyMap<string, Person>,
): CasePage['items'][number] {
  return {
    folio: row.folio,
    expediente: row.expediente,
    status: row.status,
    ...areaAndCategory({ areaId: row.area_id, categoryId: row.category_id }, catalog),
    priority: row.priority,
    municipality: row.municipality,
    channel: row.channel,
    receivedOn: row.received_on,
    assignee: assigneeOf(row.assignee_id, people),
    awaitingAnswer: row.awaiting_answer,
    awaitsVoice: row.awaits_voice,
    sla: {
      stage: LIST_URGENCIES[row.urgency]!,
      nextDueOn: row.next_due_on === NO_DUE_DAY ? null : row.next_due_on,
    },
    version: row.version,
  };
}
