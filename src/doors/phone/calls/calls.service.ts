import { Injectable } from '@nestjs/common';
import { CatalogsReader, type CatalogSnapshot } from '../../../foundations/catalogs/catalogs.reader.js';
import type { StaffActor } from '../../../platform/actor.js';
import { Clock, localDay } from '../../../platform/clock.js';
import { Database } from '../../../platform/database/database.js';
import type { Tx } from '../../../platform/database/tx.js';
import { DomainError } from '../../../platform/errors.js';
import { Limits } from '../../../platform/limits.js';
import { SlowLine } from '../../../platform/slow-line.js';
import { Waits } from '../../../platform/waits.js';
import { callStart, type Submission } from '../../../work/intake/admission.js';
import { Collector } from '../../../work/intake/collector.js';
import { OncePerKey } from '../../../work/intake/once-per-key.js';
import type { IntakeReceipt } from '../../../work/intake/report.receipt.js';
import { withoutNulls } from '../../reports/without-nulls.js';
import { phoneErrors } from '../errors.js';
import { spokenReceipt } from '../spoken.js';
import { newCallNumber, parseCallNumber } from './call-number.js';
import type { BeginCallRequest, PhoneDraft } from './call.request.js';
import { callView, filedView, type PhoneCall, type PhoneReceipt } from './call.views.js';
import { Calls, MORE_RECEIPT_DAYS, type Call, type CallKey, type StoredCall } from './calls.js';
import { submissionOf } from './draft-report.js';
import { storedNothing } from './stored-nothing.js';

/** Unknown call numbers of one account in a quarter of an hour. There are 10^12 numbers. */
const UNKNOWN = { points: 20, seconds: 900, fixed: true } as const;

/**
 * The line of an account that tried too many unknown numbers. Its calls go on, more slowly: whoever mistypes
 * must not lose the person on the telephone. Two guesses a second find none of 10^12 numbers.
 */
const AFTER_GUESSES = { wait: 1_500, pause: 500, perKey: 20, places: 200, lines: 'each' } as const;

/**
 * How long a report that was sent to intake may still be stored. Transactions end much sooner. Its row keeps
 * the day only, so the doubt lasts until the day is over.
 */
const IN_FLIGHT_MS = 10 * 60_000;

/** A call and the institution that took it. */
interface Found {
  stored: StoredCall;
  /** Its report was sent to intake, and may be stored at any moment. */
  uncertain: boolean;
  catalog: CatalogSnapshot;
  today: string;
}

/**
 * Calls of people who report by phone. What is told is kept as a draft until it is filed, so that a call that
 * broke off is resumed by its number, also by another operator of the institution.
 */
@Injectable()
export class CallsService {
  private readonly afterGuesses: SlowLine;

  constructor(
    private readonly database: Database,
    private readonly calls: Calls,
    private readonly catalogs: CatalogsReader,
    private readonly collector: Collector,
    private readonly once: OncePerKey,
    private readonly limits: Limits,
    private readonly clock: Clock,
    waits: Waits,
  ) {
    this.afterGuesses = new SlowLine(AFTER_GUESSES, waits);
  }

  /** Begin a call. @throws InvalidRequest for a start in the future or long ago */
  async begin(actor: StaffActor, { startedAt, ...rest }: BeginCallRequest): Promise<PhoneCall> {
    const now = this.clock.now();
    const start = startedAt === undefined ? now : callStart(startedAt, now, 'startedAt');
    const call: Call = {
      ...rest,
      startedAt: start.toISOString(),
      begunAt: now.toISOString(),
      version: 0,
    };
    const key = { institutionId: actor.institutionId, number: newCallNumber() };
    const catalog = await this.database.tx(actor, async (tx) => {
      const found = await this.catalogs.snapshot(tx, actor.institutionId);
      await this.calls.add(tx, key, call, this.clock.today(found.institution.timeZone));
      return found;
    });
    return callView(key.number, { call, uncertain: false, catalog, now });
  }

