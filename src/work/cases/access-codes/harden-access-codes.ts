import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { AuditService } from '../../../foundations/audit/audit.service.js';
import { hashPassword } from '../../../foundations/identity/passwords/passwords.js';
import { system } from '../../../platform/actor.js';
import { Clock } from '../../../platform/clock.js';
import { Database } from '../../../platform/database/database.js';
import { Sweep, type Owner } from '../../../platform/jobs/sweep.js';
import { CaseVault } from '../case-vault.js';
import { codeContent } from '../content-refs.js';

const BATCH = 8;
/**
 * Skip codes whose case has no keys: such a code opens nothing any more, and its trail entry could not be
 * written.
 */
const WITH_KEYS = 'and exists (select 1 from case_keys k where k.case_id = case_access_codes.case_id)';

interface Unhardened {
  case_id: string;
  digest: string;
  generation: number;
}

/**
 * Harden new access codes to argon2id outside intake, a few at a time. The hash is computed outside the
 * transaction. It is written only if the row has not changed.
 */
@Injectable()
export class HardenAccessCodes {
  constructor(
    private readonly database: Database,
    private readonly vault: CaseVault,
    private readonly audit: AuditService,
    private readonly clock: Clock,
  ) {}

  @Sweep({ name: 'harden-access-codes', ofReporters: true, every: 5_000, per: 'institution' })
  async harden(owner: Owner): Promise<number> {
    // Intake comes first: harden nothing while requests of this process wait for a connection.
    if (this.database.isBusy) return 0;
    const rows = await this.database.tx(system('harden', owner.id), (tx) =>
      tx.query<Unhardened>(
        // Start at a random id, so that several workers seldom take the same rows. A row hardened twice costs
        // only the extra work.
        `(select case_id, digest, generation from case_access_codes where institution_id = $1 and not hardened and case_id >= $3 ${WITH_KEYS} order by case_id limit $2)
         union all
         (select case_id, digest, generation from case_access_codes where institution_id = $1 and not hardened and case_id < $3 ${WITH_KEYS} order by case_id limit $2)
         limit $2`,
        [owner.id, BATCH, randomUUID()],
      ),
    );
    for (const row of rows) await this.store(owner, row, await hashPassword(row.digest, 'hardening'));
    return rows.length;
  }

  /**
   * Store a hardened digest. Compare the old digest first: a code that was exchanged in the meantime must not
   * be overwritten with the hash of the old one. The trail entry stores the day only, because a code is
   * hardened seconds after its report came.
   */
  private async store({ id, timeZone }: Owner, row: Unhardened, hardened: string): Promise<void> {
    await this.database.tx(system('harden', id), async (tx) => {
      const changed = await tx.query(
        `with changed as (
           update case_access_codes set digest = $2, hardened = true
            where case_id = $1 and not hardened and digest = $3 returning 1)
         select 1 from changed`,
        [row.case_id, hardened, row.digest],
      );
      if (changed.length === 0) return;
      const { audit: auditKey } = await this.vault.load(tx, row.case_id);
      const day = this.clock.today(timeZone);
      await this.audit.record(tx, {
        event: 'ACCESS_CODE_HARDENED',
        payload: {},
        content: codeContent({ digest: hardened, generation: row.generation, hardened: true }),
        subject: { caseId: row.case_id, caseSeq: null, auditKey, day, dayOnly: true },
      });
    });
  }
}
