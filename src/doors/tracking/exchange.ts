import { Injectable } from '@nestjs/common';
import { AuditService } from '../../foundations/audit/audit.service.js';
import { hashPassword } from '../../foundations/identity/passwords/passwords.js';
import type { ReporterActor } from '../../platform/actor.js';
import { Clock, startOfDay } from '../../platform/clock.js';
import { KeyRing } from '../../platform/crypto/keyring.js';
import { Database } from '../../platform/database/database.js';
import { accessDigest } from '../../work/cases/access-code.js';
import { CaseReads } from '../../work/cases/case-reads.js';
import { CaseVault } from '../../work/cases/case-vault.js';
import { codeContent } from '../../work/cases/content-refs.js';
import { newAccessCode, parseAccessCode } from '../../work/cases/folio.js';
import { alreadyExchanged, tooManyExchanges } from './errors.js';
import { TrackingTokens, type IssuedToken } from './tracking-tokens.js';

const EVENT = 'ACCESS_CODE_EXCHANGED';
/** Exchanges of one case on one local day: enough for a person who lost the answer, few for a script that fills the trail. */
const PER_DAY = 5;

/**
 * Gives the reporter another access code. An operator who took the call knows the first one; afterwards the first one and
 * every token opened with it are dead.
 */
@Injectable()
export class ExchangeAccessCode {
  constructor(
    private readonly database: Database,
    private readonly reads: CaseReads,
    private readonly vault: CaseVault,
    private readonly audit: AuditService,
    private readonly tokens: TrackingTokens,
    private readonly keys: KeyRing,
    private readonly clock: Clock,
  ) {}

  /**
   * Works in every state of the case, also when it is closed.
   * @returns the new code, which is shown here only, and a token for it
   * @throws ACCESS_CODE_ALREADY_EXCHANGED (409) for the slower of two at once, TOO_MANY_EXCHANGES (429)
   */
  async exchange(actor: ReporterActor): Promise<IssuedToken & { accessCode: string }> {
    const own = await this.database.tx(actor, async (tx) => {
      // Without a lock: a locked row would carry the number of the transaction.
      const { row, catalog } = await this.reads.find(tx, { id: actor.caseId });
      const { timeZone } = catalog.institution;
      const day = this.clock.today(timeZone);
      // Counted once: the update below fails if anybody exchanges in between.
      const done = await this.audit.countOn(tx, row.id, EVENT, day);
      if (done >= PER_DAY) throw tooManyExchanges(this.secondsLeft(timeZone));
      const { audit } = await this.vault.load(tx, row.id);
      return { folio: row.folio, day, auditKey: audit };
    });
    const accessCode = newAccessCode();
    // Hardened at once: a row that waits for the sweep would show that its reporter was here a moment ago.
    const digest = await hashPassword(accessDigest(this.keys, own.folio, parseAccessCode(accessCode)!), 'reporters');
    const generation = actor.codeGeneration + 1;
    await this.database.tx(actor, async (tx) => {
      const [changed] = await tx.query(
        `with changed as (
           update case_access_codes set digest = $2, hardened = true, generation = $3
            where case_id = $1 and generation = $3 - 1 returning 1)
         select 1 from changed`,
        [actor.caseId, digest, generation],
      );
      if (!changed) throw alreadyExchanged();
      // Like a visit: the day only, and no place among the acts of staff.
      const { day, auditKey } = own;
      const subject = { caseId: actor.caseId, caseSeq: null, auditKey, day };
      const content = codeContent({ digest, generation, hardened: true });
      await this.audit.record(tx, { event: EVENT, payload: {}, content, subject });
    });
    const { caseId, institutionId } = actor;
    return { accessCode, ...this.tokens.issue({ caseId, institutionId, generation }) };
  }

  /** Until the local day ends. Thirty-six hours after its beginning it is the next day, also when clocks change. */
  private secondsLeft(timeZone: string): number {
    const now = this.clock.now();
    const tomorrow = startOfDay(new Date(startOfDay(now, timeZone).getTime() + 36 * 3_600_000), timeZone);
    return Math.max(1, Math.ceil((tomorrow.getTime() - now.getTime()) / 1000));
  }
}
