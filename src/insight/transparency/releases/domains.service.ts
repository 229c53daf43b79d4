import { Injectable } from '@nestjs/common';
import { AuditService } from '../../../foundations/audit/audit.service.js';
import { CatalogsReader } from '../../../foundations/catalogs/catalogs.reader.js';
import { system } from '../../../platform/actor.js';
import { Clock } from '../../../platform/clock.js';
import { Database } from '../../../platform/database/database.js';
import { constraintOf } from '../../../platform/database/sql-state.js';
import type { Tx } from '../../../platform/database/tx.js';
import { Sweep, type Owner } from '../../../platform/jobs/sweep.js';
import { PublicMemory } from '../../../platform/public-memory.js';
import { holdOf } from './holds.js';
import { nextVersion, type DomainVersion } from './schedule.js';

/**
 * Once per hour. A category added in the last hour of a month may get its own cells a month later. Adding a
 * category never waits for this sweep.
 */
const EVERY = 3600_000;

/**
 * Freeze what each institution will publish in the next period, before that period starts. The owner makes
 * the first version, together with the institution (`ensureDomain`).
 */
@Injectable()
export class StatDomains {
  constructor(
    private readonly database: Database,
    private readonly catalogs: CatalogsReader,
    private readonly audit: AuditService,
    private readonly clock: Clock,
    private readonly memory: PublicMemory,
  ) {}

  /** Add a version when the catalogue of categories changed. @returns versions added */
  @Sweep({ name: 'fix-statistics-domains', every: EVERY, per: 'institution' })
  async fixNext(owner: Owner): Promise<number> {
    const added = await this.fixNextOf(owner);
    if (added) this.memory.clear();
    return added ? 1 : 0;
  }

  private async fixNextOf({ id, timeZone }: Owner): Promise<boolean> {
    const actor = system('statistics', id);
    const { institution, categories, held } = await this.database.tx(actor, async (tx) => ({
      ...(await this.catalogs.snapshot(tx, id)),
      held: await holdOf(tx, id),
    }));
    // A copy of a database may lack a version that the original database has published.
    if (held) return false;
    const today = this.clock.today(timeZone);
    try {
      return await this.database.asReleaser(actor, async (tx) => {
        const next = nextVersion(institution, categories, await versionsOf(tx, id), today);
        if (!next) return false;
        const { version, validFrom, epsilon } = next;
        const named = [id, 'reports', version, validFrom, today, next.categories];
        await tx.query('select fix_release_plan($1, $2, $3, $4, $5, $6)', named);
        await leaveReleaser(tx);
        await this.audit.record(tx, {
          event: 'STATS_DOMAIN_FIXED',
          payload: { table: 'reports', version, validFrom, categories: next.categories, epsilon },
        });
        return true;
      });
    } catch (error) {
      // Another worker was first. The next run compares with the version that the other worker fixed.
      if (constraintOf(error) === 'plan_next_version') return false;
      throw error;
    }
  }
}

/** Step under the role `denuncia_releaser`: read all versions of an institution's table `reports`. */
export function versionsOf(tx: Tx, institutionId: string): Promise<DomainVersion[]> {
  return tx.query<DomainVersion>(
    `select version, valid_from::text as "validFrom", period_kind as "periodKind", level, territory, categories, epsilon
       from stat_domains where institution_id = $1 and table_name = 'reports' order by version`,
    [institutionId],
  );
}

/**
 * Return to the app's login. The trail entry belongs to the transaction of its act, but the releaser role may
 * not write it.
 */
export async function leaveReleaser(tx: Tx): Promise<void> {
  await tx.query('reset role');
}
