import { randomUUID } from 'node:crypto';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { AuditService } from '../../../foundations/audit/audit.service.js';
import { CatalogsReader, type InstitutionSummary } from '../../../foundations/catalogs/catalogs.reader.js';
import { hashPassword } from '../../../foundations/identity/passwords/passwords.js';
import { system } from '../../../platform/actor.js';
import { Clock } from '../../../platform/clock.js';
import { Database } from '../../../platform/database/database.js';
import { Sweeper } from '../../../platform/jobs/sweeper.js';
import { CaseVault } from '../case-vault.js';
import { codeContent } from '../content-refs.js';

const BATCH = 8;
/** Without the keys of its case a code opens nothing any more, and its entry could not be written. */
const WITH_KEYS = 'and exists (select 1 from case_keys k where k.case_id = case_access_codes.case_id)';

interface Unhardened {
  case_id: string;
  digest: string;
  generation: number;
}

/**
 * Hardens fresh access codes to argon2id outside of intake, a few at a time. The hash is computed outside of the
 * transaction and written only if the row still is what it was.
 */
@Injectable()
export class HardenAccessCodes implements OnModuleInit {
  constructor(
    private readonly database: Database,
    private readonly catalogs: CatalogsReader,
    private readonly vault: CaseVault,
    private readonly audit: AuditService,
    private readonly clock: Clock,
    private readonly sweeper: Sweeper,
  ) {}

  onModuleInit(): void {
    this.sweeper.register({ name: 'harden-access-codes', every: 5_000, run: () => this.run() });
  }

  async run(): Promise<number> {
    // Intake first: while requests of this process wait for a connection nothing is hardened.
    if (this.database.isBusy) return 0;
    let worked = 0;
    for (const institution of await this.catalogs.institutions()) {
      const actor = system('harden', institution.id);
      const rows = await this.database.tx(actor, (tx) =>
        tx.query<Unhardened>(
          // From a random place on, so that several workers seldom take the same ones; a double costs only its work.
          `(select case_id, digest, generation from case_access_codes where institution_id = $1 and not hardened and case_id >= $3 ${WITH_KEYS} order by case_id limit $2)
           union all
           (select case_id, digest, generation from case_access_codes where institution_id = $1 and not hardened and case_id < $3 ${WITH_KEYS} order by case_id limit $2)
           limit $2`,
          [institution.id, BATCH, randomUUID()],
        ),
      );
      for (const row of rows) {
        const hardened = await hashPassword(row.digest, 'hardening');
        await this.store(institution, row, hardened);
      }
      worked += rows.length;
    }
    return worked;
  }

  /**
   * A code that was exchanged meanwhile must not be overwritten with the hash of the old one: the digest is compared. By day
   * only: a code is hardened seconds after its report came.
   */
  private async store({ id, timeZone }: InstitutionSummary, row: Unhardened, hardened: string): Promise<void> {
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
