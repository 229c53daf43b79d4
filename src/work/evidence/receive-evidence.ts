import { Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import type { ReporterActor } from '../../platform/actor.js';
import { Database } from '../../platform/database/database.js';
import type { Tx } from '../../platform/database/tx.js';
import { DomainError } from '../../platform/errors.js';
import { Events } from '../../platform/events.js';
import { Jobs } from '../../platform/jobs/jobs.js';
import { NoRoom, ObjectStore } from '../../platform/storage/object-store.js';
import { CaseReads } from '../cases/case-reads.js';
import { CaseStore } from '../cases/case-store.js';
import { Correspondence } from '../cases/correspondence.service.js';
import type { EvidenceSource } from '../cases/evidence-view.js';
import { ReporterWrote } from '../cases/events.js';
import type { LockedCase } from '../cases/locked-case.js';
import { CaseFiles, leftOf, ofSource, type KeptFile } from './case-files.js';
import { evidenceContent } from './content.js';
import type { FoundType } from './conversion/type-of.js';
import { evidenceErrors } from './errors.js';
import { EvidenceFileRow, EvidenceRow } from './evidence.entities.js';
import { announcedOf, assertHoldsCode, assertOpen, keyOf, sourceOf, uploadOf, type Giver } from './giver.js';
import { examined, nameOf, type Expected, type Incoming } from './incoming-file.js';
import { LIMITS } from './limits.js';
import { jobOf } from './prepare-jobs.js';
import {
  fileRow,
  sealDetails,
  storeContent,
  type EvidenceDetails,
  type FileFacts,
} from './sealed-evidence.js';

/** What the sender is told of a file that is kept. */
export interface Receipt {
  id: string;
  /** Number from 1: among all files of the case for staff, among the own files for a reporter. */
  number: number;
  /** Bytes. */
  size: number;
  /** SHA-256 of the file as it came, in hexadecimal. */
  sha256: string;
  state: EvidenceRow['state'];
  /** Local day of the institution. */
  receivedOn: string;
}

/** A file that lies in the store and is in no case yet. */
interface Stored extends FileFacts {
  id: string;
  object: string;
  kind: FoundType['kind'];
}

/**
 * Takes files into a case, from every door. A file is sealed and stored while it arrives, then its row is
 * committed, then the sender gets the answer. What is interrupted before the commit leaves an object that no
 * row names; a sweep removes it.
 */
@Injectable()
export class ReceiveEvidence {
  constructor(
    private readonly database: Database,
    private readonly store: ObjectStore,
    private readonly reads: CaseReads,
    private readonly cases: CaseStore,
    private readonly files: CaseFiles,
    private readonly messages: Correspondence,
    private readonly events: Events,
    private readonly jobs: Jobs,
  ) {}

  /**
   * Receives one file. The same file sent twice, because its answer was lost, is kept once.
   * @throws CASE_NOT_FOUND, REPORT_CLOSED, EVIDENCE_TOO_LARGE, EVIDENCE_CASE_FULL, EVIDENCE_EXECUTABLE,
   *   EVIDENCE_EMPTY, EVIDENCE_NO_ROOM; nothing is stored then
   */
  async receive(giver: Giver, incoming: Incoming): Promise<Receipt> {
    return (await this.take(giver, incoming)).receipt;
  }

  /**
   * Receives one file that answers the open question of a case. Without an open question it is kept all the
   * same: nobody says twice what was said.
   * @throws like `receive`
   */
  async receiveAnswer(
    actor: ReporterActor,
    incoming: Incoming,
  ): Promise<{ receipt: Receipt; answered: boolean }> {
    const { receipt, answered } = await this.take({ actor, answers: true }, incoming);
    return { receipt, answered };
  }

  private async take(giver: Giver, incoming: Incoming): Promise<Taken> {
    const known = uploadOf(giver) ?? announcedOf(giver);
    if (known === undefined) await this.assertTaken(giver, incoming.expected ?? { least: 0, most: 0 });
    const stored = await this.keep(incoming, known ?? randomUUID());
    try {
      const caption = await incoming.caption();
      return await this.enter(giver, stored, { caption, name: nameOf(incoming.name) });
    } catch (error) {
      // After another error the commit may have happened. The sweep finds out.
      if (error instanceof DomainError) await this.store.remove([stored.object]).catch(() => undefined);
      throw error;
    }
  }

  /**
   * Tells before an upload starts whether a file of so many bytes would be taken. A file that may be one of
   * the case, sent again because its answer was lost, is not refused for want of room.
   * @throws like `receive`
   */
  async assertTaken(giver: Giver, { least, most }: Expected): Promise<void> {
    if (least > LIMITS.fileBytes) throw evidenceErrors.tooLarge();
    await this.database.tx(giver.actor, async (tx) => {
      const found = await this.reads.find(tx, keyOf(giver));
      const today = this.reads.today(found);
      assertOpen(giver, found.row, today);
      const kept = ofSource(await this.files.of(tx, found), sourceOf(giver));
      if (most > 0 && kept.some(({ facts }) => facts.size >= least && facts.size <= most)) return;
      assertFits(kept, least);
      await this.files.assertInstitutionRoom(tx, least);
    });
    await this.store.assertRoom(most).catch(refuseForRoom);
  }

  /**
   * Step: tells whether a reporter's file fits beside what is kept and what has begun.
   * @param begun bytes of each upload that has begun
   * @throws EVIDENCE_CASE_FULL
   */
  async assertFitsBeside(tx: Tx, locked: LockedCase, bytes: number, begun: readonly number[]): Promise<void> {
    assertFits(ofSource(await this.files.of(tx, locked), 'reporter'), bytes, begun);
  }

  /**
   * Writes into a case that a file which its reporter announced could not be had. Reporter and staff see it,
   * with the day only: the time may tell when the reporter was at work.
   * @param isFirst step that claims the note; false: it was written already
   */
  async noteLost(actor: ReporterActor, isFirst: (tx: Tx) => Promise<boolean>): Promise<void> {
    await this.database.tx(actor, async (tx) => {
      if (!(await isFirst(tx))) return;
      const locked = await this.cases.lock(tx, { id: actor.caseId });
      this.cases.append(tx, locked, {
        kind: 'evidence_lost',
        author: 'system',
        visible: true,
        dayOnly: true,
      });
      this.cases.record(locked, 'EVIDENCE_LOST', {}, { dayOnly: true });
      this.cases.save(tx, locked);
    });
  }

  /** Refuses a reporter who may not write any more. @throws REPORT_CLOSED */
  async assertMayWrite(actor: ReporterActor): Promise<void> {
    await this.database.tx(actor, async (tx) => {
      const found = await this.reads.find(tx, { id: actor.caseId });
      assertOpen({ actor }, found.row, this.reads.today(found));
    });
  }

  /** Stores the bytes. Refuses a program before anything of it is stored. */
  private async keep({ bytes, only }: Incoming, id: string): Promise<Stored> {
    const { bytes: rest, type, extension, kind } = await examined(bytes, only);
    const content = storeContent(this.store, rest, { id, role: 'original' });
    return { id, kind, type, extension, ...(await content.catch(refuseForRoom)) };
  }

  /** Enters a stored file into its case. */
  private async enter(
    giver: Giver,
    stored: Stored,
    told: Pick<EvidenceDetails, 'caption' | 'name'>,
  ): Promise<Taken> {
    const taken = await this.database.tx(giver.actor, async (tx): Promise<Taken> => {
      const locked = await this.cases.lock(tx, keyOf(giver));
      const acknowledged = (uploadOf(giver) ?? announcedOf(giver)) !== undefined;
      if (!acknowledged) {
        assertOpen(giver, locked.row, locked.today);
        await assertHoldsCode(tx, giver.actor);
      }
      const all = await this.files.of(tx, locked);
      const source = sourceOf(giver);
      // A reporter must not learn from an answer what staff hold.
      const own = ofSource(all, source);
      const at = own.findIndex((file) => isRepeated(file, stored, told));
      const known = own[at];
      if (known) {
        const receipt = receiptOf(known.row, known.facts, at + 1);
        const answered = await this.answeredAgain(tx, locked, giver, known.row.number);
        return { receipt, object: known.original.object, answered };
      }
      if (!acknowledged) assertFits(own, stored.size);
      const waiting = all.filter(({ row }) => row.state === 'waiting').length;
      const places = { number: all.length + 1, of: own.length + 1, waiting };
      const receipt = await this.write(tx, locked, { source, ...places, stored, told });
      const answered = 'answers' in giver && (await this.messages.answerByFile(tx, locked, places.number));
      this.cases.save(tx, locked);
      return { receipt, object: stored.object, answered };
    });
    if (taken.object !== stored.object) await this.store.remove([stored.object]).catch(() => undefined);
    return taken;
  }

  /** Whether a file that is kept already answers the question now, or answered one before. */
  private async answeredAgain(tx: Tx, locked: LockedCase, giver: Giver, number: number): Promise<boolean> {
    if (!('answers' in giver)) return false;
    const answered = await this.messages.answerByFile(tx, locked, number);
    if (locked.entries.length > 0) {
      await this.events.tell(tx, ReporterWrote, { locked });
      this.cases.save(tx, locked);
    }
    return answered;
  }

  private async write(
    tx: Tx,
    locked: LockedCase,
    { source, number, of, waiting, stored, told }: Entering,
  ): Promise<Receipt> {
    const { id, kind, ...known } = stored;
    const { content } = locked.keys;
    const row: EvidenceRow = {
      id,
      caseId: locked.row.id,
      institutionId: locked.row.institutionId,
      number,
      source,
      state: 'waiting',
      version: 1,
      day: locked.today,
      details: sealDetails(content, id, { ...told, kind }),
      thumbnail: null,
    };
    const file = fileRow(row, 'original', content, known);
    tx.later(tx.insert(EvidenceRow, [row]));
    tx.later(tx.insert(EvidenceFileRow, [file]));
    this.cases.append(tx, locked, {
      kind: 'evidence_received',
      author: source,
      visible: source === 'reporter',
      body: { evidence: number },
    });
    // The recording for which a report by voice waits.
    if (kind === 'audio' || kind === 'video') locked.row.awaitsVoice = false;
    this.cases.vouch(locked, evidenceContent(row, [file]));
    const { size, type, sha256 } = known;
    this.cases.record(locked, 'EVIDENCE_RECEIVED', { evidence: id, number, size, type, sha256, ...told });
    if (source === 'reporter') await this.events.tell(tx, ReporterWrote, { locked });
    // The files of one case take turns with those of others.
    tx.later(this.jobs.add(tx, jobOf(Number(file.storedBytes)), id, waiting));
    return receiptOf(row, known, of);
  }
}

/** A file that is in its case. */
interface Taken {
  receipt: Receipt;
  /** Its object; that of an earlier sending when the same file was sent again. */
  object: string;
  /** It is the answer to a question. */
  answered: boolean;
}

interface Entering {
  source: EvidenceSource;
  /** Among all files of the case, and among those of the same source. */
  number: number;
  of: number;
  /** Files of the case that are not prepared yet. */
  waiting: number;
  stored: Stored;
  told: Pick<EvidenceDetails, 'caption' | 'name'>;
}

/** @throws EVIDENCE_NO_ROOM for a store without room, and every other error as it is */
export function refuseForRoom(error: unknown): never {
  throw error instanceof NoRoom ? evidenceErrors.noRoom() : error;
}

function assertFits(kept: readonly KeptFile[], bytes: number, begun: readonly number[] = []): void {
  const left = leftOf(kept, begun);
  if (left.files === 0 || bytes > left.bytes) throw evidenceErrors.caseFull(left);
}

/** The same bytes without another word to them: the sender did not get the answer and sent them again. */
function isRepeated(
  { facts, details }: KeptFile,
  { sha256, size }: Stored,
  { caption }: { caption?: string },
): boolean {
  return facts.sha256 === sha256 && facts.size === size && (!caption || caption === details.caption);
}

/** @param of number among the files of the same source: a gap would tell a reporter of files of staff */
function receiptOf(
  { id, source, number, state, day }: EvidenceRow,
  { size, sha256 }: FileFacts,
  of: number,
): Receipt {
  return { id, number: source === 'staff' ? number : of, size, sha256, state, receivedOn: day };
}
