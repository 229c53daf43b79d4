import { Injectable } from '@nestjs/common';
import { Clock, isoWithOffset } from '../../../platform/clock.js';
import { KeyRing } from '../../../platform/crypto/keyring.js';
import { Database } from '../../../platform/database/database.js';
import type { Tx } from '../../../platform/database/tx.js';
import type { DomainError } from '../../../platform/errors.js';
import { unauthenticated } from '../../../platform/http/credentials-refused.js';
import { SlowLine } from '../../../platform/slow-line.js';
import { Waits } from '../../../platform/waits.js';
import { AuditService } from '../../audit/audit.service.js';
import { CatalogsReader } from '../../catalogs/catalogs.reader.js';
import { normalEmail } from '../email.js';
import {
  institutionRequired,
  invalidCredentials,
  oneTimePasswordExpired,
  serviceUnderAttack,
  signInSlowed,
} from '../errors.js';
import { asOneTimePassword } from '../passwords/password-rules.js';
import { inTurn, type Check } from '../passwords/passwords.js';
import { onOwnBehalf, type SessionActor } from '../staff.js';
import { issueTokens, lockAccount, type IssuedTokens } from './session.steps.js';
import { SignInLimits, type FoundAccount } from './sign-in-limits.js';
import { nextTokens, tokenHash, type TokenPair } from './tokens.js';

interface AccountSecret extends FoundAccount {
  institution_code: string;
  institution_name: string;
  password_hash: string;
  one_time_until: Date | null;
  active: boolean;
}

interface Attempt {
  /** The accounts with which the password was compared. */
  compared: AccountSecret[];
  /** The accounts that have this password and may sign in. */
  fits: AccountSecret[];
  /** Why no account fits. */
  refused?: { slowed?: DomainError; slows: boolean; expired: boolean };
}

/**
 * How many accounts of one address a password is compared with. Every sign-in runs this many argon2, whatever
 * it finds. Otherwise the time would tell too much: somebody who made an account for an address at one
 * institution could learn that the address has another account elsewhere. A person with accounts at more
 * institutions names the institution.
 */
const COMPARED = 2;

/**
 * Milliseconds. A refusal is written into up to two trails at once. The second write must not change the time
 * of the answer.
 */
const REFUSAL_STEP = 250;

/**
 * When too many sign-ins are wrong, everybody waits, and ten a second go on. If a limit refused all of them,
 * any stranger could lock out a whole administration with one burst a minute. With this line an attacker must
 * hold a hundred connections all the time.
 */
const UNDER_ATTACK = { wait: 1_500, pause: 50, perKey: 5, places: 100, lines: 'one' } as const;

/**
 * For an address with too many wrong passwords: one try a second goes on, and the last in the line waits
 * about eleven seconds. With a lock any stranger could keep an official out. One guess a second is no danger
 * to a password of twelve characters.
 */
const SLOWED = { wait: 1_500, pause: 1_000, perKey: 10, places: 200, lines: 'each' } as const;

/**
 * Milliseconds within which a repeated refresh is normal: two tabs of one browser refresh, or the answer to
 * the first call was lost.
 */
const GRACE_MS = 30_000;

interface Claimed {
  family_id: string;
  refresh_expires_at: Date;
}

/** Opens, refreshes and closes sessions of staff. */
@Injectable()
export class SessionsService {
  private readonly underAttack: SlowLine;
  private readonly slowed: SlowLine;

  constructor(
    private readonly database: Database,
    private readonly catalogs: CatalogsReader,
    private readonly audit: AuditService,
    private readonly limits: SignInLimits,
    private readonly keys: KeyRing,
    private readonly clock: Clock,
    private readonly waits: Waits,
  ) {
    this.underAttack = new SlowLine(UNDER_ATTACK, waits);
    this.slowed = new SlowLine(SLOWED, waits);
  }

