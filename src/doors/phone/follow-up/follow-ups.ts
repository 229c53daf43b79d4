import { Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { CatalogsReader } from '../../../foundations/catalogs/catalogs.reader.js';
import { familyOf } from '../../../foundations/identity/sessions/session.steps.js';
import type { SessionActor } from '../../../foundations/identity/staff.js';
import type { ReporterActor } from '../../../platform/actor.js';
import { Clock, dayBefore } from '../../../platform/clock.js';
import { openJson, sealJson } from '../../../platform/crypto/aead.js';
import { KeyRing } from '../../../platform/crypto/keyring.js';
import { Database } from '../../../platform/database/database.js';
import type { Tx } from '../../../platform/database/tx.js';
import { unauthenticated } from '../../../platform/http/credentials-refused.js';
import { RepeatableExchange, type FolioAndCode } from '../../tracking/repeatable-exchange.js';
import type { TokenHolder } from '../../tracking/tracking-tokens.js';
import { TrackingTokens } from '../../tracking/tracking-tokens.js';
import { TrackingService, type TrackingInput } from '../../tracking/tracking.service.js';
import { phoneErrors } from '../errors.js';
import { PhoneFollowUpRow } from '../phone.entities.js';

/** Long enough to read an answer, ask and write down a reply; too short for the next call. */
const LIFE_MS = 10 * 60_000;
const PREFIX = 'daf_';
const CONTEXT = { table: 'phone_follow_ups', row: 'token', field: 'token' };

/** What a token holds, sealed. */
interface FollowUp extends TokenHolder {
  /** As it was typed. */
  folio: string;
  /** The sign-in of the operator. Refreshes keep it; signing out ends it. */
  family: string;
  expires: number;
}

export interface OpenedFollowUp {
  token: string;
  expiresAt: Date;
  reporter: ReporterActor;
}

/**
 * Follow-ups by phone: the operator acts for a caller who gave folio and access code, for some minutes. The
 * token is sealed like a tracking token and says which case. The table says only that it has not ended. So
 * nothing that is stored leads to a case, and an ended token opens nothing.
 */
@Injectable()
export class FollowUps {
  constructor(
    private readonly database: Database,
    private readonly tracking: TrackingService,
    private readonly tokens: TrackingTokens,
    private readonly catalogs: CatalogsReader,
    private readonly codes: RepeatableExchange,
    private readonly keys: KeyRing,
    private readonly clock: Clock,
  ) {}

  /**
   * Check folio and access code as `POST /tracking/sessions` does. The trail of the case tells of the visit,
   * and its sealed part tells which operator made it. The trail of the institution tells nothing: a row of
   * the operator beside the visit would join the two by the order of transactions.
   * @throws TRACKING_DENIED, TOO_MANY_ATTEMPTS
   */
  async open(actor: SessionActor, input: TrackingInput): Promise<OpenedFollowUp> {
    const { caseId, institutionId, generation } = await this.tracking.check(input, actor.institutionId);
    return this.database.tx(actor, async (tx) => {
      const [{ institution }, family] = await Promise.all([
        this.catalogs.snapshot(tx, institutionId),
        familyOf(tx, actor.sessionId),
      ]);
      if (family === undefined) throw unauthenticated('session');
      const day = this.clock.today(institution.timeZone);
      const expiresAt = new Date(this.clock.now().getTime() + LIFE_MS);
      const expires = expiresAt.getTime();
      const held: FollowUp = { caseId, institutionId, generation, family, folio: input.folio, expires };
      const sealed = sealJson(this.keys.session, { ...held, nonce: randomUUID() }, CONTEXT);
      const token = PREFIX + sealed.toString('base64url');
      await tx.insert(PhoneFollowUpRow, [{ tokenHash: this.hashOf(token), institutionId, day }]);
      const reporter = onBehalf(actor, { caseId, institutionId, generation });
      return { token, expiresAt, reporter };
    });
  }

  /**
   * The reporter for whom the operator acts.
   * @throws FOLLOW_UP_OVER, the same for whatever is wrong with the token
   */
  async resume(actor: SessionActor, token: string | undefined): Promise<ReporterActor> {
    const held = await this.heldBy(actor, token);
    if (!(await this.tokens.actorOf(held))) throw phoneErrors.followUpOver();
    return onBehalf(actor, held);
  }

  /**
   * Exchange the access code. The new code is derived from the token: a repeat gives the same one, until the
   * follow-up ends, because the line may drop before it was read.
   * @throws FOLLOW_UP_OVER, also when the code was exchanged by other means; TOO_MANY_EXCHANGES
   */
  async exchange(actor: SessionActor, token: string | undefined): Promise<FolioAndCode> {
    const held = await this.heldBy(actor, token);
    const exchanged = await this.codes.run(onBehalf(actor, held), held, token!);
    if (!exchanged) throw phoneErrors.followUpOver();
    return exchanged;
  }

  /** End a follow-up, also after its exchange. @throws FOLLOW_UP_OVER */
  async end(actor: SessionActor, token: string | undefined): Promise<void> {
    await this.heldBy(actor, token);
    await this.database.tx(actor, (tx) =>
      tx.query('delete from phone_follow_ups where token_hash = $1', [this.hashOf(token!)]),
    );
  }

  /** What a token of this sign-in holds. @throws FOLLOW_UP_OVER when it is forged, old, foreign or ended */
  private async heldBy(actor: SessionActor, token: string | undefined): Promise<FollowUp> {
    const held = token === undefined ? null : this.read(token);
    if (!held || held.expires <= this.clock.now().getTime() || held.institutionId !== actor.institutionId)
      throw phoneErrors.followUpOver();
    const alive = await this.database.tx(actor, async (tx) => {
      const [rows, family] = await Promise.all([
        tx.rows(PhoneFollowUpRow, 'token_hash = $1', [this.hashOf(token!)]),
        familyOf(tx, actor.sessionId),
      ]);
      return rows.length > 0 && family === held.family;
    });
    if (!alive) throw phoneErrors.followUpOver();
    return held;
  }

  /** Step: forget the follow-ups of an institution that ended by themselves. @returns how many */
  async dropOver(tx: Tx, institutionId: string, today: string): Promise<number> {
    const [gone] = await tx.query<{ count: number }>(
      `with gone as (delete from phone_follow_ups where institution_id = $1 and day < $2 returning 1)
       select count(*)::int as count from gone`,
      // One that was opened just before midnight still goes on.
      [institutionId, dayBefore(today)],
    );
    return gone!.count;
  }

  private read(token: string): FollowUp | null {
    if (!token.startsWith(PREFIX)) return null;
    try {
      return openJson(this.keys.session, Buffer.from(token.slice(PREFIX.length), 'base64url'), CONTEXT);
    } catch {
      return null;
    }
  }

  private hashOf(token: string): Buffer {
    return this.keys.hash('phone-follow-up', token);
  }
}

function onBehalf(
  { accountId, name, email }: SessionActor,
  { caseId, institutionId, generation }: TokenHolder,
): ReporterActor {
  return {
    kind: 'reporter',
    institutionId,
    caseId,
    codeGeneration: generation,
    operator: { accountId, name, email },
  };
}
