import type { Tx } from '../../platform/database/tx.js';
import { APPROVERS } from './approvals/two-people.js';

/**
 * What the modules of work ask about accounts. Those modules read no table of accounts and write no role in
 * SQL. All functions are steps: each runs in the caller's transaction and sees the accounts of its
 * institution. Ids come in the order of ids.
 */

export interface Person {
  id: string;
  name: string;
  email: string;
  active: boolean;
}

/**
 * Finds accounts by id, including inactive accounts. An account that does not exist, or belongs to another
 * institution, is missing in the result.
 */
export async function findPeople(
  tx: Tx,
  ids: readonly (string | null | undefined)[],
): Promise<ReadonlyMap<string, Person>> {
  const wanted = [...new Set(ids.filter((id) => typeof id === 'string'))];
  if (wanted.length === 0) return new Map();
  const rows = await tx.prepared<Person>('select id, name, email, active from accounts where id = any($1)', [
    wanted,
  ]);
  return new Map(rows.map((person) => [person.id, person]));
}

/** An active account, with what it may do in an area. */
export interface Worker {
  id: string;
  name: string;
  email: string;
  /** Works on what has no area yet. */
  desk: boolean;
  /** Works on cases of the area. */
  investigates: boolean;
}

/** $1 is the area. */
const WORKERS = `
  select a.id, a.name, a.email, 'triage' = any (a.roles) as desk,
         a.roles && array['investigator', 'area_head'] and exists
           (select 1 from account_areas aa where aa.account_id = a.id and aa.area_id = $1) as investigates
    from accounts a where a.active`;

/** Returns all active accounts, by name. */
export function workersFor(tx: Tx, areaId: string): Promise<Worker[]> {
  return tx.prepared<Worker>(`${WORKERS} order by name, id`, [areaId]);
}

/** @param key account id or e-mail, however typed */
export async function findWorker(tx: Tx, key: string, areaId: string): Promise<Worker | undefined> {
  const found = await tx.prepared<Worker>(`${WORKERS} and (a.id::text = lower($2) or a.email = lower($2))`, [
    areaId,
    key,
  ]);
  return found[0];
}

/**
 * Tells whether an account still reaches cases of an area. The account must be active, and be of the desk or
 * work on cases of the area.
 */
export async function reaches(tx: Tx, accountId: string, areaId: string): Promise<boolean> {
  const [worker] = await tx.prepared<Worker>(`${WORKERS} and a.id = $2`, [areaId, accountId]);
  return worker !== undefined && (worker.desk || worker.investigates);
}

/** Tells whether an account holds an area, whatever its roles are. */
export async function holdsArea(tx: Tx, accountId: string, areaId: string): Promise<boolean> {
  const rows = await tx.prepared('select 1 from account_areas where account_id = $1 and area_id = $2', [
    accountId,
    areaId,
  ]);
  return rows.length > 0;
}

/** Returns the active heads of an area. */
export async function headsOf(tx: Tx, areaId: string): Promise<string[]> {
  const rows = await tx.prepared<{ id: string }>(
    `select a.id from accounts a join account_areas aa on aa.account_id = a.id
      where aa.area_id = $1 and a.active and 'area_head' = any (a.roles) order by a.id`,
    [areaId],
  );
  return rows.map(({ id }) => id);
}

/** Returns the active accounts of the desk. */
export function deskOf(tx: Tx, institutionId: string): Promise<string[]> {
  return withRoles(tx, institutionId, ['triage']);
}

/** Returns the active administrators. */
export function administratorsOf(tx: Tx, institutionId: string): Promise<string[]> {
  return withRoles(tx, institutionId, ['admin']);
}

/** Returns the active auditors. */
export function auditorsOf(tx: Tx, institutionId: string): Promise<string[]> {
  return withRoles(tx, institutionId, ['auditor']);
}

/** Returns the active auditors and heads: the people who can refuse an administrator's request. */
export function approversOf(tx: Tx, institutionId: string): Promise<string[]> {
  return withRoles(tx, institutionId, APPROVERS);
}

async function withRoles(tx: Tx, institutionId: string, roles: readonly string[]): Promise<string[]> {
  const rows = await tx.prepared<{ id: string }>(
    'select a.id from accounts a where a.active and a.roles && $2 and a.institution_id = $1 order by a.id',
    [institutionId, roles],
  );
  return rows.map(({ id }) => id);
}
