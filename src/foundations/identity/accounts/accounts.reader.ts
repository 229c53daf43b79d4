import { Injectable } from '@nestjs/common';
import type { StaffActor } from '../../../platform/actor.js';
import { isoWithOffset } from '../../../platform/clock.js';
import { Database } from '../../../platform/database/database.js';
import type { Tx } from '../../../platform/database/tx.js';
import { unauthenticated } from '../../../platform/http/credentials-refused.js';
import { decodeCursor, encodeCursor } from '../../../platform/http/paging.js';
import { isPlainText } from '../../../platform/http/validation.js';
import { CatalogsReader, findArea, type CatalogSnapshot } from '../../catalogs/catalogs.reader.js';
import { accountNotFound, badCursor } from '../errors.js';
import { permissionsOf, type Role } from '../permissions.js';
import { SignInLimits } from '../sessions/sign-in-limits.js';
import { institutionOf } from '../staff.js';

export interface AreaView {
  code: string;
  label: string;
}

export interface AccountView {
  id: string;
  email: string;
  name: string;
  roles: Role[];
  areas: AreaView[];
  active: boolean;
  /** Whether the password is a one-time password that the owner must still change. */
  mustChangePassword: boolean;
  /**
   * Until when too many wrong passwords slow down the sign-ins of the account; null = not slowed down. ISO
   * 8601 with the institution's offset.
   */
  signInSlowedUntil: string | null;
  /** ISO 8601 with the institution's offset. */
  createdAt: string;
}

export interface MeView {
  id: string;
  email: string;
  name: string;
  roles: Role[];
  institution: { code: string; name: string };
  areas: AreaView[];
  permissions: string[];
  mustChangePassword: boolean;
}

export interface AccountFilter {
  role?: Role;
  active?: boolean;
  cursor?: string;
  limit: number;
}

interface AccountRecord {
  id: string;
  email: string;
  name: string;
  roles: Role[];
  areas: string[];
  active: boolean;
  must_change: boolean;
  created_at: Date;
}

const SELECT = `
  select a.id, a.email, a.name, a.roles, a.active, a.one_time_until is not null as must_change, a.created_at,
         array(select aa.area_id from account_areas aa where aa.account_id = a.id) as areas
    from accounts a`;

/** Reads accounts of the actor's institution. */
@Injectable()
export class AccountsReader {
  constructor(
    private readonly database: Database,
    private readonly catalogs: CatalogsReader,
    private readonly limits: SignInLimits,
  ) {}

  /** Returns the actor's own account. */
  async me(actor: StaffActor): Promise<MeView> {
    const [account, catalog] = await this.database.tx(actor, (tx) =>
      Promise.all([find(tx, actor.accountId), this.catalogs.snapshot(tx, actor.institutionId)]),
    );
    if (!account) throw unauthenticated('session');
    return {
      id: account.id,
      email: account.email,
      name: account.name,
      roles: account.roles,
      institution: { code: catalog.institution.code, name: catalog.institution.name },
      areas: areasOf(account, catalog),
      permissions: [...permissionsOf(account.roles)].sort(),
      mustChangePassword: account.must_change,
    };
  }

  /** Returns accounts in the order of their e-mail addresses. */
  async list(
    actor: StaffActor,
    filter: AccountFilter,
  ): Promise<{ items: AccountView[]; nextCursor: string | null }> {
    const after = filter.cursor === undefined ? '' : decodeCursor(filter.cursor, 'email', ['text'])[0];
    if (typeof after !== 'string' || !isPlainText(after)) throw badCursor();
    return this.database.tx(actor, async (tx) => {
      const rows = await tx.query<AccountRecord>(
        `${SELECT} where a.email > $1 and ($2::text is null or $2 = any(a.roles)) and ($3::boolean is null or a.active = $3)
          order by a.email limit $4`,
        [after, filter.role ?? null, filter.active ?? null, filter.limit + 1],
      );
      const page = rows.slice(0, filter.limit);
      const last = page.at(-1);
      return {
        items: await this.views(tx, page),
        nextCursor: rows.length > filter.limit && last ? encodeCursor('email', [last.email]) : null,
      };
    });
  }

  /** Step: returns one account. @throws DomainError ACCOUNT_NOT_FOUND (404) */
  async view(tx: Tx, id: string): Promise<AccountView> {
    const account = await find(tx, id);
    if (!account) throw accountNotFound();
    return (await this.views(tx, [account]))[0]!;
  }

  private async views(tx: Tx, accounts: readonly AccountRecord[]): Promise<AccountView[]> {
    const catalog = await this.catalogs.snapshot(tx, institutionOf(tx.actor));
    const slowed = await this.limits.slowedUntil(
      tx,
      accounts.map(({ email }) => email),
    );
    return accounts.map((account) => accountView(account, catalog, slowed.get(account.email)));
  }
}

async function find(tx: Tx, id: string): Promise<AccountRecord | undefined> {
  return (await tx.query<AccountRecord>(`${SELECT} where a.id = $1`, [id]))[0];
}

/** Areas of an account, sorted by code. */
function areasOf({ areas }: AccountRecord, catalog: CatalogSnapshot): AreaView[] {
  return areas
    .map((id) => findArea(catalog, { id })!)
    .map(({ code, label }) => ({ code, label }))
    .sort((a, b) => (a.code < b.code ? -1 : 1));
}

function accountView(
  account: AccountRecord,
  catalog: CatalogSnapshot,
  slowedUntil: Date | undefined,
): AccountView {
  const { timeZone } = catalog.institution;
  return {
    id: account.id,
    email: account.email,
    name: account.name,
    roles: account.roles,
    areas: areasOf(account, catalog),
    active: account.active,
    mustChangePassword: account.must_change,
    signInSlowedUntil: slowedUntil ? isoWithOffset(slowedUntil, timeZone) : null,
    createdAt: isoWithOffset(account.created_at, timeZone),
  };
}
