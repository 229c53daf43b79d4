import { reaches, workersFor, type Worker } from '../../foundations/identity/staff-directory.js';
import type { Tx } from '../../platform/database/tx.js';
import { OPEN, type Status } from './lifecycle.js';
import { canMove } from './moves/moves.js';

/** Accounts to which a case of this area and state can be assigned, by name. */
export async function assigneesFor(tx: Tx, areaId: string, status: Status): Promise<Worker[]> {
  const workers = await workersFor(tx, areaId);
  return workers.filter((worker) => {
    const move = assignmentTo(worker, status);
    return move !== null && canMove(status, move);
  });
}

/**
 * The move that assigns a case of this state to this account. Null when the account works no case of this
 * area.
 */
export function assignmentTo(
  worker: Worker,
  status: Status,
): 'assign_to_triage' | 'assign_to_investigator' | null {
  if (worker.desk && (canMove(status, 'assign_to_triage') || !worker.investigates)) return 'assign_to_triage';
  return worker.investigates ? 'assign_to_investigator' : null;
}

/** The assignee of a case, if the account is active and still reaches cases of this area; otherwise null. */
export async function presentAssignee(
  tx: Tx,
  { assigneeId, areaId }: { assigneeId: string | null; areaId: string },
): Promise<string | null> {
  return assigneeId !== null && (await reaches(tx, assigneeId, areaId)) ? assigneeId : null;
}

/** The open cases assigned to an account, in the order of their ids. */
export function openCasesOf(tx: Tx, accountId: string): Promise<{ id: string; areaId: string }[]> {
  return tx.query(
    'select id, area_id as "areaId" from cases where assignee_id = $1 and status = any($2) order by id',
    [accountId, OPEN],
  );
}
