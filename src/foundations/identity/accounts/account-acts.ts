import { Injectable } from '@nestjs/common';
import { Clock } from '../../../platform/clock.js';
import type { Tx } from '../../../platform/database/tx.js';
import { Events } from '../../../platform/events.js';
import { AuditService } from '../../audit/audit.service.js';
import { namesOf } from '../../audit/payload.js';
import { areaMissing, rolesIncompatible } from '../errors.js';
import { ReachLost } from '../events.js';
import { AccountRow } from '../identity.entities.js';
import { compatible, needsAreas, ROLES, type Role } from '../permissions.js';
import { revokeSessions, type LockedAccount } from '../sessions/session.steps.js';
import { institutionOf } from '../staff.js';
import { AccountSteps } from './account.steps.js';
import { AccountsReader, type AccountView } from './accounts.reader.js';

export interface AccountInput {
  email: string;
  name: string;
  roles: readonly Role[];
  /** Codes of areas. */
  areas: readonly string[];
}

/** A change of an account. An absent field stays as it is. */
export interface AccountChange {
  name?: string;
  roles?: readonly Role[];
  areas?: readonly string[];
  active?: boolean;
}

/** A planned change. Nothing of it is written yet. */
export interface PlannedChange {
  before: AccountView;
  after: Required<AccountChange>;
  /** The fields that really change. */
  fields: (keyof AccountChange)[];
}

/**
 * Acts on accounts within a transaction. An administrator acts alone where one person is enough. Otherwise
 * the act runs when the second person agrees.
 */
@Injectable()
export class AccountActs {
  constructor(
    private readonly audit: AuditService,
    private readonly events: Events,
    private readonly clock: Clock,
    private readonly steps: AccountSteps,
    private readonly reader: AccountsReader,
  ) {}

  /**
   * Adds an account with a one-time password.
   * @throws DomainError EMAIL_TAKEN (409), ROLES_INCOMPATIBLE (422); InvalidRequest for an unknown area, or
   *   none where the roles need one
   */
  async create(tx: Tx, input: AccountInput, passwordHash: string): Promise<AccountView> {
    const id = await this.steps.create(tx, {
      ...input,
      roles: inOrder(input.roles),
      passwordHash,
      oneTime: true,
    });
    return this.reader.view(tx, id);
  }

  /**
   * @throws ROLES_INCOMPATIBLE (422); InvalidRequest for an unknown area, or none where the roles need one
   */
  async plan(tx: Tx, target: Pick<LockedAccount, 'id'>, change: AccountChange): Promise<PlannedChange> {
    const before = await this.reader.view(tx, target.id);
    const own = before.areas.map(({ code }) => code);
    const after = {
      name: change.name ?? before.name,
      roles: change.roles === undefined ? before.roles : inOrder(change.roles),
      areas: change.areas ?? own,
      active: change.active ?? before.active,
    };
    if (change.roles !== undefined && !compatible(after.roles)) throw rolesIncompatible();
    const fields: (keyof AccountChange)[] = [];
    if (after.name !== before.name) fields.push('name');
    if (!sameSet(after.roles, before.roles)) fields.push('roles');
    if (!sameSet(after.areas, own)) fields.push('areas');
    if (after.active !== before.active) fields.push('active');
    const moved = fields.includes('roles') || fields.includes('areas');
    if (moved && needsAreas(after.roles) && after.areas.length === 0) throw areaMissing();
    await this.steps.assertAreas(tx, after.areas);
    return { before, after, fields };
  }

  /**
   * Writes a planned change. A change of roles or areas, or a deactivation, ends all sessions of the account
   * at once.
   */
  async change(
    tx: Tx,
    target: LockedAccount,
    { before, after, fields }: PlannedChange,
  ): Promise<AccountView> {
    if (fields.length === 0) return before;
    const { id } = target;
    const { name, roles, active } = after;
    await tx.change(AccountRow, { id }, { name, roles: [...roles], active });
    if (fields.includes('areas')) await this.steps.setAreas(tx, id, after.areas);
    if (fields.some((field) => field !== 'name')) await revokeSessions(tx, id, this.clock.now());
    await this.audit.record(tx, {
      event: 'ACCOUNT_CHANGED',
      about: id,
      names: namesOf({ id, name: after.name, email: target.email }),
      payload: {
        accountId: id,
        fields,
        roles: fields.includes('roles') ? after.roles : undefined,
        areas: fields.includes('areas') ? [...after.areas] : undefined,
        active: fields.includes('active') ? after.active : undefined,
      },
    });
    await this.steps.noteApprover(tx, after.roles);
    const moved = fields.includes('roles') || fields.includes('areas');
    if (moved || (before.active && !after.active)) {
      const account = {
        id,
        institutionId: institutionOf(tx.actor),
        roles: before.active ? before.roles : [],
      };
      await this.events.tell(tx, ReachLost, account);
    }
    return this.reader.view(tx, id);
  }

  /** Gives an account a one-time password and ends its sessions. */
  async resetPassword(tx: Tx, target: LockedAccount, passwordHash: string): Promise<void> {
    await this.steps.setPassword(tx, target, passwordHash, true);
  }
}

export function inOrder(roles: readonly Role[]): Role[] {
  return ROLES.filter((role) => roles.includes(role));
}

function sameSet(one: readonly string[], other: readonly string[]): boolean {
  const set = new Set(one);
  return set.size === new Set(other).size && other.every((value) => set.has(value));
}
