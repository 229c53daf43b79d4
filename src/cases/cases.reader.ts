import { Injectable } from '@nestjs/common';
import { isUUID } from 'class-validator';
import { AuditService } from '../audit/audit.service.js';
import { CatalogsReader, type CatalogSnapshot, findArea, findCategory } from '../catalogs/catalogs.reader.js';
import { areaLabel, categoryLabel, statusLabel } from '../catalogs/labels.js';
import type { ReporterActor, StaffActor } from '../platform/actor.js';
import { Clock, isoWithOffset } from '../platform/clock.js';
import { Database } from '../platform/database/database.js';
import type { Tx } from '../platform/database/tx.js';
import type { Language } from '../platform/http/language.js';
import { decodeCursor, encodeCursor } from '../platform/http/paging.js';
import type { Stage } from '../sla/deadline.js';
import { SlaService, type ClockView } from '../sla/sla.service.js';
import { CaseRow } from './case.entities.js';
import { readEntries, type EntryView } from './case-entries.js';
import { CaseVault } from './case-vault.js';
import { caseErrors } from './errors.js';
import { canMove, MOVES, type Move } from './lifecycle.js';
import type { AssigneeRef, AuditPage, CaseDetail, DeadlineView, ReporterCase } from './views.js';

/** Reads one case: for staff in detail, for the auditor its trail, for the reporter what it may see. */
@Injectable()
export class CasesReader {
  constructor(
    private readonly database: Database,
    private readonly catalogs: CatalogsReader,
    private readonly vault: CaseVault,
    private readonly sla: SlaService,
    private readonly audit: AuditService,
    private readonly clock: Clock,
  ) {}

  /** The whole case, with its content. The read itself is audited. @throws CASE_NOT_FOUND */
  async detail(actor: StaffActor, folio: string): Promise<CaseDetail> {
    return this.database.tx(actor, async (tx) => {
      const { row, catalog } = await this.find(tx, folio);
      const keys = await this.vault.load(tx, row.id);
      const report = await this.vault.report(tx, keys);
      const known = report.mode === 'identified' && (await this.handles(tx, actor, row.areaId));
      const reporter = known ? await this.vault.identityOf(tx, row.id, report.mode) : null;
      const entries = await readEntries(tx, this.vault, keys, catalog.institution.timeZone, 'staff');
      const [assignee] = row.assigneeId
        ? await tx.query<AssigneeRef>('select id, name, active from accounts where id = $1', [row.assigneeId])
        : [];
      const [rule] = row.routedBy
        ? await tx.query<{ id: string; label: string }>('select id, label from routing_rules where id = $1', [
            row.routedBy,
          ])
        : [];
      const detail: CaseDetail = {
        ...place(row, catalog, 'es'),
        folio: row.folio,
        expediente: row.expediente,
        status: row.status,
        statusLabel: statusLabel(row.status, 'es'),
        version: row.version,
        channel: row.channel,
        mode: report.mode,
        priority: row.priority,
        municipality: row.municipality,
        receivedOn: row.receivedOn,
        outcome: row.outcome,
        assignee: assignee ?? null,
        awaitingAnswer: row.awaitingAnswer,
        routing: rule ? { id: rule.id, label: rule.label, confirmed: row.triaged } : null,
        report: {
          narrative: report.narrative,
          place: report.place ?? null,
          occurred: report.occurred ?? null,
          accused: report.accused ?? [],
          witnesses: report.witnesses ?? [],
          language: report.language,
          filesNotKept: report.filesNotKept ?? 0,
          lateReason: report.lateReason ?? null,
        },
        reporter,
        deadlines: await this.deadlinesOf(tx, row, catalog),
        entries,
        informationRequests: await this.requests(tx, row.id, entries),
        moves: (Object.keys(MOVES) as Move[]).filter((move) => canMove(row.status, move)),
      };
      await this.recordRead(tx, row, catalog, keys.audit, 'CASE_READ');
      return detail;
    });
  }

