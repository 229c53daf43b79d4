/** Folio or id, by which a case is found. */
export type CaseKey = { folio: string } | { id: string };

/**
 * The id of a case as SQL with one parameter. With this SQL a statement finds rows of a case in the same
 * round trip in which the case itself is looked up.
 */
export function idOf(key: CaseKey): { id: string; value: string } {
  return 'id' in key
    ? { id: '$1::uuid', value: key.id }
    : { id: 'select id from cases where folio = $1', value: key.folio };
}
