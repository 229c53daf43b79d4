import { Injectable } from '@nestjs/common';
import { AuditService } from '../../foundations/audit/audit.service.js';
import type { CaseAct } from '../../foundations/audit/labels.js';
import { CatalogsReader, type CatalogSnapshot } from '../../foundations/catalogs/catalogs.reader.js';
import { institutionOf } from '../../foundations/identity/staff.js';
import { Clock } from '../../platform/clock.js';
import type { Tx } from '../../platform/database/tx.js';
import { idOf, type CaseKey } from './case-key.js';
import { CaseVault, type CaseKeys } from './case-vault.js';
import { CaseRow } from './case.entities.js';
import { caseErrors } from './errors.js';

/** A case that is read, with its keys and its institution's catalogues. */
export interface FoundCase {
  row: CaseRow;
  keys: Omit<CaseKeys, 'identity'>;
  catalog: CatalogSnapshot;
}

/** Find a case for a read, and record the read. */
@Injectable()
export class CaseReads {
  constructor(
    private readonly catalogs: CatalogsReader,
    private readonly vault: CaseVault,
    private readonly audit: AuditService,
    private readonly clock: Clock,
  ) {}

  /** Find a case within the actor's scope. @throws CASE_NOT_FOUND */
  async find(tx: Tx, key: CaseKey): Promise<FoundCase> {
    const { id, value } = idOf(key);
    const [[row], wrapped, catalog] = await Promise.all([
      tx.rows(CaseRow, `id = (${id})`, [value]),
      this.vault.wrapped(tx, key),
      this.catalogs.snapshot(tx, institutionOf(tx.actor)),
    ]);
    if (!row) throw caseErrors.notFound();
    return { row, keys: this.vault.unwrap(row.id, wrapped), catalog };
  }

  /** The local day of the institution of a case. */
  today({ catalog }: Pick<FoundCase, 'catalog'>): string {
    return this.clock.today(catalog.institution.timeZone);
  }

  /**
   * Step: record the trail entry of a read. A visit of the reporter takes no number among the acts of staff.
   */
  record(
    tx: Tx,
    { row, keys, catalog }: FoundCase,
    event: CaseAct,
    payload: Record<string, unknown> = {},
  ): void {
    const writing = this.audit.record(tx, {
      event,
      payload,
      reading: true,
      subject: {
        caseId: row.id,
        caseSeq: event === 'REPORTER_READ' ? null : row.lastSeq,
        auditKey: keys.audit,
        day: this.today({ catalog }),
      },
    });
    tx.later(writing);
  }
}
