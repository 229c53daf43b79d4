import { Injectable } from '@nestjs/common';
import { createHmac } from 'node:crypto';
import { Temporal } from 'temporal-polyfill';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import { canonicalJson } from '../../foundations/audit/commitment.js';
import { CatalogsReader } from '../../foundations/catalogs/catalogs.reader.js';
import { Clock } from '../../platform/clock.js';
import { openJson, sealPaddedJson } from '../../platform/crypto/aead.js';
import { KeyRing } from '../../platform/crypto/keyring.js';
import { Database } from '../../platform/database/database.js';
import type { Tx } from '../../platform/database/tx.js';
import { DomainError } from '../../platform/errors.js';
import { invalidField } from '../../platform/http/validation.js';
import { Sweep } from '../../platform/jobs/sweep.js';
import type { IntakeReceipt } from './report.receipt.js';

@Entity('idempotency_answers')
export class IdempotencyAnswerRow {
  @PrimaryColumn('bytea') keyHash!: Buffer;
  @Column('bytea') requestHash!: Buffer;
  @Column('bytea') answer!: Buffer;
  @Column('date') day!: string;
}

export interface IdempotencyKeys {
  /** Key by which the row is found. */
  keyHash: Buffer;
  requestHash: Buffer;
  /**
   * Key that opens the kept answer. Derived from the pepper, the scope and the client's key, so that neither
   * a database dump nor a stranger can open the answer.
   */
  answerKey: Buffer;
}

/**
 * A receipt to keep, with the local day of registration. The day of another zone would show that the report
 * came in the hours when the two days differ.
 */
export interface KeptAnswer extends IdempotencyKeys {
  answer: IntakeReceipt;
  day: string;
  /** Days for which it is kept after the first one that follows. Absent: none. */
  moreDays?: number;
}

const CONTEXT = { table: 'idempotency_answers', row: '-', field: 'answer' };
/**
 * Length of the longest mode. Every mode is padded to this length: the length of a row must not disclose the
 * mode.
 */
const MODE_LENGTH = 'confidential'.length;

/**
 * Kept answers of reports. For 24 to 48 hours the same request gets the same folio and access code. A door
 * that keeps its drafts longer keeps its answers longer, too.
 */
@Injectable()
export class AnswerVault {
  constructor(
    private readonly database: Database,
    private readonly ring: KeyRing,
    private readonly clock: Clock,
    private readonly catalogs: CatalogsReader,
  ) {}

  /**
   * Derive the keys of one request.
   * @param scope institution and credential, so that no client gets the answer of another client's key
   * @throws InvalidRequest for a key that is not 22 to 128 printable characters
   */
  keysOf(scope: string, key: string, request: unknown): IdempotencyKeys {
    if (!/^[\x21-\x7e]{22,128}$/.test(key)) {
      throw invalidField(
        'Idempotency-Key',
        'FORMAT',
        'Debe tener de 22 a 128 caracteres; usa un UUID.',
        'Must have 22 to 128 characters; use a UUID.',
      );
    }
    const answerKey = this.ring.derive('idempotency', `${scope}|${key}`);
    return {
      keyHash: this.ring.hash('idempotency', `${scope}|${key}`),
      requestHash: createHmac('sha256', answerKey).update(canonicalJson(request)).digest(),
      answerKey,
    };
  }

  /** The answer kept for this key, or null. @throws IDEMPOTENCY_MISMATCH for another body */
  async find(keys: IdempotencyKeys): Promise<IntakeReceipt | null> {
    const [row] = await this.database.tx(
      { kind: 'nobody' },
      (tx) => tx.rows(IdempotencyAnswerRow, 'key_hash = $1', [keys.keyHash]),
      { pool: 'intake' },
    );
    if (!row) return null;
    if (!row.requestHash.equals(keys.requestHash)) throw idempotencyMismatch();
    const answer = openJson<IntakeReceipt>(keys.answerKey, row.answer, CONTEXT);
    return { ...answer, mode: answer.mode.trim() };
  }

  /**
   * Step of intake: keep the answers. A second report with the same key violates the primary key, so its
   * transaction fails.
   */
  async keep(tx: Tx, answers: KeptAnswer[]): Promise<void> {
    await tx.insert(
      IdempotencyAnswerRow,
      answers.map(({ keyHash, requestHash, answerKey, answer, day, moreDays = 0 }) => ({
        keyHash,
        requestHash,
        answer: sealPaddedJson(answerKey, { ...answer, mode: answer.mode.padEnd(MODE_LENGTH) }, CONTEXT),
        // The sweep goes by this day alone.
        day: moreDays === 0 ? day : Temporal.PlainDate.from(day).add({ days: moreDays }).toString(),
      })),
    );
  }

  /** Forget the answer kept for a key, when nobody needs it any more. */
  async drop({ keyHash }: Pick<IdempotencyKeys, 'keyHash'>): Promise<void> {
    await this.database.tx({ kind: 'nobody' }, (tx) =>
      tx.query('delete from idempotency_answers where key_hash = $1', [keyHash]),
    );
  }

  /**
   * Delete rows older than yesterday. Each row was kept 24 to 48 hours and its further days, or a few hours
   * more when institutions are in several zones.
   */
  @Sweep({ name: 'forget-answers', every: 600_000 })
  async forget(): Promise<number> {
    const days = (await this.catalogs.institutions())
      .map(({ timeZone }) => this.clock.today(timeZone))
      .sort();
    if (days[0] === undefined) return 0;
    const yesterday = Temporal.PlainDate.from(days[0]).subtract({ days: 1 }).toString();
    await this.database.tx({ kind: 'nobody' }, (tx) =>
      tx.query('delete from idempotency_answers where day < $1', [yesterday]),
    );
    return 0;
  }
}

export function idempotencyMismatch(): DomainError {
  return new DomainError('IDEMPOTENCY_MISMATCH', 422, {
    es: 'Ese Idempotency-Key ya se usó con otra denuncia. Usa uno nuevo para cada una.',
    en: 'That Idempotency-Key was used with another report. Use a new one for each.',
  });
}
