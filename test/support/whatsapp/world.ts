import type { Acquaintances } from './acquaintances.js';
import type { StandinClock } from './clock.js';
import type { Dice } from './dice.js';
import type { Faults, MediaFault, MessageFault } from './faults.js';
import type { Journal } from './journal.js';
import type { MediaStore } from './media.js';
import type { MessageRules, Option } from './message-rules.js';
import type { MessageSchema } from './message-schema.js';
import type { Account, Accounts } from './numbers.js';

/** A message that the stand-in took. */
export interface SentMessage {
  id: string;
  /** The phone with `+`, or the business-scoped id. */
  address: string;
  type: string;
  /** What the person reads. */
  text: string;
  options: Option[];
  opaque?: string;
  body: Record<string, unknown>;
  /** The number that sent it. */
  phoneNumberId: string;
}

/** What the routes of the Graph API know and change. */
export interface World {
  /** Address of the stand-in, for the addresses of files. */
  readonly url: string;
  readonly clock: StandinClock;
  readonly dice: Dice;
  readonly accounts: Accounts;
  readonly people: Acquaintances;
  readonly media: MediaStore;
  readonly schema: MessageSchema;
  readonly rules: MessageRules;
  readonly journal: Journal;
  readonly messageFaults: Faults<MessageFault>;
  readonly mediaFaults: Faults<MediaFault>;
  /** Messages of people that were delivered, each with the id of its person. */
  readonly received: ReadonlyMap<string, string>;
  /** Files of people, each with the id of its person. */
  readonly fileOwners: ReadonlyMap<string, string>;
  /** A code by which every message to a person is refused, by the person's id. */
  readonly refusals: Map<string, number>;
  /** The message was taken: it is kept, shown and reported on. */
  took(account: Account, sent: SentMessage): void;
  /** Verifies a callback and sends webhooks of the account there. Gives what went wrong. */
  subscribe(account: Account, url: string, verifyToken: string): Promise<string | undefined>;
}
