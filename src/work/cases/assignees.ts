import type { Tx } from '../../platform/database/tx.js';
import { canMove, type Status } from './lifecycle.js';

/** An active account of the institution, with what it could do with a case of an area. */
export interface Assignee {
  id: string;
  name: string;
  email: string;
  desk: boolean;
  investigates: boolean;
}

/** $1 is the area of the case. */
const ASSIGNEES = `
  select a.id, a.name, a.email, 'triage' = any (a.roles) as desk,
         a.roles && array['investigator', 'area_head'] and exists
           (select 1 from account_areas aa where aa.account_id = a.id and aa.area_id = $1) as investigates
    from accounts a where a.active`;

/** @param key account id or e-mail, however typed */
export async function findAssignee(tx: Tx, key: string, areaId: string): Promise<Assignee | undefined> {
  const [account] = await tx.query<Assignee>(`${ASSIGNEES} and (a.id::text = lower($2) or a.email = lower($2))`, [
    areaId,
    key,
  ]);
  return account;
}

/** Those to whom a case of this area could be given in this state, by name. */
export async function assigneesFor(tx: Tx, areaId: string, status: Status): Promise<Assignee[]> {
  const accounts = await tx.query<Assignee>(`${ASSIGNEES} order by name, id`, [areaId]);
  return accounts.filter((account) => {
    const move = assignmentTo(account, status);
    return move !== null && canMove(status, move);
  });
}

/** The move by which a case would be given to this account; null = it works no case of this area. */
export function assignmentTo(account: Assignee, status: Status): 'assign_to_triage' | 'assign_to_investigator' | null {
  if (account.desk && (canMove(status, 'assign_to_triage') || !account.investigates)) return 'assign_to_triage';
  return account.investigates ? 'assign_to_investigator' : null;
}

/** Whoever a case was given to, while that account is active and still reaches cases of this area; else null. */
export async function presentAssignee(
  tx: Tx,
  { assigneeId, areaId }: { assigneeId: string | null; areaId: string },
): Promise<string | null> {
  if (assigneeId === null) return null;
  const [account] = await tx.query<Assignee>(`${ASSIGNEES} and a.id = $2`, [areaId, assigneeId]);
  return account && (account.desk || account.investigates) ? account.id : null;
}
