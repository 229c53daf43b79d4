import { Injectable } from '@nestjs/common';
import { AuditService } from '../../audit/audit.service.js';
import { namesOf } from '../../audit/payload.js';
import type { StaffActor } from '../../platform/actor.js';
import { Clock } from '../../platform/clock.js';
import { Database } from '../../platform/database/database.js';
import type { Tx } from '../../platform/database/tx.js';
import { forbidden } from '../../platform/http/access.guard.js';
import { accountNotFound, areaMissing, ownAccount, rolesIncompatible } from '../errors.js';
import { oneTimePassword } from '../passwords/password-rules.js';
import { hashPassword } from '../passwords/passwords.js';
import { compatible, needsAreas, ROLES, type Role } from '../permissions.js';
import { lockAccounts, revokeSessions, type LockedAccount } from '../sessions/session.steps.js';
import { SignInLimits } from '../sessions/sign-in-limits.js';
import { AccountSteps } from './account.steps.js';
import { AccountsReader, type AccountView } from './accounts.reader.js';

export interface AccountInput {
  email: string;
  name: string;
  roles: readonly Role[];
  areas: readonly string[];
}

/** Absent = leave as it is. */
export interface AccountChange {
  name?: string;
  roles?: readonly Role[];
  areas?: readonly string[];
  active?: boolean;
}

/** Hears of an account that was deactivated or moved to other roles or areas, in the transaction in which it happens. */
export type ReachListener = (tx: Tx, account: { id: string; institutionId: string }) => Promise<void>;

/** What an administrator does with the accounts of the own institution. */
@Injectable()
export class AccountsService {
  private readonly reachListeners: ReachListener[] = [];

  constructor(
    private readonly database: Database,
    private readonly audit: AuditService,
    private readonly clock: Clock,
    private readonly steps: AccountSteps,
    private readonly reader: AccountsReader,
    private readonly limits: SignInLimits,
  ) {}

  onReachLost(listener: ReachListener): void {
    this.reachListeners.push(listener);
  }

  /**
   * Creates an account with a one-time password, which is shown here only.
   * @throws DomainError EMAIL_TAKEN (409), ROLES_INCOMPATIBLE (422); InvalidRequest for an unknown area, or none where the roles need one
   */
  async create(actor: StaffActor, input: AccountInput): Promise<AccountView & { oneTimePassword: string }> {
    const password = oneTimePassword();
    if (!compatible(input.roles)) throw rolesIncompatible();
    const passwordHash = await hashPassword(password);
    const account = await this.database.tx(actor, async (tx) => {
      const roles = inOrder(input.roles);
      const id = await this.steps.create(tx, { ...input, roles, passwordHash, oneTime: true });
      return this.reader.view(tx, id);
    });
    return { ...account, oneTimePassword: password };
  }

  /**
   * Changes an account; other roles, areas or a deactivation end all its sessions at once.
   * @throws DomainError ACCOUNT_NOT_FOUND (404), OWN_ACCOUNT (409); InvalidRequest for an unknown area, or none where the roles need one
   */
  async change(actor: StaffActor, id: string, change: AccountChange): Promise<AccountView> {
    return this.database.tx(actor, async (tx) => {
      const target = await this.lock(tx, actor, id);
      // An administrator neither locks itself out nor lets itself into cases.
      const own = change.active === false || change.roles !== undefined || change.areas !== undefined;
      if (id === actor.accountId && own) throw ownAccount();
      if (change.roles !== undefined && !compatible(change.roles)) throw rolesIncompatible();
      const before = await this.reader.view(tx, id);
      const name = change.name?.trim() ?? target.name;
      const fields = changedFields(before, { ...change, name });
      if (fields.length === 0) return before;
      const roles = change.roles === undefined ? target.roles : inOrder(change.roles);
      const moved = fields.includes('roles') || fields.includes('areas');
      if (moved && needsAreas(roles) && (change.areas ?? before.areas).length === 0) throw areaMissing();
      await tx.query('update accounts set name = $2, roles = $3, active = $4 where id = $1', [
        id,
        name,
        roles,
        change.active ?? target.active,
      ]);
      if (fields.includes('areas')) await this.steps.setAreas(tx, id, change.areas!);
      if (fields.some((field) => field !== 'name')) await revokeSessions(tx, id, this.clock.now());
      await this.audit.record(tx, {
        event: 'ACCOUNT_CHANGED',
        about: id,
        names: namesOf({ id, name, email: target.email }),
        payload: {
          accountId: id,
          fields,
          roles: fields.includes('roles') ? roles : undefined,
          areas: fields.includes('areas') ? [...change.areas!] : undefined,
          active: fields.includes('active') ? change.active : undefined,
        },
      });
      const after = await this.reader.view(tx, id);
      if (moved || (before.active && !after.active)) {
        for (const listener of this.reachListeners) await listener(tx, { id, institutionId: actor.institutionId });
      }
      return after;
    });
  }

  /**
   * Gives an account a one-time password, ends its sessions and its lock.
   * @throws DomainError ACCOUNT_NOT_FOUND (404), OWN_ACCOUNT (409): a borrowed session must not take over its account
   */
  async setOneTimePassword(actor: StaffActor, id: string): Promise<string> {
    if (id === actor.accountId) throw ownAccount();
    const password = oneTimePassword();
    const passwordHash = await hashPassword(password);
    const email = await this.database.tx(actor, async (tx) => {
      const target = await this.lock(tx, actor, id);
      await this.steps.setPassword(tx, target, passwordHash, true);
      return target.email;
    });
    await this.limits.forget(email);
    return password;
  }

  /** Locks target and actor together: of two administrators who deactivate each other one must remain. */
  private async lock(tx: Tx, actor: StaffActor, id: string): Promise<LockedAccount> {
    const accounts = await lockAccounts(tx, [actor.accountId, id]);
    const own = accounts.get(actor.accountId);
    if (!own?.active || !own.roles.includes('admin')) throw forbidden();
    const target = accounts.get(id);
    if (!target) throw accountNotFound();
    return target;
  }
}

function inOrder(roles: readonly Role[]): Role[] {
  return ROLES.filter((role) => roles.includes(role));
}

function changedFields(before: AccountView, change: AccountChange): (keyof AccountChange)[] {
  const areas = before.areas.map((area) => area.code);
  const fields: (keyof AccountChange)[] = [];
  if (change.name !== undefined && change.name !== before.name) fields.push('name');
  if (change.roles !== undefined && !sameSet(change.roles, before.roles)) fields.push('roles');
  if (change.areas !== undefined && !sameSet(change.areas, areas)) fields.push('areas');
  if (change.active !== undefined && change.active !== before.active) fields.push('active');
  return fields;
}

function sameSet(one: readonly string[], other: readonly string[]): boolean {
  const set = new Set(one);
  return set.size === new Set(other).size && other.every((value) => set.has(value));
}
