import { Injectable } from '@nestjs/common';
import { AuditService } from '../../foundations/audit/audit.service.js';
import type { CaseAct } from '../../foundations/audit/labels.js';
import { CatalogsReader, type CatalogSnapshot } from '../../foundations/catalogs/catalogs.reader.js';
import { Clock } from '../../platform/clock.js';
import type { Tx } from '../../platform/database/tx.js';
import { CaseRow } from './case.entities.js';
import { caseErrors } from './errors.js';

/** Finding a case to read it, and writing the read down. */
@Injectable()
export class CaseReads {
  constructor(
    private readonly catalogs: CatalogsReader,
    private readonly audit: AuditService,
    private readonly clock: Clock,
  ) {}

  /** A case of the actor's scope. @throws CASE_NOT_FOUND */
  async find(tx: Tx, key: { folio: string } | { id: string }): Promise<{ row: CaseRow; catalog: CatalogSnapshot }> {
    const row = await tx.manager.findOneBy(CaseRow, key);
    if (!row) throw caseErrors.notFound();
    return { row, catalog: await this.catalogs.snapshot(tx, row.institutionId) };
  }

  /** Step: the entry of a read. A visit of the reporter takes no place among the acts of staff. */
  async record(
    tx: Tx,
    { row, catalog }: { row: CaseRow; catalog: CatalogSnapshot },
    auditKey: Buffer,
    event: CaseAct,
    payload: Record<string, unknown> = {},
  ): Promise<void> {
    await this.audit.record(tx, {
      event,
      payload,
      reading: true,
      subject: {
        caseId: row.id,
        caseSeq: event === 'REPORTER_READ' ? null : row.lastSeq,
        auditKey,
        day: this.clock.today(catalog.institution.timeZone),
      },
    });
  }
}
