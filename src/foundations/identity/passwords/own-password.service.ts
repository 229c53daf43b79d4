import { Injectable } from '@nestjs/common';
import { Clock } from '../../../platform/clock.js';
import { Database } from '../../../platform/database/database.js';
import { unauthenticated } from '../../../platform/http/credentials-refused.js';
import { Limits, type Limit } from '../../../platform/limits.js';
import { AuditService } from '../../audit/audit.service.js';
import {
  accountLocked,
  badPassword,
  passwordAlreadyChanged,
  samePassword,
  wrongPassword,
} from '../errors.js';
import { AccountRow } from '../identity.entities.js';
import { lockAccount, revokeSessions } from '../sessions/session.steps.js';
import type { SessionActor } from '../staff.js';
import { asOneTimePassword, passwordFault } from './password-rules.js';
import { hashPassword, inTurn } from './passwords.js';

const NAME = 'password-change';
/**
 * A limit separate from the limit of sign-ins. So a borrowed session cannot continue to guess, and cannot
 * lock out the owner.
 */
const WRONG: Limit = { points: 10, seconds: 900 };

/** Lets a person change the own password. */
@Injectable()
export class OwnPasswordService {
  constructor(
    private readonly database: Database,
    private readonly audit: AuditService,
    private readonly limits: Limits,
    private readonly clock: Clock,
  ) {}

  /**
   * Changes the password and ends all other sessions of the account. Reads in one transaction and writes in
   * another, because argon2 runs between them. The write counts only if the password is still the one that
   * was checked.
   * @throws InvalidRequest for a password against the rules; DomainError WRONG_PASSWORD (400),
   *   TOO_MANY_ATTEMPTS (429), PASSWORD_ALREADY_CHANGED (409)
   */
  async change(actor: SessionActor, input: { current: string; new: string }): Promise<void> {
    const [account] = await this.database.tx(actor, (tx) =>
      tx.rows(AccountRow, 'id = $1', [actor.accountId]),
    );
    if (!account) throw unauthenticated('session');
    const fault = passwordFault(input.new, account.email);
    if (fault) throw badPassword(fault);
    const current = account.oneTimeUntil ? asOneTimePassword(input.current) : input.current;
    await this.checkCurrent(actor, account.passwordHash, current);
    const chosen = account.oneTimeUntil ? asOneTimePassword(input.new) : input.new;
    if (chosen.normalize('NFKC') === current.normalize('NFKC')) throw samePassword();

    const passwordHash = await hashPassword(input.new);
    await this.database.tx(actor, async (tx) => {
      const locked = await lockAccount(tx, actor.accountId);
      if (locked?.passwordHash !== account.passwordHash) throw passwordAlreadyChanged();
      await tx.change(AccountRow, { id: actor.accountId }, { passwordHash, oneTimeUntil: null });
      await revokeSessions(tx, actor.accountId, this.clock.now(), actor.sessionId);
      await this.audit.record(tx, {
        event: 'PASSWORD_CHANGED',
        about: actor.accountId,
        payload: { accountId: actor.accountId },
      });
    });
  }

  private async checkCurrent(actor: SessionActor, passwordHash: string, password: string): Promise<void> {
    const right = await inTurn('staff', async (check) => {
      const room = await this.limits.peek(NAME, actor.accountId, WRONG);
      if (!room.allowed) throw accountLocked(room.retryAfter);
      if (await check(passwordHash, password)) return true;
      await this.limits.penalize(NAME, actor.accountId, WRONG);
      return false;
    });
    if (right) return;
    await this.database.tx(actor, (tx) =>
      this.audit.record(tx, {
        event: 'PASSWORD_CHANGE_REFUSED',
        about: actor.accountId,
        payload: { accountId: actor.accountId },
      }),
    );
    throw wrongPassword();
  }
}
