import { Injectable } from '@nestjs/common';
import { system } from '../../../platform/actor.js';
import { Clock } from '../../../platform/clock.js';
import type { Tx } from '../../../platform/database/tx.js';
import type { DomainError } from '../../../platform/errors.js';
import { Limits, OVERALL, type Limit } from '../../../platform/limits.js';
import { Denials } from '../denials.js';
import { signInSlowed } from '../errors.js';

const NAME = 'sign-in';

/**
 * Ten wrong passwords in a quarter of an hour slow an e-mail address down until the window ends by itself.
 * Whoever is signed in stays so: a refresh asks for no password. An administrator's one-time password ends it
 * at once.
 */
const PER_ACCOUNT: Limit = { points: 10, seconds: 900 };

/**
 * Ten wrong passwords a second all day are no accident; a whole administration arriving on Monday stays far
 * below.
 */
const ALL: Limit = { points: 600, seconds: 60 };

/**
 * How often an hour the count of an address is forgotten. An administrator may make an account for the
 * address of somebody at another institution; with a new one-time password for it every minute the other
 * password could be guessed without end.
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
    private readonly clock: Clock,
  ) {}

  /** The refusal TOO_MANY_ATTEMPTS (429) of a wrong password while the address is slowed down. */
  async slowedDown(email: string): Promise<DomainError | undefined> {
    const own = await this.limits.peek(NAME, email, PER_ACCOUNT);
    return own.allowed ? undefined : signInSlowed(own.retryAfter);
  }

  /** Step: until when which of these addresses are slowed down. */
  async slowedUntil(tx: Tx, emails: readonly string[]): Promise<Map<string, Date>> {
    const full = await this.limits.full(tx, NAME, emails, PER_ACCOUNT);
    return new Map(
      [...full].map(([email, milliseconds]) => [email, new Date(this.clock.now().getTime() + milliseconds)]),
    );
  }

  /**
   * Seconds for which all sign-ins go through the slow line, because too many of everybody's are wrong; 0 =
   * none.
   */
  async underAttack(): Promise<number> {
    return (await this.limits.peek(NAME, OVERALL, ALL)).retryAfter;
  }

  /** Counts a wrong password. @returns whether it slowed the address down */
  async count(email: string): Promise<boolean> {
    await this.limits.penalize(NAME, OVERALL, ALL);
    const own = await this.limits.penalize(NAME, email, PER_ACCOUNT);
    return own.used === PER_ACCOUNT.points;
  }

  /**
   * Forgets the wrong passwords of an address when an administrator helps, four times an hour. A right
   * password does not end the count: who counts wrong ones could see that somebody signed in under the
   * address at another institution.
   */
  async forget(email: string): Promise<void> {
    const { allowed } = await this.limits.take('sign-in-forgotten', email, FORGOTTEN);
    if (allowed) await this.limits.reset(NAME, email);
  }

  /**
   * Writes a refusal into the trail of each institution whose account was tried, or of the installation when
   * there is none. In the background: what it takes does not show in the answer.
   * @param how whether it slowed the address down, or found it so
   */
  record(accounts: readonly FoundAccount[], how: { slows: boolean; slowed?: unknown }): void {
    for (const account of accounts.length === 0 ? [undefined] : accounts) {
      this.denials.write({
        actor: account ? system('sign-in', account.institution_id) : { kind: 'nobody' },
        source: 'sign-in',
        accountId: account?.id,
        always: how.slows,
        fact: {
          event: 'SESSION_REFUSED',
          about: account?.id,
          payload: {
            accountId: account?.id,
            // As former versions called it.
            locked: how.slows || undefined,
            whileLocked: how.slowed === undefined ? undefined : true,
          },
        },
      });
    }
  }
}
