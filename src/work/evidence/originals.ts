import { Injectable } from '@nestjs/common';
import type { ApprovalRow } from '../../foundations/identity/approvals/approval.entity.js';
import { ApprovalsReader, stateAt } from '../../foundations/identity/approvals/approvals.reader.js';
import { Approvals } from '../../foundations/identity/approvals/approvals.service.js';
import { approvalErrors } from '../../foundations/identity/errors.js';
import {
  ApprovalDecided,
  ApprovalSubjects,
  type ApprovalSubject,
  type Decision,
} from '../../foundations/identity/events.js';
import { findPeople } from '../../foundations/identity/staff-directory.js';
import { findArea } from '../../foundations/catalogs/catalogs.reader.js';
import type { StaffActor } from '../../platform/actor.js';
import { Clock, isoWithOffset } from '../../platform/clock.js';
import { Database } from '../../platform/database/database.js';
import type { Tx } from '../../platform/database/tx.js';
import { Answers, On } from '../../platform/events.js';
import { ObjectStore } from '../../platform/storage/object-store.js';
import { entriesOfNumber } from '../cases/case-entries.js';
import { CaseReads, type FoundCase } from '../cases/case-reads.js';
import { CaseStore, type WrittenEntry } from '../cases/case-store.js';
import { CaseVault, type EntryBody } from '../cases/case-vault.js';
import type { LockedCase } from '../cases/locked-case.js';
import type { OnCase } from '../cases/moves/case-moves.js';
import { begun } from './begun.js';
import { CaseFiles } from './case-files.js';
import { evidenceErrors } from './errors.js';
import { OriginalRequestRow } from './evidence.entities.js';
import type { OriginalRequestView } from './evidence.views.js';
import type { CopyRequest } from './range.js';
import { readContent } from './sealed-evidence.js';

/** Milliseconds for which an original opens after the agreement. */
const OPEN_MS = 3_600_000;

/**
 * The original of a file, which may be harmful and may say who took it. It opens for whoever asked with a
 * reason, after the head of the area or an auditor agreed, for one hour. The requests are approvals; what
 * they are about, and what was said, are entries of the case.
 */
@Injectable()
export class Originals {
  constructor(
    private readonly database: Database,
    private readonly reads: CaseReads,
    private readonly cases: CaseStore,
    private readonly vault: CaseVault,
    private readonly files: CaseFiles,
    private readonly approvals: Approvals,
    private readonly approvalsReader: ApprovalsReader,
    private readonly store: ObjectStore,
    private readonly clock: Clock,
  ) {}

  /**
   * Asks for the original of a file.
   * @throws CASE_NOT_FOUND, EVIDENCE_NOT_FOUND, STALE_VERSION, ORIGINAL_ASKED while the last request of the
   *   same account is open or its hour runs
   */
  async ask({ actor, folio, ifMatch }: OnCase, id: string, reason: string): Promise<OriginalRequestView> {
    return this.database.tx(actor, async (tx) => {
      const locked = await this.cases.lock(tx, { folio }, ifMatch);
      const { row, catalog } = locked;
      const { number } = (await this.files.one(tx, locked, id)).row;
      const area = findArea(catalog, { id: row.areaId })!.code;
      const earlier = await this.requestsOf(tx, id);
      const own = earlier.filter(({ approval }) => approval.requestedBy === actor.accountId);
      if (own.some(({ approval }) => this.isAlive(approval, area))) throw evidenceErrors.originalAsked();
      const concerned = [area];
      const about = { kind: 'evidence_original', concerned, caseId: row.id } as const;
      const approvalId = await this.approvals.askAboutCase(tx, actor, about);
      const body = { evidence: number, reason };
      const { seq } = this.append(tx, locked, 'original_requested', body);
      this.cases.record(locked, 'ORIGINAL_REQUESTED', { evidence: id, number, approval: approvalId, reason });
      const { id: caseId, institutionId } = row;
      const request = { approvalId, evidenceId: id, caseId, institutionId, askedSeq: seq, answerSeq: null };
      await tx.insert(OriginalRequestRow, [request]);
      this.cases.save(tx, locked);
      const views = await this.views(tx, locked, id);
      return views.find((view) => view.id === approvalId)!;
    });
  }

