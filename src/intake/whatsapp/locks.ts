import type { Tx } from '../../platform/database/tx.js';

/**
 * Advisory locks of a transaction: unlike a row lock they leave no trace on any row. Always taken in this order, so
 * that nobody waits in a circle: senders, then the row of a session, then its outbox.
 */

/** Waits for the locks, in an order that does not depend on the caller's. */
export async function lockAll(tx: Tx, names: readonly string[]): Promise<void> {
  for (const name of [...new Set(names)].sort()) {
    await tx.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [name]);
  }
}

/** False when somebody else holds it. */
export async function tryLock(tx: Tx, name: string): Promise<boolean> {
  const [row] = await tx.query<{ locked: boolean }>(
    'select pg_try_advisory_xact_lock(hashtextextended($1, 0)) as locked',
    [name],
  );
  return row!.locked;
}

export function senderLock(alias: Buffer): string {
  return `wa-sender/${alias.toString('hex')}`;
}

export function outboxLock(lane: Buffer): string {
  return `wa-outbox/${lane.toString('hex')}`;
}
