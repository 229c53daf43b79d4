/** How `pg` prepares values for the wire. This module has no types of its own. */
declare module 'pg/lib/utils.js' {
  /** @returns text, bytes as they are, null for undefined */
  export function prepareValue(value: unknown): string | Buffer | null;
}