  /** A call as it stands, also one whose report was filed. @throws CALL_NOT_FOUND, TOO_MANY_ATTEMPTS */
  get(actor: StaffActor, typed: string): Promise<PhoneCall> {
    return this.withCall(actor, typed, async (key) => {
      const found = await this.database.tx(actor, (tx) => this.find(tx, key));
      // A filed call still stands when the work stopped between the case and the end of the call.
      const mayBeFiled = !found || found.stored.filingOn !== null;
      if (mayBeFiled && (await this.kept(key))) return filedView(key.number);
      if (!found) return null;
      const { stored, uncertain, catalog } = found;
      return callView(key.number, { call: stored.call, uncertain, catalog, now: this.clock.now() });
    });
  }

  /**
   * Keep what was told so far, in place of what was kept before.
   * @param ifMatch version that the caller read, when the caller sent one
   * @throws CALL_NOT_FOUND, STALE_VERSION, CALL_FILED, FILING_UNCERTAIN while the report may be filed
   */
  saveDraft(actor: StaffActor, typed: string, draft: PhoneDraft, ifMatch?: number): Promise<PhoneCall> {
    return this.withCall(actor, typed, async (key) => {
      // Before the lock: a receipt that comes later takes the call with it, or finds it uncertain.
      if (await this.kept(key)) throw phoneErrors.callFiled();
      const saved = await this.database.tx(actor, async (tx) => {
        const found = await this.find(tx, key);
        if (!found) return null;
        const { stored, uncertain, catalog, today } = found;
        if (uncertain) throw phoneErrors.filingUncertain(409);
        const { version } = stored.call;
        if (ifMatch !== undefined && ifMatch !== version) throw phoneErrors.draftStale(version);
        const call = { ...stored.call, draft: keptDraft(draft), version: version + 1 };
        await this.calls.change(tx, key, call, today);
        return { call, catalog };
      });
      if (saved) return callView(key.number, { ...saved, uncertain: false, now: this.clock.now() });
      if (await this.kept(key)) throw phoneErrors.callFiled();
      return null;
    });
  }

  /**
   * File the draft as a report by phone. The call is marked first, so that its draft does not change while
   * intake has it. Intake keeps the receipt in the transaction of the case. Then the call is deleted. A crash
   * between leaves a marked call: its repeat finds the receipt, or files the draft. A second case is never
   * opened, and nothing leads from the call to the case.
   * @throws CALL_NOT_FOUND, DRAFT_EMPTY, FILING_UNCERTAIN, InvalidRequest and what intake refuses
   */
  file(actor: StaffActor, typed: string): Promise<PhoneReceipt> {
    return this.withCall(actor, typed, async (key) => {
      const begun = await this.database.tx(actor, async (tx) => {
        const found = await this.find(tx, key);
        if (!found) return null;
        if (!hasText(found.stored.call)) throw phoneErrors.draftEmpty();
        const submission = await submissionOf(found.stored.call, actor);
        await this.calls.beginFiling(tx, key, found.stored, found.today);
        return { submission, uncertain: found.uncertain };
      });
      if (!begun) {
        const kept = await this.kept(key);
        return kept && spoken(kept);
      }
      const receipt = await this.submit(actor, key, begun);
      await this.database.tx(actor, (tx) => this.calls.drop(tx, key));
      return spoken(receipt);
    });
  }

  /**
   * End a call: nothing is left of it, and its receipt is not repeated any more. It may be ended again.
   * @param discard delete what was written down, because the person does not want to report
   * @throws DRAFT_UNFILED when something was written down, and `discard` does not say to delete it;
   *   CALL_FILED, FILING_UNCERTAIN when the report that `discard` is about is filed, or may be
   */
  async end(actor: StaffActor, typed: string, discard: boolean): Promise<void> {
    await this.withCall(actor, typed, async (key): Promise<true | null> => {
      // A receipt is there first: the report of a marked call may be filed.
      let kept = await this.kept(key);
      const known = await this.database.tx(actor, async (tx) => {
        const found = await this.find(tx, key);
        if (kept && discard) throw phoneErrors.callFiled();
        if (found && !kept) assertEnds(found, discard);
        await this.calls.drop(tx, key);
        return found !== null;
      });
      // Another request may have filed it meanwhile.
      if (!known) kept ??= await this.kept(key);
      if (!known && !kept) return null;
      if (kept && discard) throw phoneErrors.callFiled();
      await this.once.forget(this.calls.repeatable(key));
      return true;
    });
  }

