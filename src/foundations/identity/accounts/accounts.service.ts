import { Injectable } from '@nestjs/common';
import type { StaffActor } from '../../../platform/actor.js';
import { Database } from '../../../platform/database/database.js';
import type { Tx } from '../../../platform/database/tx.js';
import { forbidden } from '../../../platform/http/access.guard.js';
import type { ApprovalView } from '../approvals/approvals.reader.js';
import { Approvals } from '../approvals/approvals.service.js';
import { gained, reachOf, standingOf } from '../approvals/two-people.js';
import { accountNotFound, ownAccount, rolesIncompatible } from '../errors.js';
import { oneTimePassword } from '../passwords/password-rules.js';
import { hashPassword } from '../passwords/passwords.js';
import { compatible } from '../permissions.js';
import { lockAccounts, type LockedAccount } from '../sessions/session.steps.js';
import { SignInLimits } from '../sessions/sign-in-limits.js';
import { AccountActs, inOrder, type AccountChange, type AccountInput } from './account-acts.js';
import { AccountSteps } from './account.steps.js';
import type { AccountView } from './accounts.reader.js';

/** The act was done at once, or a second person was asked to agree. */
export type Outcome<Done> = { done: Done } | { approval: ApprovalView };

/**
 * What an administrator does with the accounts of the own institution. An act becomes a request to a second
 * person when it lets an account see cases, or lets somebody into such an account.
 */
@Injectable()
export class AccountsService {
  constructor(
    private readonly database: Database,
    private readonly acts: AccountActs,
    private readonly steps: AccountSteps,
    private readonly approvals: Approvals,
    private readonly limits: SignInLimits,
  ) {}

  /**
   * Creates an account with a one-time password, which is shown only here.
   * @throws DomainError EMAIL_TAKEN (409), ROLES_INCOMPATIBLE (422); InvalidRequest for an unknown area, or
   *   none where the roles need one
   */
  async create(
    actor: StaffActor,
    input: AccountInput,
    reason?: string,
  ): Promise<Outcome<AccountView & { oneTimePassword: string }>> {
    if (!compatible(input.roles)) throw rolesIncompatible();
    const password = oneTimePassword();
    const passwordHash = await hashPassword(password);
    return this.database.tx(actor, async (tx) => {
      await this.lock(tx, actor);
      await this.steps.assertNew(tx, input);
      const roles = inOrder(input.roles);
      const concerned = gained(null, { roles, areas: input.areas, active: true });
      const { email, name, areas } = input;
      const request = {
        kind: 'account_creation',
        request: { email, name, roles, areas: [...areas] },
        reason,
      } as const;
      if (concerned && (await this.approvals.needed(tx))) {
        return { approval: await this.approvals.ask(tx, actor, { ...request, concerned, accountId: null }) };
      }
      const account = await this.acts.create(tx, input, passwordHash);
      if (concerned)
        await this.approvals.noteDone(tx, actor, { ...request, concerned, accountId: account.id });
      return { done: { ...account, oneTimePassword: password } };
    });
  }

  /**
   * Changes an account. A change of roles or areas, or a deactivation, ends all its sessions at once.
   * @throws DomainError ACCOUNT_NOT_FOUND (404), OWN_ACCOUNT (409); InvalidRequest for an unknown area, or
   *   none where the roles need one
   */
  async change(
    actor: StaffActor,
    id: string,
    change: AccountChange,
    reason?: string,
  ): Promise<Outcome<AccountView>> {
    return this.database.tx(actor, async (tx) => {
      const target = await this.lock(tx, actor, id);
      // An administrator cannot deactivate the own account, and cannot give it access to cases.
      const own = change.active === false || change.roles !== undefined || change.areas !== undefined;
      if (id === actor.accountId && own) throw ownAccount();
      const plan = await this.acts.plan(tx, target, change);
      const { before, after, fields } = plan;
      const concerned = gained(standingOf(before), after);
      // Ask for the complete roles, areas and state of the account, so that another change in between cannot
      // slip in.
      const { roles, areas, active } = after;
      const asked = {
        roles,
        areas: [...areas],
        active,
        name: fields.includes('name') ? after.name : undefined,
      };
      const request = { kind: 'account_change', request: asked, accountId: id, reason } as const;
      if (concerned && (await this.approvals.needed(tx))) {
        return { approval: await this.approvals.ask(tx, actor, { ...request, concerned }) };
      }
      const account = await this.acts.change(tx, target, plan);
      if (concerned) await this.approvals.noteDone(tx, actor, { ...request, concerned });
      return { done: account };
    });
  }

  /**
   * Gives an account a one-time password, ends its sessions, and ends the slow-down of its address.
   * @throws DomainError ACCOUNT_NOT_FOUND (404), OWN_ACCOUNT (409): a borrowed session must not take over its
   *   account
   */
  async setOneTimePassword(actor: StaffActor, id: string, reason?: string): Promise<Outcome<string>> {
    if (id === actor.accountId) throw ownAccount();
    const password = oneTimePassword();
    const passwordHash = await hashPassword(password);
    const { email, outcome } = await this.database.tx(actor, async (tx) => {
      const target = await this.lock(tx, actor, id);
      const { roles, areas } = await this.acts.plan(tx, target, {}).then(({ after }) => after);
      // Treat an inactive account as active: its password would still work on the day on which it is active
      // again.
      const concerned = reachOf({ roles, areas, active: true });
      const request = { kind: 'one_time_password', request: {}, accountId: id, reason } as const;
      if (concerned && (await this.approvals.needed(tx))) {
        const approval = await this.approvals.ask(tx, actor, { ...request, concerned });
        return { email: target.email, outcome: { approval } };
      }
      await this.acts.resetPassword(tx, target, passwordHash);
      if (concerned) await this.approvals.noteDone(tx, actor, { ...request, concerned });
      return { email: target.email, outcome: { done: password } };
    });
    if ('done' in outcome) await this.limits.forget(email);
    return outcome;
  }

  /**
   * Locks target and actor together. When two administrators deactivate each other, one of them must remain.
   */
  private async lock(tx: Tx, actor: StaffActor, id: string = actor.accountId): Promise<LockedAccount> {
    const accounts = await lockAccounts(tx, [actor.accountId, id]);
    const own = accounts.get(actor.accountId);
    if (!own?.active || !own.roles.includes('admin')) throw forbidden('admin.accounts');
    const target = accounts.get(id);
    if (!target) throw accountNotFound();
    return target;
  }
}
