import { Injectable } from '@nestjs/common';
import { AuditService } from '../../../foundations/audit/audit.service.js';
import { CatalogsReader, type CatalogSnapshot } from '../../../foundations/catalogs/catalogs.reader.js';
import { METRICS, type Metric } from '../../../foundations/sla/deadline.js';
import type { StaffActor } from '../../../platform/actor.js';
import { Clock, dayBefore } from '../../../platform/clock.js';
import { Database } from '../../../platform/database/database.js';
import type { Tx } from '../../../platform/database/tx.js';
import type { Language } from '../../../platform/http/language.js';
import { MAX_ROWS, statisticsErrors } from '../errors.js';
import { byCodes, CASE_COLUMNS, describeGroup, RETURNING_STATUS, type CaseDimension } from './dimensions.js';
import type { CaseFigures, DeadlineFigure, DeadlineFigures } from './views.js';

/** Days of reception, both included. Absent `from`: no limit. Absent `to`: yesterday. */
export interface Span {
  from?: string;
  to?: string;
}

/** How far a read reaches. Depends on who asks. */
interface Reach {
  /** Ids of areas, or `*` for the whole institution. */
  areas: StaffActor['areas'];
  /**
   * True when the asker may not see the cases themselves. Then nothing that a reporter does today may change
   * a number today.
   */
  blind: boolean;
}

/**
 * Exact figures for staff, never cached and never public. They filter by the day a report was received (for a
 * call, the day of the call). The public releases count by the day of registration. The two therefore differ
 * by calls entered late.
 *
 * The figures end **yesterday**, both by the day of reception and by the day of registration. Otherwise
 * somebody who asks every minute would learn the minute of a report, also of a call with an earlier date. For
 * people who see no case, a case that waits for its reporter counts in the state to which it returns.
 * Otherwise an answer would show at once.
 *
 * Cost: one grouped read of the span, through `cases_by_received`, or through `cases_by_area_received` for
 * people with single areas. For deadlines, one more look per case into `sla_clocks_pkey`. Measured on a
 * million cases with four clocks each: a month 0.03 s and 0.3 s, a year 0.3 s and 3 s, five years at once 1 s
 * and 12 s.
 */
@Injectable()
export class FiguresReader {
  constructor(
    private readonly database: Database,
    private readonly catalogs: CatalogsReader,
    private readonly audit: AuditService,
    private readonly clock: Clock,
  ) {}

  /** Count cases per combination of `by`. @throws TOO_MANY_ROWS */
  async cases(
    actor: StaffActor,
    span: Span,
    by: readonly CaseDimension[],
    language: Language,
  ): Promise<CaseFigures> {
    return this.read(actor, 'cases', { span, by }, async (tx, catalog, query) => {
      const rows = await grouped<{ count: number }>(tx, query, {
        by,
        source: 'cases c',
        figures: 'count(*)::int as count',
      });
      const items = rows.map((row) => ({ ...describeGroup(by, row, catalog, language), count: row.count }));
      return {
        rows: items.sort(byCodes(by)),
        total: items.reduce((sum, { count }) => sum + count, 0),
      };
    });
  }

  /**
   * How deadlines were kept, per metric and combination of `by`. A breach counts from the day after the
   * deadline, whether a sweep has marked it yet or not.
   * @throws TOO_MANY_ROWS
   */
  async deadlines(
    actor: StaffActor,
    span: Span,
    by: readonly CaseDimension[],
    language: Language,
  ): Promise<DeadlineFigures> {
    return this.read(actor, 'sla', { span, by }, async (tx, catalog, query) => {
      const rows = await grouped<Tally & { metric: Metric }>(tx, query, {
        by,
        source: 'cases c join sla_clocks k on k.subject_id = c.id',
        figures: tallyOn(query.bind(this.clock.today(catalog.institution.timeZone))),
        fixed: ['k.metric as metric'],
      });
      const items = rows.map(({ metric, met, breached, running, overdue, ...row }): DeadlineFigure => {
        const group = describeGroup(by, row, catalog, language);
        return {
          metric,
          ...group,
          met,
          breached,
          running,
          overdue,
          compliance: complianceOf({ met, breached }),
        };
      });
      const order = byCodes(by);
      items.sort((a, b) => METRICS.indexOf(a.metric) - METRICS.indexOf(b.metric) || order(a, b));
      return { rows: items };
    });
  }

