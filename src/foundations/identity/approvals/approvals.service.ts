import { Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import type { Actor, StaffActor } from '../../../platform/actor.js';
import { Clock } from '../../../platform/clock.js';
import { Database } from '../../../platform/database/database.js';
import type { Tx } from '../../../platform/database/tx.js';
import { Events } from '../../../platform/events.js';
import { AuditService } from '../../audit/audit.service.js';
import { namesOf, type Person } from '../../audit/payload.js';
import { twoPeopleBegan } from '../../catalogs/two-people-day.js';
import { AccountActs } from '../accounts/account-acts.js';
import type { AccountView } from '../accounts/accounts.reader.js';
import { accountNotFound, approvalErrors } from '../errors.js';
import { ApprovalDecided, ApprovalTold, type ApprovalNews } from '../events.js';
import { oneTimePassword } from '../passwords/password-rules.js';
import { hashPassword } from '../passwords/passwords.js';
import { lockAccounts } from '../sessions/session.steps.js';
import { SignInLimits } from '../sessions/sign-in-limits.js';
import { findPeople } from '../staff-directory.js';
import { institutionOf } from '../staff.js';
import { ApprovalRow, isOfCase, type ApprovalKind, type ApprovalRequest } from './approval.entity.js';
import { ApprovalsReader, stateAt, type ApprovalView } from './approvals.reader.js';
import {
  concernedPeople,
  eligible,
  gained,
  reachOf,
  standingOf,
  within,
  type Concerned,
} from './two-people.js';

/** A request ends when nobody answers it within a week. Somebody who still wants the act asks again. */
const LIFE_MS = 7 * 24 * 3_600_000;
/** The largest number of open requests of an institution. More requests would hide the important ones. */
export const MAX_OPEN = 50;

export interface Asked {
  kind: ApprovalKind;
  accountId: string | null;
  request: Omit<ApprovalRequest, 'concerned'>;
  concerned: Concerned;
  reason?: string;
}

/** The result of an agreement. The password is shown only here. */
export interface Agreed {
  approval: ApprovalView;
  account: AccountView | null;
  oneTimePassword?: string;
}

/**
 * Acts that need two people. An administrator asks about an account, a handler about a case, and a second
 * person agrees. Only then the act happens, in
 * the transaction and under the name of the second person. The second person gets the one-time password: with
 * this password the administrator could act as the owner of the account.
 */
@Injectable()
export class Approvals {
  constructor(
    private readonly database: Database,
    private readonly audit: AuditService,
    private readonly events: Events,
    private readonly clock: Clock,
    private readonly acts: AccountActs,
    private readonly reader: ApprovalsReader,
    private readonly limits: SignInLimits,
  ) {}

  /**
   * Step: tells whether acts need two people, because somebody can agree or could agree at some time. So an
   * administrator cannot deactivate people to avoid the question. Waits for a transaction that is just making
   * the first such person.
   */
  needed(tx: Tx): Promise<boolean> {
    return twoPeopleBegan(tx, institutionOf(tx.actor));
  }

  /** Step: asks for an act on an account. @throws TOO_MANY_APPROVALS (409) */
  async ask(tx: Tx, actor: StaffActor, asked: Asked): Promise<ApprovalView> {
    if ((await this.reader.openCount(tx, this.clock.now())) >= MAX_OPEN)
      throw approvalErrors.tooMany(MAX_OPEN);
    const id = await this.insert(tx, actor, asked, 'open');
    const candidates = await this.reader.candidates(tx);
    const to = eligible(candidates, asked.concerned, [actor.accountId, asked.accountId]).map((one) => one.id);
    await this.tell(tx, 'approval_requested', { id, accountId: asked.accountId }, to);
    return this.reader.view(tx, id, actor);
  }

  /**
   * Step: asks for an act about a case. The caller keeps what it is about, and what was said: nothing of a
   * case is stored here.
   * @param caseId for the notices
   * @returns the id of the request
   */
  async askAboutCase(
    tx: Tx,
    actor: StaffActor,
    { kind, concerned, caseId }: Pick<Asked, 'kind' | 'concerned'> & { caseId: string },
  ): Promise<string> {
    const id = await this.insert(tx, actor, { kind, concerned, accountId: null, request: {} }, 'open');
    const people = eligible(await this.reader.candidates(tx), concerned, [actor.accountId]);
    const to = people.map((one) => one.id);
    await this.tell(tx, 'approval_requested', { id, accountId: null, caseId }, to);
    return id;
  }

  /** Step: tells whoever asked about a case that a second person answered. */
  async tellAnswer(
    tx: Tx,
    { id, requestedBy }: { id: string; requestedBy: string },
    caseId: string,
  ): Promise<void> {
    await this.tell(tx, 'approval_answered', { id, accountId: null, caseId }, [requestedBy]);
  }

  /**
   * Step: notes an act that was done because nobody could agree yet. The first person who can agree sees it.
   */
  async noteDone(tx: Tx, actor: StaffActor, asked: Asked): Promise<void> {
    await this.insert(tx, actor, asked, 'unconfirmed');
    const candidates = await this.reader.candidates(tx);
    for (const { id, accountId } of await this.reader.unconfirmed(tx)) {
      await this.tell(
        tx,
        'access_changed',
        { id, accountId },
        candidates.map((one) => one.id),
      );
    }
  }

  /**
   * Agrees and does what was asked for. If the act was already done, agreeing confirms it.
   * @throws APPROVAL_NOT_FOUND (404), APPROVAL_CLOSED or APPROVAL_STALE (409), APPROVAL_NOT_YOURS (403), what
   *   the act itself throws
   */
  async agree(actor: Actor & { institutionId: string }, id: string): Promise<Agreed> {
    const password = oneTimePassword();
    const passwordHash = await hashPassword(password);
    const { email, ...agreed } = await this.database.tx(actor, async (tx) => {
      const { row, open } = await this.lock(tx, actor, id);
      if (isOfCase(row)) {
        await this.decideOfCase(tx, row, true);
        return { approval: await this.reader.view(tx, id, actor), account: null, email: undefined };
      }
      const done = open ? await this.carryOut(tx, row, passwordHash) : null;
      const account = done?.account ?? null;
      const accountId = account?.id ?? row.accountId;
      await this.decide(tx, row, 'agreed', { accountId });
      if (open) {
        const people = concernedPeople(await this.reader.candidates(tx), row.request.concerned);
        const self = actor.kind === 'staff' ? actor.accountId : undefined;
        const to = people.map((one) => one.id).filter((one) => one !== self);
        await this.tell(tx, 'access_changed', { id, accountId }, to);
      }
      const shown = done?.fresh ? { oneTimePassword: password } : {};
      return { approval: await this.reader.view(tx, id, actor), account, ...shown, email: account?.email };
    });
    if (agreed.oneTimePassword && email !== undefined) await this.limits.forget(email);
    return agreed;
  }

  /**
   * Refuses a request. If the act was already done, it is undone as far as possible: the account is
   * deactivated.
   * @throws as `agree`
   */
  async refuse(actor: Actor & { institutionId: string }, id: string, reason: string): Promise<ApprovalView> {
    return this.database.tx(actor, async (tx) => {
      const { row, open } = await this.lock(tx, actor, id);
      if (isOfCase(row)) {
        await this.decideOfCase(tx, row, false, reason);
        return this.reader.view(tx, id, actor);
      }
      if (!open && row.accountId !== null) {
        const target = (await lockAccounts(tx, [row.accountId])).get(row.accountId);
        if (target) await this.acts.change(tx, target, await this.acts.plan(tx, target, { active: false }));
      }
      await this.decide(tx, row, 'refused', { accountId: row.accountId, answer: reason });
      return this.reader.view(tx, id, actor);
    });
  }

  /** What is said of a case stays with the case. */
  private async decideOfCase(tx: Tx, row: ApprovalRow, agreed: boolean, answer?: string): Promise<void> {
    await this.decide(tx, row, agreed ? 'agreed' : 'refused', { accountId: null });
    const { id, requestedBy, request } = row;
    await this.events.tell(tx, ApprovalDecided, {
      approval: { id, requestedBy, concerned: request.concerned },
      agreed,
      answer,
    });
  }

  private async lock(
    tx: Tx,
    actor: Actor,
    id: string,
  ): Promise<{ row: ApprovalRow; /** Nothing was done yet. */ open: boolean }> {
    const row = await tx.manager.findOne(ApprovalRow, { where: { id }, lock: { mode: 'pessimistic_write' } });
    if (!row) throw approvalErrors.notFound();
    const state = stateAt(row, this.clock.now());
    if (state !== 'open' && state !== 'unconfirmed') throw approvalErrors.closed(state);
    // A request ends when whoever asked may no longer ask.
    if (state === 'open' && !(await this.mayStillAsk(tx, row))) throw approvalErrors.closed(state);
    const people = eligible(await this.reader.candidates(tx), row.request.concerned, [
      row.requestedBy,
      row.accountId,
    ]);
    // The operator of the machine may answer only when no staff account can, and never about a case.
    const may =
      actor.kind === 'staff'
        ? people.some((one) => one.id === actor.accountId)
        : people.length === 0 && !isOfCase(row);
    if (!may) throw approvalErrors.notYours();
    return { row, open: state === 'open' };
  }

  private async mayStillAsk(tx: Tx, row: ApprovalRow): Promise<boolean> {
    const rows = await tx.query(
      `select 1 from accounts where id = $1 and active and ('admin' = any (roles) or $2)`,
      [row.requestedBy, isOfCase(row)],
    );
    return rows.length > 0;
  }

  /** @returns the account, and whether it got the one-time password */
  private async carryOut(
    tx: Tx,
    row: ApprovalRow,
    passwordHash: string,
  ): Promise<{ account: AccountView; fresh: boolean }> {
    const { email, name, roles, areas, active } = row.request;
    if (row.kind === 'account_creation') {
      const input = { email: email!, name: name!, roles: roles!, areas: areas! };
      return { account: await this.acts.create(tx, input, passwordHash), fresh: true };
    }
    const target = (await lockAccounts(tx, [row.accountId!])).get(row.accountId!);
    if (!target) throw accountNotFound();
    const change = row.kind === 'account_change';
    const plan = await this.acts.plan(tx, target, change ? { name, roles, areas, active } : {});
    // Refuse when the reach of the account changed meanwhile. Its former reach decided who may agree.
    const concerned = change
      ? gained(standingOf(plan.before), plan.after)
      : reachOf({ ...plan.after, active: true });
    if (!within(concerned, row.request.concerned)) throw approvalErrors.stale();
    const account = change ? await this.acts.change(tx, target, plan) : plan.before;
    // Until now one person could give this account a password, so an administrator may know that password.
    const enters = reachOf(standingOf(plan.before)) === null;
    const fresh = !change || (concerned !== null && enters);
    if (fresh) await this.acts.resetPassword(tx, target, passwordHash);
    return { account, fresh };
  }

  private async insert(
    tx: Tx,
    actor: StaffActor,
    { kind, accountId, request, concerned, reason }: Asked,
    state: 'open' | 'unconfirmed',
  ): Promise<string> {
    const id = randomUUID();
    const now = this.clock.now();
    await tx.insert(ApprovalRow, [
      {
        id,
        institutionId: actor.institutionId,
        kind,
        accountId,
        request: { ...request, concerned },
        reason: reason ?? null,
        requestedBy: actor.accountId,
        requestedAt: now,
        expiresAt: new Date(now.getTime() + LIFE_MS),
        state,
      },
    ]);
    await this.audit.record(tx, {
      event: state === 'open' ? 'APPROVAL_REQUESTED' : 'DONE_WITHOUT_APPROVAL',
      about: id,
      names: namesOf(...(await this.people(tx, [accountId]))),
      payload: { approvalId: id, kind, accountId, ...request, concerned, reason },
    });
    return id;
  }

  private async decide(
    tx: Tx,
    row: ApprovalRow,
    state: 'agreed' | 'refused',
    { accountId, answer }: { accountId: string | null; answer?: string },
  ): Promise<void> {
    const decidedBy = tx.actor.kind === 'staff' ? tx.actor.accountId : null;
    const decision = { state, accountId, decidedBy, decidedAt: this.clock.now(), answer: answer ?? null };
    await tx.change(ApprovalRow, { id: row.id }, decision);
    await this.audit.record(tx, {
      event: state === 'agreed' ? 'APPROVAL_AGREED' : 'APPROVAL_REFUSED',
      about: row.id,
      names: namesOf(...(await this.people(tx, [accountId, row.requestedBy]))),
      payload: {
        approvalId: row.id,
        kind: row.kind,
        accountId,
        requestedBy: row.requestedBy,
        reason: answer,
      },
    });
  }

  private async people(tx: Tx, ids: readonly (string | null)[]): Promise<Person[]> {
    return [...(await findPeople(tx, ids)).values()];
  }

  private async tell(
    tx: Tx,
    kind: ApprovalNews['kind'],
    { id, accountId, caseId }: { id: string; accountId: string | null; caseId?: string },
    to: readonly string[],
  ): Promise<void> {
    const news = { kind, approvalId: id, accountId, caseId, institutionId: institutionOf(tx.actor), to };
    await this.events.tell(tx, ApprovalTold, news);
  }
}
