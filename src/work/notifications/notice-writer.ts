import { Injectable, type OnModuleInit } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { AuditFaults, type FoundFault } from '../../foundations/audit/faults.js';
import { CatalogsReader } from '../../foundations/catalogs/catalogs.reader.js';
import { RoutingChanges } from '../../foundations/catalogs/routing-changes.js';
import { AccountActs } from '../../foundations/identity/accounts/account-acts.js';
import { Approvals, type ApprovalEvent } from '../../foundations/identity/approvals/approvals.service.js';
import { APPROVERS } from '../../foundations/identity/approvals/two-people.js';
import { approversOf, auditorsOf, deskOf, headsOf, reaches } from '../../foundations/identity/staff-directory.js';
import type { Metric } from '../../foundations/sla/deadline.js';
import { Clock, startOfDay } from '../../platform/clock.js';
import type { Tx } from '../../platform/database/tx.js';
import { openCasesOf, presentAssignee } from '../cases/assignees.js';
import { CaseStore, type CaseEvent, type LockedCase } from '../cases/case-store.js';
import { isOpen } from '../cases/lifecycle.js';
import type { NoticeKind } from './notice-texts.js';

interface NewNotice {
  accountId: string;
  /** Absent for what belongs to no case. */
  caseId?: string;
  kind: NoticeKind;
  metric?: Metric;
  approvalId?: string;
  aboutAccountId?: string;
}

/**
 * Who is told of what, in the transaction in which it happens. Inactive accounts are told nothing: what they should hear goes
 * to the heads of the case's area, and of an area without a head to the desk.
 */
@Injectable()
export class NoticeWriter implements OnModuleInit {
  constructor(
    private readonly cases: CaseStore,
    private readonly accounts: AccountActs,
    private readonly approvals: Approvals,
    private readonly routing: RoutingChanges,
    private readonly trail: AuditFaults,
    private readonly catalogs: CatalogsReader,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.cases.onEvent((tx, locked, event) => this.ofCase(tx, locked, event));
    this.accounts.onReachLost(async (tx, account) => {
      await this.approverLeft(tx, account);
      await this.assigneeLeft(tx, account);
    });
    this.routing.onChange((tx, institutionId) => this.routingChanged(tx, institutionId));
    this.approvals.onEvent((tx, event) => this.ofApproval(tx, event));
    this.trail.onFault((tx, institutionId, faults) => this.trailBroken(tx, institutionId, faults));
  }

  private async ofCase(tx: Tx, { row, now, catalog: { institution } }: LockedCase, event: CaseEvent): Promise<void> {
    const caseId = row.id;
    const notices: NewNotice[] = [];
    switch (event.kind) {
      case 'deadline': {
        const { kind, metric } = event.transition;
        // The case says so; nobody has to do anything.
        if (kind === 'corrected') break;
        const people = new Set(await answerable(tx, row));
        // A warning still can be acted on by whoever works the case; a breach is the head's matter.
        const assignee = kind === 'warning' ? await presentAssignee(tx, row) : null;
        if (assignee) people.add(assignee);
        const told = kind === 'breached' ? 'deadline_breached' : 'deadline_warning';
        for (const accountId of people) notices.push({ accountId, caseId, kind: told, metric });
        break;
      }
      case 'reporter_wrote': {
        const assignee = await presentAssignee(tx, row);
        const people = new Set(assignee ? [assignee] : await answerable(tx, row));
        // Whoever ended the case should not be the only one to read what its reporter says to that.
        if (!isOpen(row.status)) for (const accountId of await toldOfEnded(tx, row)) people.add(accountId);
        for (const accountId of people) notices.push({ accountId, caseId, kind: 'reporter_wrote' });
        break;
      }
      case 'assigned': {
        const own = tx.actor.kind === 'staff' && tx.actor.accountId === event.to;
        if (!own) notices.push({ accountId: event.to, caseId, kind: 'case_assigned' });
        break;
      }
    }
    await write(tx, institution, now, notices);
  }

