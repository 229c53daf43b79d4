import { Injectable } from '@nestjs/common';
import type { Tx } from '../../platform/database/tx.js';
import type { CaseKeys } from '../cases/case-vault.js';
import type { EvidenceSource } from '../cases/evidence-view.js';
import { evidenceErrors } from './errors.js';
import { EvidenceFileRow, EvidenceRow } from './evidence.entities.js';
import { EvidenceLimits } from './evidence.config.js';
import { LIMITS } from './limits.js';
import { openDetails, openFacts, type EvidenceDetails, type FileFacts } from './sealed-evidence.js';

/** A file of a case, opened. */
export interface KeptFile {
  row: EvidenceRow;
  details: EvidenceDetails;
  original: EvidenceFileRow;
  /** Of the original. */
  facts: FileFacts;
  derivative: { file: EvidenceFileRow; facts: FileFacts } | null;
}

/** Milliseconds for which the sum of an institution is believed. Two million files take some 0.2 s. */
const SUM_LIFE = 60_000;

/** Reads the files of a case, and how much an institution keeps. */
@Injectable()
export class CaseFiles {
  private readonly sums = new Map<string, { bytes: Promise<number>; until: number }>();

  constructor(private readonly limits: EvidenceLimits) {}

  /** Step: all files of a case that the actor may see, by their number. */
  async of(
    tx: Tx,
    { row, keys }: { row: { id: string }; keys: Pick<CaseKeys, 'content'> },
  ): Promise<KeptFile[]> {
    const [rows, files] = await Promise.all([
      tx.rows(EvidenceRow, 'case_id = $1 order by number', [row.id]),
      tx.rows(EvidenceFileRow, 'case_id = $1', [row.id]),
    ]);
    return rows.map((evidence) => keptFile(keys.content, evidence, files));
  }

  /** Step: one file. @throws EVIDENCE_NOT_FOUND */
  async one(
    tx: Tx,
    { row, keys }: { row: { id: string }; keys: Pick<CaseKeys, 'content'> },
    id: string,
  ): Promise<KeptFile> {
    const [[found], files] = await Promise.all([
      tx.rows(EvidenceRow, 'id = $1 and case_id = $2', [id, row.id]),
      tx.rows(EvidenceFileRow, 'evidence_id = $1', [id]),
    ]);
    if (!found) throw evidenceErrors.notFound();
    return keptFile(keys.content, found, files);
  }

  /**
   * Step: refuses a file for which the institution has no room. The sum may be a minute old: it protects the
   * disk, and a minute more or less does no harm. What is only asked for does not count: anybody may ask.
   * @throws EVIDENCE_NO_ROOM
   */
  async assertInstitutionRoom(tx: Tx, bytes: number): Promise<void> {
    const institutionId = 'institutionId' in tx.actor ? tx.actor.institutionId : '';
    if ((await this.sumOf(tx, institutionId)) + bytes > this.limits.institutionBytes)
      throw evidenceErrors.noRoom();
  }

  /** Asked once for all who come at the same time. */
  private sumOf(tx: Tx, institutionId: string): Promise<number> {
    const known = this.sums.get(institutionId);
    if (known && known.until > performance.now()) return known.bytes;
    const bytes = tx
      .query<{ bytes: string }>('select evidence_bytes() as bytes')
      .then(([row]) => Number(row!.bytes));
    this.sums.set(institutionId, { bytes, until: performance.now() + SUM_LIFE });
    bytes.catch(() => this.sums.delete(institutionId));
    return bytes;
  }
}

function keptFile(contentKey: Buffer, row: EvidenceRow, files: readonly EvidenceFileRow[]): KeptFile {
  const of = (role: EvidenceFileRow['role']): EvidenceFileRow | undefined =>
    files.find((file) => file.evidenceId === row.id && file.role === role);
  const original = of('original')!;
  const derivative = of('derivative');
  return {
    row,
    details: openDetails(contentKey, row.id, row.details),
    original,
    facts: openFacts(contentKey, original),
    derivative: derivative ? { file: derivative, facts: openFacts(contentKey, derivative) } : null,
  };
}

/** Those of a reporter, or those of staff. */
export function ofSource(kept: readonly KeptFile[], source: EvidenceSource): KeptFile[] {
  return kept.filter(({ row }) => row.source === source);
}

/**
 * What a case still takes from a reporter, or from staff.
 * @param begun bytes of each upload that shall have its place when it is whole
 */
export function leftOf(
  kept: readonly KeptFile[],
  begun: readonly number[] = [],
): { files: number; bytes: number } {
  const sizes = [...kept.map(({ facts }) => facts.size), ...begun];
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  return { files: Math.max(0, LIMITS.files - sizes.length), bytes: Math.max(0, LIMITS.caseBytes - bytes) };
}