  /** The requests for the original of a file, oldest first. @throws CASE_NOT_FOUND, EVIDENCE_NOT_FOUND */
  async list(actor: StaffActor, folio: string, id: string): Promise<OriginalRequestView[]> {
    return this.database.tx(actor, async (tx) => {
      const found = await this.reads.find(tx, { folio });
      const { row } = await this.files.one(tx, found, id);
      this.reads.record(tx, found, 'ORIGINAL_REQUESTS_READ', { evidence: id, number: row.number });
      return this.views(tx, found, id);
    });
  }

  /**
   * Opens the original for whoever asked for it. The trail says so before the first byte leaves. HEAD gets
   * no byte and leaves no entry.
   * @throws CASE_NOT_FOUND, EVIDENCE_NOT_FOUND, ORIGINAL_NOT_AGREED
   */
  async open(
    actor: StaffActor,
    folio: string,
    id: string,
    { method }: Pick<CopyRequest, 'method'>,
  ): Promise<OpenedOriginal> {
    const isHead = method === 'HEAD';
    const { original, facts, row } = await this.database.tx(actor, async (tx) => {
      const found = await this.reads.find(tx, { folio });
      const file = await this.files.one(tx, found, id);
      const agreed = (await this.requestsOf(tx, id)).find(
        ({ approval }) => approval.requestedBy === actor.accountId && this.isOpenNow(approval),
      );
      if (!agreed) throw evidenceErrors.originalNotAgreed();
      const { number } = file.row;
      const { sha256 } = file.facts;
      const approval = agreed.approval.id;
      if (!isHead)
        this.reads.record(tx, found, 'ORIGINAL_OPENED', { evidence: id, number, sha256, approval });
      return file;
    });
    const extension = row.state === 'ready' ? facts.extension : 'bin';
    return {
      fileName: `prueba-${row.number}-original.${extension}`,
      size: facts.size,
      send: async () => (isHead ? [] : begun(readContent(this.store, original, facts))),
    };
  }

  /** Writes the answer of the second person into the case. @throws ORIGINAL_MOVED */
  @On(ApprovalDecided)
  async decided(tx: Tx, { approval, agreed, answer }: Decision): Promise<void> {
    const [request] = await tx.rows(OriginalRequestRow, 'approval_id = $1', [approval.id]);
    if (!request) throw approvalErrors.notFound();
    const { evidenceId, caseId } = request;
    const locked = await this.cases.lock(tx, { id: caseId });
    const area = findArea(locked.catalog, { id: locked.row.areaId })!.code;
    // The head of the former area shall not open a file of another one. An auditor sees all areas.
    const seesAll = tx.actor.kind === 'staff' && tx.actor.areas === '*';
    if (agreed && !seesAll && !isFor(approval, area)) throw evidenceErrors.originalMoved();
    const { number } = (await this.files.one(tx, locked, evidenceId)).row;
    const kind = agreed ? 'original_agreed' : 'original_refused';
    const { seq } = this.append(tx, locked, kind, { evidence: number, reason: answer });
    this.cases.record(locked, agreed ? 'ORIGINAL_AGREED' : 'ORIGINAL_REFUSED', {
      evidence: evidenceId,
      number,
      approval: approval.id,
      reason: answer,
    });
    tx.later(tx.change(OriginalRequestRow, { approvalId: approval.id }, { answerSeq: seq }));
    await this.approvals.tellAnswer(tx, approval, caseId);
    this.cases.save(tx, locked);
  }

  @Answers(ApprovalSubjects)
  async subjects(
    tx: Tx,
    { ids, institutionId }: { ids: readonly string[]; institutionId: string },
  ): Promise<ReadonlyMap<string, ApprovalSubject>> {
    const requests = await tx.rows(OriginalRequestRow, 'approval_id = any($1) and institution_id = $2', [
      ids,
      institutionId,
    ]);
    const subjects = requests.map(async (request): Promise<[string, ApprovalSubject]> => {
      const { row, keys } = await this.reads.find(tx, { id: request.caseId });
      const { evidence, reason, answer } = await this.said(tx, keys, request);
      return [request.approvalId, { folio: row.folio, evidence, reason, answer }];
    });
    return new Map(await Promise.all(subjects));
  }

