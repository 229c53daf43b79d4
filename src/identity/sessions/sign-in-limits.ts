import { Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { AuditService } from '../../audit/audit.service.js';
import { system, type Actor } from '../../platform/actor.js';
import { Database } from '../../platform/database/database.js';
import { Limits, OVERALL, type Limit } from '../../platform/limits.js';
import { accountLocked } from '../errors.js';

const NAME = 'sign-in';
const AUDIT = 'sign-in-audit';

/**
 * Ten wrong passwords in a quarter of an hour lock an e-mail address until the window ends by itself. Against a
 * password of twelve characters forty guesses an hour are nothing; a longer lock would serve those who want to keep
 * an official out. Whoever is signed in stays so: a refresh asks for no password. An administrator's one-time
 * password ends a lock at once.
 */
const PER_ACCOUNT: Limit = { points: 10, seconds: 900 };

/** Ten wrong passwords a second all day are no accident; a whole administration arriving on Monday stays far below. */
const ALL: Limit = { points: 600, seconds: 60 };

/**
 * Entries of refusals per quarter of an hour in the whole installation, so that a flood cannot fill the trail. Known
 * and unknown accounts share it (else a full cap would tell them apart), and the lock of an account is always written.
 */
const AUDITED: Limit = { points: 200, seconds: 900 };

/**
 * How often an hour the count of an address is forgotten. An administrator may make an account for the address of somebody
 * at another institution; with a new one-time password for it every minute the other password could be guessed without end.
 */
const FORGOTTEN: Limit = { points: 4, seconds: 3600 };

/** An account as far as its e-mail address found it. */
export interface FoundAccount {
  id: string;
  institution_id: string;
}

/** Counts wrong passwords and writes them down: the same statements whether the account exists or not. */
@Injectable()
export class SignInLimits {
  constructor(
    private readonly limits: Limits,
    private readonly database: Database,
    private readonly audit: AuditService,
  ) {}

  /** @throws DomainError TOO_MANY_ATTEMPTS (429) while the address is locked */
  async check(email: string): Promise<void> {
    const own = await this.limits.peek(NAME, email, PER_ACCOUNT);
    if (!own.allowed) throw accountLocked(own.retryAfter);
  }

  /** Seconds for which all sign-ins go through the slow line, because too many of everybody's are wrong; 0 = none. */
  async underAttack(): Promise<number> {
    return (await this.limits.peek(NAME, OVERALL, ALL)).retryAfter;
  }

  /** Counts a wrong password. @returns whether it locked the address */
  async count(email: string): Promise<boolean> {
    await this.limits.penalize(NAME, OVERALL, ALL);
    const own = await this.limits.penalize(NAME, email, PER_ACCOUNT);
    return own.used === PER_ACCOUNT.points;
  }

  /**
   * Forgets the wrong passwords of an address when an administrator helps, four times an hour. A right password does not end
   * the count: who counts wrong ones could see that somebody signed in under the address at another institution.
   */
  async forget(email: string): Promise<void> {
    const { allowed } = await this.limits.take('sign-in-forgotten', email, FORGOTTEN);
    if (allowed) await this.limits.reset(NAME, email);
  }

  /**
   * Writes a refusal into the trail of each institution whose account was tried, or of the installation when there is none.
   * The trails are written at once, so that two take no longer than one.
   */
  async record(accounts: readonly FoundAccount[], locked: boolean): Promise<void> {
    const room = await this.limits.take(AUDIT, OVERALL, AUDITED);
    const capped = room.used === AUDITED.points + 1;
    if (!room.allowed && !locked && !capped) return;
    // From here on refusals are counted but no longer written, until the window ends.
    const payload = { locked: locked || undefined, furtherEntriesOmitted: capped || undefined };
    const trails = accounts.length === 0 ? [undefined] : accounts;
    await Promise.all(trails.map((account) => this.write(account, payload)));
  }

  private async write(account: FoundAccount | undefined, payload: Record<string, unknown>): Promise<void> {
    const actor: Actor = account ? system('sign-in', account.institution_id) : { kind: 'nobody' };
    await this.database.tx(actor, async (tx) => {
      // An institution's trail first reads its key; the trail of the installation reads as much, so that time tells nothing.
      if (!account) await tx.query('select audit_key from institution_keys where institution_id = $1', [randomUUID()]);
      await this.audit.record(tx, { event: 'SESSION_REFUSED', payload: { accountId: account?.id, ...payload } });
    });
  }
}
