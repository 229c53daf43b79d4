import type { AuditService } from '../../foundations/audit/audit.service.js';
import { cellsDigest } from '../../insight/transparency/cells-digest.js';
import { hold, holdOf, liftHold, type HoldReason } from '../../insight/transparency/releases/holds.js';
import { readPublished, type PublishedFile } from '../../insight/transparency/releases/published-files.js';
import { importReleases } from '../../insight/transparency/releases/release-import.js';
import { system } from '../../platform/actor.js';
import type { Clock } from '../../platform/clock.js';
import type { Database } from '../../platform/database/database.js';
import type { Tx } from '../../platform/database/tx.js';
import { StartError } from '../../platform/errors.js';

const REASONS: Readonly<Record<HoldReason, string>> = {
  restored: 'the database was restored from a backup',
  moved: 'the database lives on another server, timeline or database than before',
  updated: 'the database comes from an earlier version of this program',
  by_hand: 'an operator held it',
};

export interface Institution {
  id: string;
  code: string;
  timeZone: string;
}

/**
 * The acts of an operator on releases. Each act and its trail entry share one transaction, under the owner's
 * login. Each act returns the line to show after its commit, or null when there was nothing to do.
 */
export class ReleaseDesk {
  constructor(
    private readonly database: Database,
    private readonly audit: AuditService,
    private readonly clock: Clock,
  ) {}

  async institutions(code: string | undefined): Promise<Institution[]> {
    const all = await this.database.tx({ kind: 'nobody' }, (tx) =>
      tx.query<Institution>(
        'select id, code, time_zone as "timeZone" from institutions order by created_at, code',
      ),
    );
    const chosen = all.filter((one) => code === undefined || one.code === code);
    if (code !== undefined && chosen.length === 0) throw new StartError(`There is no institution ${code}.`);
    return chosen;
  }

  async import({ id, code, timeZone }: Institution, files: readonly PublishedFile[]): Promise<string> {
    const published = readPublished(files);
    return this.act(id, async (tx) => {
      const added = await importReleases(tx, id, published, this.clock.today(timeZone));
      await liftHold(tx, id);
      const releases = added.map(({ period, cells }) => ({ period, cells: cellsDigest(cells) }));
      await this.audit.record(tx, {
        event: 'STATS_RELEASES_IMPORTED',
        payload: { table: 'reports', releases },
      });
      const names = added.map(({ period }) => period).join(', ') || 'nothing, all of them were here';
      return `${code}: imported ${names}; ${published.releases.length - added.length} were here and are the same`;
    });
  }

  async confirm({ id, code }: Institution): Promise<string | null> {
    return this.act(id, async (tx) => {
      const held = await holdOf(tx, id);
      if (!held) return null;
      await liftHold(tx, id);
      await this.audit.record(tx, { event: 'STATS_HOLD_LIFTED', payload: { held } });
      return `${code}: confirmed, nothing was published elsewhere`;
    });
  }

  async hold({ id, code }: Institution): Promise<string> {
    return this.act(id, async (tx) => {
      await hold(tx, id, 'by_hand');
      await this.audit.record(tx, { event: 'STATS_HELD', payload: { held: 'by_hand' } });
      return `${code}: held`;
    });
  }

  /** Tell what is published and what holds the next release. */
  async tell({ id, code }: Institution): Promise<string> {
    return this.act(id, async (tx) => {
      const rows = await tx.query<{ period: string }>(
        'select period from stat_releases where institution_id = $1 order by first_day',
        [id],
      );
      const [first, last] = [rows[0]?.period, rows.at(-1)?.period];
      const releases = rows.length === 0 ? 'no releases' : `${rows.length} releases, ${first} to ${last}`;
      const held = await holdOf(tx, id);
      if (!held) return `${code}: ${releases}; not held`;
      return `${code}: ${releases}; HELD, ${REASONS[held]}. If more was published, import it: --import FILES; if not: --confirm.`;
    });
  }

  private act<T>(institutionId: string, work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.database.tx(system('releases-check', institutionId), work);
  }
}
