/** Who talks: the numbers of institutions and the people who write to them. */

/** The number of an institution. */
export interface BusinessNumber {
  phoneNumberId: string;
  displayPhoneNumber: string;
  /** The WhatsApp Business Account that it belongs to. */
  accountId: string;
}

/**
 * What webhooks of a person show that the documentation does not, and that was seen in production: a time in
 * milliseconds, no `contacts`, no `from`, the business-scoped id in the fields of the phone.
 */
export type Oddity = 'milliseconds' | 'no_contacts' | 'no_from' | 'bsuid_as_phone';

export interface Person {
  /** As Meta gives it, digits only: 52… or 521…. */
  phone: string;
  bsuid?: string;
  /** The id across the portfolios of a business: `MX.ENT.…`. */
  parentBsuid?: string;
  name?: string;
  username?: string;
  /**
   * WhatsApp shows the business-scoped id only; the message id holds the phone all the same. Undefined with a
   * username: it depends on when both sides last spoke, as Meta documents it.
   */
  hidesPhone?: boolean;
  /** Changes with the SIM card or the telephone, when the check of identities is on. */
  identityKeyHash?: string;
  /** The person blocked the institution: what it sends is taken, and fails. */
  blocksUs?: boolean;
  odd?: readonly Oddity[];
}

/** 52… for 521…: Mexico dropped the 1 of mobile numbers, and Meta gives either form of one number. */
export function canonical(phone: string): string {
  return phone.replace(/^521(\d{10})$/, '52$1');
}

/** The other form of a Mexican number; any other number stays as it is. */
export function withOne(phone: string): string {
  return phone.replace(/^52(\d{10})$/, '521$1');
}

/** Whether `address` (`+52…`, or a business-scoped id) means this person. */
export function isAddressOf(address: string, { phone, bsuid, parentBsuid }: Person): boolean {
  if (address.startsWith('+')) return canonical(address.slice(1)) === canonical(phone);
  return address === bsuid || address === parentBsuid;
}

/** How messages name their sender. */
export function senderFields(person: Person): Record<string, string> {
  const shownAs = isOdd(person, 'bsuid_as_phone') ? (person.bsuid ?? person.phone) : person.phone;
  return {
    ...(person.hidesPhone === true || isOdd(person, 'no_from') ? {} : { from: shownAs }),
    ...(person.bsuid === undefined ? {} : { from_user_id: person.bsuid }),
    ...(person.parentBsuid === undefined ? {} : { from_parent_user_id: person.parentBsuid }),
  };
}

/** The person as an entry of `contacts`. */
export function contactOf(person: Person): Record<string, unknown> {
  const shownAs = isOdd(person, 'bsuid_as_phone') ? (person.bsuid ?? person.phone) : person.phone;
  return {
    profile: {
      name: person.name ?? 'Persona',
      ...(person.username === undefined ? {} : { username: person.username }),
    },
    ...(person.hidesPhone === true ? {} : { wa_id: shownAs }),
    ...(person.bsuid === undefined ? {} : { user_id: person.bsuid }),
    ...(person.parentBsuid === undefined ? {} : { parent_user_id: person.parentBsuid }),
    ...(person.identityKeyHash === undefined ? {} : { identity_key_hash: person.identityKeyHash }),
  };
}

/** How statuses name the recipient. */
export function recipientFields(person: Person): Record<string, string> {
  return {
    ...(person.hidesPhone === true ? {} : { recipient_id: person.phone }),
    ...(person.bsuid === undefined ? {} : { recipient_user_id: person.bsuid }),
    ...(person.parentBsuid === undefined ? {} : { recipient_parent_user_id: person.parentBsuid }),
  };
}

export function isOdd({ odd }: Person, what: Oddity): boolean {
  return odd?.includes(what) === true;
}
