import { Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import type { Actor } from '../platform/actor.js';
import { Clock } from '../platform/clock.js';
import { openJson, sealJson } from '../platform/crypto/aead.js';
import { random } from '../platform/crypto/random.js';
import { KeyRing } from '../platform/crypto/keyring.js';
import type { Tx } from '../platform/database/tx.js';
import { AuditEntryRow, AuditPendingRow, InstitutionKeyRow } from './audit.entities.js';
import { canonicalJson, commit } from './commitment.js';

export interface AuditFact {
  /** UPPER_SNAKE name of what happened, e.g. `CASE_TRANSFERRED`. */
  event: string;
  /** Ids, codes and reasons; never a narrative, a name, a folio's access code or anything of a sender. */
  payload: Record<string, unknown>;
  /** The case and its audit key; absent for entries of the institution. */
  subject?: AuditSubject;
  /** A read of the case: it has no number of its own and stands after the last write. */
  reading?: boolean;
  /** Who really acted, when the transaction runs under another actor (intake under the system actor). */
  actor?: Actor;
}

export interface AuditSubject {
  caseId: string;
  /** null: it stands at the end of its day. */
  caseSeq: number | null;
  auditKey: Buffer;
  /** Local day of the institution: a day of UTC beside the case's own would tell whether a report came in the evening. */
  day: string;
  /** An act of the reporter whoever typed it in, such as a report by phone: the day only, in every mode. */
  dayOnly?: boolean;
}

/** Where an entry stands in the trail of its case: the values of `TRAIL_ORDER`. */
export interface TrailPosition {
  day: string;
  seq: number;
  reading: number;
  /** ISO 8601 or '-infinity'. */
  at: string;
  id: string;
}

/** Of PostgreSQL's `integer`. */
const LAST_OF_DAY = 2_147_483_647;
const TRAIL_ORDER = `day, coalesce(case_seq, ${LAST_OF_DAY}), reading::int, coalesce(at, '-infinity'), id`;

export interface AuditRecord {
  position: TrailPosition;
  event: string;
  actorKind: string;
  accountId: string | null;
  day: string;
  at: Date | null;
  payload: Record<string, unknown>;
}

/**
 * The audit trail. Every entry is written in the transaction of the act it tells of, sealed under the audit key of
 * its case or institution, and committed to with a salt, so that a public log can be built on it later.
 */
@Injectable()
export class AuditService {
  constructor(
    private readonly keys: KeyRing,
    private readonly clock: Clock,
  ) {}

  async record(tx: Tx, fact: AuditFact): Promise<void> {
    await this.recordMany(tx, [fact]);
  }

  /** Many entries of one institution in two statements. */
  async recordMany(tx: Tx, facts: AuditFact[]): Promise<void> {
    if (facts.length === 0) return;
    const institutionId = 'institutionId' in tx.actor ? tx.actor.institutionId : null;
    const institutionKey = facts.some((fact) => !fact.subject) ? await this.institutionKey(tx, institutionId) : null;
    const now = this.clock.now();
    const rows = facts.map((fact) => {
      const id = randomUUID();
      const actor = fact.actor ?? tx.actor;
      const timed = (actor.kind === 'staff' || actor.kind === 'system') && !fact.subject?.dayOnly;
      const accountId = actor.kind === 'staff' ? actor.accountId : null;
      const day = fact.subject?.day ?? now.toISOString().slice(0, 10);
      const salt = random(32);
      const payload = canonicalJson({
        event: fact.event,
        actor: { kind: actor.kind, id: actorId(actor) },
        time: timed ? now.toISOString() : day,
        case: fact.subject ? { id: fact.subject.caseId, seq: fact.subject.caseSeq ?? undefined } : undefined,
        data: fact.payload,
      });
      const key = fact.subject?.auditKey ?? institutionKey!;
      return {
        id,
        institutionId,
        caseId: fact.subject?.caseId ?? null,
        caseSeq: fact.subject?.caseSeq ?? null,
        reading: fact.reading ?? false,
        event: fact.event,
        actorKind: actor.kind,
        accountId,
        day,
        at: timed ? now : null,
        sealed: sealJson(key, { salt: salt.toString('base64'), payload }, place(id)),
        commitment: commit(salt, payload),
      };
    });
    const pending = rows.map(({ id, commitment }) => ({ entryId: id, commitment }));
    await Promise.all([tx.insert(AuditEntryRow, rows), tx.insert(AuditPendingRow, pending)]);
  }

  /**
   * Entries of one case in order, opened with its audit key. Row-level security hides other cases. What carries no number
   * (a visit of the reporter, an exchanged access code) shows from the next day on: who polled the trail would otherwise
   * learn its minute. It stands at the end of its day: between two acts of staff it would have their times.
   * @param today local day of the institution
   */
  async ofCase(
    tx: Tx,
    caseId: string,
    auditKey: Buffer,
    limit: number,
    today: string,
    after?: TrailPosition,
  ): Promise<AuditRecord[]> {
    const rows = await tx.query<
      Pick<AuditEntryRow, 'id' | 'event' | 'day' | 'at' | 'sealed'> & {
        actor_kind: string;
        account_id: string | null;
        case_seq: number | null;
        reading: boolean;
      }
    >(
      `select id, case_seq, reading, event, actor_kind, account_id, day::text as day, at, sealed from audit_entries
        where case_id = $1 and not (case_seq is null and day >= $3) ${after ? `and (${TRAIL_ORDER}) > ($4::date, $5, $6, $7::timestamptz, $8::uuid)` : ''}
        order by ${TRAIL_ORDER} limit $2`,
      after ? [caseId, limit, today, after.day, after.seq, after.reading, after.at, after.id] : [caseId, limit, today],
    );
    return rows.map((row) => {
      const { payload } = openJson<{ payload: string }>(auditKey, row.sealed, place(row.id));
      const { data } = JSON.parse(payload) as { data: Record<string, unknown> };
      return {
        position: {
          day: row.day,
          seq: row.case_seq ?? LAST_OF_DAY,
          reading: row.reading ? 1 : 0,
          at: row.at?.toISOString() ?? '-infinity',
          id: row.id,
        },
        event: row.event,
        actorKind: row.actor_kind,
        accountId: row.account_id,
        day: row.day,
        at: row.at,
        payload: data,
      };
    });
  }

  /** How often an event stands in the trail of a case on a local day of its institution. */
  async countOn(tx: Tx, caseId: string, event: string, day: string): Promise<number> {
    const [found] = await tx.query<{ count: number }>(
      'select count(*)::int as count from audit_entries where case_id = $1 and event = $2 and day = $3',
      [caseId, event, day],
    );
    return found!.count;
  }

  /** The audit key of an institution, made at its first use; null institution = the installation itself. */
  private async institutionKey(tx: Tx, institutionId: string | null): Promise<Buffer> {
    if (institutionId === null) return this.keys.derive('audit', 'installation');
    const where = { table: 'institution_keys', row: institutionId, field: 'audit_key' };
    const found = await tx.query<{ audit_key: Buffer }>(
      'select audit_key from institution_keys where institution_id = $1',
      [institutionId],
    );
    if (found[0]) return this.keys.unwrap(found[0].audit_key, where);
    await tx.query('insert into institution_keys (institution_id, audit_key) values ($1, $2) on conflict do nothing', [
      institutionId,
      this.keys.wrap(this.keys.newKey(), where),
    ]);
    return this.institutionKey(tx, institutionId);
  }
}

function actorId(actor: Actor): string | undefined {
  switch (actor.kind) {
    case 'staff':
      return actor.accountId;
    case 'channel':
      return actor.keyId;
    case 'system':
      return actor.name;
    case 'reporter':
    case 'nobody':
      return undefined;
  }
}

function place(id: string): { table: string; row: string; field: string } {
  return { table: 'audit_entries', row: id, field: 'sealed' };
}

export const AUDIT_ENTITIES = [AuditEntryRow, AuditPendingRow, InstitutionKeyRow];
