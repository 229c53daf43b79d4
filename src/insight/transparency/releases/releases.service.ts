import { Injectable } from '@nestjs/common';
import { AuditService } from '../../../foundations/audit/audit.service.js';
import { ClockWatch } from '../../../foundations/audit/clock-watch.js';
import {
  CatalogsReader,
  type CatalogSnapshot,
  type Institution,
} from '../../../foundations/catalogs/catalogs.reader.js';
import { system, type StaffActor, type SystemActor } from '../../../platform/actor.js';
import { Clock, localDay } from '../../../platform/clock.js';
import { KeyRing } from '../../../platform/crypto/keyring.js';
import { Database } from '../../../platform/database/database.js';
import { constraintOf, violates } from '../../../platform/database/sql-state.js';
import type { Tx } from '../../../platform/database/tx.js';
import { DomainError } from '../../../platform/errors.js';
import { Sweep, type Owner } from '../../../platform/jobs/sweep.js';
import { Log } from '../../../platform/logging.js';
import { PublicMemory } from '../../../platform/public-memory.js';
import { cellsDigest } from '../cells-digest.js';
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
  type ReleaseDomain,
} from '../release-domain.js';
import { leaveReleaser, versionsOf } from './domains.service.js';
import { holdOf, noteHome } from './holds.js';
import type { TableName } from './release.entities.js';
import { domainOf, duePeriods, versionOf } from './schedule.js';

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
 * A period counts as over this long after its last day. By then a report of its last second is stored, even
 * if the clocks of machines differ a little. A report that is stored later counts in the next period.
 */
const GRACE_MS = 10 * 60_000;

/** Publish closed periods: count once, add the noise once, store the noised counts for ever. */
@Injectable()
export class Releases {
  constructor(
    private readonly database: Database,
    private readonly catalogs: CatalogsReader,
    private readonly audit: AuditService,
    private readonly keys: KeyRing,
    private readonly clock: Clock,
    private readonly log: Log,
    private readonly memory: PublicMemory,
    private readonly watch: ClockWatch,
  ) {}

  /**
   * Publish one closed period now. When a staff member asks and the release is refused, record the refusal in
   * the trail.
   * @throws INVALID_PERIOD, PERIOD_OPEN, PERIOD_NOT_COVERED, RELEASE_EXISTS, RELEASES_HELD, CLOCK_HELD
   */
  async publish(actor: StaffActor | SystemActor, table: TableName, period: string): Promise<Release> {
    try {
      const catalog = await this.assertReady(actor, period);
      const release = await this.database.asReleaser(actor, (tx) =>
        this.publishStep(tx, catalog, table, period),
      );
      this.memory.clear();
      return release;
    } catch (cause) {
      const error = refusalOf(cause, period);
      if (error instanceof DomainError && actor.kind === 'staff') {
        const payload = { table, period, code: error.code };
        await this.database.tx(actor, (tx) =>
          this.audit.record(tx, { event: 'STATS_RELEASE_REFUSED', payload }),
        );
      }
      throw error;
    }
  }

  private async assertReady(actor: StaffActor | SystemActor, period: string): Promise<CatalogSnapshot> {
    if (!(await this.watch.trusted())) throw statisticsErrors.clockHeld();
    return this.database.tx(actor, async (tx) => {
      const catalog = await this.catalogs.snapshot(tx, actor.institutionId);
      const { timeZone } = catalog.institution;
      if (!isClosed(period, this.lastClosingDay(timeZone))) throw statisticsErrors.periodOpen(period);
      if (await holdOf(tx, actor.institutionId)) throw statisticsErrors.releasesHeld();
      return catalog;
    });
  }