  /** The clocks of a case. @throws CASE_NOT_FOUND */
  async deadlines(actor: StaffActor, folio: string): Promise<DeadlineView[]> {
    return this.database.tx(actor, async (tx) => {
      const { row, catalog } = await this.find(tx, folio);
      const keys = await this.vault.load(tx, row.id);
      await this.recordRead(tx, row, catalog, keys.audit, 'DEADLINES_READ');
      return this.deadlinesOf(tx, row, catalog);
    });
  }

  /** The audit trail of a case in its order, page by page; reading it is an entry as well. */
  async auditTrail(actor: StaffActor, folio: string, page: { cursor?: string; limit: number }): Promise<AuditPage> {
    return this.database.tx(actor, async (tx) => {
      const { row, catalog } = await this.find(tx, folio);
      const keys = await this.vault.load(tx, row.id);
      const [day, seq, reading, at, id] = page.cursor
        ? decodeCursor(page.cursor, 'audit', ['day', 'integer', 'integer', 'instant', 'uuid'])
        : [];
      const after = page.cursor
        ? { day: String(day), seq: Number(seq), reading: Number(reading), at: String(at), id: String(id) }
        : undefined;
      const today = this.clock.today(catalog.institution.timeZone);
      const records = await this.audit.ofCase(tx, row.id, keys.audit, page.limit + 1, today, after);
      const shown = records.slice(0, page.limit);
      const named = shown
        .flatMap((record) => Object.values(record.payload))
        .filter((value) => isUUID(value)) as string[];
      const names = await accountNames(tx, [...shown.map((record) => record.accountId), ...named]);
      for (const { id, code } of [...catalog.areas, ...catalog.categories]) names.set(id, code);
      const last = shown.at(-1);
      const result: AuditPage = {
        items: shown.map((record) => ({
          event: record.event,
          actor: { kind: record.actorKind, name: record.accountId ? (names.get(record.accountId) ?? null) : null },
          day: record.day,
          at: record.at ? isoWithOffset(record.at, catalog.institution.timeZone) : null,
          data: record.payload,
        })),
        names: Object.fromEntries(named.flatMap((id) => (names.has(id) ? [[id, names.get(id)!]] : []))),
        nextCursor: records.length > page.limit && last ? encodeCursor('audit', Object.values(last.position)) : null,
      };
      await this.recordRead(tx, row, catalog, keys.audit, 'AUDIT_READ');
      return result;
    });
  }

  /** What the holder of folio and access code sees. @throws CASE_NOT_FOUND */
  async forReporter(actor: ReporterActor, language: Language): Promise<ReporterCase> {
    return this.database.tx(actor, async (tx) => {
      const row = await tx.manager.findOneBy(CaseRow, { id: actor.caseId });
      if (!row) throw caseErrors.notFound();
      const catalog = await this.catalogs.snapshot(tx, row.institutionId);
      const keys = await this.vault.load(tx, row.id);
      const entries = await readEntries(tx, this.vault, keys, catalog.institution.timeZone, 'reporter');
      const requests = await this.requests(tx, row.id, entries);
      const clocks = await this.sla.ofSubject(tx, catalog.institution, row.id);
      const closing = [...entries].reverse().find((entry) => entry.kind === 'resolved' || entry.kind === 'closed');
      const view: ReporterCase = {
        folio: row.folio,
        status: row.status,
        statusLabel: statusLabel(row.status, language),
        receivedOn: row.receivedOn,
        area: place(row, catalog, language).area,
        deadlines: presentRound(clocks).map(({ metric, dueOn, source, stage }) => ({
          metric,
          dueOn,
          source,
          met: wasMet(stage),
        })),
        timeline: entries
          .filter((entry) => entry.kind !== 'message' && entry.kind !== 'answered')
          .map((entry) => ({ kind: entry.kind, day: entry.day })),
        messages: entries
          .filter((entry) => entry.kind === 'message')
          .map((entry) => ({ from: entry.author, text: entry.body.text ?? '', day: entry.day })),
        informationRequests: requests.map(({ id, question, dueOn, state, answer }) => ({
          id,
          question,
          dueOn,
          state,
          answer,
        })),
        ...(row.outcome && closing
          ? { outcome: { outcome: row.outcome, text: closing.body.text ?? '', day: closing.day } }
          : {}),
      };
      await this.recordRead(tx, row, catalog, keys.audit, 'REPORTER_READ');
      return view;
    });
  }

