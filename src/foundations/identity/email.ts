import { typedEmail } from '../../platform/typed-text.js';

/** Returns the one spelling of an e-mail address that is stored, searched and counted. */
export function normalEmail(email: string): string {
  return typedEmail(email).toLowerCase();
}