  private async publishStep(
    tx: Tx,
    catalog: CatalogSnapshot,
    table: TableName,
    period: string,
  ): Promise<Release> {
    const { id, timeZone } = catalog.institution;
    const version = versionOf(await versionsOf(tx, id), period);
    if (!version) throw statisticsErrors.periodNotCovered(period);
    const publishedOn = this.clock.today(timeZone);
    const release = { table, period, version: version.version, epsilon: version.epsilon, publishedOn };
    await tx.query('select begin_release($1, $2)', [id, publishedOn]);
    const cells = await this.drawOnce(tx, catalog, release, domainOf(version));
    await tx.query('select publish_release($1, $2, $3, $4, $5, $6, $7)', [
      id,
      table,
      period,
      release.version,
      release.epsilon,
      publishedOn,
      JSON.stringify(cells),
    ]);
    await leaveReleaser(tx);
    const { publishedOn: _day, ...payload } = release;
    await this.audit.record(tx, {
      event: 'STATS_RELEASED',
      payload: { ...payload, cells: cellsDigest(cells) },
    });
    return release;
  }

  /** Publish every due period of an institution that is not held, oldest first. @returns how many */
  @Sweep({ name: 'release-statistics', every: EVERY, per: 'institution' })
  async publishDue({ id, timeZone }: Owner): Promise<number> {
    const actor = system('statistics', id);
    if (await this.held(actor)) return 0;
    let published = 0;
    for (const period of await this.due(actor, this.lastClosingDay(timeZone))) {
      if (await this.publishUnlessThere(actor, period)) published += 1;
    }
    return published;
  }

  /**
   * Whether the institution is held: it publishes nothing until the operator of the machine lifts the hold.
   * Log the hold at every run.
   */
  private async held(actor: SystemActor): Promise<boolean> {
    const reason = await this.database.tx(actor, async (tx) => {
      await noteHome(tx, actor.institutionId);
      return holdOf(tx, actor.institutionId);
    });
    if (reason) this.log.warning('statistics-held', { code: reason });
    return reason !== null;
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

  /** Count and add the noise. The exact counts exist only inside this function. */
  private async drawOnce(
    tx: Tx,
    { institution, categories }: CatalogSnapshot,
    { table, period, version, epsilon }: Release,
    domain: ReleaseDomain,
  ): Promise<NoisedCell[]> {
    const counts = countCells(domain, await countReports(tx, institution, categories, period));
    const cells = cellsOf(domain);
    const digest = cellsDigest(cells.map((cell) => ({ ...cell, value: counts.get(cellLabel(cell)) ?? 0 })));
    const key = noiseKey(this.keys.statsNoise, {
      table,
      version,
      institution: institution.id,
      period,
      digest,
    });
    return applyNoise(domain, counts, drawCells(key, epsilon, cells.map(cellLabel)));
  }

  private lastClosingDay(timeZone: string): string {
    return localDay(new Date(this.clock.now().getTime() - GRACE_MS), timeZone);
  }
}

/** Turn a refusal of the database into an error that people can read. */
function refusalOf(error: unknown, period: string): unknown {
  if (violates(error, 'stat_releases_pkey')) return statisticsErrors.releaseExists(period);
  return constraintOf(error) === 'releases_held' ? statisticsErrors.releasesHeld() : error;
}

/**
 * Count reports by the day and the category that were frozen at registration. Later changes by the desk and
 * the moment of publication change no count.
 */
async function countReports(
  tx: Tx,
  { id }: Institution,
  categories: CatalogSnapshot['categories'],
  period: string,
): Promise<{ municipality: string | null; category: string | null; count: number }[]> {
  const groups = await tx.query<{ municipality: string | null; categoryId: string | null; count: number }>(
    `select municipality, reported_category_id as "categoryId", count(*)::int as count from cases
      where institution_id = $1 and figures_on between $2 and $3 group by municipality, reported_category_id`,
    [id, firstDay(period), lastDay(period)],
  );
  const codes = new Map(categories.map(({ id: categoryId, code }) => [categoryId, code]));
  return groups.map(({ municipality, categoryId, count }) => ({
    municipality,
    // A category id outside the snapshot was added a moment ago, so no frozen list can contain it.
    category: categoryId === null ? null : (codes.get(categoryId) ?? ADDED_SINCE),
    count,
  }));
}

/** No category has this code, so it counts as `not_listed`. */
const ADDED_SINCE = '?';
