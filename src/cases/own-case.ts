import { Injectable } from '@nestjs/common';
import { CatalogsReader } from '../catalogs/catalogs.reader.js';
import type { ReporterActor } from '../platform/actor.js';
import { Clock, localDay } from '../platform/clock.js';
import type { Tx } from '../platform/database/tx.js';
import { CaseRow } from './case.entities.js';
import { CaseVault } from './case-vault.js';
import { caseErrors } from './errors.js';

/** What the reporter's side needs of the own case besides what it shows. */
export interface OwnCase {
  folio: string;
  timeZone: string;
  /** Local day of the institution. */
  today: string;
  auditKey: Buffer;
}

/** Reads the case of a reporter without a lock: a locked row would carry the number of the transaction. */
@Injectable()
export class OwnCases {
  constructor(
    private readonly catalogs: CatalogsReader,
    private readonly vault: CaseVault,
    private readonly clock: Clock,
  ) {}

  /** Step of a transaction of the reporter. @throws CASE_NOT_FOUND */
  async of(tx: Tx, actor: ReporterActor): Promise<OwnCase> {
    const row = await tx.manager.findOneBy(CaseRow, { id: actor.caseId });
    if (!row) throw caseErrors.notFound();
    const { institution } = await this.catalogs.snapshot(tx, row.institutionId);
    const { audit } = await this.vault.load(tx, row.id);
    const { timeZone } = institution;
    return { folio: row.folio, timeZone, today: localDay(this.clock.now(), timeZone), auditKey: audit };
  }
}
