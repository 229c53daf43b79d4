import { createHash, timingSafeEqual } from 'node:crypto';
import { signingSecret } from '../gateway/signature.js';
import { ENVIRONMENT, type WhatsAppNumber } from './whatsapp-number.js';

/** A number with what it speaks to Meta with. */
export interface ConnectedNumber {
  /** As in `WhatsAppNumber`. */
  id: string;
  phoneNumberId: string;
  /** Whether it is on. What comes for a number that is off is kept and not worked. */
  active: boolean;
  /** Undefined while the institution of the number of the environment is not set up. */
  number: WhatsAppNumber | undefined;
  accessToken: string;
  /** Every secret with which Meta may sign now. */
  appSecrets: readonly string[];
  verifyToken: string;
  /** Delivered messages a month that Meta does not charge; null: nobody is told. */
  freeMessages: number | null;
}

/** All numbers of all institutions at one instant. */
export class KnownNumbers {
  private readonly byId: ReadonlyMap<string, ConnectedNumber>;
  private readonly byMeta: ReadonlyMap<string, ConnectedNumber>;

  constructor(rows: readonly ConnectedNumber[]) {
    const all = rows.map((one) => withReportsPhone(one, rows));
    this.byId = new Map(all.map((one) => [one.id, one]));
    this.byMeta = new Map(all.map((one) => [one.phoneNumberId, one]));
  }

  /** Whether there is no number, on or off. The channel is then off. */
  get isEmpty(): boolean {
    return this.byId.size === 0;
  }

  get all(): ConnectedNumber[] {
    return [...this.byId.values()];
  }

  /** The number with this id, when it is on. @param id absent: that of the environment */
  active(id = ENVIRONMENT): ConnectedNumber | undefined {
    const found = this.byId.get(id);
    return found?.active ? found : undefined;
  }

  /** The number of this name at Meta, on or off. */
  ofMeta(phoneNumberId: string): ConnectedNumber | undefined {
    return this.byMeta.get(phoneNumberId);
  }

  /**
   * The ids of the numbers for which a webhook may speak: those of the app whose secret signed it. An app
   * signs for its own numbers only. Without this, whoever knows the secret of one institution's app could
   * write in the name of people to the number of another.
   * @param rawBody the bytes received
   * @param header `X-Hub-Signature-256`
   * @returns empty: nobody signed it
   */
  async signers(rawBody: Buffer, header: string | undefined): Promise<string[]> {
    const secrets = [...new Set(this.all.flatMap(({ appSecrets }) => appSecrets))];
    const secret = await signingSecret(rawBody, header, secrets);
    if (secret === undefined) return [];
    return this.all.filter(({ appSecrets }) => appSecrets.includes(secret)).map(({ id }) => id);
  }

  /** Whether this is the verify token of any number. */
  isVerifyToken(token: string): boolean {
    const given = digestOf(token);
    let found = false;
    // No early exit, so that the time does not show which token matched.
    for (const { verifyToken } of this.all) found = timingSafeEqual(digestOf(verifyToken), given) || found;
    return found;
  }
}

/** Digests are compared, because `timingSafeEqual` throws for texts of different length. */
function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** Numbers that are not for reports know one that is, so that people hear of it. */
function withReportsPhone(own: ConnectedNumber, all: readonly ConnectedNumber[]): ConnectedNumber {
  const { number } = own;
  if (number?.purpose !== 'attention') return own;
  const taking = all.find(
    (one) =>
      one.active &&
      one.number?.institutionId === number.institutionId &&
      one.number.purpose !== 'attention' &&
      one.number.displayPhone !== null,
  );
  const reportsPhone = taking?.number?.displayPhone ?? undefined;
  return reportsPhone === undefined ? own : { ...own, number: { ...number, reportsPhone } };
}
