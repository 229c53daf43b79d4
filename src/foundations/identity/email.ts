import { typedEmail } from '../../platform/typed-text.js';

/** The one spelling under which an e-mail address is stored, found and counted. */
export function normalEmail(email: string): string {
  return typedEmail(email).toLowerCase();
}
