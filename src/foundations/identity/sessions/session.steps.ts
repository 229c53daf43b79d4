import { randomUUID } from 'node:crypto';
import { isoWithOffset } from '../../../platform/clock.js';
import type { Tx } from '../../../platform/database/tx.js';
import type { Institution } from '../../catalogs/catalogs.reader.js';
import { AccountRow, StaffSessionRow } from '../identity.entities.js';
import { newTokens, tokenHash, type TokenPair } from './tokens.js';

const ACCESS_MS = 15 * 60_000;
/**
 * Life of a session from its sign-in: one working day with its breaks. A refresh does not extend it, so a
 * stolen refresh token stops working on the same evening.
 */
const SESSION_MS = 12 * 3_600_000;

export interface IssuedTokens {
  accessToken: string;
  refreshToken: string;
  /** Until when the access token is valid. ISO 8601 with the institution's offset. */
  expiresAt: string;
}

/** An account of the actor's institution, locked until the end of the transaction. */
export type LockedAccount = AccountRow;

/**
 * Locks accounts of the actor's institution, in the order of their ids. Everything that opens, refreshes or
 * ends sessions takes this lock first. So no session can start beside a deactivation or a change of password,
 * and two of these acts cannot wait for each other.
 */
export async function lockAccounts(tx: Tx, ids: string[]): Promise<Map<string, LockedAccount>> {
  const rows = await tx.rows(AccountRow, 'id = any($1::uuid[]) order by id for no key update', [ids]);
  return new Map(rows.map((row) => [row.id, row]));
}

export async function lockAccount(tx: Tx, id: string): Promise<LockedAccount | undefined> {
  return (await lockAccounts(tx, [id])).get(id);
}

/**
 * Adds a token pair. It starts a new family, which ends twelve hours later, or continues an existing family.
 * @param institution of the account
 */
export async function issueTokens(
  tx: Tx,
  { account, institution }: { account: LockedAccount; institution: Institution },
  now: Date,
  { family, tokens }: { family: { id: string; endsAt: Date }; tokens: TokenPair } = {
    family: { id: randomUUID(), endsAt: new Date(now.getTime() + SESSION_MS) },
    tokens: newTokens(),
  },
): Promise<IssuedTokens & { sessionId: string }> {
  const accessExpiresAt = new Date(Math.min(now.getTime() + ACCESS_MS, family.endsAt.getTime()));
  const sessionId = randomUUID();
  await tx.insert(StaffSessionRow, [
    {
      id: sessionId,
      institutionId: institution.id,
      accountId: account.id,
      familyId: family.id,
      accessHash: tokenHash(tokens.access),
      refreshHash: tokenHash(tokens.refresh),
      accessExpiresAt,
      refreshExpiresAt: family.endsAt,
    },
  ]);
  return {
    sessionId,
    accessToken: tokens.access,
    refreshToken: tokens.refresh,
    expiresAt: isoWithOffset(accessExpiresAt, institution.timeZone),
  };
}

/**
 * The sign-in that a session belongs to: refreshes keep it. Undefined when the session is not of the actor's
 * institution.
 */
export async function familyOf(tx: Tx, sessionId: string): Promise<string | undefined> {
  const [row] = await tx.query<{ family: string }>(
    'select family_id as family from staff_sessions where id = $1',
    [sessionId],
  );
  return row?.family;
}

/** Ends every session of an account at once, except the family of one session. */
export async function revokeSessions(
  tx: Tx,
  accountId: string,
  now: Date,
  exceptSession?: string,
): Promise<void> {
  await tx.query(
    `update staff_sessions set revoked_at = $2
      where account_id = $1 and revoked_at is null
        and ($3::uuid is null or family_id <> (select s.family_id from staff_sessions s where s.id = $3::uuid))`,
    [accountId, now, exceptSession ?? null],
  );
}
