import { Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { AuditService } from '../../foundations/audit/audit.service.js';
import type { CaseAct } from '../../foundations/audit/labels.js';
import { CatalogsReader } from '../../foundations/catalogs/catalogs.reader.js';
import { institutionOf } from '../../foundations/identity/staff.js';
import type { Metric } from '../../foundations/sla/deadline.js';
import type { ClockMark } from '../../foundations/sla/events.js';
import { HeldClocks } from '../../foundations/sla/held-clocks.js';
import { SlaService } from '../../foundations/sla/sla.service.js';
import { Clock, localDay } from '../../platform/clock.js';
import type { Tx } from '../../platform/database/tx.js';
import { Events } from '../../platform/events.js';
import { idOf, type CaseKey } from './case-key.js';
import { CaseVault, type EntryBody } from './case-vault.js';
import { CaseEntryRow, CaseRow, type EntryKind } from './case.entities.js';
import { entryContent } from './content-refs.js';
import { caseErrors } from './errors.js';
import { CaseDeadlineMarked } from './events.js';
import { isOpen, type Status } from './lifecycle.js';
import { ENDED_URGENCY, NO_DUE_DAY, listUrgency } from './list-urgency.js';
import type { LockedCase } from './locked-case.js';
import { canMove, nextStatus, type Move } from './moves/moves.js';

/**
 * After these nothing that the reporter wrote waits for an answer: words to the reporter, or the case taken
 * up again. Not the archive, which time alone brings: an objection of the last evening would be gone in the
 * morning.
 */
const ANSWERS: readonly EntryKind[] = ['message', 'information_requested', 'resolved', 'closed', 'reopened'];

export interface NewEntry {
  kind: EntryKind;
  author: 'reporter' | 'staff' | 'system';
  visible: boolean;
  body?: EntryBody;
  /** Without its time: what follows from an act of a reporter at once would tell when that act was. */
  dayOnly?: boolean;
}

/** An entry that stands: its number in the case. */
export interface WrittenEntry {
  id: string;
  seq: number;
}

/**
 * The one way to change a case: lock its row, check the version and the table of moves, append entries, save.
 * Lock order everywhere: case row first, its clocks second.
 */
@Injectable()
export class CaseStore {
  constructor(
    private readonly vault: CaseVault,
    private readonly audit: AuditService,
    private readonly events: Events,
    private readonly catalogs: CatalogsReader,
    private readonly sla: SlaService,
    private readonly clock: Clock,
  ) {}

  /**
   * Locks a case of the actor's scope by folio or id.
   * @param ifMatch version the caller read, when it sent one
   * @throws CASE_NOT_FOUND, STALE_VERSION
   */
  async lock(tx: Tx, key: CaseKey, ifMatch?: number): Promise<LockedCase> {
    const { id, value } = idOf(key);
    // One round trip. What comes behind the lock is read when it is held: each statement sees what was
    // committed before it.
    const [[row], wrapped, clocks, catalog] = await Promise.all([
      tx.rows(CaseRow, `id = (${id}) for update`, [value]),
      this.vault.wrapped(tx, key),
      this.sla.stored(tx, id, value),
      this.catalogs.snapshot(tx, institutionOf(tx.actor)),
    ]);
    if (!row) throw caseErrors.notFound();
    if (ifMatch !== undefined && ifMatch !== row.version) throw caseErrors.staleVersion(row.version);
    const keys = this.vault.unwrap(row.id, wrapped);
    const { timeZone } = catalog.institution;
    const now = this.clock.now();
    return {
      row,
      keys,
      clocks: new HeldClocks(row.id, clocks, timeZone),
      catalog,
      now,
      today: localDay(now, timeZone),
      entries: [],
      facts: [],
      appended: {},
    };
  }

  /** Sets the state that a move leads to. @throws ILLEGAL_MOVE */
  move(locked: LockedCase, move: Move): void {
    const { status } = locked.row;
    if (!canMove(status, move)) throw caseErrors.illegalMove(status, move);
    this.enter(locked, nextStatus(status, move));
  }

  /** Enters a state; leaving `awaiting_reporter` forgets where an answer would have returned to. */
  enter(locked: LockedCase, status: Status): void {
    locked.row.resumeStatus = status === 'awaiting_reporter' ? locked.row.status : null;
    locked.row.status = status;
  }

  /**
   * Appends an entry with the next number of the case and notes whether the reporter waits for an answer.
   * Reporters' acts carry the day only. `save` writes it.
   */
  append({ actor }: Tx, locked: LockedCase, entry: NewEntry): WrittenEntry {
    const { row } = locked;
    const id = randomUUID();
    const byStaff = entry.author === 'staff' && actor.kind === 'staff' ? actor : null;
    // The name of this moment: a later change of the account must not change who said it.
    const body = byStaff ? { ...entry.body, by: { name: byStaff.name, email: byStaff.email } } : entry.body;
    const sealed = body ? this.vault.sealBody(locked.keys, id, body) : null;
    row.lastSeq += 1;
    if (entry.author === 'reporter') row.awaitingAnswer = true;
    else if (ANSWERS.includes(entry.kind)) row.awaitingAnswer = false;
    locked.entries.push({
      id,
      caseId: row.id,
      caseSeq: row.lastSeq,
      kind: entry.kind,
      author: entry.author,
      accountId: byStaff?.accountId ?? null,
      visible: entry.visible,
      day: locked.today,
      at: entry.author === 'reporter' || entry.dayOnly ? null : locked.now,
      body: sealed,
    });
    locked.appended = { ...locked.appended, ...entryContent(id, entry, sealed) };
    return { id, seq: row.lastSeq };
  }

  /**
   * An audit entry of this case, under its own key and at its present place. It vouches for what was appended
   * since the last. `save` writes it.
   * @param names people whom the payload names by id
   */
  record(
    locked: LockedCase,
    event: CaseAct,
    payload: Record<string, unknown>,
    { dayOnly = false, names }: { dayOnly?: boolean; names?: Record<string, string> } = {},
  ): void {
    const { row, keys, today: day } = locked;
    const subject = { caseId: row.id, caseSeq: row.lastSeq, auditKey: keys.audit, day, dayOnly };
    locked.facts.push({ event, payload, names, content: locked.appended, subject });
    locked.appended = {};
  }

  /**
   * Stops clocks at the staff act under way; one that comes too late records its breach here, if no sweep
   * did.
   */
  async stop(tx: Tx, locked: LockedCase, metrics: readonly Metric[]): Promise<void> {
    for (const metric of metrics) {
      const breach = locked.clocks.stop(metric, locked.now);
      if (breach) await this.recordDeadlineEvent(tx, locked, breach);
    }
  }

  /**
   * Shows a warning, a breach or the correction of one in the case and its trail, and tells of it; the caller
   * saves. Warnings and breaches carry the day only: a call that is registered late is overdue at once, and
   * the time of its breach would be the time of its filing.
   */
  async recordDeadlineEvent(tx: Tx, locked: LockedCase, event: ClockMark): Promise<void> {
    const [kind, name] = DEADLINE_WORDS[event.kind];
    const dayOnly = event.kind !== 'corrected';
    this.append(tx, locked, {
      kind,
      author: 'system',
      visible: false,
      body: { metric: event.metric },
      dayOnly,
    });
    this.record(locked, name, { metric: event.metric, dueOn: event.dueOn }, { dayOnly });
    await this.events.tell(tx, CaseDeadlineMarked, { locked, mark: event });
  }

  /** A case that ends leaves no question open, nor does an area that asks anew after a transfer. */
  withdrawOpenRequest(tx: Tx, caseId: string): void {
    tx.later(
      tx.prepared(
        `update information_requests set state = 'withdrawn' where case_id = $1 and state = 'open'`,
        [caseId],
      ),
    );
  }

  /**
   * Writes all that was changed: entries, their facts in the trail, clocks, the row with the next version and
   * its place in the lists. It waits for no answer: the statements travel together, and with the commit.
   */
  save(tx: Tx, locked: LockedCase): void {
    const { row, entries, facts, clocks } = locked;
    const before = row.version;
    Object.assign(row, urgencyToday(locked));
    row.version += 1;
    tx.later(tx.insert(CaseEntryRow, entries));
    tx.later(this.audit.recordMany(tx, facts));
    tx.later(this.sla.save(tx, clocks));
    tx.later(tx.change(CaseRow, { id: row.id, version: before }, changing(row)));
  }

  /** Whether the stored place in the lists is that of its deadlines today. */
  isMarkedRight(locked: LockedCase): boolean {
    const { urgency, nextDueOn } = urgencyToday(locked);
    return urgency === locked.row.urgency && nextDueOn === locked.row.nextDueOn;
  }
}

function urgencyToday({ row, clocks, now }: LockedCase): ReturnType<typeof listUrgency> {
  return isOpen(row.status)
    ? listUrgency(clocks.summary(now))
    : { urgency: ENDED_URGENCY, nextDueOn: NO_DUE_DAY };
}

/** Kind of the entry in the case and name of that in the trail. */
const DEADLINE_WORDS = {
  warning: ['deadline_warning', 'DEADLINE_WARNING'],
  breached: ['deadline_breached', 'DEADLINE_BREACHED'],
  corrected: ['deadline_corrected', 'DEADLINE_CORRECTED'],
} as const;

/** What may change in the life of a case; the database grants no other column. */
function changing({
  id: _id,
  institutionId: _institution,
  folio: _folio,
  channel: _channel,
  municipality: _municipality,
  receivedOn: _received,
  registeredOn: _registered,
  routedBy: _rule,
  ...changes
}: CaseRow): Partial<CaseRow> {
  return changes;
}
