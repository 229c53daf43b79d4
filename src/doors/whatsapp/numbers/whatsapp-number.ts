/** What people write to a number for. */
export const PURPOSES = ['attention', 'reports', 'both'] as const;
export type Purpose = (typeof PURPOSES)[number];

/** The id of the number that environment variables name. All other ids are those of rows. */
export const ENVIRONMENT = 'env';

/** Messages to people in a month that Meta does not charge, for each number (since October 2026). */
export const FREE_MESSAGES = 1000;

/** A number of an institution. It holds no secret, so it may go wherever a message goes. */
export interface WhatsAppNumber {
  /** `env`, or the id of its row. */
  id: string;
  institutionId: string;
  /** What the institution calls it. The number of the environment has no label. */
  label: string | null;
  purpose: Purpose;
  /** Meta's name for it. Webhooks and sending use this name, not the telephone number. */
  phoneNumberId: string;
  /** The telephone number for people (`+52…`). */
  displayPhone: string | null;
  /** Where the institution takes reports, when this number is not for them: `+52…`. */
  reportsPhone?: string;
}

/**
 * A name under one number. The same person, or the same message, has another name under another number, so
 * that no stored hash joins two numbers. Names under the number of the environment stay as they were when
 * there was no other number: drafts of that time are found.
 */
export function nameUnder(number: string, name: string): string {
  return number === ENVIRONMENT ? name : `${number}|${name}`;
}
