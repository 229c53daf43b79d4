import type { BusinessNumber } from './people.js';

/** A number of an institution with what it signs and is called with. */
export interface Account extends BusinessNumber {
  accessToken: string;
  appSecret: string;
  name: string;
  /** Where its webhooks go; what the control API and the page need. */
  callback?: string;
  /** Meta keeps nothing at rest: ids of files live an hour. */
  keepsNothing: boolean;
  /** Whether the app is subscribed to the account. */
  subscribed: boolean;
  revoked: boolean;
}

export type AccountOptions = Partial<Omit<Account, 'subscribed' | 'revoked'>>;

/** The numbers of the stand-in. The first has fixed names, those behind it count on. */
export class Accounts {
  readonly all: Account[] = [];

  add(options: AccountOptions = {}): Account {
    const n = this.all.length + 1;
    const suffix = n === 1 ? '' : `-${n}`;
    const account: Account = {
      phoneNumberId: `10000000000000${n}`,
      displayPhoneNumber: `52555000000${n}`,
      accountId: `20000000000000${n}`,
      accessToken: `standin-access-token${suffix}`,
      appSecret: this.all[0]?.appSecret ?? 'standin-app-secret',
      name: `Institución ${n}`,
      keepsNothing: false,
      subscribed: true,
      revoked: false,
      ...withoutUndefined(options),
    };
    this.all.push(account);
    return account;
  }

  byNumber(phoneNumberId: string | undefined): Account | undefined {
    return this.all.find((one) => one.phoneNumberId === phoneNumberId);
  }

  byAccount(accountId: string | undefined): Account | undefined {
    return this.all.find((one) => one.accountId === accountId);
  }

  /** The account whose token a header carries; undefined when it is wrong or was revoked. */
  byToken(header: string | undefined): Account | undefined {
    const token = /^Bearer (.+)$/.exec(header ?? '')?.[1];
    const account = this.all.find(({ accessToken }) => accessToken === token);
    return account?.revoked === false ? account : undefined;
  }
}

function withoutUndefined<T extends object>(value: T): Partial<T> {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as Partial<T>;
}
