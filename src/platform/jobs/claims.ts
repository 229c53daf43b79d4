import type { Tx } from '../database/tx.js';

/**
 * Claims a piece of background work for the rest of a transaction, by locking its row of `work_claims`. It
 * does not use an advisory lock: any login of the database may take such a lock and so stop the work. Only a
 * login that may change a row can lock it.
 * @returns false when somebody else holds it
 * @throws Error when no migration made a row of that name: otherwise the work would never be done, and nobody
 *   would notice
 */
export async function claim(tx: Tx, name: string): Promise<boolean> {
  const locked = await tx.query('select 1 from work_claims where name = $1 for update skip locked', [name]);
  if (locked.length > 0) return true;
  const known = await tx.query('select 1 from work_claims where name = $1', [name]);
  if (known.length === 0) throw new Error(`work_claims has no row ${name}`);
  return false;
}
