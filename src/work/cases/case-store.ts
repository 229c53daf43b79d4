import { Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { AuditService } from '../../foundations/audit/audit.service.js';
import type { CaseAct } from '../../foundations/audit/labels.js';
import { CatalogsReader } from '../../foundations/catalogs/catalogs.reader.js';
import type { Metric } from '../../foundations/sla/deadline.js';
import type { SlaTransition } from '../../foundations/sla/events.js';
import { SlaService } from '../../foundations/sla/sla.service.js';
import { Clock, localDay } from '../../platform/clock.js';
import type { Tx } from '../../platform/database/tx.js';
import { Events } from '../../platform/events.js';
import { CaseVault, type EntryBody } from './case-vault.js';
import { CaseEntryRow, CaseRow, type EntryKind } from './case.entities.js';
import { entryContent } from './content-refs.js';
import { caseErrors } from './errors.js';
import { CaseDeadlineMarked } from './events.js';
import type { Status } from './lifecycle.js';
import type { LockedCase } from './locked-case.js';
import { canMove, nextStatus, type Move } from './moves/moves.js';
import { ENDED_URGENCY, NO_DUE_DAY, placeInLists } from './place-in-lists.js';

/**
 * After these nothing that the reporter wrote waits for an answer: words to the reporter, or the case taken up again. Not the
 * archive, which time alone brings: an objection of the last evening would be gone in the morning.
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
 * The one way to change a case: lock its row, check the version and the transition table, append entries, save.
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
  async lock(tx: Tx, key: { folio: string } | { id: string }, ifMatch?: number): Promise<LockedCase> {
    const row = await tx.manager.findOne(CaseRow, { where: key, lock: { mode: 'pessimistic_write' } });
    if (!row) throw caseErrors.notFound();
    if (ifMatch !== undefined && ifMatch !== row.version) throw caseErrors.staleVersion(row.version);
    const keys = await this.vault.load(tx, row.id);
    const catalog = await this.catalogs.snapshot(tx, row.institutionId);
    const now = this.clock.now();
    return { row, keys, catalog, now, today: localDay(now, catalog.institution.timeZone), written: {} };
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
   * Appends an entry with the next number of the case and notes whether the reporter waits for an answer. Reporters' acts
   * carry the day only.
   */
  async append(tx: Tx, locked: LockedCase, entry: NewEntry): Promise<WrittenEntry> {
    const id = randomUUID();
    const byStaff = entry.author === 'staff' && tx.actor.kind === 'staff' ? tx.actor : null;
    // The name of this moment: a later change of the account must not change who said it.
    const body = byStaff ? { ...entry.body, by: { name: byStaff.name, email: byStaff.email } } : entry.body;
    const sealed = body ? this.vault.sealBody(locked.keys, id, body) : null;
    locked.row.lastSeq += 1;
    if (entry.author === 'reporter') locked.row.awaitingAnswer = true;
    else if (ANSWERS.includes(entry.kind)) locked.row.awaitingAnswer = false;
    await tx.insert(CaseEntryRow, [
      {
        id,
        caseId: locked.row.id,
        caseSeq: locked.row.lastSeq,
        kind: entry.kind,
        author: entry.author,
        accountId: byStaff?.accountId ?? null,
        visible: entry.visible,
        day: locked.today,
        at: entry.author === 'reporter' || entry.dayOnly ? null : locked.now,
        body: sealed,
      },
    ]);
    locked.written = { ...locked.written, ...entryContent(id, entry, sealed) };
    return { id, seq: locked.row.lastSeq };
  }

  /**
   * An audit entry of this case, under its own key and at its present place. It vouches for what was appended since the last.
   * @param names people whom the payload names by id
   */
  async record(
    tx: Tx,
    locked: LockedCase,
    event: CaseAct,
    payload: Record<string, unknown>,
    { dayOnly = false, names }: { dayOnly?: boolean; names?: Record<string, string> } = {},
  ): Promise<void> {
    const content = locked.written;
    locked.written = {};
    await this.audit.record(tx, {
      event,
      payload,
      names,
      content,
      subject: {
        caseId: locked.row.id,
        caseSeq: locked.row.lastSeq,
        auditKey: locked.keys.audit,
        day: locked.today,
        dayOnly,
      },
    });
  }

  /** Stops clocks at the staff act under way; one that comes too late records its breach here, if no sweep did. */
  async stop(tx: Tx, locked: LockedCase, ...metrics: Metric[]): Promise<void> {
    for (const metric of metrics) {
      const breach = await this.sla.stop(tx, locked.catalog.institution, locked.row.id, metric, locked.now);
      if (breach) await this.showDeadline(tx, locked, breach);
    }
  }

  /**
   * Shows a warning, a breach or the correction of one in the case and its trail, and tells of it; the caller saves.
   * Warnings and breaches carry the day only: a call that is registered late is overdue at once, and the time of its breach
   * would be the time of its filing.
   */
  async showDeadline(tx: Tx, locked: LockedCase, event: SlaTransition): Promise<void> {
    const [kind, name] = DEADLINE_WORDS[event.kind];
    const dayOnly = event.kind !== 'corrected';
    await this.append(tx, locked, { kind, author: 'system', visible: false, body: { metric: event.metric }, dayOnly });
    await this.record(tx, locked, name, { metric: event.metric, dueOn: event.dueOn }, { dayOnly });
    await this.events.tell(tx, CaseDeadlineMarked, { locked, transition: event });
  }

  /** A case that ends leaves no question open, nor does an area that asks anew after a transfer. */
  async withdrawOpenRequest(tx: Tx, caseId: string): Promise<void> {
    await tx.query(`update information_requests set state = 'withdrawn' where case_id = $1 and state = 'open'`, [
      caseId,
    ]);
  }

  /** Writes the changed row with the next version and its place in the lists. */
  async save(tx: Tx, locked: LockedCase): Promise<void> {
    const { row } = locked;
    const before = row.version;
    Object.assign(row, await this.placeToday(tx, locked));
    row.version += 1;
    const result = await tx.manager.update(CaseRow, { id: row.id, version: before }, changing(row));
    if (result.affected !== 1) throw caseErrors.staleVersion(row.version);
  }

  /** Whether the stored place in the lists is that of its deadlines today. */
  async isMarkedRight(tx: Tx, locked: LockedCase): Promise<boolean> {
    const { urgency, nextDueOn } = await this.placeToday(tx, locked);
    return urgency === locked.row.urgency && nextDueOn === locked.row.nextDueOn;
  }

  private async placeToday(tx: Tx, { row, catalog }: LockedCase): Promise<ReturnType<typeof placeInLists>> {
    const summary = await this.sla.summary(tx, catalog.institution, row.id);
    const ended =
      row.status === 'resolved' || row.status === 'closed' || row.status === 'referred' || row.status === 'merged';
    return ended ? { urgency: ENDED_URGENCY, nextDueOn: NO_DUE_DAY } : placeInLists(summary);
  }
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
