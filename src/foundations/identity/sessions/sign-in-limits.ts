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
 * Ten wrong passwords in a quarter of an hour slow an e-mail address down, until the window ends by itself.
 * People who are signed in stay signed in, because a refresh asks for no password. A one-time password from
 * an administrator ends the slow-down at once.
 */
const PER_ACCOUNT: Limit = { points: 10, seconds: 900 };

/**
 * Ten wrong passwords a second for all addresses are an attack and no accident. A whole administration that
 * signs in on Monday stays far below this number.
 */
const ALL: Limit = { points: 600, seconds: 60 };

/**
 * How often in an hour the count of an address can be forgotten. An administrator may make an account for the
 * address of somebody at another institution. By setting a new one-time password for this account every
 * minute, the administrator could otherwise guess the other password without end.
 */
const FORGOTTEN: Limit = { points: 4, seconds: 3600 };

/** The part of an account that its e-mail address finds. */
export interface FoundAccount {
  id: string;
  institution_id: string;
}

/** Counts wrong passwords and records them. It runs the same statements whether the account exists or not. */
@Injectable()
export class SignInLimits {
  constructor(
    private readonly limits: Limits,
    private readonly denials: Denials,
    private readonly clock: Clock,
  ) {}

  /** Returns the refusal TOO_MANY_ATTEMPTS (429) for a wrong password while the address is slowed down. */
  async slowedDown(email: string): Promise<DomainError | undefined> {
    const own = await this.limits.peek(NAME, email, PER_ACCOUNT);
    return own.allowed ? undefined : signInSlowed(own.retryAfter);
  }

  /** Step: returns which of these addresses are slowed down, and until when. */
  async slowedUntil(tx: Tx, emails: readonly string[]): Promise<Map<string, Date>> {
    const full = await this.limits.full(tx, NAME, emails, PER_ACCOUNT);
    return new Map(
      [...full].map(([email, milliseconds]) => [email, new Date(this.clock.now().getTime() + milliseconds)]),
    );
  }

  /**
   * Returns the seconds for which all sign-ins go through the slow line, because too many passwords of all
   * addresses are wrong; 0 = none.
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
   * Forgets the wrong passwords of an address when an administrator helps, at most four times an hour. A
   * right password does not end the count. Otherwise somebody who watches the count could see that a person
   * signed in under the address at another institution.
   */
  async forget(email: string): Promise<void> {
    const { allowed } = await this.limits.take('sign-in-forgotten', email, FORGOTTEN);
    if (allowed) await this.limits.reset(NAME, email);
  }

  /**
   * Writes a refusal into the trail of each institution whose account was tried, or of the installation when
   * there is no such account. It writes in the background, so that its time does not show in the answer.
   * @param how whether it slowed the address down, or found it slowed down
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
            // Former versions used this name.
            locked: how.slows || undefined,
            whileLocked: how.slowed === undefined ? undefined : true,
          },
        },
      });
    }
  }
}
