import { Injectable } from '@nestjs/common';
import { Temporal } from 'temporal-polyfill';
import { openJson, sealPaddedJson, type SealContext } from '../../../platform/crypto/aead.js';
import { KeyRing } from '../../../platform/crypto/keyring.js';
import type { Tx } from '../../../platform/database/tx.js';
import type { Language } from '../../../platform/http/language.js';
import type { Repeatable } from '../../../work/intake/once-per-key.js';
import { PhoneCallRow } from '../phone.entities.js';
import type { PhoneDraft } from './call.request.js';

/** What is known of a call while it goes on. */
export interface Call {
  /** ISO 8601. It leaves this row with the report only, which keeps the day. */
  startedAt: string;
  /** ISO 8601. When it was registered. The age of its start is judged then: its draft stays fileable. */
  begunAt: string;
  language: Language;
  interpreterNeeded?: boolean;
  recordingConsent?: boolean;
  draft?: PhoneDraft;
  /** Counts the changes of the draft. */
  version: number;
}

export interface StoredCall {
  call: Call;
  /** Local day on which its report was last sent to intake, as long as the answer is not known; or null. */
  filingOn: string | null;
}

/** Local days for which a draft is kept after its last change: over a weekend. */
const DRAFT_DAYS = 3;
/**
 * Days for which intake keeps the receipt of a call beyond the next day, which is its usual time. The receipt
 * must live as long as the draft: whoever repeats then gets the receipt, and no second case.
 */
export const MORE_RECEIPT_DAYS = DRAFT_DAYS - 1;
/** Sealed calls have a multiple of this many bytes, so that the length does not tell how far a report got. */
const BLOCK = 4096;

/**
 * Calls with their drafts. A row is found and opened with the call number only: neither the sweep nor whoever
 * holds a dump with the other secrets can read a draft without it.
 */
@Injectable()
export class Calls {
  constructor(private readonly keys: KeyRing) {}

  /** Step: keep a new call. @param today local day of the institution */
  async add(tx: Tx, key: CallKey, call: Call, today: string): Promise<void> {
    const numberHash = this.hashOf(key);
    const sealed = this.seal(key, numberHash, call);
    await tx.insert(PhoneCallRow, [
      { numberHash, institutionId: key.institutionId, day: today, filingOn: null, sealed },
    ]);
  }

  /** Step: find a call that is not over, and lock it. */
  async lock(tx: Tx, key: CallKey, today: string): Promise<StoredCall | null> {
    const numberHash = this.hashOf(key);
    const [row] = await tx.rows(PhoneCallRow, 'number_hash = $1 for update', [numberHash]);
    if (!row || isOver(row, today)) return null;
    const call = openJson<Call>(this.keyOf(key), row.sealed, contextOf(numberHash));
    return { call, filingOn: row.filingOn };
  }

  /** Step: keep what changed in a locked call, whose report is certainly not filed. */
  async change(tx: Tx, key: CallKey, call: Call, today: string): Promise<void> {
    const numberHash = this.hashOf(key);
    const sealed = this.seal(key, numberHash, call);
    await tx.change(PhoneCallRow, { numberHash }, { day: today, filingOn: null, sealed });
  }

  /**
   * Step: note that the report of a locked call goes to intake now. The first try gives the draft its days
   * anew. Later tries do not: the receipt of the first one lives no longer.
   */
  async beginFiling(tx: Tx, key: CallKey, { filingOn }: StoredCall, today: string): Promise<void> {
    const change = filingOn === null ? { day: today, filingOn: today } : { filingOn: today };
    await tx.change(PhoneCallRow, { numberHash: this.hashOf(key) }, change);
  }

  /** Step: the report was refused, so its draft may change again. */
  async stopFiling(tx: Tx, key: CallKey): Promise<void> {
    await tx.query('update phone_calls set filing_on = null where number_hash = $1', [this.hashOf(key)]);
  }

  /** Step: forget a call. It may be gone already. */
  async drop(tx: Tx, key: CallKey): Promise<void> {
    await tx.query('delete from phone_calls where number_hash = $1', [this.hashOf(key)]);
  }

  /** Step: forget the calls of an institution that are over. @returns how many */
  async dropOver(tx: Tx, institutionId: string, today: string): Promise<number> {
    const [gone] = await tx.query<{ count: number }>(
      `with gone as (delete from phone_calls where institution_id = $1 and day < $2 returning 1)
       select count(*)::int as count from gone`,
      [institutionId, daysBefore(today, DRAFT_DAYS)],
    );
    return gone!.count;
  }

  /** Under what the receipt of a call is kept: a secret that needs its number. */
  repeatable({ institutionId, number }: CallKey): Repeatable {
    const scope = `${institutionId}|phone-call`;
    const key = this.keys.derive('phone-receipt', `${institutionId}|${number}`).toString('hex');
    return { scope, key, request: 'the draft of the call' };
  }

  private seal(key: CallKey, numberHash: Buffer, call: Call): Buffer {
    return sealPaddedJson(this.keyOf(key), call, contextOf(numberHash), BLOCK);
  }

  private hashOf({ institutionId, number }: CallKey): Buffer {
    return this.keys.hash('phone-call', `${institutionId}|${number}`);
  }

  private keyOf({ institutionId, number }: CallKey): Buffer {
    return this.keys.derive('phone-call', `${institutionId}|${number}`);
  }
}

/** By which a call is found. */
export interface CallKey {
  institutionId: string;
  /** As `parseCallNumber` gives it. */
  number: string;
}

function isOver({ day }: PhoneCallRow, today: string): boolean {
  return day < daysBefore(today, DRAFT_DAYS);
}

function daysBefore(day: string, days: number): string {
  return Temporal.PlainDate.from(day).subtract({ days }).toString();
}

function contextOf(numberHash: Buffer): SealContext {
  return { table: 'phone_calls', row: numberHash.toString('hex'), field: 'sealed' };
}
