import { Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { AuditService, type AuditFact } from '../../foundations/audit/audit.service.js';
import type { CatalogSnapshot } from '../../foundations/catalogs/catalogs.reader.js';
import type { Channel } from '../../foundations/catalogs/channels.js';
import type { Priority } from '../../foundations/catalogs/priorities.js';
import {
  SlaService,
  type ClockView,
  type PlannedClocks,
  type SetTerm,
} from '../../foundations/sla/sla.service.js';
import type { Actor } from '../../platform/actor.js';
import { KeyRing } from '../../platform/crypto/keyring.js';
import type { Tx } from '../../platform/database/tx.js';
import { accessDigest, folioHash } from './access-codes/access-code.js';
import { CaseVault, type CaseKeys, type ReporterIdentity, type ReportContent } from './case-vault.js';
import { CaseAccessCodeRow, CaseEntryRow, CaseKeysRow, CaseReportRow, CaseRow } from './case.entities.js';
import { codeContent, entryContent, reportContent } from './content-refs.js';
import { listUrgency } from './list-urgency.js';

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

/** A case that is ready to be stored, with the clocks for its receipt. */
export interface OpenedCase {
  report: NewCase;
  keys: CaseKeys;
  keysRow: CaseKeysRow;
  clocks: ClockView[];
}

export interface PlannedCases {
  institutionId: string;
  opened: OpenedCase[];
  clocks: PlannedClocks;
}

/**
 * Open cases: a step of intake. Opens many cases at once in multi-row statements. Ids are made here, without
 * RETURNING.
 */
@Injectable()
export class CaseOpening {
  constructor(
    private readonly vault: CaseVault,
    private readonly audit: AuditService,
    private readonly sla: SlaService,
    private readonly ring: KeyRing,
  ) {}

  /** Which of the given folios already belong to a case. */
  async takenFolios(tx: Tx, folios: readonly string[]): Promise<Set<string>> {
    const rows = await tx.query<{ folio: string }>('select folio from cases where folio = any($1)', [folios]);
    return new Set(rows.map(({ folio }) => folio));
  }

  /** Give each report its id, keys and clocks. Stores nothing yet. */
  plan(
    { institution }: CatalogSnapshot,
    terms: readonly SetTerm[],
    reports: readonly NewCase[],
  ): PlannedCases {
    const prepared = reports.map((report) => ({ report, ...this.vault.create(randomUUID()) }));
    const clocks = this.sla.plan(
      institution,
      terms,
      prepared.map(({ report, keys }) => ({
        id: keys.caseId,
        startedOn: report.receivedOn,
        categoryId: report.categoryId,
        priority: report.priority,
      })),
    );
    const opened = prepared.map(({ report, keys, row }) => ({
      report,
      keys,
      keysRow: row,
      clocks: clocks.subjects.get(keys.caseId)!.clocks,
    }));
    return { institutionId: institution.id, opened, clocks };
  }

  /** Store planned cases. All statements go in one round trip, each case before the rows that refer to it. */
  async open(tx: Tx, { institutionId, opened, clocks }: PlannedCases): Promise<void> {
    const cases = opened.map((one) => caseRowOf(one, institutionId, clocks));
    const keys = opened.map(({ keysRow }) => keysRow);
    const reports = opened.map(({ report, keys }) =>
      this.vault.sealReport(keys, report.content, report.identity),
    );
    const codes = opened.map(({ report, keys }) => ({
      caseId: keys.caseId,
      institutionId,
      folioHash: folioHash(this.ring, report.folio),
      digest: accessDigest(this.ring, report.folio, report.accessCode),
    }));
    const entries = opened.map(firstEntryOf);
    const facts = opened.map((one, at) =>
      factOf(one, {
        ...reportContent(reports[at]!),
        ...codeContent({ digest: codes[at]!.digest, generation: 0, hardened: false }),
        ...entryContent(entries[at]!.id, entries[at]!, null),
      }),
    );
    await Promise.all([
      tx.insert(CaseRow, cases),
      tx.insert(CaseKeysRow, keys),
      tx.insert(CaseReportRow, reports),
      tx.insert(CaseAccessCodeRow, codes),
      tx.insert(CaseEntryRow, entries),
      this.sla.start(tx, clocks),
      this.audit.recordMany(tx, facts),
    ]);
  }
}

function caseRowOf(
  { report, keys }: OpenedCase,
  institutionId: string,
  clocks: PlannedClocks,
): Partial<CaseRow> {
  return {
    id: keys.caseId,
    institutionId,
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
    awaitsVoice: report.content.voice ?? false,
    ...listUrgency(clocks.subjects.get(keys.caseId)!.summary),
  };
}

function firstEntryOf({ report, keys }: OpenedCase) {
  return {
    id: randomUUID(),
    caseId: keys.caseId,
    caseSeq: 1,
    kind: 'received' as const,
    author: 'reporter' as const,
    visible: true,
    day: report.receivedOn,
  };
}

function factOf({ report, keys }: OpenedCase, content: AuditFact['content']): AuditFact {
  return {
    event: 'CASE_OPENED',
    actor: report.actor,
    subject: {
      caseId: keys.caseId,
      caseSeq: 1,
      auditKey: keys.audit,
      day: report.registeredOn,
      dayOnly: true,
    },
    payload: {
      channel: report.channel,
      area: report.areaId,
      category: report.categoryId,
      priority: report.priority,
      municipality: report.municipality,
      receivedOn: report.receivedOn,
      registeredOn: report.registeredOn,
      rule: report.ruleId,
    },
    content,
  };
}
