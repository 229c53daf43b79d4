import { Injectable } from '@nestjs/common';
import type { ReporterActor } from '../../platform/actor.js';
import { Database } from '../../platform/database/database.js';
import type { Tx } from '../../platform/database/tx.js';
import { Events } from '../../platform/events.js';
import { entriesOfKind } from './case-entries.js';
import { CaseStore, type WrittenEntry } from './case-store.js';
import { CaseVault, VOICE_ANSWER, type EntryBody } from './case-vault.js';
import { InformationRequestRow } from './case.entities.js';
import { caseErrors } from './errors.js';
import { ReporterWrote } from './events.js';
import { isOpen } from './lifecycle.js';
import type { LockedCase } from './locked-case.js';
import type { OnCase } from './moves/case-moves.js';
import { reporterMayWrite, staffMayAnswer } from './time-to-write.js';

export interface Written extends WrittenEntry {
  version: number;
}

/** How many messages a reporter may write before staff answers. The limit keeps a case readable. */
const MAX_UNANSWERED = 50;
const UNANSWERED = `
  select count(*)::int as waiting from case_entries
   where case_id = $1 and author = 'reporter' and kind = 'message'
     and case_seq > coalesce((select max(case_seq) from case_entries where case_id = $1 and author = 'staff' and visible), 0)`;

/**
 * Messages, notes and answers: the exchange between staff and a reporter whose identity nobody needs to know.
 */
@Injectable()
export class Correspondence {
  constructor(
    private readonly database: Database,
    private readonly store: CaseStore,
    private readonly vault: CaseVault,
    private readonly events: Events,
  ) {}

  /**
   * Send a message to the reporter. The first message stops `first_response`, and any message stops
   * `acknowledgement`. An ended case accepts a message as long as its reporter may write or waits for an
   * answer.
   */
  async message(on: OnCase, text: string): Promise<Written> {
    return this.write(on, async (tx, locked) => {
      if (!staffMayAnswer(locked.row, locked.today)) throw caseErrors.tooLateToAnswer(locked.row.status);
      const entry = this.store.append(tx, locked, {
        kind: 'message',
        author: 'staff',
        visible: true,
        body: { text },
      });
      this.store.record(locked, 'MESSAGE_SENT', { entry: entry.id });
      await this.store.stop(tx, locked, ['acknowledgement', 'first_response']);
      return entry;
    });
  }

  /** Write a note among staff. The reporter never sees the note, and no clock stops. */
  async note(on: OnCase, text: string): Promise<Written> {
    return this.write(on, async (tx, locked) => {
      if (!isOpen(locked.row.status)) throw caseErrors.illegalMove(locked.row.status, 'write');
      const entry = this.store.append(tx, locked, {
        kind: 'note',
        author: 'staff',
        visible: false,
        body: { text },
      });
      this.store.record(locked, 'NOTE_WRITTEN', { entry: entry.id });
      return entry;
    });
  }

  /**
   * Store a message of the reporter, also for ten business days after the case ended. Changes no clock and no
   * state.
   */
  async messageOfReporter(actor: ReporterActor, text: string): Promise<void> {
    await this.database.tx(actor, async (tx) => {
      const locked = await this.store.lock(tx, { id: actor.caseId });
      if (!reporterMayWrite(locked.row, locked.today)) throw caseErrors.reportClosed(locked.row.closeOn);
      const [{ waiting }] = (await tx.query<{ waiting: number }>(UNANSWERED, [actor.caseId])) as [
        { waiting: number },
      ];
      if (waiting >= MAX_UNANSWERED) throw caseErrors.tooManyMessages();
      const entry = this.store.append(tx, locked, {
        kind: 'message',
        author: 'reporter',
        visible: true,
        body: { text },
      });
      this.store.record(locked, 'REPORTER_WROTE', { entry: entry.id });
      await this.events.tell(tx, ReporterWrote, { locked });
      this.store.save(tx, locked);
    });
  }

  /** Answer an open question. The case returns to the state in which the question was asked. */
  async answer(actor: ReporterActor, requestId: string, text: string): Promise<void> {
    await this.database.tx(actor, async (tx) => {
      const locked = await this.store.lock(tx, { id: actor.caseId });
      const [request] = await tx.rows(InformationRequestRow, 'id = $1 and case_id = $2', [
        requestId,
        actor.caseId,
      ]);
      if (!request) throw caseErrors.requestNotFound();
      if (request.state !== 'open') throw caseErrors.requestNotOpen();
      await this.answerWith(tx, locked, request, { text });
      await this.events.tell(tx, ReporterWrote, { locked });
      this.store.save(tx, locked);
    });
  }

  /**
   * Step: let a file of the case be the answer to its open question. The caller tells that the reporter
   * wrote, and saves. A file that answered a question before answers no other one: its sender did not get the
   * answer, and sent it again.
   * @param number of the file
   * @returns whether it answers a question, now or before
   */
  async answerByFile(tx: Tx, locked: LockedCase, number: number): Promise<boolean> {
    const answers = await entriesOfKind(tx, this.vault, locked.keys, 'answered');
    if (answers.some(({ body }) => body.evidence === number)) return true;
    const requests = await tx.rows(InformationRequestRow, 'case_id = $1 order by question_seq', [
      locked.row.id,
    ]);
    const open = requests.find(({ state }) => state === 'open');
    if (!open) return false;
    await this.answerWith(tx, locked, open, { text: VOICE_ANSWER, evidence: number });
    return true;
  }

  private async answerWith(
    tx: Tx,
    locked: LockedCase,
    { id }: InformationRequestRow,
    body: EntryBody,
  ): Promise<void> {
    const entry = this.store.append(tx, locked, {
      kind: 'answered',
      author: 'reporter',
      visible: true,
      body,
    });
    await tx.change(InformationRequestRow, { id }, { state: 'answered', answerSeq: entry.seq });
    this.resume(locked);
    this.store.record(locked, 'REPORTER_ANSWERED', { entry: entry.id });
  }

  /**
   * Step of the sweep: expire a question whose term ended without an answer. The case continues without it.
   */
  async expire(tx: Tx, locked: LockedCase, requestId: string): Promise<void> {
    const [request] = await tx.rows(InformationRequestRow, 'id = $1', [requestId]);
    // The question was answered between the read of the sweep and its lock on the case.
    if (request?.state !== 'open') return;
    await tx.change(InformationRequestRow, { id: requestId }, { state: 'expired' });
    this.store.append(tx, locked, { kind: 'information_request_expired', author: 'system', visible: true });
    this.resume(locked);
    this.store.record(locked, 'INFORMATION_REQUEST_EXPIRED', { request: requestId });
    this.store.save(tx, locked);
  }

  /**
   * Return to the remembered state. After a transfer the case no longer waits, so an answer changes no state.
   */
  private resume(locked: LockedCase): void {
    if (locked.row.status === 'awaiting_reporter') this.store.enter(locked, locked.row.resumeStatus!);
  }

  private async write(
    { actor, folio, ifMatch }: OnCase,
    work: (tx: Tx, locked: LockedCase) => WrittenEntry | Promise<WrittenEntry>,
  ): Promise<Written> {
    return this.database.tx(actor, async (tx) => {
      const locked = await this.store.lock(tx, { folio }, ifMatch);
      const entry = await work(tx, locked);
      this.store.save(tx, locked);
      return { ...entry, version: locked.row.version };
    });
  }
}