  private async find(tx: Tx, folio: string): Promise<{ row: CaseRow; catalog: CatalogSnapshot }> {
    const row = await tx.manager.findOneBy(CaseRow, { folio });
    if (!row) throw caseErrors.notFound();
    return { row, catalog: await this.catalogs.snapshot(tx, row.institutionId) };
  }

  private async deadlinesOf(tx: Tx, row: CaseRow, catalog: CatalogSnapshot): Promise<DeadlineView[]> {
    const clocks = await this.sla.ofSubject(tx, catalog.institution, row.id);
    return clocks.map((clock) => ({
      metric: clock.metric,
      startedOn: clock.startedOn,
      dueOn: clock.dueOn,
      warnOn: clock.warnOn,
      businessDays: clock.businessDays,
      source: clock.source,
      stage: clock.stage,
      stoppedAt: clock.stoppedAt ? isoWithOffset(clock.stoppedAt, catalog.institution.timeZone) : null,
    }));
  }

  private async requests(tx: Tx, caseId: string, entries: EntryView[]): Promise<CaseDetail['informationRequests']> {
    const rows = await tx.query<{
      id: string;
      question_seq: number;
      answer_seq: number | null;
      due_on: string;
      state: string;
    }>(
      `select id, question_seq, answer_seq, due_on::text, state from information_requests where case_id = $1 order by question_seq`,
      [caseId],
    );
    const textOf = (seq: number | null): string | null =>
      seq === null ? null : (entries.find((entry) => entry.seq === seq)?.body.text ?? null);
    return rows.map((row) => ({
      id: row.id,
      question: textOf(row.question_seq) ?? '',
      answer: textOf(row.answer_seq),
      dueOn: row.due_on,
      state: row.state,
    }));
  }

  /** Whether the reader works cases of this area, and so may know who filed an identified report. */
  private async handles(tx: Tx, actor: StaffActor, areaId: string): Promise<boolean> {
    if (!actor.permissions.has('cases.investigate')) return false;
    const rows = await tx.query('select 1 from account_areas where account_id = $1 and area_id = $2', [
      actor.accountId,
      areaId,
    ]);
    return rows.length > 0;
  }

  private async recordRead(
    tx: Tx,
    row: CaseRow,
    { institution }: CatalogSnapshot,
    auditKey: Buffer,
    event: string,
  ): Promise<void> {
    const day = this.clock.today(institution.timeZone);
    await this.audit.record(tx, {
      event,
      payload: {},
      reading: true,
      // A visit of the reporter takes no place among the acts of staff.
      subject: { caseId: row.id, caseSeq: event === 'REPORTER_READ' ? null : row.lastSeq, auditKey, day },
    });
  }
}

/** Area and category as code and label. */
export function place(
  row: { areaId: string; categoryId: string | null },
  catalog: CatalogSnapshot,
  language: Language,
): Pick<CaseDetail, 'area' | 'category'> {
  const area = findArea(catalog, { id: row.areaId })!;
  const category = row.categoryId ? findCategory(catalog, { id: row.categoryId }) : undefined;
  return {
    area: { code: area.code, label: areaLabel(area, language) },
    category: category ? { code: category.code, label: categoryLabel(category, language) } : null,
  };
}

/** Of each metric the clock that counts: a reopening starts a new one, and what came of the former is over. */
function presentRound(clocks: readonly ClockView[]): ClockView[] {
  return [...new Map(clocks.map((clock) => [clock.metric, clock])).values()];
}

/** Whether the institution kept a deadline; null while it still can, or no longer has to. */
function wasMet(stage: Stage): boolean | null {
  if (stage === 'met') return true;
  return stage === 'late' || stage === 'overdue' ? false : null;
}

async function accountNames(tx: Tx, ids: (string | null)[]): Promise<Map<string, string>> {
  const wanted = [...new Set(ids.filter((id): id is string => id !== null))];
  const rows = await tx.query<{ id: string; name: string }>('select id, name from accounts where id = any($1)', [
    wanted,
  ]);
  return new Map(rows.map((row) => [row.id, row.name]));
}