  /**
   * Signs in. Unknown accounts, wrong passwords and deactivated accounts get the same answer after the same
   * work. After too many wrong passwords for an address, the right password still works, but later.
   * @param input.institution its code, where one password fits accounts of the address at several
   *   institutions
   * @throws DomainError INVALID_CREDENTIALS or ONE_TIME_PASSWORD_EXPIRED (401), INSTITUTION_REQUIRED (409),
   *   TOO_MANY_ATTEMPTS (429)
   */
  async open(input: { email: string; password: string; institution?: string }): Promise<IssuedTokens> {
    const began = performance.now();
    const email = normalEmail(input.email);
    const { compared, fits, refused } = await this.inLine(email, (slowed) =>
      inTurn('staff', (check) => this.attempt(check, { ...input, email }, slowed)),
    );
    if (refused) {
      this.limits.record(compared, refused);
      await this.waits.evenOut(began, REFUSAL_STEP);
      throw refused.slowed ?? (refused.expired ? oneTimePasswordExpired() : invalidCredentials());
    }
    if (fits.length > 1) throw institutionRequired(institutionsOf(fits));
    const issued = await this.begin(fits[0]!);
    if (!issued) throw invalidCredentials();
    return issued;
  }

  /**
   * Tries at once. Uses a slow line while too many wrong passwords come, for this address or for all
   * addresses.
   */
  private async inLine(
    email: string,
    attempt: (slowed?: DomainError) => Promise<Attempt | null>,
  ): Promise<Attempt> {
    const slowly = (slowed: DomainError): Promise<Attempt | null> =>
      this.slowed.run(
        email,
        () => attempt(slowed),
        () => slowed,
      );
    const slowed = await this.limits.slowedDown(email);
    if (slowed) return (await slowly(slowed))!;
    const attack = await this.limits.underAttack();
    const tried = await (attack > 0
      ? this.underAttack.run(email, attempt, () => serviceUnderAttack(attack))
      : attempt());
    return tried ?? (await slowly((await this.limits.slowedDown(email)) ?? signInSlowed(1)))!;
  }

  /**
   * @param slowed the refusal of a wrong password while its address is slowed down; such a try is not
   *   counted, so that the slow-down ends
   * @returns null when other wrong passwords slowed the address down before this try had its turn
   */
  private async attempt(
    check: Check,
    { email, password, institution }: { email: string; password: string; institution?: string },
    slowed?: DomainError,
  ): Promise<Attempt | null> {
    const found = await this.database.definer<AccountSecret>('auth_account', [email]);
    const code = institution?.toUpperCase();
    const compared = found
      .filter((one) => code === undefined || one.institution_code === code)
      .slice(0, COMPARED);
    if (slowed === undefined && (await this.limits.slowedDown(email))) return null;
    const right: AccountSecret[] = [];
    for (let n = 0; n < COMPARED; n++) {
      const account = compared[n];
      // Correct only a one-time password, which somebody read out or copied from paper. Take a chosen
      // password exactly as typed.
      const typed = account?.one_time_until ? asOneTimePassword(password) : password;
      if ((await check(account?.password_hash ?? null, typed)) && account) right.push(account);
    }
    const now = this.clock.now();
    const expired = ({ one_time_until: until }: AccountSecret): boolean => until !== null && until <= now;
    const fits = right.filter((account) => account.active && !expired(account));
    if (fits.length > 0) return { compared, fits };
    const slows = slowed === undefined && (await this.limits.count(email));
    return { compared, fits, refused: { slowed, slows, expired: right.some(expired) } };
  }

  /**
   * Exchanges a refresh token for a new pair. A repeat within half a minute gets the same pair again, because
   * a browser with two tabs repeats. A repeat after that means that two people hold the token, so its whole
   * family ends.
   * @throws DomainError UNAUTHENTICATED (401)
   */
  async refresh(refreshToken: string): Promise<IssuedTokens> {
    const found = (
      await this.database.definer<{ session_id: string; account_id: string; institution_id: string }>(
        'auth_refresh_session',
        [tokenHash(refreshToken)],
      )
    )[0];
    if (!found) throw unauthenticated('session');
    const actor = await onOwnBehalf(this.database, found.account_id, found.institution_id);
    const issued = await this.database.tx(actor, async (tx) => {
      const [account, { institution }] = await Promise.all([
        lockAccount(tx, found.account_id),
        this.catalogs.snapshot(tx, found.institution_id),
      ]);
      if (!account?.active) return null;
      const now = this.clock.now();
      const claimed = await tx.query<Claimed>(
        `with claimed as (
           update staff_sessions set rotated_at = $2
            where id = $1 and rotated_at is null and revoked_at is null and refresh_expires_at > $2
           returning family_id, refresh_expires_at)
         select * from claimed`,
        [found.session_id, now],
      );
      const next = nextTokens(this.keys, refreshToken);
      if (!claimed[0]) {
        return (
          (await this.issuedBefore(tx, found.session_id, next, institution.timeZone)) ??
          (await this.endReused(tx, found.session_id, now))
        );
      }
      const family = { id: claimed[0].family_id, endsAt: claimed[0].refresh_expires_at };
      return issueTokens(tx, { account, institution }, now, {
        family,
        tokens: next,
      });
    });
    if (!issued) throw unauthenticated('session');
    return tokensOf(issued);
  }

