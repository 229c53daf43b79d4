import { Injectable } from '@nestjs/common';
import { createHash } from 'node:crypto';
import { TrailReader, type AuditRecord } from '../../foundations/audit/trail.reader.js';
import { auditItem, type AuditItem, type Integrity } from '../../foundations/audit/trail.views.js';
import type { StaffActor } from '../../platform/actor.js';
import { Clock } from '../../platform/clock.js';
import { SealedFileBroken } from '../../platform/crypto/sealed-file.js';
import { Database } from '../../platform/database/database.js';
import type { Tx } from '../../platform/database/tx.js';
import { ObjectMissing, ObjectStore } from '../../platform/storage/object-store.js';
import { CaseReads, type FoundCase } from '../cases/case-reads.js';
import { integrityOf, subjectOf } from '../cases/case-trail.js';
import { TrailCheck } from '../cases/trail-check.js';
import { trailWords } from '../cases/trail-words.js';
import type { TranscriptView } from '../cases/evidence-view.js';
import { CaseFiles, type KeptFile } from './case-files.js';
import { itemOf } from './evidence.reader.js';
import type { CustodyView, StoredBytes } from './evidence.views.js';
import type { EvidenceFileRow } from './evidence.entities.js';
import { readContent, type FileFacts } from './sealed-evidence.js';
import { Transcripts } from './transcripts.js';

/** Entries read in one statement. */
const PAGE = 500;

/** What one transaction read. */
interface Read {
  file: KeptFile;
  transcripts: Map<number, TranscriptView>;
  integrity: Integrity;
  entries: AuditItem[];
}

/** Prints the custody of a file: what came, what is stored now, and who did what with it. */
@Injectable()
export class Custody {
  constructor(
    private readonly database: Database,
    private readonly reads: CaseReads,
    private readonly files: CaseFiles,
    private readonly transcripts: Transcripts,
    private readonly trail: TrailReader,
    private readonly checks: TrailCheck,
    private readonly store: ObjectStore,
    private readonly clock: Clock,
  ) {}

  /**
   * Reads every stored byte of the file and compares it with the SHA-256 of its arrival. Verifies the trail
   * of the case as well.
   * @throws CASE_NOT_FOUND, EVIDENCE_NOT_FOUND
   */
  async of(actor: StaffActor, folio: string, id: string): Promise<CustodyView> {
    const { file, transcripts, integrity, entries } = await this.database.tx(
      actor,
      (tx) => this.read(tx, folio, id),
      {
        snapshot: true,
      },
    );
    const { original, facts, derivative } = file;
    return {
      folio,
      ...itemOf(file, transcripts),
      original: await this.bytesOf(original, facts),
      derivative: derivative && (await this.bytesOf(derivative.file, derivative.facts)),
      integrity,
      entries,
    };
  }

  private async read(tx: Tx, folio: string, id: string): Promise<Read> {
    const found = await this.reads.find(tx, { folio });
    const file = await this.files.one(tx, found, id);
    const transcripts = await this.transcripts.latest(tx, found);
    const subject = subjectOf(found.row, found.catalog, found.keys.audit);
    const today = this.reads.today(found);
    const checked = await this.checks.check(tx, subject, today);
    const { faults } = checked;
    const { timeZone } = found.catalog.institution;
    const words = trailWords(found.catalog);
    const records = (await this.allRecords(tx, found, today)).filter(({ data }) => data.evidence === id);
    this.reads.record(tx, found, 'EVIDENCE_CUSTODY_READ', { evidence: id, number: file.row.number });
    const entries = records.map((one) =>
      auditItem(one, faults.get(one.id) ?? one.fault ?? undefined, timeZone, words),
    );
    return { file, transcripts, integrity: integrityOf(checked), entries };
  }

  private async allRecords(tx: Tx, { row, keys, catalog }: FoundCase, today: string): Promise<AuditRecord[]> {
    const subject = { caseId: row.id, auditKey: keys.audit, zone: catalog.institution.timeZone };
    const all: AuditRecord[] = [];
    for (let page: AuditRecord[] | undefined; page === undefined || page.length === PAGE; all.push(...page))
      page = await this.trail.ofCase(tx, subject, { limit: PAGE, today, after: all.at(-1)?.position });
    return all;
  }

  private async bytesOf(file: EvidenceFileRow, facts: FileFacts): Promise<StoredBytes> {
    const { sha256, size, type } = facts;
    const told = { sha256, size, type, checkedAt: this.clock.now().toISOString() };
    const hash = createHash('sha256');
    try {
      for await (const piece of readContent(this.store, file, facts)) hash.update(piece);
    } catch (error) {
      if (error instanceof SealedFileBroken) return { ...told, stored: 'broken' };
      if (error instanceof ObjectMissing) return { ...told, stored: 'missing' };
      throw error;
    }
    return { ...told, stored: hash.digest('hex') === sha256 ? 'ok' : 'broken' };
  }
}
