import { Injectable } from '@nestjs/common';
import { type CatalogSnapshot, findArea, findCategory } from '../../foundations/catalogs/catalogs.reader.js';
import { areaText, categoryText } from '../../foundations/catalogs/labels.js';
import { findPeople, holdsArea, type Person } from '../../foundations/identity/staff-directory.js';
import type { Stage } from '../../foundations/sla/deadline.js';
import { SlaService, type ClockView } from '../../foundations/sla/sla.service.js';
import type { ReporterActor, StaffActor } from '../../platform/actor.js';
import { Clock, isoWithOffset } from '../../platform/clock.js';
import { Database } from '../../platform/database/database.js';
import type { Tx } from '../../platform/database/tx.js';
import { Events } from '../../platform/events.js';
import { assigneesFor } from './assignees.js';
import { readEntries, type EntryView } from './case-entries.js';
import { CaseReads } from './case-reads.js';
import { integrityOf, subjectOf } from './case-trail.js';
import { CaseVault, type ReportContent } from './case-vault.js';
import { InformationRequestRow, type CaseRow } from './case.entities.js';
import { EvidenceForReporter, EvidenceOfCase, RuleLabel } from './events.js';
import { folioDigits } from './folio-digits.js';
import { canMove, MOVE_NAMES } from './moves/moves.js';
import { writingOf } from './time-to-write.js';
import { TrailCheck } from './trail-check.js';
import type { AssignableView, AssigneeRef, CaseDetail, DeadlineView, ReporterCase } from './views.js';

/** Read one case: staff read the details, the reporter reads what a reporter may see. */
@Injectable()
export class CasesReader {
  constructor(
    private readonly database: Database,
    private readonly vault: CaseVault,
    private readonly sla: SlaService,
    private readonly reads: CaseReads,
    private readonly checks: TrailCheck,
    private readonly events: Events,
    private readonly clock: Clock,
  ) {}

  /** The whole case, with its content. The read itself gets a trail entry. @throws CASE_NOT_FOUND */
  async detail(actor: StaffActor, folio: string): Promise<CaseDetail> {
    const read = async (tx: Tx): Promise<CaseDetail> => {
      const found = await this.reads.find(tx, { folio });
      const { row, keys, catalog } = found;
      const today = this.clock.today(catalog.institution.timeZone);
      // One round trip: none of these reads needs the answer of another.
      const [report, handles, entries, checked, people, rule, deadlines, requests, evidence] =
        await Promise.all([
          this.vault.report(tx, keys),
          this.handles(tx, actor, row.areaId),
          readEntries(tx, this.vault, found, 'staff'),
          this.checks.check(tx, subjectOf(row, catalog, keys.audit), today),
          findPeople(tx, [row.assigneeId]),
          row.routedBy === null ? null : this.events.ask(tx, RuleLabel, row.routedBy),
          this.deadlinesOf(tx, row, catalog),
          this.requestsOf(tx, row.id),
          this.events.ask(tx, EvidenceOfCase, found),
        ]);
      const known = report.mode === 'identified' && handles;
      const reporter = known ? await this.vault.identityOf(tx, row.id, report.mode) : null;
      this.reads.record(tx, found, 'CASE_READ', { contentSha256: checked.contentSha256 });
      return {
        ...rowView(row, catalog),
        integrity: integrityOf(checked),
        mode: report.mode,
        assignee: assigneeOf(row.assigneeId, people),
        routing: rule === null ? null : { id: row.routedBy!, label: rule, confirmed: row.triaged },
        report: contentView(report),
        reporter,
        deadlines,
        entries,
        informationRequests: told(requests, entries),
        evidence,
        moves: MOVE_NAMES.filter((move) => canMove(row.status, move)),
      };
    };
    return this.database.tx(actor, read, { snapshot: true });
  }

  /** The clocks of a case. @throws CASE_NOT_FOUND */
  async deadlines(actor: StaffActor, folio: string): Promise<DeadlineView[]> {
    return this.database.tx(actor, async (tx) => {
      const found = await this.reads.find(tx, { folio });
      const { row, catalog } = found;
      this.reads.record(tx, found, 'DEADLINES_READ');
      return this.deadlinesOf(tx, row, catalog);
    });
  }

  /**
   * Accounts to which this case may be given in its present state: the accounts that `assign` accepts.
   * @throws CASE_NOT_FOUND
   */
  async assignable(actor: StaffActor, folio: string): Promise<AssignableView[]> {
    return this.database.tx(actor, async (tx) => {
      const found = await this.reads.find(tx, { folio });
      const accounts = await assigneesFor(tx, found.row.areaId, found.row.status);
      this.reads.record(tx, found, 'ASSIGNABLE_READ');
      return accounts.map(({ id, name, email, desk }) => ({ id, name, email, desk }));
    });
  }

