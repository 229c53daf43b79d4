import type { Answer, Harness } from '../setup/harness.js';
import { ok } from './cases.js';

/** What the tests read of an account or of a request that waits for a second person. */
export interface AccountBody {
  id: string;
  email: string;
  name: string;
  roles: string[];
  areas: { code: string; label: string }[];
  active: boolean;
  mustChangePassword: boolean;
  createdAt: string;
  oneTimePassword: string;
  approval?: { id: string };
}

/**
 * Does what an administrator's act needs: where it asks for a second person, the auditor of the institution
 * agrees.
 */
export async function withAgreement(h: Harness, answer: Answer<AccountBody>): Promise<AccountBody> {
  const { approval, ...done } = ok(answer);
  if (!approval) return done as AccountBody;
  const [row] = await h.sql<{ email: string }>(
    'owner',
    `select a.email from accounts a join approvals p on p.institution_id = a.institution_id
      where p.id = $1 and 'auditor' = any (a.roles) and a.active order by a.created_at limit 1`,
    [approval.id],
  );
  type Agreed = { account: AccountBody; oneTimePassword?: string };
  const path = `/approvals/${approval.id}/agreement`;
  const { account, oneTimePassword = '' } = ok(await h.as<Agreed>(row!.email, 'POST', path, {}));
  return { ...account, oneTimePassword };
}