  private async read<T>(
    actor: StaffActor,
    table: 'cases' | 'sla',
    { span, by }: { span: Span; by: readonly CaseDimension[] },
    work: (tx: Tx, catalog: CatalogSnapshot, query: GroupedQuery) => Promise<T>,
  ): Promise<T & Context> {
    const reach = reachOf(actor);
    return this.database.tx(actor, async (tx) => {
      // The transparency unit is responsible for the figures of the whole institution.
      if (reach.areas === '*' && actor.areas !== '*') tx.widen('figures');
      await tx.readWholeTables();
      const catalog = await this.catalogs.snapshot(tx, actor.institutionId);
      const yesterday = dayBefore(this.clock.today(catalog.institution.timeZone));
      const days = {
        from: span.from,
        to: span.to === undefined || span.to > yesterday ? yesterday : span.to,
      };
      const result = await work(tx, catalog, new GroupedQuery(reach, actor.institutionId, days, yesterday));
      await this.audit.record(tx, { event: 'STATS_READ', payload: { table, ...days, by: [...by] } });
      return {
        filteredBy: 'receivedOn',
        from: days.from ?? null,
        to: days.to,
        scope: reach.areas === '*' ? 'institution' : 'areas',
        ...result,
      };
    });
  }
}

interface Context {
  filteredBy: 'receivedOn';
  from: string | null;
  to: string;
  scope: 'institution' | 'areas';
}

function reachOf({ areas, permissions }: StaffActor): Reach {
  const seesAll = areas === '*' && permissions.has('cases.read');
  return permissions.has('stats.release')
    ? { areas: '*', blind: !seesAll }
    : { areas, blind: !permissions.has('cases.read') };
}

/** Conditions and parameters of a grouped read of `cases c`. Row-level security applies as well. */
class GroupedQuery {
  readonly parameters: unknown[] = [];
  readonly where: string;

  constructor(
    readonly reach: Reach,
    institutionId: string,
    { from, to }: Span & { to: string },
    yesterday: string,
  ) {
    const conditions = [`c.institution_id = ${this.bind(institutionId)}`];
    // Row-level security has the same condition, but hides the areas from the planner.
    if (reach.areas !== '*') conditions.push(`c.area_id = any (${this.bind(reach.areas)})`);
    if (from !== undefined) conditions.push(`c.received_on >= ${this.bind(from)}`);
    conditions.push(`c.received_on <= ${this.bind(to)}`, `c.registered_on <= ${this.bind(yesterday)}`);
    this.where = conditions.join(' and ');
  }

  bind(value: unknown): string {
    return `$${this.parameters.push(value)}`;
  }
}

/** What is counted, as SQL. */
interface Count {
  by: readonly CaseDimension[];
  /** Contains the cases as `c`. */
  source: string;
  figures: string;
  /** Further columns to group by. */
  fixed?: readonly string[];
}

async function grouped<Figures>(
  tx: Tx,
  query: GroupedQuery,
  { by, source, figures, fixed = [] }: Count,
): Promise<(Figures & Partial<Record<CaseDimension, string | null>>)[]> {
  const columns = query.reach.blind ? { ...CASE_COLUMNS, status: RETURNING_STATUS } : CASE_COLUMNS;
  const keys = [...fixed, ...by.map((dimension) => `${columns[dimension]} as "${dimension}"`)];
  const groups = keys.map((_, index) => index + 1).join(', ');
  const rows = await tx.query<Figures & Partial<Record<CaseDimension, string | null>>>(
    `select ${[...keys, figures].join(', ')} from ${source} where ${query.where}
      ${groups === '' ? '' : `group by ${groups}`} limit ${MAX_ROWS + 1}`,
    query.parameters,
  );
  if (rows.length > MAX_ROWS) throw statisticsErrors.tooManyRows(MAX_ROWS);
  return rows;
}

interface Tally {
  met: number;
  breached: number;
  running: number;
  overdue: number;
}

/**
 * The rules of `verdict` in SQL. A stopped clock has the verdict of the instant at which it stopped. An open
 * clock is late when its due day lies before today, whatever its mark says. A clock cancelled in time is not
 * counted.
 */
function tallyOn(today: string): string {
  const late = `k.due_on < ${today}::date`;
  return `
    count(*) filter (where k.state = 'met')::int as met,
    count(*) filter (where k.state = 'breached' or (k.state = 'running' and ${late}))::int as breached,
    count(*) filter (where k.state = 'running' and not (${late}))::int as running,
    count(*) filter (where k.stopped_at is null and (k.state = 'breached' or (k.state = 'running' and ${late})))::int as overdue`;
}

/** Share of decided deadlines that were met. A clock that still runs in time is not decided. */
function complianceOf({ met, breached }: Pick<Tally, 'met' | 'breached'>): number | null {
  const decided = met + breached;
  return decided === 0 ? null : Math.round((met / decided) * 10_000) / 10_000;
}
