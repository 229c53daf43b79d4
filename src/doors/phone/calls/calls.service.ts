import { Injectable } from '@nestjs/common';
import { CatalogsReader, type CatalogSnapshot } from '../../../foundations/catalogs/catalogs.reader.js';
import type { StaffActor } from '../../../platform/actor.js';
import { Clock, isoWithOffset } from '../../../platform/clock.js';
import { KeyRing } from '../../../platform/crypto/keyring.js';
import { Database } from '../../../platform/database/database.js';
import type { Tx } from '../../../platform/database/tx.js';
import { DomainError } from '../../../platform/errors.js';
import { validation } from '../../../platform/http/validation.js';
import { Limits } from '../../../platform/limits.js';
import { callStart, type Report } from '../../../work/intake/admission.js';
import { Collector } from '../../../work/intake/collector.js';
import { inProgress, OncePerKey, type Repeatable } from '../../../work/intake/once-per-key.js';
import type { IntakeReceipt } from '../../../work/intake/report.receipt.js';
import { ReportRequest } from '../../reports/report.request.js';
import { withoutNulls } from '../../reports/without-nulls.js';
import { phoneErrors } from '../errors.js';
import { spokenNumber, spokenReceipt } from '../spoken.js';
import { newCallNumber, parseCallNumber } from './call-number.js';
import type { BeginCallRequest, PhoneDraft } from './call.request.js';
import type { PhoneCall, PhoneReceipt } from './call.views.js';
import { Calls, type Call, type CallKey, type StoredCall } from './calls.js';
import { missingOf, readBack } from './read-back.js';

/** Unknown call numbers of one account in a quarter of an hour. There are 10^12 numbers. */
const UNKNOWN = { points: 20, seconds: 900 } as const;

/** A call and the institution that took it. */
interface Found {
  stored: StoredCall;
  catalog: CatalogSnapshot;
  today: string;
}

/**
 * Calls of people who report by phone. What is told is kept as a draft until it is filed, so that a call that
 * broke off is resumed by its number, also by another operator of the institution.
 */
@Injectable()
export class CallsService {
  constructor(
    private readonly database: Database,
    private readonly calls: Calls,
    private readonly catalogs: CatalogsReader,
    private readonly collector: Collector,
    private readonly once: OncePerKey,
    private readonly limits: Limits,
    private readonly keys: KeyRing,
    private readonly clock: Clock,
  ) {}

  /** Begin a call. @throws InvalidRequest for a start in the future or long ago */
  async begin(actor: StaffActor, { startedAt, ...rest }: BeginCallRequest): Promise<PhoneCall> {
    const now = this.clock.now();
    const start = startedAt === undefined ? now : callStart(startedAt, now, 'startedAt');
    const call: Call = { ...rest, startedAt: start.toISOString(), version: 0 };
    const key = { institutionId: actor.institutionId, number: newCallNumber() };
    return this.database.tx(actor, async (tx) => {
      const catalog = await this.catalogs.snapshot(tx, actor.institutionId);
      await this.calls.add(tx, key, call, this.clock.today(catalog.institution.timeZone));
      return viewOf(key.number, { call, filing: false }, catalog);
    });
  }

  /** A call as it stands, also one whose report was filed. @throws CALL_NOT_FOUND, TOO_MANY_ATTEMPTS */
  async get(actor: StaffActor, typed: string): Promise<PhoneCall> {
    const key = await this.keyOf(actor, typed);
    const open = await this.database.tx(actor, async (tx) => {
      const found = await this.find(tx, key);
      return found && viewOf(key.number, found.stored, found.catalog);
    });
    if (open) return open;
    const kept = await this.once.kept(this.repeatable(key));
    if (!kept) throw await this.unknown(actor);
    return filedView(key.number);
  }

  /**
   * Keep what was told so far, in place of what was kept before.
   * @param ifMatch version that the caller read, when the caller sent one
   * @throws CALL_NOT_FOUND, STALE_VERSION, CALL_FILED when the report is filed or on its way
   */
  async saveDraft(actor: StaffActor, typed: string, draft: PhoneDraft, ifMatch?: number): Promise<PhoneCall> {
    const key = await this.keyOf(actor, typed);
    const saved = await this.database.tx(actor, async (tx) => {
      const found = await this.find(tx, key);
      if (!found) return null;
      const { stored, catalog, today } = found;
      if (stored.filing) throw phoneErrors.callFiled();
      const { version } = stored.call;
      if (ifMatch !== undefined && ifMatch !== version) throw phoneErrors.draftStale(version);
      const call = { ...stored.call, draft: withoutNulls(draft) as PhoneDraft, version: version + 1 };
      await this.calls.change(tx, key, call, today);
      return viewOf(key.number, { call, filing: false }, catalog);
    });
    if (saved) return saved;
    throw (await this.once.kept(this.repeatable(key))) ? phoneErrors.callFiled() : await this.unknown(actor);
  }

