import { Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import type { Actor, ReporterActor } from '../../platform/actor.js';
import { Clock } from '../../platform/clock.js';
import { KeyRing } from '../../platform/crypto/keyring.js';
import { random } from '../../platform/crypto/random.js';
import type { Tx } from '../../platform/database/tx.js';
import { AuditEntryRow } from './audit.entities.js';
import { canonicalJson, commit } from './commitment.js';
import { sealEntry } from './entry-seal.js';
import type { AuditEvent } from './labels.js';
import { actorOf, namesOf, type Content, type Payload } from './payload.js';

export interface AuditFact {
  /** UPPER_SNAKE name of what happened, e.g. `CASE_TRANSFERRED`. */
  event: AuditEvent;
  /**
   * Ids, codes and reasons. It never holds a narrative, a name of a reporter, an access code or anything of a
   * sender.
   */
  payload: Record<string, unknown>;
  /** The case and its audit key. Absent for entries of the institution. */
  subject?: AuditSubject;
  /** The entry is a read of the case. It has no number of its own and stands after the last write. */
  reading?: boolean;
  /**
   * Id of the account, session, key, rule or catalogue row that changes. The database refuses the change
   * without its entry.
   */
  about?: string;
  /** The people whom `payload` names by id (see `namesOf`). */
  names?: Record<string, string>;
  /** What is stored at this moment. */
  content?: Content;
  /**
   * Who really filed a report that the system actor `intake` stores. The database allows this for
   * `CASE_OPENED` only.
   */
  actor?: Actor;
}

export interface AuditSubject {
  caseId: string;
  /** null: the entry stands at the end of its day. */
  caseSeq: number | null;
  auditKey: Buffer;
  /**
   * Local day of the institution. A UTC day beside the local day of the case would tell whether a report came
   * in the evening.
   */
  day: string;
  /**
   * The act is an act of the reporter, whoever typed it (e.g. a report by phone). The entry then holds only
   * the day, in every mode.
   */
  dayOnly?: boolean;
}

/**
 * Writes the audit trail. Each entry is written in the transaction of its act. It is sealed under the audit
 * key of its case or institution and committed to with a salt. The database checks its clear columns and puts
 * its commitment into the queue of the public log.
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

  /** Writes many entries of one institution in one statement. */
  async recordMany(tx: Tx, facts: AuditFact[]): Promise<void> {
    if (facts.length === 0) return;
    const institutionId = 'institutionId' in tx.actor ? tx.actor.institutionId : null;
    const institutionKey = facts.some((fact) => !fact.subject)
      ? await this.institutionKey(tx, institutionId)
      : null;
    const at = { actor: tx.actor, institutionId, now: this.clock.now() };
    const rows = facts.map((fact) => rowOf(fact, fact.subject?.auditKey ?? institutionKey!, at));
    await tx.insert(AuditEntryRow, rows);
  }

  /** Counts how often an event stands in the trail of a case on a local day of its institution. */
  async countOn(tx: Tx, caseId: string, event: string, day: string): Promise<number> {
    const [found] = await tx.query<{ count: number }>(
      'select count(*)::int as count from audit_entries where case_id = $1 and event = $2 and day = $3',
      [caseId, event, day],
    );
    return found!.count;
  }

  /**
   * Returns the audit key of an institution and makes it at the first use. A null institution means the
   * installation itself.
   */
  async institutionKey(tx: Tx, institutionId: string | null): Promise<Buffer> {
    if (institutionId === null) return this.keys.derive('audit', 'installation');
    const where = { table: 'institution_keys', row: institutionId, field: 'audit_key' };
    const found = await tx.prepared<{ audit_key: Buffer }>(
      'select audit_key from institution_keys where institution_id = $1',
      [institutionId],
    );
    if (found[0]) return this.keys.unwrap(found[0].audit_key, where);
    await tx.query(
      'insert into institution_keys (institution_id, audit_key) values ($1, $2) on conflict do nothing',
      [institutionId, this.keys.wrap(this.keys.newKey(), where)],
    );
    return this.institutionKey(tx, institutionId);
  }
}

const NOBODY_BETWEEN: Pick<ReporterActor, 'operator' | 'machine'> = {};

/**
 * Builds one entry as it is stored: the sealed payload with its salt, and the clear columns that the database
 * checks.
 */
function rowOf(
  fact: AuditFact,
  key: Buffer,
  { actor: acting, institutionId, now }: { actor: Actor; institutionId: string | null; now: Date },
): Partial<AuditEntryRow> {
  const id = randomUUID();
  const actor = fact.actor ?? acting;
  const timed = (actor.kind === 'staff' || actor.kind === 'system') && !fact.subject?.dayOnly;
  const day = fact.subject?.day ?? now.toISOString().slice(0, 10);
  // What an operator or a channel system does for a reporter says so, whichever service writes it.
  const { operator, machine } = actor.kind === 'reporter' ? actor : NOBODY_BETWEEN;
  const said: Payload = {
    v: 2,
    event: fact.event,
    actor: actorOf(actor),
    time: timed ? now.toISOString() : day,
    // For an entry without a case, the database takes the day from the time.
    day: timed && !fact.subject ? undefined : day,
    institution: institutionId ?? undefined,
    case: fact.subject ? { id: fact.subject.caseId, seq: fact.subject.caseSeq ?? undefined } : undefined,
    reading: fact.reading || undefined,
    about: fact.about,
    names: operator ? { ...fact.names, ...namesOf({ ...operator, id: operator.accountId }) } : fact.names,
    content: fact.content,
    data: {
      ...fact.payload,
      ...(operator ? { operator: operator.accountId } : {}),
      ...(machine ? { machine: machine.kind, channelKey: machine.keyId } : {}),
    },
  };
  const salt = random(32);
  const payload = canonicalJson(said);
  return {
    id,
    institutionId,
    caseId: fact.subject?.caseId ?? null,
    caseSeq: fact.subject?.caseSeq ?? null,
    reading: fact.reading ?? false,
    event: fact.event,
    actorKind: actor.kind,
    accountId: actor.kind === 'staff' ? actor.accountId : null,
    day,
    at: timed ? now : null,
    sealed: sealEntry(key, id, salt, payload),
    commitment: commit(salt, payload),
    aboutId: fact.about ?? null,
  };
}
