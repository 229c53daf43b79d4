import { PASSWORD } from '../setup/constants.js';
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

/** Adds an operator to the institution of an address. The account signs in with the password of the demo. */
export async function addOperator(h: Harness, email: string): Promise<void> {
  const domain = email.split('@')[1]!;
  const body = { email, name: 'Otra operadora', roles: ['operator'] };
  const { oneTimePassword } = ok(await h.as<AccountBody>(`admin@${domain}`, 'POST', '/admin/accounts', body));
  const opened = await h.call<{ accessToken: string }>('POST', '/auth/sessions', {
    body: { email, password: oneTimePassword },
  });
  const change = { current: oneTimePassword, new: PASSWORD };
  ok(await h.call('POST', '/auth/password', { token: opened.body.accessToken, body: change }));
}