  /**
   * File the draft as a report by phone. The call is marked first, so that its draft does not change while
   * intake has it. Intake keeps the receipt in the transaction of the case. Then the call is deleted. A crash
   * between leaves a marked call: its repeat finds the receipt, or files the draft. A second case is never
   * opened, and nothing leads from the call to the case.
   * @throws CALL_NOT_FOUND, DRAFT_EMPTY, InvalidRequest and what intake refuses
   */
  async file(actor: StaffActor, typed: string): Promise<PhoneReceipt> {
    const key = await this.keyOf(actor, typed);
    const repeatable = this.repeatable(key);
    const report = await this.database.tx(actor, async (tx) => {
      const found = await this.find(tx, key);
      if (!found) return null;
      const complete = await reportOf(found.stored.call);
      // The first day counts: the receipt of that try is kept no longer for a later one.
      if (!found.stored.filing) await this.calls.beginFiling(tx, key, found.today);
      return complete;
    });
    if (!report) {
      const kept = await this.once.kept(repeatable);
      if (!kept) throw await this.unknown(actor);
      return spoken(kept);
    }
    const receipt = await this.submit(actor, key, repeatable, report);
    await this.database.tx(actor, (tx) => this.calls.drop(tx, key));
    return spoken(receipt);
  }

  /**
   * End a call: nothing is left of it, and its receipt is not repeated any more. It may be ended again.
   * @throws DRAFT_UNFILED when something was written down, and `discard` does not say to delete it
   */
  async end(actor: StaffActor, typed: string, discard: boolean): Promise<void> {
    const key = await this.keyOf(actor, typed);
    const repeatable = this.repeatable(key);
    // A receipt is there first: the report of a marked call may be filed.
    const kept = await this.once.kept(repeatable);
    const known = await this.database.tx(actor, async (tx) => {
      const found = await this.find(tx, key);
      if (found && !kept && !discard && hasText(found.stored.call)) throw phoneErrors.draftUnfiled();
      await this.calls.drop(tx, key);
      return found !== null;
    });
    if (!known && !kept) throw await this.unknown(actor);
    await this.once.forget(repeatable);
  }

  private async submit(
    actor: StaffActor,
    key: CallKey,
    repeatable: Repeatable,
    report: Report,
  ): Promise<IntakeReceipt> {
    try {
      return await this.once.run(repeatable, (idempotency) =>
        this.collector.submit(key.institutionId, { report, channel: 'phone', actor, idempotency }),
      );
    } catch (error) {
      // After a refusal it is certain that nothing was stored, unless another request still runs.
      const refused = error instanceof DomainError && error.status < 500 && error.code !== inProgress().code;
      if (refused) await this.database.tx(actor, (tx) => this.calls.stopFiling(tx, key));
      throw error;
    }
  }

  private async find(tx: Tx, key: CallKey): Promise<Found | null> {
    const catalog = await this.catalogs.snapshot(tx, key.institutionId);
    const today = this.clock.today(catalog.institution.timeZone);
    const stored = await this.calls.lock(tx, key, today);
    return stored && { stored, catalog, today };
  }

  /** The receipt of a call is kept under a secret that needs its number. */
  private repeatable({ institutionId, number }: CallKey): Repeatable {
    const scope = `${institutionId}|phone-call`;
    const key = this.keys.derive('phone-receipt', `${institutionId}|${number}`).toString('hex');
    return { scope, key, request: 'the draft of the call' };
  }

  /** @throws CALL_NOT_FOUND for what is no call number, TOO_MANY_ATTEMPTS after many unknown numbers */
  private async keyOf(actor: StaffActor, typed: string): Promise<CallKey> {
    const { allowed, retryAfter } = await this.limits.peek('phone-call', actor.accountId, UNKNOWN);
    if (!allowed) throw phoneErrors.tooManyNumbers(retryAfter);
    const number = parseCallNumber(typed);
    if (number === null) throw await this.unknown(actor);
    return { institutionId: actor.institutionId, number };
  }

  private async unknown(actor: StaffActor): Promise<DomainError> {
    await this.limits.penalize('phone-call', actor.accountId, UNKNOWN);
    return phoneErrors.callNotFound();
  }
}

/**
 * The draft as a report, checked like the body of `POST /reports`.
 * @throws DRAFT_EMPTY, InvalidRequest
 */
async function reportOf(call: Call): Promise<Report> {
  if (!hasText(call)) throw phoneErrors.draftEmpty();
  const { startedAt, language, interpreterNeeded, recordingConsent, draft = {} } = call;
  const body = {
    language,
    ...draft,
    call: { startedAt, interpreterNeeded, recordingConsent, ...draft.call },
  };
  const checked: unknown = await validation.transform(body, { type: 'body', metatype: ReportRequest });
  return withoutNulls(checked) as Report;
}

function hasText({ draft }: Call): boolean {
  return draft !== undefined && Object.keys(draft).length > 0;
}

function viewOf(number: string, { call, filing }: StoredCall, catalog: CatalogSnapshot): PhoneCall {
  const { language, draft = {} } = call;
  return {
    number,
    spokenNumber: spokenNumber(number),
    filed: false,
    language,
    interpreterNeeded: draft.call?.interpreterNeeded ?? call.interpreterNeeded ?? false,
    recordingConsent: draft.call?.recordingConsent ?? call.recordingConsent ?? null,
    startedAt: isoWithOffset(new Date(call.startedAt), catalog.institution.timeZone),
    version: call.version,
    draft: call.draft ?? null,
    readBack: readBack(draft, catalog, language),
    missing: filing ? [] : missingOf(draft, catalog),
  };
}

function filedView(number: string): PhoneCall {
  return {
    number,
    spokenNumber: spokenNumber(number),
    filed: true,
    language: null,
    interpreterNeeded: null,
    recordingConsent: null,
    startedAt: null,
    version: null,
    draft: null,
    readBack: null,
    missing: [],
  };
}

function spoken(receipt: IntakeReceipt): PhoneReceipt {
  return { ...receipt, spoken: spokenReceipt(receipt) };
}
