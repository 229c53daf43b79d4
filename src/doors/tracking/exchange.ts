import { Injectable } from '@nestjs/common';
import { hashPassword } from '../../foundations/identity/passwords/passwords.js';
import type { ReporterActor } from '../../platform/actor.js';
import { Clock, startOfDay } from '../../platform/clock.js';
import { KeyRing } from '../../platform/crypto/keyring.js';
import { Database } from '../../platform/database/database.js';
import { accessDigest } from '../../work/cases/access-codes/access-code.js';
import { AccessCodes } from '../../work/cases/access-codes/access-codes.js';
import { CaseReads } from '../../work/cases/case-reads.js';
import { newAccessCode, parseAccessCode } from '../../work/cases/folio.js';
import { alreadyExchanged, tooManyExchanges } from './errors.js';
import { TrackingTokens, type IssuedToken } from './tracking-tokens.js';

/**
 * Exchanges of one case on one local day: enough for a person who fears again and again that somebody saw the
 * code, too few for a script to fill the trail. Here a lost answer is lost with its code. The exchange by
 * phone can be repeated.
 */
const PER_DAY = 5;

/**
 * Gives the reporter another access code. An operator who took the call knows the first one. After the
 * exchange the first code and every token opened with it are invalid.
 */
@Injectable()
export class ExchangeAccessCode {
  constructor(
    private readonly database: Database,
    private readonly reads: CaseReads,
    private readonly codes: AccessCodes,
    private readonly tokens: TrackingTokens,
    private readonly keys: KeyRing,
    private readonly clock: Clock,
  ) {}

  /**
   * Exchange the access code. This works in every state of the case, also when it is closed.
   * @param accessCode the new code, for a door that must be able to give the same one again
   * @returns the new code, which is shown here only, and a token for it
   * @throws ACCESS_CODE_ALREADY_EXCHANGED (409) for the slower of two at once, TOO_MANY_EXCHANGES (429)
   */
  async exchange(
    actor: ReporterActor,
    accessCode = newAccessCode(),
  ): Promise<IssuedToken & { folio: string; accessCode: string }> {
    const own = await this.database.tx(actor, async (tx) => {
      const { row, keys, catalog } = await this.reads.find(tx, { id: actor.caseId });
      const { timeZone } = catalog.institution;
      const day = this.clock.today(timeZone);
      // This count needs no lock: the exchange below fails if another exchange was faster.
      const done = await this.codes.exchangesOn(tx, row.id, day);
      if (done >= PER_DAY) throw tooManyExchanges(this.secondsLeft(timeZone));
      return { folio: row.folio, day, auditKey: keys.audit };
    });
    // Harden the code immediately. A row that waits for the sweep would show that its reporter was here a
    // moment ago.
    const digest = await hashPassword(
      accessDigest(this.keys, own.folio, parseAccessCode(accessCode)!),
      'reporters',
    );
    const generation = actor.codeGeneration + 1;
    await this.database.tx(actor, async (tx) => {
      const { day, auditKey } = own;
      const done = await this.codes.exchange(tx, { caseId: actor.caseId, digest, generation, auditKey, day });
      if (!done) throw alreadyExchanged();
    });
    const { caseId, institutionId } = actor;
    return { folio: own.folio, accessCode, ...this.tokens.issue({ caseId, institutionId, generation }) };
  }

  /**
   * Seconds until the local day ends. Thirty-six hours after its beginning it is always the next day, also
   * when clocks change.
   */
  private secondsLeft(timeZone: string): number {
    const now = this.clock.now();
    const tomorrow = startOfDay(new Date(startOfDay(now, timeZone).getTime() + 36 * 3_600_000), timeZone);
    return Math.max(1, Math.ceil((tomorrow.getTime() - now.getTime()) / 1000));
  }
}