  /** What the holder of folio and access code sees. @throws CASE_NOT_FOUND */
  async forReporter(actor: ReporterActor): Promise<ReporterCase> {
    return this.database.tx(actor, async (tx) => {
      const found = await this.reads.find(tx, { id: actor.caseId });
      const { row, catalog } = found;
      const [entries, asked, clocks, evidence] = await Promise.all([
        readEntries(tx, this.vault, found, 'reporter'),
        this.requestsOf(tx, row.id),
        this.sla.ofSubject(tx, catalog.institution, row.id),
        this.events.ask(tx, EvidenceForReporter, found),
      ]);
      const view: ReporterCase = {
        folio: row.folio,
        folioDigits: folioDigits(row.folio),
        status: row.status,
        receivedOn: row.receivedOn,
        area: areaAndCategory(row, catalog).area,
        deadlines: presentRound(clocks).map(({ metric, dueOn, source, stage }) => ({
          metric,
          dueOn,
          source,
          met: wasMet(stage),
        })),
        ...correspondenceOf(entries),
        informationRequests: told(asked, entries),
        evidence,
        awaitsVoice: row.awaitsVoice,
        ...outcomeOf(row, entries),
        writing: writingOf(row, this.clock.today(catalog.institution.timeZone)),
      };
      this.reads.record(tx, found, 'REPORTER_READ');
      return view;
    });
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

  private requestsOf(tx: Tx, caseId: string): Promise<InformationRequestRow[]> {
    return tx.rows(InformationRequestRow, 'case_id = $1 order by question_seq', [caseId]);
  }

  /** Whether the reader works cases of this area, and therefore may know who filed an identified report. */
  private async handles(tx: Tx, actor: StaffActor, areaId: string): Promise<boolean> {
    if (!actor.permissions.has('cases.investigate')) return false;
    return holdsArea(tx, actor.accountId, areaId);
  }
}

/** Add the texts of questions and answers, which are in the entries. */
function told(
  requests: readonly InformationRequestRow[],
  entries: readonly EntryView[],
): CaseDetail['informationRequests'] {
  const entryOf = (seq: number | null): EntryView | undefined =>
    seq === null ? undefined : entries.find((entry) => entry.seq === seq);
  return requests.map(({ id, questionSeq, answerSeq, dueOn, state }) => ({
    id,
    question: entryOf(questionSeq)?.body.text ?? '',
    answer: entryOf(answerSeq)?.body.text ?? null,
    answeredByPhone: entryOf(answerSeq)?.byPhone ?? false,
    answeredByVoiceMenu: entryOf(answerSeq)?.byVoiceMenu ?? false,
    dueOn,
    state,
  }));
}

/** What happened and what was written, as the reporter sees it. */
function correspondenceOf(
  entries: readonly EntryView[],
): Pick<ReporterCase, 'timeline' | 'messages' | 'newMessages'> {
  const last = entries.findLastIndex(({ author }) => author === 'reporter');
  return {
    newMessages: entries.slice(last + 1).filter(({ kind }) => kind === 'message').length,
    timeline: entries
      .filter((entry) => entry.kind !== 'message' && entry.kind !== 'answered')
      .map((entry) => ({ kind: entry.kind, day: entry.day })),
    messages: entries
      .filter((entry) => entry.kind === 'message')
      .map(({ author, body, day, byPhone }) => ({ from: author, text: body.text ?? '', day, byPhone })),
  };
}

function outcomeOf({ outcome }: CaseRow, entries: readonly EntryView[]): Pick<ReporterCase, 'outcome'> {
  const closing = [...entries].reverse().find(({ kind }) => kind === 'resolved' || kind === 'closed');
  return outcome && closing ? { outcome: { outcome, text: closing.body.text ?? '', day: closing.day } } : {};
}

/** The assignee of a case, as far as the reader may see accounts. Null when the case has no assignee. */
export function assigneeOf(id: string | null, people: ReadonlyMap<string, Person>): AssigneeRef | null {
  if (id === null) return null;
  const { name = '', active = false } = people.get(id) ?? {};
  return { id, name, active };
}

/** The fields from the row of a case. */
function rowView(row: CaseRow, catalog: CatalogSnapshot) {
  return {
    ...areaAndCategory(row, catalog),
    folio: row.folio,
    expediente: row.expediente,
    status: row.status,
    version: row.version,
    channel: row.channel,
    priority: row.priority,
    municipality: row.municipality,
    receivedOn: row.receivedOn,
    outcome: row.outcome,
    awaitingAnswer: row.awaitingAnswer,
    awaitsVoice: row.awaitsVoice,
    reporterWritesUntil: row.closeOn,
  };
}

/** What the reporter told, with a value for everything that was left out. */
function contentView(report: ReportContent): CaseDetail['report'] {
  return {
    narrative: report.narrative,
    voice: report.voice ?? false,
    place: report.place ?? null,
    occurred: report.occurred ?? null,
    accused: report.accused ?? [],
    witnesses: report.witnesses ?? [],
    language: report.language,
    filesNotKept: report.filesNotKept ?? 0,
    lateReason: report.lateReason ?? null,
    interpreterNeeded: report.interpreterNeeded ?? false,
    recordingConsent: report.recordingConsent ?? null,
  };
}

/** Area and category as code and label. */
export function areaAndCategory(
  row: { areaId: string; categoryId: string | null },
  catalog: CatalogSnapshot,
): Pick<CaseDetail, 'area' | 'category'> {
  const area = findArea(catalog, { id: row.areaId })!;
  const category = row.categoryId ? findCategory(catalog, { id: row.categoryId }) : undefined;
  return {
    area: { code: area.code, label: areaText(area) },
    category: category ? { code: category.code, label: categoryText(category) } : null,
  };
}

/**
 * Keep the present clock of each metric. A reopening starts a new clock, and the result of the earlier clock
 * no longer counts.
 */
function presentRound(clocks: readonly ClockView[]): ClockView[] {
  return [...new Map(clocks.map((clock) => [clock.metric, clock])).values()];
}

/** Whether the institution kept a deadline. Null while it still can, or when it no longer has to. */
function wasMet(stage: Stage): boolean | null {
  if (stage === 'met') return true;
  return stage === 'late' || stage === 'overdue' ? false : null;
}