  private async ofApproval(tx: Tx, { kind, approvalId, accountId, institutionId, to }: ApprovalEvent): Promise<void> {
    const { institution } = await this.catalogs.snapshot(tx, institutionId);
    const notices = to.map((id): NewNotice => ({
      accountId: id,
      kind,
      approvalId,
      aboutAccountId: accountId ?? undefined,
    }));
    await write(tx, institution, this.clock.now(), notices);
  }

  /** Whoever could say no to an administrator was taken away: the others hear of it, and so does that person. */
  private async approverLeft(
    tx: Tx,
    { id, institutionId, roles }: { id: string; institutionId: string; roles: readonly string[] },
  ): Promise<void> {
    if (!roles.some((role) => (APPROVERS as readonly string[]).includes(role))) return;
    const { institution } = await this.catalogs.snapshot(tx, institutionId);
    const people = new Set([...(await approversOf(tx, institutionId)), id]);
    const notices = [...people].map((accountId): NewNotice => ({
      accountId,
      kind: 'access_changed',
      aboutAccountId: id,
    }));
    await write(tx, institution, this.clock.now(), notices);
  }

  /** Where reports go decides who reads them. */
  private async routingChanged(tx: Tx, institutionId: string): Promise<void> {
    const { institution } = await this.catalogs.snapshot(tx, institutionId);
    const people = await approversOf(tx, institutionId);
    const notices = people.map((accountId): NewNotice => ({ accountId, kind: 'routing_changed' }));
    await write(tx, institution, this.clock.now(), notices);
  }

  /** Of the trail of the installation nobody is told here: it belongs to no institution, and a metric shows it. */
  private async trailBroken(tx: Tx, institutionId: string | null, faults: readonly FoundFault[]): Promise<void> {
    if (institutionId === null) return;
    const { institution } = await this.catalogs.snapshot(tx, institutionId);
    const people = await auditorsOf(tx, institutionId);
    const cases = [...new Set(faults.map(({ caseId }) => caseId))];
    const notices = cases.flatMap((caseId) =>
      people.map((accountId): NewNotice => ({ accountId, caseId, kind: 'trail_broken' })),
    );
    await write(tx, institution, this.clock.now(), notices);
  }

  /**
   * The cases that an account leaves behind which was deactivated or lost their area. Who changes it reaches no case: the look goes
   * beyond that reach. Nothing of it comes back, not even how many there were, and nothing else of the transaction reads cases.
   */
  private async assigneeLeft(tx: Tx, { id, institutionId }: { id: string; institutionId: string }): Promise<void> {
    const { institution } = await this.catalogs.snapshot(tx, institutionId);
    await tx.widen('assignee_left');
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
    await write(tx, institution, this.clock.now(), notices);
  }
}

/** Who is told that a reporter wrote after the end: the heads of the area, or the auditors where it has none. */
async function toldOfEnded(tx: Tx, place: { areaId: string; institutionId: string }): Promise<string[]> {
  const heads = await headsOf(tx, place.areaId);
  return heads.length > 0 ? heads : auditorsOf(tx, place.institutionId);
}

/** The active heads of an area, or the desk where it has none. */
async function answerable(tx: Tx, place: { areaId: string; institutionId: string }): Promise<string[]> {
  const heads = await headsOf(tx, place.areaId);
  return heads.length > 0 ? heads : deskOf(tx, place.institutionId);
}

/**
 * Every notice carries the day only, for what a reporter did must not be told from its neighbours. The index on unread
 * notices leaves out a second `reporter_wrote`: the writer may not look into the notices of others.
 */
async function write(
  tx: Tx,
  institution: { id: string; timeZone: string },
  now: Date,
  notices: readonly NewNotice[],
): Promise<void> {
  if (notices.length === 0) return;
  await tx.query(
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
}
