import { Injectable } from '@nestjs/common';
import type { StaffActor } from '../../platform/actor.js';
import { Clock, isoWithOffset } from '../../platform/clock.js';
import type { ByteRange } from '../../platform/crypto/sealed-file.js';
import { Database } from '../../platform/database/database.js';
import type { Tx } from '../../platform/database/tx.js';
import { Answers } from '../../platform/events.js';
import { ObjectStore } from '../../platform/storage/object-store.js';
import { CaseReads, type FoundCase } from '../cases/case-reads.js';
import type { EvidenceCount, EvidenceItem, TranscriptView } from '../cases/evidence-view.js';
import { EvidenceForReporter, EvidenceOfCase, StoredBeside } from '../cases/events.js';
import type { StoredPart } from '../cases/content-refs.js';
import { CaseFiles, leftOf, ofSource, type KeptFile } from './case-files.js';
import { storedContent } from './content.js';
import { evidenceErrors } from './errors.js';
import { LIMITS } from './limits.js';
import { Openings } from './openings.js';
import { begun } from './begun.js';
import { carriesMark, MarkedCopies, markWords, type Marked } from './marked-copy.js';
import { answerOf, answerWithMark, type CopyAnswer, type CopyRequest } from './range.js';
import type { EvidenceFileRow } from './evidence.entities.js';
import { openThumbnail, readContent, type FileFacts } from './sealed-evidence.js';
import type { EvidenceListItem } from './evidence.views.js';
import { Transcripts } from './transcripts.js';
import { stateText } from './words.js';

/** A safe copy that is about to be sent. */
export interface OpenedCopy {
  type: string;
  /** Name for the reader's disk: it tells the case nothing but its number. */
  fileName: string;
  answer: CopyAnswer;
  /** Of the whole copy, where a request gets the same bytes each time. Null: each download has its mark. */
  same: { size: number; sha256: string } | null;
  /**
   * What leaves.
   * @param signal aborted when the reader is gone
   * @throws EVIDENCE_UNREADABLE, EVIDENCE_NOT_MARKED, the reason of the signal
   */
  send(signal: AbortSignal): Promise<Marked>;
}

/** Reads evidence: staff read lists and safe copies, the reporter reads how many files arrived. */
@Injectable()
export class EvidenceReader {
  constructor(
    private readonly database: Database,
    private readonly reads: CaseReads,
    private readonly files: CaseFiles,
    private readonly transcripts: Transcripts,
    private readonly store: ObjectStore,
    private readonly openings: Openings,
    private readonly marked: MarkedCopies,
    private readonly clock: Clock,
  ) {}

  /** The files of a case. The read itself gets a trail entry. @throws CASE_NOT_FOUND */
  async list(actor: StaffActor, folio: string): Promise<EvidenceListItem[]> {
    return this.database.tx(actor, async (tx) => {
      const found = await this.reads.find(tx, { folio });
      const [kept, transcripts] = await Promise.all([
        this.files.of(tx, found),
        this.transcripts.latest(tx, found),
      ]);
      this.reads.record(tx, found, 'EVIDENCE_LISTED', { count: kept.length });
      return kept.map((file) => ({
        ...itemOf(file, transcripts),
        thumbnail: thumbnailOf(found.keys.content, file),
      }));
    });
  }

  /**
   * Opens the safe copy of a file. The trail says who opened it before the first byte leaves. A request that
   * gets no byte leaves no entry.
   * @throws CASE_NOT_FOUND, EVIDENCE_NOT_FOUND, EVIDENCE_NOT_OPENABLE
   */
  async open(actor: StaffActor, folio: string, id: string, request: CopyRequest): Promise<OpenedCopy> {
    const kept = await this.database.tx(actor, async (tx) => {
      const found = await this.reads.find(tx, { folio });
      const file = await this.files.one(tx, found, id);
      const { row, derivative } = file;
      if (!derivative || row.state !== 'ready')
        throw evidenceErrors.notOpenable(stateText(row.state, file.details));
      const { sha256 } = derivative.facts;
      const answer = carriesMark(derivative.facts)
        ? answerWithMark(request, derivative.facts)
        : answerOf(request, derivative.facts);
      const { part } = answer;
      const opened = { evidence: id, number: row.number, sha256 };
      if (part) await this.openings.record(tx, found, opened, { actor, part });
      const at = isoWithOffset(this.clock.now(), found.catalog.institution.timeZone);
      const words = markWords({ folio, number: row.number, email: actor.email, at });
      return { ...derivative, answer, words, number: row.number };
    });
    const { file, facts, answer, words, number } = kept;
    const { size, sha256 } = facts;
    return {
      type: facts.type,
      fileName: `prueba-${number}.${facts.extension}`,
      answer,
      ...(carriesMark(facts)
        ? {
            same: null,
            send: (signal) => this.marked.of({ file, facts }, { account: actor.accountId, words }, signal),
          }
        : { same: { size, sha256 }, send: () => this.part(file, facts, answer.part!) }),
    };
  }

  private async part(file: EvidenceFileRow, facts: FileFacts, part: ByteRange): Promise<Marked> {
    const bytes = await begun(readContent(this.store, file, facts, part));
    return { size: part.to - part.from, bytes };
  }

  @Answers(EvidenceOfCase)
  async ofCase(tx: Tx, found: FoundCase): Promise<EvidenceItem[]> {
    const [kept, transcripts] = await Promise.all([
      this.files.of(tx, found),
      this.transcripts.latest(tx, found),
    ]);
    return kept.map((file) => itemOf(file, transcripts));
  }

  @Answers(EvidenceForReporter)
  async forReporter(tx: Tx, found: FoundCase): Promise<EvidenceCount> {
    const kept = await this.files.of(tx, found);
    const own = ofSource(kept, 'reporter');
    const left = leftOf(own);
    return {
      received: own.length,
      waiting: own.filter(({ row }) => row.state === 'waiting').length,
      sealed: own.filter(({ row }) => row.state === 'sealed' || row.state === 'quarantined').length,
      limits: { fileBytes: LIMITS.fileBytes, filesLeft: left.files, bytesLeft: left.bytes },
    };
  }

  @Answers(StoredBeside)
  storedBeside(tx: Tx, cases: readonly string[]): Promise<StoredPart[]> {
    return storedContent(tx, cases);
  }
}

/**
 * A file as staff see it in its case.
 * @param transcripts the last one of each file, by number
 */
export function itemOf(
  { row, details, facts, derivative }: KeptFile,
  transcripts: ReadonlyMap<number, TranscriptView>,
): EvidenceItem {
  return {
    id: row.id,
    number: row.number,
    kind: details.kind,
    state: row.state,
    stateText: stateText(row.state, details),
    source: row.source,
    receivedOn: row.day,
    name: details.name ?? null,
    caption: details.caption ?? null,
    size: facts.size,
    sha256: facts.sha256,
    seconds: details.seconds ?? null,
    pages: details.pages ?? null,
    copy: derivative
      ? { type: derivative.facts.type, size: derivative.facts.size, sha256: derivative.facts.sha256 }
      : null,
    transcript: transcripts.get(row.number) ?? null,
  };
}

function thumbnailOf(contentKey: Buffer, { row }: KeptFile): string | null {
  if (!row.thumbnail) return null;
  return `data:image/jpeg;base64,${openThumbnail(contentKey, row.id, row.thumbnail).toString('base64')}`;
}
