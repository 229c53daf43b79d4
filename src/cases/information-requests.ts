import type { Tx } from '../platform/database/tx.js';

/** A case that ends leaves no question open. */
export async function closeOpenRequest(tx: Tx, caseId: string): Promise<void> {
  await tx.query(`update information_requests set state = 'expired' where case_id = $1 and state = 'open'`, [caseId]);
}