  private append(
    tx: Tx,
    locked: LockedCase,
    kind: 'original_requested' | 'original_agreed' | 'original_refused',
    body: EntryBody,
  ): WrittenEntry {
    return this.cases.append(tx, locked, { kind, author: 'staff', visible: false, body });
  }

  /** The requests for one file with their approvals, oldest first. */
  private async requestsOf(tx: Tx, evidenceId: string): Promise<Asked[]> {
    const requests = await tx.rows(OriginalRequestRow, 'evidence_id = $1 order by asked_seq', [evidenceId]);
    const ids = requests.map(({ approvalId }) => approvalId);
    const rows = ids.length === 0 ? [] : await this.approvalsReader.rows(tx, ids);
    const byId = new Map(rows.map((row) => [row.id, row]));
    return requests.map((request) => ({ request, approval: byId.get(request.approvalId)! }));
  }

  private async views(tx: Tx, found: FoundCase, evidenceId: string): Promise<OriginalRequestView[]> {
    const asked = await this.requestsOf(tx, evidenceId);
    const ids = asked.flatMap(({ approval }) => [approval.requestedBy, approval.decidedBy]);
    const people = await findPeople(tx, ids);
    const time = (instant: Date): string => isoWithOffset(instant, found.catalog.institution.timeZone);
    const nameOf = (id: string | null): string | null => people.get(id ?? '')?.name ?? null;
    return Promise.all(
      asked.map(async ({ request, approval }) => {
        const { reason, answer } = await this.said(tx, found.keys, request);
        const until = approval.state === 'agreed' ? openUntil(approval) : null;
        return {
          id: approval.id,
          state: stateAt(approval, this.clock.now()),
          reason,
          requestedBy: nameOf(approval.requestedBy),
          requestedAt: time(approval.requestedAt),
          expiresAt: time(approval.expiresAt),
          decidedBy: nameOf(approval.decidedBy),
          decidedAt: approval.decidedAt && time(approval.decidedAt),
          answer,
          opensUntil: until && time(until),
        };
      }),
    );
  }

  /** What was said in the two entries of a request. */
  private async said(
    tx: Tx,
    keys: FoundCase['keys'],
    { askedSeq, answerSeq }: OriginalRequestRow,
  ): Promise<{ evidence: number; reason: string; answer: string | null }> {
    const entries = await entriesOfNumber(tx, this.vault, keys, [askedSeq, answerSeq ?? 0]);
    const bodyOf = (seq: number | null): EntryBody =>
      entries.find(({ row }) => row.caseSeq === seq)?.body ?? {};
    const { evidence = 0, reason = '' } = bodyOf(askedSeq);
    return { evidence, reason, answer: bodyOf(answerSeq).reason ?? null };
  }

  /** A second request beside it would ask the same people for the same. @param area of the case now */
  private isAlive(approval: ApprovalRow, area: string): boolean {
    const isAsked = stateAt(approval, this.clock.now()) === 'open' && isFor(approval.request, area);
    return isAsked || this.isOpenNow(approval);
  }

  private isOpenNow(approval: ApprovalRow): boolean {
    return approval.state === 'agreed' && this.clock.now() < openUntil(approval);
  }
}

/** An original that is about to be sent. */
export interface OpenedOriginal {
  /** Name for the reader's disk. */
  fileName: string;
  /** Bytes. */
  size: number;
  /** The bytes, none for HEAD. @throws EVIDENCE_UNREADABLE */
  send(): Promise<AsyncIterable<Buffer> | Iterable<Buffer>>;
}

interface Asked {
  request: OriginalRequestRow;
  approval: ApprovalRow;
}

/** Whether the head of an area may answer a request. */
function isFor({ concerned }: Pick<Decision['approval'], 'concerned'>, area: string): boolean {
  return concerned === '*' || concerned.includes(area);
}

/** When an agreed request closes again. */
function openUntil({ decidedAt }: ApprovalRow): Date {
  return new Date(decidedAt!.getTime() + OPEN_MS);
}
