import { Injectable } from '@nestjs/common';
import { AuditService } from '../../foundations/audit/audit.service.js';
import { CatalogsReader } from '../../foundations/catalogs/catalogs.reader.js';
import { findPeople } from '../../foundations/identity/staff-directory.js';
import type { StaffActor } from '../../platform/actor.js';
import { Database } from '../../platform/database/database.js';
import { decodeCursor, encodeCursor, type CursorKind } from '../../platform/http/paging.js';
import { assertFilter, assertSearch, searchCondition, type CaseFilter, type Sort } from './case-filter.js';
import { assigneeOf, areaAndCategory } from './cases.reader.js';
import { NO_DUE_DAY, LIST_URGENCIES, urgencyOf } from './list-urgency.js';
import { searchText } from './search-text.js';
import type { CasePage } from './views.js';

/** Keyset of each order: the columns of one index, compared as a row. */
const ORDERS: Record<
  Sort,
  { columns: string; keys: string; direction: 'asc' | 'desc'; types: string[]; kinds: CursorKind[] }
> = {
  urgency: {
    columns: 'urgency, next_due_on, id',
    keys: 'urgency, next_due_on::text, id',
    direction: 'asc',
    types: ['integer', 'date', 'uuid'],
    kinds: ['integer', 'day', 'uuid'],
  },
  newest: {
    columns: 'received_on, id',
    keys: 'received_on::text, id',
    direction: 'desc',
    types: ['date', 'uuid'],
    kinds: ['day', 'uuid'],
  },
  oldest: {
    columns: 'received_on, id',
    keys: 'received_on::text, id',
    direction: 'asc',
    types: ['date', 'uuid'],
    kinds: ['day', 'uuid'],
  },
};

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
  urgency: number;
  next_due_on: string;
  version: number;
}

/**
 * The list of cases: no content, one audit entry with the filter and the number shown. Breaches come first by default.
 * Whoever holds single areas is served area by area and the pages are merged: given each area by its id, PostgreSQL
 * knows how rare its rows are, and a small area in a large institution costs what its own rows cost.
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
      const sort = filter.sort ?? 'urgency';
      const order = ORDERS[sort];
      const { categoryId, areaId } = await assertFilter(tx, catalog, filter);
      const parameters: unknown[] = [];
      const bind = (value: unknown): string => `$${parameters.push(value)}`;
      const conditions = [`c.institution_id = ${bind(actor.institutionId)}`];

      if (filter.status?.length) conditions.push(`c.status = any (${bind(filter.status)})`);
      if (categoryId) conditions.push(`c.category_id = ${bind(categoryId)}`);
      if (filter.municipality) conditions.push(`c.municipality = ${bind(filter.municipality)}`);
      if (filter.channel) conditions.push(`c.channel = ${bind(filter.channel)}`);
      if (filter.priority) conditions.push(`c.priority = ${bind(filter.priority)}`);
      if (filter.sla) conditions.push(`c.urgency = ${bind(urgencyOf(filter.sla))}`);
      if (filter.awaitingAnswer !== undefined)
        conditions.push(filter.awaitingAnswer ? 'c.awaiting_answer' : 'not c.awaiting_answer');
      if (filter.receivedFrom) conditions.push(`c.received_on >= ${bind(filter.receivedFrom)}`);
      if (filter.receivedTo) conditions.push(`c.received_on <= ${bind(filter.receivedTo)}`);
      if (filter.assignee === 'none') conditions.push('c.assignee_id is null');
      else if (filter.assignee)
        conditions.push(`c.assignee_id = ${bind(filter.assignee === 'me' ? actor.accountId : filter.assignee)}`);
      const search = filter.q ? searchText(filter.q, catalog.institution.expedienteTemplate) : undefined;
      if (search) conditions.push(searchCondition(search, bind));
      if (filter.cursor) {
        const after = decodeCursor(filter.cursor, sort, order.kinds);
        const values = after.map((value, i) => `${bind(value)}::${order.types[i]}`).join(', ');
        conditions.push(`(${prefixed(order.columns)}) ${order.direction === 'asc' ? '>' : '<'} (${values})`);
      }
      const sorted = order.columns
        .split(', ')
        .map((column) => `${column} ${order.direction}`)
        .join(', ');
      const limit = bind(filter.limit + 1);
      const where = conditions.join(' and ');
      const areas = this.areasOf(actor, areaId);
      const page = (area?: string): string =>
        `select c.* from cases c where ${area === undefined ? '' : `c.area_id = ${bind(area)} and `}${where} order by ${sorted} limit ${limit}`;
      const pages = areas?.map((area) => `(${page(area)})`).join(' union all ');
      const source = pages === undefined ? page() : `select x.* from (${pages}) x order by ${sorted} limit ${limit}`;
      const rows = await tx.query<ListRow & Record<string, unknown>>(
        `select p.*, p.received_on::text as received_on, p.next_due_on::text as next_due_on
           from (${source}) p order by ${order.columns
             .split(', ')
             .map((column) => `p.${column} ${order.direction}`)
             .join(', ')}`,
        parameters,
      );
      if (search && rows.length === 0) await assertSearch(tx, catalog, search);
      const shown = rows.slice(0, filter.limit);
      const last = shown.at(-1);
      const { cursor: _cursor, limit: _limit, ...criteria } = filter;
      const folios = shown.map(({ folio }) => folio);
      const [people] = await Promise.all([
        findPeople(
          tx,
          shown.map((row) => row.assignee_id),
        ),
        this.audit.record(tx, {
          event: 'CASES_LISTED',
          payload: { filter: { ...criteria }, count: shown.length, folios },
        }),
      ]);
      return {
        items: shown.map((row) => ({
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
          sla: {
            stage: LIST_URGENCIES[row.urgency]!,
            nextDueOn: row.next_due_on === NO_DUE_DAY ? null : row.next_due_on,
          },
          version: row.version,
        })),
        nextCursor: rows.length > filter.limit && last ? encodeCursor(sort, cursorValues(sort, last)) : null,
      };
    });
  }

  /** Areas to read one by one, at least one; null = the whole institution in one index. */
  private areasOf(actor: StaffActor, filtered: string | undefined): readonly string[] | null {
    if (actor.areas === '*') return filtered === undefined ? null : [filtered];
    const areas = filtered === undefined ? actor.areas : actor.areas.filter((area) => area === filtered);
    return areas.length === 0 ? [NOTHING] : areas;
  }
}

/** An id that no row has, for whoever has no area or filters by one of others. */
const NOTHING = '00000000-0000-0000-0000-000000000000';

function cursorValues(sort: Sort, row: ListRow): (string | number)[] {
  return sort === 'urgency' ? [row.urgency, row.next_due_on, row.id] : [row.received_on, row.id];
}

function prefixed(columns: string): string {
  return columns
    .split(', ')
    .map((column) => `c.${column}`)
    .join(', ');
}
