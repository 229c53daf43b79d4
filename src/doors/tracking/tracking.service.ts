import { Injectable } from '@nestjs/common';
import { timingSafeEqual } from 'node:crypto';
import { inTurn, type Check } from '../../foundations/identity/passwords/passwords.js';
import { KeyRing } from '../../platform/crypto/keyring.js';
import { Database } from '../../platform/database/database.js';
import type { DomainError } from '../../platform/errors.js';
import { Limits, windowNumber, type Limit } from '../../platform/limits.js';
import { SlowLine } from '../../platform/slow-line.js';
import { Waits } from '../../platform/waits.js';
import { accessDigest, folioHash } from '../../work/cases/access-codes/access-code.js';
import { parseAccessCode, parseFolio } from '../../work/cases/folio.js';
import { tooManyTries, trackingDenied } from './errors.js';
import { TrackingTokens, type IssuedToken, type TokenHolder } from './tracking-tokens.js';

/**
 * Wrong tries per folio in a quarter of an hour. Guessing one of 10^16 codes stays hopeless. There is no
 * limit for all folios together: it would not stop a caller who changes the folio, and a caller who used it
 * up could see which folios had tries of others.
 */
const PER_FOLIO = { points: 10, seconds: 900, fixed: true } as const;
/**
 * A random number below this is added to the limit, per folio and window. A person who knows a folio and
 * counts the tries until the refusal must not learn that another person mistyped the code. For the same
 * reason a right code does not reset the count.
 */
const HIDDEN = 6;

/**
 * The line for callers whose folio is under attack. The last of them waits some seven seconds, at 25 ms a
 * check.
 */
const UNDER_ATTACK = { wait: 1_500, pause: 0, perKey: 100, places: 200, lines: 'one' } as const;

/** What the reporter types or says. */
export interface TrackingInput {
  folio: string;
  accessCode: string;
}

/**
 * Opens the tracking of a case: folio and access code give a token for half an hour. The token is sealed, not
 * stored. A visit leaves only the trail entry with its day. Wrong tries leave a counter under a keyed hash,
 * for up to an hour after its window.
 */
@Injectable()
export class TrackingService {
  private readonly underAttack: SlowLine;

  constructor(
    private readonly database: Database,
    private readonly keys: KeyRing,
    private readonly limits: Limits,
    private readonly tokens: TrackingTokens,
    private readonly waits: Waits,
  ) {
    this.underAttack = new SlowLine(UNDER_ATTACK, waits);
  }

  /**
   * Check folio and access code with exactly one argon2, also for unknown folios and codes that are not yet
   * hardened. Refuse without argon2 a text whose form shows that it is no folio or no code.
   * @throws TRACKING_DENIED (the same for an unknown folio and a wrong code), TOO_MANY_ATTEMPTS
   */
  async open(input: TrackingInput): Promise<IssuedToken> {
    return this.tokens.issue(await this.check(input));
  }

  /**
   * Check folio and access code like `open`, for another door that shows the case by other means.
   * @param institutionId the only institution whose cases the caller may open. A right code of another
   *   institution is a wrong code: the same answer, counted as the same try
   * @throws as `open`
   */
  async check(input: TrackingInput, institutionId?: string): Promise<TokenHolder> {
    const began = performance.now();
    const { found, refusal } = await this.look(input, institutionId);
    if (!found) {
      await this.waits.evenOut(began);
      throw refusal;
    }
    return found;
  }

  private async look(
    input: TrackingInput,
    institutionId?: string,
  ): Promise<{
    found: TokenHolder | null;
    refusal: DomainError;
  }> {
    const folio = parseFolio(input.folio);
    const code = parseAccessCode(input.accessCode);
    // Texts that are no folio get separate windows, so that the tries of one caller do not block all others.
    const tried = folio ?? input.folio;
    const limit = this.limitOf(tried);
    const { retryAfter } = await this.limits.peek('tracking', tried, limit);
    const refusal = retryAfter > 0 ? tooManyTries(retryAfter) : trackingDenied();
    // Guesses that are sent together are all checked before their count stops the next ones. They are at most
    // one line, against 10^16 codes.
    const turn = async (): Promise<TokenHolder | null> => {
      const right =
        folio === null || code === null
          ? null
          : await inTurn('reporters', (argon2) => this.compare(argon2, folio, code));
      const found = institutionId === undefined || right?.institutionId === institutionId ? right : null;
      if (!found && retryAfter === 0) await this.limits.penalize('tracking', tried, limit);
      return found;
    };
    const found = retryAfter > 0 ? await this.underAttack.run(tried, turn, () => refusal) : await turn();
    return { found, refusal };
  }

  private limitOf(folio: string): Limit {
    const [random] = this.keys.hash('tracking/hidden', `${folio}|${windowNumber(PER_FOLIO.seconds)}`);
    return { ...PER_FOLIO, points: PER_FOLIO.points + (random! % HIDDEN) };
  }

  private async compare(argon2: Check, folio: string, code: string): Promise<TokenHolder | null> {
    const digest = accessDigest(this.keys, folio, code);
    const [row] = await this.database.definer<{
      case_id: string;
      institution_id: string;
      digest: string;
      hardened: boolean;
      generation: number;
    }>('auth_tracking', [folioHash(this.keys, folio)]);
    const hardenedRight = await argon2(row?.hardened ? row.digest : null, digest);
    const freshRight = row !== undefined && !row.hardened && safeEqual(row.digest, digest);
    if (!row || !(hardenedRight || freshRight)) return null;
    return { caseId: row.case_id, institutionId: row.institution_id, generation: row.generation };
  }
}

function safeEqual(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