  private async submit(
    actor: StaffActor,
    key: CallKey,
    { submission, uncertain }: { submission: Omit<Submission, 'idempotency'>; uncertain: boolean },
  ): Promise<IntakeReceipt> {
    try {
      return await this.once.run(this.calls.repeatable(key), (keys) =>
        this.collector.submit(key.institutionId, {
          ...submission,
          idempotency: { ...keys, moreDays: MORE_RECEIPT_DAYS },
        }),
      );
    } catch (error) {
      const certain = storedNothing(error);
      // The doubt about an earlier try outlives what is certain about this one.
      if (certain && !uncertain) await this.database.tx(actor, (tx) => this.calls.stopFiling(tx, key));
      if (!(error instanceof DomainError) || error.status < 500) throw error;
      throw certain ? phoneErrors.notFiled(error) : phoneErrors.filingUncertain(503);
    }
  }

  private async find(tx: Tx, key: CallKey): Promise<Found | null> {
    const catalog = await this.catalogs.snapshot(tx, key.institutionId);
    const { timeZone } = catalog.institution;
    const today = this.clock.today(timeZone);
    const stored = await this.calls.lock(tx, key, today);
    if (!stored) return null;
    const { filingOn } = stored;
    const since = localDay(new Date(this.clock.now().getTime() - IN_FLIGHT_MS), timeZone);
    return { stored, uncertain: filingOn !== null && filingOn >= since, catalog, today };
  }

  private kept(key: CallKey): Promise<IntakeReceipt | null> {
    return this.once.kept(this.calls.repeatable(key));
  }

  /**
   * Works on the call with the number that was typed. What cannot be a call number is no guess.
   * @param work gives null when there is no such call
   * @throws CALL_NOT_FOUND, or TOO_MANY_ATTEMPTS after many unknown numbers
   */
  private async withCall<T>(
    { accountId, institutionId }: StaffActor,
    typed: string,
    work: (key: CallKey) => Promise<T | null>,
  ): Promise<T> {
    const number = parseCallNumber(typed);
    if (number === null) throw phoneErrors.callNotFound();
    const { retryAfter } = await this.limits.peek('phone-call', accountId, UNKNOWN);
    const turn = async (): Promise<T> => {
      const done = await work({ institutionId, number });
      if (done !== null) return done;
      if (retryAfter > 0) throw phoneErrors.tooManyNumbers(retryAfter);
      await this.limits.penalize('phone-call', accountId, UNKNOWN);
      throw phoneErrors.callNotFound();
    };
    if (retryAfter === 0) return turn();
    return this.afterGuesses.run(accountId, turn, () => phoneErrors.tooManyNumbers(retryAfter));
  }
}

/** What is kept of a draft. Of an anonymous one the data of the person are not, also when they were sent. */
function keptDraft(draft: PhoneDraft): PhoneDraft {
  const { reporter, ...rest } = withoutNulls(draft) as PhoneDraft;
  return reporter === undefined || rest.mode === 'anonymous' ? rest : { ...rest, reporter };
}

/** @throws FILING_UNCERTAIN, DRAFT_UNFILED */
function assertEnds({ stored, uncertain }: Found, discard: boolean): void {
  if (uncertain) throw phoneErrors.filingUncertain(409);
  if (!discard && hasText(stored.call)) throw phoneErrors.draftUnfiled();
}

function hasText({ draft }: Call): boolean {
  return draft !== undefined && Object.keys(draft).length > 0;
}

function spoken(receipt: IntakeReceipt): PhoneReceipt {
  return { ...receipt, spoken: spokenReceipt(receipt) };
}
