/** The one spelling under which an e-mail address is stored, found and counted. */
export function normalEmail(email: string): string {
  return email.trim().toLowerCase();
}
