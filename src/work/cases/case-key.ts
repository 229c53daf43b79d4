/** By what a case is found. */
export type CaseKey = { folio: string } | { id: string };

/**
 * The id of a case as SQL with one parameter, so that a statement finds what hangs on the case in the round
 * trip in which the case itself is looked for.
 */
export function idOf(key: CaseKey): { id: string; value: string } {
  return 'id' in key
    ? { id: '$1::uuid', value: key.id }
    : { id: 'select id from cases where folio = $1', value: key.folio };
}
