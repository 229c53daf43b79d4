import { Injectable } from '@nestjs/common';
import { Temporal } from 'temporal-polyfill';
import { openJson, sealPaddedJson, type SealContext } from '../../../platform/crypto/aead.js';
import { KeyRing } from '../../../platform/crypto/keyring.js';
import type { Tx } from '../../../platform/database/tx.js';
import type { Language } from '../../../platform/http/language.js';
import { PhoneCallRow } from '../phone.entities.js';
import type { PhoneDraft } from './call.request.js';

/** What is known of a call while it goes on. */
export interface Call {
  /** ISO 8601. It leaves this row with the report only, which keeps the day. */
  startedAt: string;
  language: Language;
  interpreterNeeded?: boolean;
  recordingConsent?: boolean;
  draft?: PhoneDraft;
  /** Counts the changes of the draft. */
  version: number;
}

export interface StoredCall {
  call: Call;
  /** Its report was sent to intake, and the answer is not known yet. */
  filing: boolean;
}

/** Local days for which a draft is kept after its last change: over a weekend. */
const DRAFT_DAYS = 3;
/**
 * Local days for which a call is kept whose report was sent to intake without an answer. Intake keeps its
 * receipts at least as long (`forget-answers`), so that whoever repeats gets the receipt and no second case.
 */
const FILING_DAYS = 1;
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
    return { call, filing: row.filingOn !== null };
  }

  /** Step: keep what changed in a locked call. */
  async change(tx: Tx, key: CallKey, call: Call, today: string): Promise<void> {
    const numberHash = this.hashOf(key);
    await tx.change(PhoneCallRow, { numberHash }, { day: today, sealed: this.seal(key, numberHash, call) });
  }

  /** Step: note that the report of a locked call goes to intake now. */
  async beginFiling(tx: Tx, key: CallKey, today: string): Promise<void> {
    await tx.change(PhoneCallRow, { numberHash: this.hashOf(key) }, { filingOn: today });
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
      `with gone as (delete from phone_calls where institution_id = $1 and (day < $2 or filing_on < $3) returning 1)
       select count(*)::int as count from gone`,
      [institutionId, daysBefore(today, DRAFT_DAYS), daysBefore(today, FILING_DAYS)],
    );
    return gone!.count;
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

function isOver({ day, filingOn }: PhoneCallRow, today: string): boolean {
  return day < daysBefore(today, DRAFT_DAYS) || (filingOn ?? today) < daysBefore(today, FILING_DAYS);
}

function daysBefore(day: string, days: number): string {
  return Temporal.PlainDate.from(day).subtract({ days }).toString();
}

function contextOf(numberHash: Buffer): SealContext {
  return { table: 'phone_calls', row: numberHash.toString('hex'), field: 'sealed' };
}