  /**
   * Returns the pair that this token was exchanged for a moment ago. Returns null when the exchange was
   * earlier, or the session has ended.
   */
  private async issuedBefore(
    tx: Tx,
    sessionId: string,
    tokens: TokenPair,
    timeZone: string,
  ): Promise<IssuedTokens | null> {
    const [pair] = await tx.query<{ expires: Date }>(
      `select n.access_expires_at as expires
         from staff_sessions s join staff_sessions n on n.family_id = s.family_id and n.refresh_hash = $2
        where s.id = $1 and s.rotated_at > $3 and n.revoked_at is null`,
      [sessionId, tokenHash(tokens.refresh), new Date(this.clock.now().getTime() - GRACE_MS)],
    );
    if (!pair) return null;
    return {
      accessToken: tokens.access,
      refreshToken: tokens.refresh,
      expiresAt: isoWithOffset(pair.expires, timeZone),
    };
  }

  /** Ends the session of the actor and every token of its family. */
  async close(actor: SessionActor): Promise<void> {
    await this.database.tx(actor, async (tx) => {
      await lockAccount(tx, actor.accountId);
      await tx.query(
        `update staff_sessions set revoked_at = $2 where revoked_at is null
            and family_id = (select s.family_id from staff_sessions s where s.id = $1)`,
        [actor.sessionId, this.clock.now()],
      );
      await this.audit.record(tx, { event: 'SESSION_CLOSED', payload: { sessionId: actor.sessionId } });
    });
  }

  /**
   * Returns null when the account was deactivated, or its password changed, while the old password was
   * checked.
   */
  private async begin(found: AccountSecret): Promise<IssuedTokens | null> {
    const actor = await onOwnBehalf(this.database, found.id, found.institution_id);
    return this.database.tx(actor, async (tx) => {
      const [account, { institution }] = await Promise.all([
        lockAccount(tx, found.id),
        this.catalogs.snapshot(tx, found.institution_id),
      ]);
      if (!account?.active || account.passwordHash !== found.password_hash) return null;
      const issued = await issueTokens(tx, { account, institution }, this.clock.now());
      const { sessionId } = issued;
      await this.audit.record(tx, { event: 'SESSION_OPENED', about: sessionId, payload: { sessionId } });
      return tokensOf(issued);
    });
  }

  private async endReused(tx: Tx, sessionId: string, now: Date): Promise<null> {
    const ended = await tx.query<{ count: number }>(
      `with ended as (
         update staff_sessions set revoked_at = $2
          where revoked_at is null and refresh_expires_at > $2
            and family_id = (select s.family_id from staff_sessions s where s.id = $1 and s.rotated_at is not null)
         returning 1)
       select count(*)::int as count from ended`,
      [sessionId, now],
    );
    // Do not record a repeat of a family that has already ended.
    if (ended[0]!.count > 0)
      await this.audit.record(tx, { event: 'SESSION_REUSE_DETECTED', payload: { sessionId } });
    return null;
  }
}

/** Sorted by code, so that the order does not tell which account is older. */
function institutionsOf(accounts: readonly AccountSecret[]): { code: string; name: string }[] {
  return accounts
    .map(({ institution_code: code, institution_name: name }) => ({ code, name }))
    .sort((a, b) => (a.code < b.code ? -1 : 1));
}

function tokensOf({ accessToken, refreshToken, expiresAt }: IssuedTokens): IssuedTokens {
  return { accessToken, refreshToken, expiresAt };
}
