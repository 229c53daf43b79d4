import { Injectable } from '@nestjs/common';
import { system } from '../../../platform/actor.js';
import { Clock } from '../../../platform/clock.js';
import { Database } from '../../../platform/database/database.js';
import { Sweep, type Owner } from '../../../platform/jobs/sweep.js';

/** Rows per transaction. The number is small, so that nobody waits for the locks. */
const BATCH = 500;

/**
 * Deletes sessions past their end. A rotated row must stay until then, because it shows that a token was used
 * again.
 */
@Injectable()
export class SessionSweep {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  /** @returns sessions deleted, at most one batch */
  @Sweep({ name: 'delete-expired-sessions', every: 600_000, per: 'institution' })
  async deleteExpired({ id: institutionId }: Owner): Promise<number> {
    return this.database.tx(system('session-sweep', institutionId), async (tx) => {
      const rows = await tx.query<{ count: number }>(
        `with expired as (
           select id from staff_sessions where refresh_expires_at <= $1 limit $2 for update skip locked),
         deleted as (
           delete from staff_sessions s using expired e where s.id = e.id returning 1)
         select count(*)::int as count from deleted`,
        [this.clock.now(), BATCH],
      );
      return rows[0]!.count;
    });
  }
}
