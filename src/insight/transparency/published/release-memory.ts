import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { Database } from '../../../platform/database/database.js';
import { PublicMemory, type Shelf } from '../../../platform/public-memory.js';
import type { ReleasedCell } from '../margins.js';
import type { Release } from '../releases/releases.service.js';
import type { PlanView } from './views.js';

/** Number of institutions whose lists are kept at the same time. */
const ROOM = 500;
/**
 * Number of cells that are kept at the same time, about 100 bytes each. Five years of a federal institution
 * are 24,000 cells.
 */
const MAX_CELLS = 500_000;

/** A release with the days it covers, both included. */
export interface PublishedRelease extends Release {
  firstDay: string;
  lastDay: string;
}

/**
 * What was published, kept in memory. It is read with a login that can read nothing else. Cells of a release
 * never change, so they stay in memory as long as there is room.
 */
@Injectable()
export class ReleaseMemory {
  private readonly lists: Shelf<PublishedRelease[]>;
  private readonly plans: Shelf<PlanView[]>;
  private readonly cells = new LRUCache<string, ReleasedCell[]>({
    maxSize: MAX_CELLS,
    sizeCalculation: (cells) => Math.max(1, cells.length),
  });
  private readonly loads = new Map<string, Promise<ReleasedCell[]>>();

  constructor(
    private readonly database: Database,
    memory: PublicMemory,
  ) {
    this.lists = memory.shelf<PublishedRelease[]>(ROOM);
    this.plans = memory.shelf<PlanView[]>(ROOM);
  }

  /** All releases of an institution, oldest first. */
  releases(institutionId: string): Promise<PublishedRelease[]> {
    return this.lists.get(institutionId, () =>
      this.database.publicRead<PublishedRelease>(
        `select table_name as "table", period, version, epsilon, published_on::text as "publishedOn",
                first_day::text as "firstDay", last_day::text as "lastDay"
           from stat_releases where institution_id = $1 order by first_day, table_name`,
        [institutionId],
      ),
    );
  }

  /** All versions of the plan of an institution, oldest first. */
  plan(institutionId: string): Promise<PlanView[]> {
    return this.plans.get(institutionId, () =>
      this.database.publicRead<PlanView>(
        `select table_name as "table", version, valid_from::text as "validFrom", created_on::text as "createdOn",
                period_kind as "periodKind", level, territory, categories, epsilon
           from stat_domains where institution_id = $1 order by table_name, version`,
        [institutionId],
      ),
    );
  }

  /**
   * The cells of the given periods of the table `reports`. The periods come from `releases`, so that list and
   * sums agree.
   */
  async reports(institutionId: string, periods: readonly string[]): Promise<ReleasedCell[][]> {
    const known = (period: string): ReleasedCell[] | Promise<ReleasedCell[]> | undefined => {
      const name = nameOf(institutionId, period);
      return this.cells.get(name) ?? this.loads.get(name);
    };
    this.load(
      institutionId,
      periods.filter((period) => known(period) === undefined),
    );
    return Promise.all(periods.map(async (period) => known(period)!));
  }

  /** Load periods. A caller that asks for a period during its load waits for the same load. */
  private load(institutionId: string, periods: readonly string[]): void {
    if (periods.length === 0) return;
    const loading = this.read(institutionId, periods);
    for (const period of periods) {
      const name = nameOf(institutionId, period);
      const cells = loading
        .then((groups) => {
          const group = groups.get(period) ?? [];
          this.cells.set(name, group);
          return group;
        })
        .finally(() => this.loads.delete(name));
      this.loads.set(name, cells);
    }
  }

  private async read(
    institutionId: string,
    periods: readonly string[],
  ): Promise<Map<string, ReleasedCell[]>> {
    const rows = await this.database.publicRead<ReleasedCell>(
      `select c.period, c.territory, c.category, c.value, r.epsilon
         from stat_releases r join stat_cells c using (institution_id, table_name, period)
        where r.institution_id = $1 and r.table_name = 'reports' and r.period = any ($2)`,
      [institutionId, periods],
    );
    const groups = new Map<string, ReleasedCell[]>();
    for (const row of rows) {
      const group = groups.get(row.period);
      if (group) group.push(row);
      else groups.set(row.period, [row]);
    }
    return groups;
  }
}

function nameOf(institutionId: string, period: string): string {
  return `${institutionId} ${period}`;
}
