import { Injectable } from '@nestjs/common';
import { TrailReader } from '../../foundations/audit/trail.reader.js';
import { auditItem, codesIn, type AuditPage, type Integrity } from '../../foundations/audit/trail.views.js';
import type { CatalogSnapshot } from '../../foundations/catalogs/catalogs.reader.js';
import type { StaffActor } from '../../platform/actor.js';
import { Clock } from '../../platform/clock.js';
import { Database } from '../../platform/database/database.js';
import type { Tx } from '../../platform/database/tx.js';
import { decodeCursor, encodeCursor } from '../../platform/http/paging.js';
import { CaseReads } from './case-reads.js';
import type { CaseRow } from './case.entities.js';
import { TrailCheck, type CaseSubject, type CheckedTrail } from './trail-check.js';
import { trailWords } from './trail-words.js';

/** Read the trail of a case. */
@Injectable()
export class CaseTrail {
  constructor(
    private readonly database: Database,
    private readonly reads: CaseReads,
    private readonly trail: TrailReader,
    private readonly checks: TrailCheck,
    private readonly clock: Clock,
  ) {}

  /**
   * Read the trail in its order, page by page and verified. The read itself gets a trail entry.
   * @throws CASE_NOT_FOUND
   */
  async page(actor: StaffActor, folio: string, page: { cursor?: string; limit: number }): Promise<AuditPage> {
    const read = async (tx: Tx): Promise<AuditPage> => {
      const found = await this.reads.find(tx, { folio });
      const { row, keys, catalog } = found;
      const [day, seq, reading, at, id] = page.cursor
        ? decodeCursor(page.cursor, 'audit', ['day', 'integer', 'integer', 'instant', 'uuid'])
        : [];
      const after = page.cursor
        ? { day: String(day), seq: Number(seq), reading: Number(reading), at: String(at), id: String(id) }
        : undefined;
      const { timeZone } = catalog.institution;
      const today = this.clock.today(timeZone);
      const subject = subjectOf(row, catalog, keys.audit);
      const checked = await this.checks.check(tx, subject, today);
      const records = await this.trail.ofCase(tx, subject, { limit: page.limit + 1, today, after });
      const shown = records.slice(0, page.limit);
      // The check covers only writes. Take the faults of reads from the entries shown.
      const ofReads = new Map(
        shown.flatMap(({ id: entryId, reading: isRead, fault }) =>
          isRead && fault ? [[entryId, fault]] : [],
        ),
      );
      await this.checks.report(tx, subject, today, { faults: ofReads, whole: [] });
      const faults = new Map([...checked.faults, ...ofReads]);
      const last = shown.at(-1);
      const words = trailWords(catalog);
      const codes = new Map([...catalog.areas, ...catalog.categories].map((one) => [one.id, one.code]));
      const result: AuditPage = {
        integrity: integrityOf({ faults, whole: checked.whole }),
        faults: [...checked.whole],
        items: shown.map((record) => auditItem(record, faults.get(record.id), timeZone, words)),
        names: codesIn(shown, codes),
        nextCursor:
          records.length > page.limit && last ? encodeCursor('audit', Object.values(last.position)) : null,
      };
      this.reads.record(tx, found, 'AUDIT_READ');
      return result;
    };
    return this.database.tx(actor, read, { snapshot: true });
  }
}

export function subjectOf(row: CaseRow, { institution }: CatalogSnapshot, auditKey: Buffer): CaseSubject {
  return {
    caseId: row.id,
    auditKey,
    zone: institution.timeZone,
    institutionId: institution.id,
    lastSeq: row.lastSeq,
  };
}

export function integrityOf({ faults, whole }: Pick<CheckedTrail, 'faults' | 'whole'>): Integrity {
  return faults.size > 0 || whole.length > 0 ? 'broken' : 'ok';
}
