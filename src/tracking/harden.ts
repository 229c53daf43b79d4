import { randomUUID } from 'node:crypto';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { CatalogsReader } from '../catalogs/catalogs.reader.js';
import { hashPassword } from '../identity/passwords/passwords.js';
import { system } from '../platform/actor.js';
import { Database } from '../platform/database/database.js';
import { Sweeper } from '../platform/jobs/sweeper.js';

const BATCH = 8;

/**
 * Hardens fresh access codes to argon2id outside of intake, a few at a time. The hash is computed outside of the
 * transaction and written only if the row still is what it was.
 */
@Injectable()
export class HardenAccessCodes implements OnModuleInit {
  constructor(
    private readonly database: Database,
    private readonly catalogs: CatalogsReader,
    private readonly sweeper: Sweeper,
  ) {}

  onModuleInit(): void {
    this.sweeper.register({ name: 'harden-access-codes', every: 5_000, run: () => this.run() });
  }

  async run(): Promise<number> {
    // Intake first: while requests of this process wait for a connection nothing is hardened.
    if (this.database.saturation().waiting > 0) return 0;
    let worked = 0;
    for (const institution of await this.catalogs.institutions()) {
      const actor = system('harden', institution.id);
      const rows = await this.database.tx(actor, (tx) =>
        tx.query<{ case_id: string; digest: string }>(
          // From a random place on, so that several workers seldom take the same ones; a double costs only its work.
          `(select case_id, digest from case_access_codes where institution_id = $1 and not hardened and case_id >= $3 order by case_id limit $2)
           union all
           (select case_id, digest from case_access_codes where institution_id = $1 and not hardened and case_id < $3 order by case_id limit $2)
           limit $2`,
          [institution.id, BATCH, randomUUID()],
        ),
      );
      for (const row of rows) {
        const hardened = await hashPassword(row.digest, 'hardening');
        await this.store(institution.id, row, hardened);
      }
      worked += rows.length;
    }
    return worked;
  }

  /** A code that was exchanged meanwhile must not be overwritten with the hash of the old one: the digest is compared. */
  private async store(
    institutionId: string,
    row: { case_id: string; digest: string },
    hardened: string,
  ): Promise<void> {
    await this.database.tx(system('harden', institutionId), (tx) =>
      tx.query(
        'update case_access_codes set digest = $2, hardened = true where case_id = $1 and not hardened and digest = $3',
        [row.case_id, hardened, row.digest],
      ),
    );
  }
}
