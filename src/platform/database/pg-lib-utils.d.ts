/** What `pg` makes of values for the wire; it has no types of its own. */
declare module 'pg/lib/utils.js' {
  /** @returns text, bytes as they are, null for undefined */
  export function prepareValue(value: unknown): string | Buffer | null;
}
