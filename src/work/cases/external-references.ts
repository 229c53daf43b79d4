import { Injectable } from '@nestjs/common';
import type { ReporterActor } from '../../platform/actor.js';
import { Database } from '../../platform/database/database.js';
import { CaseReads } from './case-reads.js';
import { CaseVault } from './case-vault.js';

/** Gives back what a channel system stored with its report. Staff have no way to it. */
@Injectable()
export class ExternalReferences {
  constructor(
    private readonly database: Database,
    private readonly reads: CaseReads,
    private readonly vault: CaseVault,
  ) {}

  /**
   * The reference of a case, still sealed by the channel system that sent it. The read is a visit of the
   * reporter: the trail does not tell whether there is a reference.
   * @returns null when no system sent one
   */
  async of(actor: ReporterActor): Promise<string | null> {
    return this.database.tx(actor, async (tx) => {
      const found = await this.reads.find(tx, { id: actor.caseId });
      const { sealedReference } = await this.vault.report(tx, found.keys);
      this.reads.record(tx, found, 'REPORTER_READ');
      return sealedReference ?? null;
    });
  }
}
