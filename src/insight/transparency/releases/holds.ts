import type { Tx } from '../../../platform/database/tx.js';

/**
 * Why an institution publishes nothing: its database was restored, lives in another place than before, was
 * brought up from an earlier version of the schema, or an operator held it.
 */
export type HoldReason = 'restored' | 'moved' | 'updated' | 'by_hand';

/** Step: null = the institution publishes. */
export async function holdOf(tx: Tx, institutionId: string): Promise<HoldReason | null> {
  const [row] = await tx.query<{ reason: HoldReason | null }>('select release_hold($1) as reason', [
    institutionId,
  ]);
  return row?.reason ?? null;
}

/** Step: notes where the database of an institution lives, at the first look of a worker. */
export async function noteHome(tx: Tx, institutionId: string): Promise<void> {
  await tx.query('select note_release_home($1)', [institutionId]);
}

/**
 * Step of the owner's login: all releases of the institution are known here, where the database lives now.
 */
export async function liftHold(tx: Tx, institutionId: string): Promise<void> {
  await setGuard(tx, institutionId, null);
}

/** Step of the owner's login: the institution publishes nothing until the hold is lifted. */
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
