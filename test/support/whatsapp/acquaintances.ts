import { DAY, type StandinClock } from './clock.js';
import { canonical, isAddressOf, type BusinessNumber, type Person } from './people.js';

/** Somebody who wrote, or was made by the control API, and what the stand-in knows of them. */
export interface Acquaintance {
  /** `p1`, `p2`, …: under this name the control API knows them. */
  id: string;
  /** As they were last. */
  person: Person;
  /** When they last wrote to a number, by its id. */
  heardAt: Map<string, number>;
  /** When a number and they last exchanged something. */
  spokeAt: Map<string, number>;
  /** Whether Meta's contact book of the business holds their phone. */
  inContactBook: boolean;
}

type OfNumber = Pick<BusinessNumber, 'phoneNumberId'>;

const WINDOW = DAY;
const PHONE_SHOWN_FOR = 30 * DAY;

/** Everybody who was seen, so that an address means a person, and a person has a window of 24 hours. */
export class Acquaintances {
  private readonly all: Acquaintance[] = [];
  private readonly blocked = new Map<string, Set<string>>();

  constructor(
    private readonly clock: StandinClock,
    /** Whether Meta fills the contact book by itself; it can be disabled. */
    private readonly keepsContacts: () => boolean,
  ) {}

  get list(): readonly Acquaintance[] {
    return this.all;
  }

  byId(id: string): Acquaintance | undefined {
    return this.all.find((one) => one.id === id);
  }

  /** The latest who has this address. A number may have had other owners. */
  at(address: string): Acquaintance | undefined {
    return this.all.findLast(({ person }) => isAddressOf(address, person));
  }

  /** Remembers a person as they are now. Who has the same business-scoped id, or the same phone, is known. */
  meet(person: Person): Acquaintance {
    const known = this.all.find(({ person: other }) => isSame(other, person));
    if (known) {
      known.person = person;
      return known;
    }
    const fresh = {
      id: `p${this.all.length + 1}`,
      person,
      heardAt: new Map<string, number>(),
      spokeAt: new Map<string, number>(),
      inContactBook: false,
    };
    this.all.push(fresh);
    return fresh;
  }

  /** The person wrote: the window of this number is open for 24 hours. */
  heard({ phoneNumberId }: OfNumber, person: Person): Acquaintance {
    const known = this.meet(person);
    known.heardAt.set(phoneNumberId, this.clock.now());
    this.spoke({ phoneNumberId }, known);
    return known;
  }

  spoke({ phoneNumberId }: OfNumber, known: Acquaintance): void {
    // Only a phone that was shown gets into the contact book.
    if (this.keepsContacts() && this.shows({ phoneNumberId }, known)) known.inContactBook = true;
    known.spokeAt.set(phoneNumberId, this.clock.now());
  }

  /** Whether free-form messages may go to an address. */
  isOpen({ phoneNumberId }: OfNumber, address: string): boolean {
    const at = this.at(address)?.heardAt.get(phoneNumberId);
    return at !== undefined && this.clock.now() - at < WINDOW;
  }

  /** The person as webhooks of this number show them: with the phone, or without. */
  asShown(number: OfNumber, person: Person): Person {
    const known = this.all.find(({ person: other }) => isSame(other, person));
    const { username, hidesPhone } = person;
    if (hidesPhone !== undefined || username === undefined) return person;
    return { ...person, hidesPhone: !(known && this.shows(number, known)) };
  }

  /** Meta's contact book forgets a person: `DELETE …/contact_book`. */
  forgetContact(bsuid: string): void {
    for (const known of this.all) if (known.person.bsuid === bsuid) known.inContactBook = false;
  }

  block({ phoneNumberId }: OfNumber, known: Acquaintance): void {
    const ids = this.blocked.get(phoneNumberId) ?? new Set<string>();
    this.blocked.set(phoneNumberId, ids.add(known.id));
  }

  unblock({ phoneNumberId }: OfNumber, known: Acquaintance): void {
    this.blocked.get(phoneNumberId)?.delete(known.id);
  }

  /** Those whom the institution does not want to hear. */
  blockedBy({ phoneNumberId }: OfNumber): Acquaintance[] {
    return this.all.filter(({ id }) => this.blocked.get(phoneNumberId)?.has(id));
  }

  /**
   * Who has a username hides the phone, except from a business with which they spoke within 30 days or that
   * has them in its contact book.
   */
  private shows({ phoneNumberId }: OfNumber, { person, spokeAt, inContactBook }: Acquaintance): boolean {
    if (person.hidesPhone !== undefined) return !person.hidesPhone;
    if (person.username === undefined || inContactBook) return true;
    const at = spokeAt.get(phoneNumberId);
    return at !== undefined && this.clock.now() - at < PHONE_SHOWN_FOR;
  }
}

function isSame(one: Person, other: Person): boolean {
  if (one.bsuid !== undefined && other.bsuid !== undefined) return one.bsuid === other.bsuid;
  return canonical(one.phone) === canonical(other.phone);
}
