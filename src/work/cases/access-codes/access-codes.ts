import { Injectable } from '@nestjs/common';
import { AuditService } from '../../../foundations/audit/audit.service.js';
import type { Tx } from '../../../platform/database/tx.js';
import { codeContent } from '../content-refs.js';

const EXCHANGED = 'ACCESS_CODE_EXCHANGED';

export interface NewCode {
  caseId: string;
  /** The hardened digest. */
  digest: string;
  /**
   * Number of this code among the codes of the case: one more than the number of the code that it replaces.
   */
  generation: number;
  auditKey: Buffer;
  /** Local day of the act. Reporters' acts carry no time. */
  day: string;
}

/** Steps on the access code of a case. */
@Injectable()
export class AccessCodes {
  constructor(private readonly audit: AuditService) {}

  /** How often the code of a case was exchanged on a local day. */
  exchangesOn(tx: Tx, caseId: string, day: string): Promise<number> {
    return this.audit.countOn(tx, caseId, EXCHANGED, day);
  }

  /**
   * Replace the code of a case. The earlier code opens nothing any more. The code row is not locked before
   * the update: a locked row would contain the number of the transaction.
   * @returns false when somebody else exchanged the code in between; then nothing is written
   */
  async exchange(tx: Tx, { caseId, digest, generation, auditKey, day }: NewCode): Promise<boolean> {
    const [changed] = await tx.query(
      `with changed as (
         update case_access_codes set digest = $2, hardened = true, generation = $3
          where case_id = $1 and generation = $3 - 1 returning 1)
       select 1 from changed`,
      [caseId, digest, generation],
    );
    if (!changed) return false;
    // Store the day only, and no number among the acts of staff, like for a visit of the reporter.
    const subject = { caseId, caseSeq: null, auditKey, day };
    const content = codeContent({ digest, generation, hardened: true });
    await this.audit.record(tx, { event: EXCHANGED, payload: {}, content, subject });
    return true;
  }
}
