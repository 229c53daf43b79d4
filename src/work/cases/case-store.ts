import { Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { AuditService } from '../../foundations/audit/audit.service.js';
import type { CaseAct } from '../../foundations/audit/labels.js';
import type { Content } from '../../foundations/audit/payload.js';
import { CatalogsReader } from '../../foundations/catalogs/catalogs.reader.js';
import { institutionOf } from '../../foundations/identity/staff.js';
import type { Metric } from '../../foundations/sla/deadline.js';
import type { ClockMark } from '../../foundations/sla/events.js';
import { HeldClocks } from '../../foundations/sla/held-clocks.js';
import { SlaService } from '../../foundations/sla/sla.service.js';
import type { Actor } from '../../platform/actor.js';
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
 * Entries after which the reporter no longer waits for an answer: staff wrote to the reporter, or the case
 * was reopened. The entry `archived` is not among them: time alone archives a case, and an objection written
 * on the last evening would count as answered the next morning.
 */
const ANSWERS: readonly EntryKind[] = ['message', 'information_requested', 'resolved', 'closed', 'reopened'];

export interface NewEntry {
  kind: EntryKind;
  author: 'reporter' | 'staff' | 'system';
  visible: boolean;
  body?: EntryBody;
  /**
   * Store the day only. An entry that follows directly from a reporter's act would otherwise show the time of
   * that act.
   */
  dayOnly?: boolean;
}

/** An entry that was appended, with its number in the case. */
export interface WrittenEntry {
  id: string;
  seq: number;
}

/**
 * The only way to change a case: lock its row, check the version and the table of moves, append entries,
 * save. Lock order everywhere: first the case row, then its clocks.
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
   * Lock a case of the actor's scope, by folio or id.
   * @param ifMatch version that the caller read, when the caller sent one
   * @throws CASE_NOT_FOUND, STALE_VERSION
   */
  async lock(tx: Tx, key: CaseKey, ifMatch?: number): Promise<LockedCase> {
    const { id, value } = idOf(key);
    // One round trip. The server runs the later reads after it has the lock. Each statement sees what was
    // committed before that statement.
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

  /**
   * Hold a case as a row that refers to it does. For rows that refer to something else of the case as well:
   * whoever locks the case locks it first.
   */
  async hold(tx: Tx, caseId: string): Promise<void> {
    await tx.query('select 1 from cases where id = $1 for key share', [caseId]);
  }

  /** Enter the state that a move leads to. @throws ILLEGAL_MOVE */
  move(locked: LockedCase, move: Move): void {
    const { status } = locked.row;
    if (!canMove(status, move)) throw caseErrors.illegalMove(status, move);
    this.enter(locked, nextStatus(status, move));
  }

  /**
   * Enter a state. Entering `awaiting_reporter` stores the present state, to which an answer returns.
   * Entering any other state clears the stored state.
   */
  enter(locked: LockedCase, status: Status): void {
    locked.row.resumeStatus = status === 'awaiting_reporter' ? locked.row.status : null;
    locked.row.status = status;
  }

  /**
   * Append an entry with the next number of the case, and note whether the reporter waits for an answer.
   * Entries of reporters store the day only. `save` writes the entry.
   */
  append({ actor }: Tx, locked: LockedCase, entry: NewEntry): WrittenEntry {
    const { row } = locked;
    const id = randomUUID();
    const byStaff = entry.author === 'staff' && actor.kind === 'staff' ? actor : null;
    // Seal the present name of the author: a later change of the account must not change who wrote this.
    const body = byStaff
      ? { ...entry.body, by: { name: byStaff.name, email: byStaff.email } }
      : entry.author === 'reporter'
        ? withGoBetween(entry.body, actor)
        : entry.body;
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

  /** Let the next trail entry of this case vouch for content that another module stores beside it. */
  vouch(locked: LockedCase, content: Content): void {
    locked.appended = { ...locked.appended, ...content };
  }

  /**
   * Record a trail entry of this case, with the audit key of the case and at its present number. The trail
   * entry vouches for everything appended since the previous trail entry. `save` writes it.
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
   * Stop clocks at the current act of staff. If a clock stops too late and no sweep has recorded its breach
   * yet, record the breach here.
   */
  async stop(tx: Tx, locked: LockedCase, metrics: readonly Metric[]): Promise<void> {
    for (const metric of metrics) {
      const breach = locked.clocks.stop(metric, locked.now);
      if (breach) await this.recordDeadlineEvent(tx, locked, breach);
    }
  }

  /**
   * Record a warning, a breach or a correction in the case and its trail, and tell other modules. The caller
   * saves. Warnings and breaches store the day only: a call that is registered late is overdue at once, so
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

  /**
   * Withdraw the open question of a case. Used when the case ends, and when an area asks again after a
   * transfer.
   */
  withdrawOpenRequest(tx: Tx, caseId: string): void {
    tx.later(
      tx.prepared(
        `update information_requests set state = 'withdrawn' where case_id = $1 and state = 'open'`,
        [caseId],
      ),
    );
  }

  /**
   * Write all changes: entries, their trail entries, clocks, and the case row with its next version and list
   * urgency. Waits for no answer: the statements are sent together, and with the commit.
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

  /** Whether the stored list urgency matches the deadlines of today. */
  isMarkedRight(locked: LockedCase): boolean {
    const { urgency, nextDueOn } = urgencyToday(locked);
    return urgency === locked.row.urgency && nextDueOn === locked.row.nextDueOn;
  }
}

/** What a reporter writes through an operator or a voice menu says so. */
function withGoBetween(body: EntryBody | undefined, actor: Actor): EntryBody | undefined {
  if (actor.kind !== 'reporter') return body;
  if (actor.operator) return { ...body, byPhone: true };
  return actor.machine?.kind === 'ivr' ? { ...body, byVoiceMenu: true } : body;
}

function urgencyToday({ row, clocks, now }: LockedCase): ReturnType<typeof listUrgency> {
  return isOpen(row.status)
    ? listUrgency(clocks.summary(now))
    : { urgency: ENDED_URGENCY, nextDueOn: NO_DUE_DAY };
}

/** Kind of the entry in the case, and name of the event in the trail. */
const DEADLINE_WORDS = {
  warning: ['deadline_warning', 'DEADLINE_WARNING'],
  breached: ['deadline_breached', 'DEADLINE_BREACHED'],
  corrected: ['deadline_corrected', 'DEADLINE_CORRECTED'],
} as const;

/** The columns that may change after a case was opened. The database grants updates of no other column. */
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
