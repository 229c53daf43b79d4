import { Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { Clock } from '../../../platform/clock.js';
import { violates } from '../../../platform/database/sql-state.js';
import type { Tx } from '../../../platform/database/tx.js';
import { AuditService } from '../../audit/audit.service.js';
import { namesOf, type Person } from '../../audit/payload.js';
import { CatalogsReader, findArea } from '../../catalogs/catalogs.reader.js';
import { beginTwoPeople } from '../../catalogs/two-people-day.js';
import { APPROVERS } from '../approvals/two-people.js';
import { normalEmail } from '../email.js';
import { areaMissing, emailTaken, rolesIncompatible, unknownArea } from '../errors.js';
import { AccountAreaRow, AccountRow } from '../identity.entities.js';
import { compatible, needsAreas, type Role } from '../permissions.js';
import { revokeSessions } from '../sessions/session.steps.js';
import { institutionOf } from '../staff.js';

/** A one-time password lasts over a weekend and not longer. ASVS 5.0 §6.4.1 asks for a short life. */
const ONE_TIME_MS = 72 * 3_600_000;

export interface NewAccount {
  email: string;
  name: string;
  roles: readonly Role[];
  /** Codes of areas of the institution. */
  areas: readonly string[];
  /** Hash from `hashPassword`, made before the transaction. */
  passwordHash: string;
  /** The password must be changed at the first sign-in and stops working after 72 hours. */
  oneTime: boolean;
}

/**
 * Steps on accounts within a transaction of the institution. Demo data and the set-up of institutions also
 * use them.
 */
@Injectable()
export class AccountSteps {
  constructor(
    private readonly catalogs: CatalogsReader,
    private readonly audit: AuditService,
    private readonly clock: Clock,
  ) {}

  /**
   * @returns id of the new account
   * @throws DomainError EMAIL_TAKEN (409), for an account of this institution only; ROLES_INCOMPATIBLE (422);
   *   InvalidRequest for an unknown area, or none where the roles need one
   */
  async create(tx: Tx, account: NewAccount): Promise<string> {
    if (!compatible(account.roles)) throw rolesIncompatible();
    if (needsAreas(account.roles) && account.areas.length === 0) throw areaMissing();
    const areaIds = await this.areaIds(tx, account.areas);
    const id = randomUUID();
    const now = this.clock.now();
    try {
      await tx.insert(AccountRow, [
        {
          id,
          institutionId: institutionOf(tx.actor),
          email: normalEmail(account.email),
          name: account.name,
          passwordHash: account.passwordHash,
          oneTimeUntil: this.oneTimeUntil(account.oneTime),
          roles: [...account.roles],
          active: true,
          createdAt: now,
        },
      ]);
    } catch (error) {
      if (violates(error, 'accounts_email_key')) throw emailTaken();
      throw error;
    }
    await this.addAreas(tx, id, areaIds);
    await this.audit.record(tx, {
      event: 'ACCOUNT_CREATED',
      about: id,
      names: namesOf({ id, name: account.name, email: normalEmail(account.email) }),
      payload: { accountId: id, roles: [...account.roles], areas: [...account.areas] },
    });
    await this.noteApprover(tx, account.roles);
    return id;
  }

  /** Sets a password that somebody other than the owner made, and ends every session of the account. */
  async setPassword(tx: Tx, person: Person, passwordHash: string, oneTime: boolean): Promise<void> {
    const accountId = person.id;
    const oneTimeUntil = this.oneTimeUntil(oneTime);
    await tx.change(AccountRow, { id: accountId }, { passwordHash, oneTimeUntil });
    await revokeSessions(tx, accountId, this.clock.now());
    await this.audit.record(tx, {
      event: oneTime ? 'ONE_TIME_PASSWORD_SET' : 'PASSWORD_CHANGED',
      about: accountId,
      names: namesOf(person),
      payload: { accountId },
    });
  }

  /**
   * @throws DomainError EMAIL_TAKEN (409), for an account of this institution only; InvalidRequest as
   *   `create`
   */
  async assertNew(tx: Tx, account: Pick<NewAccount, 'email' | 'roles' | 'areas'>): Promise<void> {
    if (needsAreas(account.roles) && account.areas.length === 0) throw areaMissing();
    await this.assertAreas(tx, account.areas);
    const taken = await tx.query('select 1 from accounts where email = $1', [normalEmail(account.email)]);
    if (taken.length > 0) throw emailTaken();
  }

  /** @throws InvalidRequest for a code the institution does not have */
  async assertAreas(tx: Tx, codes: readonly string[]): Promise<void> {
    await this.areaIds(tx, codes);
  }

  /**
   * Begins the rule of two people: from the first auditor or head on, acts of an administrator on accounts
   * that see cases need two people.
   */
  async noteApprover(tx: Tx, roles: readonly string[]): Promise<void> {
    if (!roles.some((role) => APPROVERS.includes(role as Role))) return;
    const institutionId = institutionOf(tx.actor);
    if (await beginTwoPeople(tx, institutionId, this.clock.now()))
      await this.audit.record(tx, { event: 'TWO_PEOPLE_FROM_NOW', about: institutionId, payload: {} });
  }

  /** Replaces the areas of an account. @throws InvalidRequest for a code the institution does not have */
  async setAreas(tx: Tx, accountId: string, codes: readonly string[]): Promise<void> {
    const areaIds = await this.areaIds(tx, codes);
    await tx.query('delete from account_areas where account_id = $1', [accountId]);
    await this.addAreas(tx, accountId, areaIds);
  }

  private async addAreas(tx: Tx, accountId: string, areaIds: string[]): Promise<void> {
    await tx.insert(
      AccountAreaRow,
      areaIds.map((areaId) => ({ accountId, areaId })),
    );
  }

  private async areaIds(tx: Tx, codes: readonly string[]): Promise<string[]> {
    if (codes.length === 0) return [];
    const catalog = await this.catalogs.snapshot(tx, institutionOf(tx.actor));
    return [...new Set(codes)].map((code) => {
      const area = findArea(catalog, { code });
      if (!area) throw unknownArea(code);
      return area.id;
    });
  }

  private oneTimeUntil(oneTime: boolean): Date | null {
    return oneTime ? new Date(this.clock.now().getTime() + ONE_TIME_MS) : null;
  }
}
