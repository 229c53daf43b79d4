import type { Tx } from '../../platform/database/tx.js';

/** Steps on the day since which certain acts of administrators on accounts need two people. */

/**
 * Sets the day from which two people are needed to the local day of `now`, once for ever. @returns whether it
 * began now
 */
export async function beginTwoPeople(tx: Tx, institutionId: string, now: Date): Promise<boolean> {
  const begun = await tx.query(
    `update institutions set two_people_since = ($2::timestamptz at time zone time_zone)::date
      where id = $1 and two_people_since is null returning 1`,
    [institutionId, now],
  );
  return begun.length > 0;
}

/**
 * Tells whether the day from which two people are needed is set. Waits for a transaction that is just setting
 * it.
 */
export async function twoPeopleBegan(tx: Tx, institutionId: string): Promise<boolean> {
  const [row] = await tx.query<{ began: boolean }>(
    'select two_people_since is not null as began from institutions where id = $1 for no key update',
    [institutionId],
  );
  return row?.began ?? false;
}
