import { Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { AuditService } from '../audit/audit.service.js';
import type { Priority } from '../catalogs/default-catalog.js';
import type { CatalogSnapshot } from '../catalogs/catalogs.reader.js';
import type { Actor } from '../platform/actor.js';
import { KeyRing } from '../platform/crypto/keyring.js';
import type { Tx } from '../platform/database/tx.js';
import { WAKE } from '../platform/jobs/sweeper.js';
import { SlaService, type ClockView } from '../sla/sla.service.js';
import { CaseAccessCodeRow, CaseEntryRow, CaseKeysRow, CaseReportRow, CaseRow, type Channel } from './case.entities.js';
import { accessDigest, folioHash } from './access-code.js';
import { placeInLists } from './case-store.js';
import { CaseVault, type ReporterIdentity, type ReportContent } from './case-vault.js';

/** A report that was validated and routed, ready to become a case. */
export interface NewCase {
  folio: string;
  /** The 16 digits without hyphens. */
  accessCode: string;
  channel: Channel;
  content: ReportContent;
  identity: ReporterIdentity | null;
  areaId: string;
  categoryId: string | null;
  priority: Priority;
  municipality: string | null;
  /** Local day of filing; for a call the day of the call. Clocks start here. */
  receivedOn: string;
  /** Local day of registration. */
  registeredOn: string;
  ruleId: string | null;
  /** Who really filed: a channel key, an operator, or nobody. */
  actor: Actor;
}

export interface OpenedCase {
  id: string;
  folio: string;
  clocks: ClockView[];
}

/** Opens cases: step of intake, many at once in multi-row statements, ids made here, no RETURNING. */
@Injectable()
export class CaseOpening {
  constructor(
    private readonly vault: CaseVault,
    private readonly audit: AuditService,
    private readonly sla: SlaService,
    private readonly ring: KeyRing,
  ) {}

  async openMany(tx: Tx, catalog: CatalogSnapshot, reports: NewCase[]): Promise<OpenedCase[]> {
    const { institution } = catalog;
    const prepared = reports.map((report) => {
      const { keys, row } = this.vault.create(randomUUID());
      return { report, keys, keysRow: row };
    });
    const clocks = await this.sla.plan(
      tx,
      institution,
      prepared.map(({ report, keys }) => ({
        id: keys.caseId,
        startedOn: report.receivedOn,
        categoryId: report.categoryId,
        priority: report.priority,
      })),
    );
    await tx.insert(
      CaseRow,
      prepared.map(({ report, keys }) => ({
        id: keys.caseId,
        institutionId: institution.id,
        areaId: report.areaId,
        folio: report.folio,
        status: 'received',
        channel: report.channel,
        categoryId: report.categoryId,
        priority: report.priority,
        municipality: report.municipality,
        receivedOn: report.receivedOn,
        registeredOn: report.registeredOn,
        routedBy: report.ruleId,
        ...placeInLists(clocks.subjects.get(keys.caseId)!.summary),
      })),
    );
    await tx.insert(
      CaseKeysRow,
      prepared.map(({ keysRow }) => keysRow),
    );
    await tx.insert(
      CaseReportRow,
      prepared.map(({ report, keys }) => this.vault.sealReport(keys, report.content, report.identity)),
    );
    await tx.insert(
      CaseAccessCodeRow,
      prepared.map(({ report, keys }) => ({
        caseId: keys.caseId,
        institutionId: institution.id,
        folioHash: folioHash(this.ring, report.folio),
        digest: accessDigest(this.ring, report.folio, report.accessCode),
      })),
    );
    await tx.insert(
      CaseEntryRow,
      prepared.map(({ report, keys }) => ({
        id: randomUUID(),
        caseId: keys.caseId,
        caseSeq: 1,
        kind: 'received',
        author: 'reporter',
        visible: true,
        day: report.receivedOn,
      })),
    );
    await this.sla.start(tx, clocks);
    // A call registered late may be overdue already: its breach shows at once, not with the next round.
    if ([...clocks.subjects.values()].some(({ summary }) => summary.stage > 0)) await tx.query(WAKE, ['sla']);
    await this.audit.recordMany(
      tx,
      prepared.map(({ report, keys }) => ({
        event: 'CASE_OPENED',
        actor: report.actor,
        subject: { caseId: keys.caseId, caseSeq: 1, auditKey: keys.audit, day: report.registeredOn, dayOnly: true },
        payload: {
          channel: report.channel,
          area: report.areaId,
          category: report.categoryId,
          priority: report.priority,
          receivedOn: report.receivedOn,
          registeredOn: report.registeredOn,
          rule: report.ruleId,
        },
      })),
    );
    return prepared.map(({ report, keys }) => ({
      id: keys.caseId,
      folio: report.folio,
      clocks: clocks.subjects.get(keys.caseId)!.clocks,
    }));
  }
}
