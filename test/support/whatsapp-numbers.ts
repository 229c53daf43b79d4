import type { Harness } from '../setup/harness.js';
import type { Bot } from './whatsapp-bot.js';
import type { AccountOptions, Account } from './whatsapp/numbers.js';

/** A number as an administrator sees it. */
export interface NumberView {
  id: string;
  label: string;
  purpose: string;
  purposeLabel: string;
  phoneNumberId: string;
  displayPhone: string | null;
  active: boolean;
  state: string;
  stateLabel: string;
  stateOn: string | null;
  credentials: Record<string, { setOn: string } | null>;
  freeMessages: number | null;
  deliveredAbout: number;
  version: number;
}

/** A number of an institution: its row, and its account at the stand-in. */
export interface AddedNumber {
  id: string;
  admin: string;
  account: Account;
}

let count = 0;

/** What an administrator sends for an account of the stand-in. */
export function numberOf(account: Account, more: Record<string, unknown> = {}): Record<string, unknown> {
  const { phoneNumberId, accessToken, appSecret, displayPhoneNumber } = account;
  return {
    label: account.name,
    purpose: 'both',
    phoneNumberId,
    displayPhone: `+${displayPhoneNumber}`,
    accessToken,
    appSecret,
    verifyToken: `verify-token-of-${phoneNumberId}`,
    ...more,
  };
}

/** Adds a number with an app of its own to the stand-in, and to an institution. */
export async function addNumber(
  bot: Pick<Bot, 'graph' | 'harness'>,
  domain: 'conavi.demo' | 'acolman.demo',
  options: AccountOptions = {},
): Promise<AddedNumber> {
  count += 1;
  const account = bot.graph.accounts.add({
    phoneNumberId: `30000000000${String(count).padStart(4, '0')}`,
    accessToken: `access-token-number-${count}`,
    appSecret: `app-secret-of-number-${count}`,
    ...options,
  });
  const admin = `admin@${domain}`;
  const { id } = await accepted<NumberView>(bot.harness, admin, 'POST', '', numberOf(account));
  return { id, admin, account };
}

/** Changes a number as its administrator. */
export function changeNumber(
  { harness }: Pick<Bot, 'harness'>,
  { id, admin }: AddedNumber,
  change: Record<string, unknown>,
): Promise<NumberView> {
  return accepted<NumberView>(harness, admin, 'PATCH', `/${id}`, change);
}

async function accepted<T>(
  h: Harness,
  admin: string,
  method: string,
  path: string,
  body: unknown,
): Promise<T> {
  const answer = await h.as<T>(admin, method, `/admin/whatsapp-numbers${path}`, body);
  if (answer.status >= 300) throw new Error(`${method} ${path}: ${JSON.stringify(answer.body)}`);
  return answer.body;
}
