import { Injectable } from '@nestjs/common';
import { system } from '../../platform/actor.js';
import { Limits, OVERALL, type Limit } from '../../platform/limits.js';
import type { DomainError } from '../../platform/errors.js';
import { Denials } from '../denials.js';
import { accountLocked } from '../errors.js';

const NAME = 'sign-in';

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
    private readonly denials: Denials,
  ) {}

  /** The refusal TOO_MANY_ATTEMPTS (429) while the address is locked. */
  async lockOf(email: string): Promise<DomainError | undefined> {
    const own = await this.limits.peek(NAME, email, PER_ACCOUNT);
    return own.allowed ? undefined : accountLocked(own.retryAfter);
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
   * Writes a refusal into the trail of each institution whose account was tried, or of the installation when there is none. In
   * the background: what it takes does not show in the answer.
   * @param how whether it locked the address, or found it locked
   */
  record(accounts: readonly FoundAccount[], how: { locked?: boolean; whileLocked?: boolean }): void {
    for (const account of accounts.length === 0 ? [undefined] : accounts) {
      this.denials.write({
        actor: account ? system('sign-in', account.institution_id) : { kind: 'nobody' },
        source: 'sign-in',
        accountId: account?.id,
        always: how.locked,
        fact: {
          event: 'SESSION_REFUSED',
          about: account?.id,
          payload: {
            accountId: account?.id,
            locked: how.locked || undefined,
            whileLocked: how.whileLocked || undefined,
          },
        },
      });
    }
  }
}
