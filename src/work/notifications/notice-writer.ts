import { Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { TrailFaultsFound, type FoundFault } from '../../foundations/audit/faults.js';
import { CatalogsReader } from '../../foundations/catalogs/catalogs.reader.js';
import { RoutingChanged } from '../../foundations/catalogs/events.js';
import { APPROVERS } from '../../foundations/identity/approvals/two-people.js';
import { ApprovalTold, ReachLost, type ApprovalNews } from '../../foundations/identity/events.js';
import type { Role } from '../../foundations/identity/permissions.js';
import {
  administratorsOf,
  approversOf,
  auditorsOf,
  deskOf,
  headsOf,
  reaches,
} from '../../foundations/identity/staff-directory.js';
import type { Metric } from '../../foundations/sla/deadline.js';
import type { ClockMark } from '../../foundations/sla/events.js';
import { Clock, startOfDay } from '../../platform/clock.js';
import type { Tx } from '../../platform/database/tx.js';
import { On } from '../../platform/events.js';
import { openCasesOf, presentAssignee } from '../cases/assignees.js';
import type { FoundCase } from '../cases/case-reads.js';
import type { CaseRow } from '../cases/case.entities.js';
import { CaseAssigned, CaseDeadlineMarked, EvidenceQuarantined, ReporterWrote } from '../cases/events.js';
import { isOpen } from '../cases/lifecycle.js';
import type { LockedCase } from '../cases/locked-case.js';
import type { NoticeKind } from './notice-texts.js';

/** Kinds of notices that modules above this one have. */
type OfAdministrators = Extract<NoticeKind, `whatsapp_${string}`>;

interface NewNotice {
  accountId: string;
  /** Absent when the notice belongs to no case. */
  caseId?: string;
  kind: NoticeKind;
  metric?: Metric;
  approvalId?: string;
  aboutAccountId?: string;
}

/**
 * Write notices, in the transaction of the event that they tell. An inactive account gets no notice. Its
 * notices go to the heads of the case's area, or to the desk when the area has no head.
 */
@Injectable()
export class NoticeWriter {
  constructor(
    private readonly catalogs: CatalogsReader,
    private readonly clock: Clock,
  ) {}

  @On(CaseDeadlineMarked)
  async ofDeadline(tx: Tx, { locked, mark }: { locked: LockedCase; mark: ClockMark }): Promise<void> {
    const { kind, metric } = mark;
    // The case shows the correction, and nobody has to act.
    if (kind === 'corrected') return;
    const people = new Set(await answerable(tx, locked.row));
    // After a warning the assignee can still act. A breach is the task of the heads.
    const assignee = kind === 'warning' ? await presentAssignee(tx, locked.row) : null;
    if (assignee) people.add(assignee);
    const told = kind === 'breached' ? 'deadline_breached' : 'deadline_warning';
    ofCase(tx, locked, [...people], { kind: told, metric });
  }

  @On(ReporterWrote)
  async ofReporter(tx: Tx, { locked }: { locked: LockedCase }): Promise<void> {
    ofCase(tx, locked, await handlersOf(tx, locked.row), { kind: 'reporter_wrote' });
  }

  /** Several files of a case are one notice until somebody reads it. */
  @On(EvidenceQuarantined)
  async ofQuarantine(tx: Tx, { found }: { found: FoundCase }): Promise<void> {
    const people = await handlersOf(tx, found.row);
    ofCase(tx, { ...found, now: this.clock.now() }, people, { kind: 'evidence_quarantined' });
  }

  @On(CaseAssigned)
  async ofAssignment(tx: Tx, { locked, to }: { locked: LockedCase; to: string }): Promise<void> {
    const own = tx.actor.kind === 'staff' && tx.actor.accountId === to;
    if (!own) ofCase(tx, locked, [to], { kind: 'case_assigned' });
  }

  @On(ApprovalTold)
  async ofApproval(tx: Tx, news: ApprovalNews): Promise<void> {
    const { kind, approvalId, accountId, institutionId, caseId, to } = news;
    const { institution } = await this.catalogs.snapshot(tx, institutionId);
    const notices = to.map((id): NewNotice => ({
      accountId: id,
      kind,
      caseId,
      approvalId,
      aboutAccountId: accountId ?? undefined,
    }));
    write(tx, institution, this.clock.now(), notices);
  }

  /**
   * An account that could refuse requests of an administrator was deactivated, or moved to other roles or
   * areas. Tell the present approvers and that account.
   */
  @On(ReachLost)
  async approverLeft(
    tx: Tx,
    { id, institutionId, roles }: { id: string; institutionId: string; roles: readonly Role[] },
  ): Promise<void> {
    if (!roles.some((role) => (APPROVERS as readonly Role[]).includes(role))) return;
    const { institution } = await this.catalogs.snapshot(tx, institutionId);
    const people = new Set([...(await approversOf(tx, institutionId)), id]);
    const notices = [...people].map((accountId): NewNotice => ({
      accountId,
      kind: 'access_changed',
      aboutAccountId: id,
    }));
    write(tx, institution, this.clock.now(), notices);
  }

  /** Tell the approvers: routing decides who reads a report. */
  @On(RoutingChanged)
  async routingChanged(tx: Tx, { institutionId }: { institutionId: string }): Promise<void> {
    const { institution } = await this.catalogs.snapshot(tx, institutionId);
    const people = await approversOf(tx, institutionId);
    const notices = people.map((accountId): NewNotice => ({ accountId, kind: 'routing_changed' }));
    write(tx, institution, this.clock.now(), notices);
  }

  /** Step: tell whoever administers the institution, for modules above this one. */
  async tellAdministrators(tx: Tx, institutionId: string, kind: OfAdministrators): Promise<void> {
    const { institution } = await this.catalogs.snapshot(tx, institutionId);
    const people = await administratorsOf(tx, institutionId);
    const notices = people.map((accountId): NewNotice => ({ accountId, kind }));
    write(tx, institution, this.clock.now(), notices);
  }

  /**
   * Tell the auditors of the institution. Faults in the trail of the installation are told to nobody here:
   * that trail belongs to no institution, and a metric shows its faults.
   */
  @On(TrailFaultsFound)
  async trailBroken(
    tx: Tx,
    { institutionId, faults }: { institutionId: string | null; faults: readonly FoundFault[] },
  ): Promise<void> {
    if (institutionId === null) return;
    const { institution } = await this.catalogs.snapshot(tx, institutionId);
    const people = await auditorsOf(tx, institutionId);
    const cases = [...new Set(faults.map(({ caseId }) => caseId))];
    const notices = cases.flatMap((caseId) =>
      people.map((accountId): NewNotice => ({ accountId, caseId, kind: 'trail_broken' })),
    );
    write(tx, institution, this.clock.now(), notices);
  }

  /**
   * Tell the heads of the area, or the desk, about open cases whose assignee was deactivated or lost their
   * area. The administrator who changes the account reaches no case, so this step widens the transaction. The
   * step returns nothing about the cases, not even their number. Nothing else in the transaction reads cases.
   */
  @On(ReachLost)
  async assigneeLeft(tx: Tx, { id, institutionId }: { id: string; institutionId: string }): Promise<void> {
    const { institution } = await this.catalogs.snapshot(tx, institutionId);
    tx.widen('assignee_left');
    const held = await openCasesOf(tx, id);
    const byArea = new Map<string, string[]>();
    for (const { areaId } of held) {
      if (byArea.has(areaId)) continue;
      const stays = await reaches(tx, id, areaId);
      byArea.set(areaId, stays ? [] : await answerable(tx, { areaId, institutionId }));
    }
    const notices = held.flatMap((subject) =>
      byArea
        .get(subject.areaId)!
        .map((accountId): NewNotice => ({ accountId, caseId: subject.id, kind: 'assignee_left' })),
    );
    write(tx, institution, this.clock.now(), notices);
  }
}

/** Write the same notice of a case for several people. */
function ofCase(
  tx: Tx,
  { row, now, catalog: { institution } }: Pick<LockedCase, 'row' | 'now' | 'catalog'>,
  people: readonly string[],
  notice: Pick<NewNotice, 'kind' | 'metric'>,
): void {
  write(
    tx,
    institution,
    now,
    people.map((accountId) => ({ ...notice, accountId, caseId: row.id })),
  );
}

/** Who is told what a reporter did: the assignee, or whoever answers for the area. */
async function handlersOf(tx: Tx, row: CaseRow): Promise<string[]> {
  const assignee = await presentAssignee(tx, row);
  const people = new Set(assignee ? [assignee] : await answerable(tx, row));
  // The person who ended the case should not be the only one who reads the reporter's reply.
  if (!isOpen(row.status)) for (const accountId of await toldOfEnded(tx, row)) people.add(accountId);
  return [...people];
}

/**
 * Who is told that a reporter wrote after the case ended: the heads of the area, or the auditors when the
 * area has no head.
 */
async function toldOfEnded(tx: Tx, at: { areaId: string; institutionId: string }): Promise<string[]> {
  const heads = await headsOf(tx, at.areaId);
  return heads.length > 0 ? heads : auditorsOf(tx, at.institutionId);
}

/** The active heads of an area, or the desk when the area has no active head. */
async function answerable(tx: Tx, at: { areaId: string; institutionId: string }): Promise<string[]> {
  const heads = await headsOf(tx, at.areaId);
  return heads.length > 0 ? heads : deskOf(tx, at.institutionId);
}

/**
 * Insert notices. Every notice stores the day only: neighbouring notices must not show when a reporter acted.
 * Indexes on unread notices drop a second one of some kinds, because the writer may not read the notices of
 * others.
 */
function write(
  tx: Tx,
  institution: { id: string; timeZone: string },
  now: Date,
  notices: readonly NewNotice[],
): void {
  if (notices.length === 0) return;
  const writing = tx.prepared(
    `insert into notices (id, institution_id, account_id, kind, case_id, metric, approval_id, about_account_id, at)
     select n.id, $1, n.account_id, n.kind, n.case_id, n.metric, n.approval_id, n.about_account_id, $2
       from unnest($3::uuid[], $4::uuid[], $5::text[], $6::uuid[], $7::text[], $8::uuid[], $9::uuid[])
         as n (id, account_id, kind, case_id, metric, approval_id, about_account_id)
     on conflict do nothing`,
    [
      institution.id,
      startOfDay(now, institution.timeZone),
      notices.map(() => randomUUID()),
      notices.map(({ accountId }) => accountId),
      notices.map(({ kind }) => kind),
      notices.map(({ caseId }) => caseId ?? null),
      notices.map(({ metric }) => metric ?? null),
      notices.map(({ approvalId }) => approvalId ?? null),
      notices.map(({ aboutAccountId }) => aboutAccountId ?? null),
    ],
  );
  tx.later(writing);
}
