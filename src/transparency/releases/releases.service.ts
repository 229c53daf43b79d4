import { Injectable, type OnModuleInit } from '@nestjs/common';
import { AuditService } from '../../audit/audit.service.js';
import { CatalogsReader, type CatalogSnapshot, type Institution } from '../../catalogs/catalogs.reader.js';
import { system, type StaffActor, type SystemActor } from '../../platform/actor.js';
import { Clock, localDay } from '../../platform/clock.js';
import { KeyRing } from '../../platform/crypto/keyring.js';
import { Database } from '../../platform/database/database.js';
import type { Tx } from '../../platform/database/tx.js';
import { DomainError } from '../../platform/errors.js';
import { Sweeper } from '../../platform/jobs/sweeper.js';
import { Log } from '../../platform/logging.js';
import { statisticsErrors } from '../errors.js';
import { drawCells, noiseKey } from '../noise.js';
import {
  applyNoise,
  cellLabel,
  cellsOf,
  countCells,
  firstDay,
  isClosed,
  lastDay,
  type NoisedCell,
} from '../release-domain.js';
import { leaveReleaser, versionsOf } from './domains.service.js';
import { StatCellRow, type TableName } from './release.entities.js';
import { domainOf, duePeriods, versionOf, type DomainVersion } from './schedule.js';

export interface Release {
  table: TableName;
  period: string;
  version: number;
  epsilon: number;
  /** Local day. */
  publishedOn: string;
}

const EVERY = 3600_000;
/**
 * A period counts as over this long after its last day: a transaction that registered a report in its last second has
 * committed or failed by then (statements end after 30 s, idle transactions after 60 s), also with clocks a bit apart.
 */
const GRACE_MS = 10 * 60_000;

/** Publishes closed periods: counts once, adds the noise once, stores the sum for ever. */
@Injectable()
export class Releases implements OnModuleInit {
  constructor(
    private readonly database: Database,
    private readonly catalogs: CatalogsReader,
    private readonly audit: AuditService,
    private readonly keys: KeyRing,
    private readonly clock: Clock,
    private readonly sweeper: Sweeper,
    private readonly log: Log,
  ) {}

  onModuleInit(): void {
    this.sweeper.register({ name: 'release-statistics', every: EVERY, run: () => this.publishDue() });
  }

  /**
   * Publishes one closed period now.
   * @throws INVALID_PERIOD, PERIOD_OPEN, PERIOD_NOT_COVERED, RELEASE_EXISTS
   */
  async publish(actor: StaffActor | SystemActor, table: TableName, period: string): Promise<Release> {
    const catalog = await this.database.tx(actor, (tx) => this.catalogs.snapshot(tx, actor.institutionId));
    const { timeZone } = catalog.institution;
    if (!isClosed(period, this.lastClosingDay(timeZone))) throw statisticsErrors.periodOpen(period);
    return this.database.asReleaser(actor, async (tx) => {
      const version = versionOf(await versionsOf(tx, actor.institutionId), period);
      if (!version) throw statisticsErrors.periodNotCovered(period);
      const release = {
        table,
        period,
        version: version.version,
        epsilon: version.epsilon,
        publishedOn: this.clock.today(timeZone),
      };
      // First of all: a second publisher waits here for the first to commit, and then finds the row.
      if (!(await insertRelease(tx, actor.institutionId, release))) throw statisticsErrors.releaseExists(period);
      const cells = await this.drawOnce(tx, catalog, table, period, version);
      const place = { institutionId: actor.institutionId, tableName: table, period };
      await tx.insert(
        StatCellRow,
        cells.map((cell) => ({ ...place, ...cell })),
      );
      await leaveReleaser(tx);
      const { publishedOn: _day, ...payload } = release;
      await this.audit.record(tx, { event: 'STATS_RELEASED', payload });
      return release;
    });
  }

  /** Publishes every due period of every institution, oldest first. @returns how many */
  async publishDue(): Promise<number> {
    let published = 0;
    for (const { id, timeZone } of await this.catalogs.institutions()) {
      try {
        const actor = system('statistics', id);
        for (const period of await this.due(actor, this.lastClosingDay(timeZone))) {
          if (await this.publishUnlessThere(actor, period)) published += 1;
        }
      } catch (error) {
        // What one institution cannot publish must not keep back the others.
        this.log.fault('statistics-release-failed', error);
      }
    }
    return published;
  }

  private async publishUnlessThere(actor: SystemActor, period: string): Promise<boolean> {
    try {
      await this.publish(actor, 'reports', period);
      return true;
    } catch (error) {
      if (error instanceof DomainError && error.code === 'RELEASE_EXISTS') return false;
      throw error;
    }
  }

  private async due(actor: SystemActor, today: string): Promise<string[]> {
    return this.database.asReleaser(actor, async (tx) => {
      const released = await tx.query<{ period: string }>(
        `select period from stat_releases where institution_id = $1 and table_name = 'reports'`,
        [actor.institutionId],
      );
      const versions = await versionsOf(tx, actor.institutionId);
      return duePeriods(versions, new Set(released.map(({ period }) => period)), today);
    });
  }

  /** The exact counts exist only between these lines. */
  private async drawOnce(
    tx: Tx,
    { institution, categories }: CatalogSnapshot,
    table: TableName,
    period: string,
    version: DomainVersion,
  ): Promise<NoisedCell[]> {
    const domain = domainOf(version);
    const counts = countCells(domain, await countReports(tx, institution, categories, period));
    const scope = { table, version: version.version, institution: institution.id, period };
    const noise = drawCells(noiseKey(this.keys.statsNoise, scope), version.epsilon, cellsOf(domain).map(cellLabel));
    return applyNoise(domain, counts, noise);
  }

  private lastClosingDay(timeZone: string): string {
    return localDay(new Date(this.clock.now().getTime() - GRACE_MS), timeZone);
  }
}

async function insertRelease(tx: Tx, institutionId: string, release: Release): Promise<boolean> {
  const { table, period, version, epsilon, publishedOn } = release;
  const inserted = await tx.query(
    `insert into stat_releases (institution_id, table_name, period, first_day, last_day, version, epsilon, published_on)
     values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing returning period`,
    [institutionId, table, period, firstDay(period), lastDay(period), version, epsilon, publishedOn],
  );
  return inserted.length > 0;
}

/** By day of registration: a call may be dated back into a period that is already out, and would never be counted. */
async function countReports(
  tx: Tx,
  { id }: Institution,
  categories: CatalogSnapshot['categories'],
  period: string,
): Promise<{ municipality: string | null; category: string | null; count: number }[]> {
  const groups = await tx.query<{ municipality: string | null; categoryId: string | null; count: number }>(
    `select municipality, category_id as "categoryId", count(*)::int as count from cases
      where institution_id = $1 and registered_on between $2 and $3 group by municipality, category_id`,
    [id, firstDay(period), lastDay(period)],
  );
  const codes = new Map(categories.map(({ id: categoryId, code }) => [categoryId, code]));
  return groups.map(({ municipality, categoryId, count }) => ({
    municipality,
    // An id the snapshot does not hold was added a moment ago, and no frozen list can name it.
    category: categoryId === null ? null : (codes.get(categoryId) ?? ADDED_SINCE),
    count,
  }));
}

/** No category has this code: it counts as not listed. */
const ADDED_SINCE = '?';
