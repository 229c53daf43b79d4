import type { Tx } from '../../../platform/database/tx.js';

/**
 * Why an institution publishes nothing: its database was restored, was moved to another place, was brought up
 * from an earlier version of the schema, or the operator of the machine held it.
 */
export type HoldReason = 'restored' | 'moved' | 'updated' | 'by_hand';

/** Step: the reason why the institution is held. Null means that the institution publishes. */
export async function holdOf(tx: Tx, institutionId: string): Promise<HoldReason | null> {
  const [row] = await tx.query<{ reason: HoldReason | null }>('select release_hold($1) as reason', [
    institutionId,
  ]);
  return row?.reason ?? null;
}

/** Step: note where the database of an institution is located, at the first run of a worker. */
export async function noteHome(tx: Tx, institutionId: string): Promise<void> {
  await tx.query('select note_release_home($1)', [institutionId]);
}

/**
 * Step of the owner's login: lift the hold. All releases of the institution are known in this database, at
 * its present place.
 */
export async function liftHold(tx: Tx, institutionId: string): Promise<void> {
  await setGuard(tx, institutionId, null);
}

/** Step of the owner's login: hold the institution. It publishes nothing until the hold is lifted. */
export async function hold(
  tx: Tx,
  institutionId: string,
  reason: Exclude<HoldReason, 'moved'>,
): Promise<void> {
  await setGuard(tx, institutionId, reason);
}

async function setGuard(tx: Tx, institutionId: string, held: HoldReason | null): Promise<void> {
  await tx.query(
    `insert into release_guards (institution_id, home, held) values ($1, database_home(), $2)
     on conflict (institution_id) do update set home = excluded.home, held = excluded.held`,
    [institutionId, held],
  );
}
