import type { CatalogSnapshot } from '../../foundations/catalogs/catalogs.reader.js';
import { isoWithOffset } from '../../platform/clock.js';
import type { Tx } from '../../platform/database/tx.js';
import type { Text } from '../../platform/errors.js';
import type { CaseKeys, CaseVault, EntryBody } from './case-vault.js';
import type { CaseEntryRow, EntryKind } from './case.entities.js';
import { factsOf, summaryOf, type EntryFacts } from './entry-texts.js';

/** One entry of a case, opened for its reader. */
export interface EntryView {
  seq: number;
  kind: EntryKind;
  author: CaseEntryRow['author'];
  by: string | null;
  day: string;
  /** ISO 8601 with the institution's offset; null for acts of the reporter. */
  at: string | null;
  body: EntryFacts;
  /** What happened, in a sentence. */
  summary: Text;
}

/** What of a body the reporter may read: texts meant for it, never reasons, grounds or names of staff. */
const TEXTS_FOR_REPORTER: readonly EntryKind[] = ['message', 'information_requested', 'answered', 'resolved', 'closed'];

/** Entries in their order. For the reporter only visible ones, without staff names and times. */
export async function readEntries(
  tx: Tx,
  vault: CaseVault,
  keys: Pick<CaseKeys, 'caseId' | 'content'>,
  catalog: CatalogSnapshot,
  reader: 'staff' | 'reporter',
): Promise<EntryView[]> {
  const rows = await tx.query<{
    id: string;
    case_seq: number;
    kind: EntryKind;
    author: CaseEntryRow['author'];
    name: string | null;
    day: string;
    at: Date | null;
    body: Buffer | null;
  }>(
    `select e.id, e.case_seq, e.kind, e.author, a.name, e.day::text, e.at, e.body
       from case_entries e left join accounts a on a.id = e.account_id
      where e.case_id = $1 ${reader === 'reporter' ? 'and e.visible' : ''} order by e.case_seq`,
    [keys.caseId],
  );
  const opened = rows.map((row) => ({ row, body: vault.openBody(keys, row.id, row.body) }));
  const forStaff = reader === 'staff';
  const names = forStaff ? await namesOfAssignees(tx, opened) : new Map<string, string>();
  return opened.map(({ row, body: { by, ...stored } }) => {
    const body = forStaff
      ? factsOf(stored, catalog, names)
      : TEXTS_FOR_REPORTER.includes(row.kind)
        ? { text: stored.text }
        : {};
    return {
      seq: row.case_seq,
      kind: row.kind,
      author: row.author,
      // Entries from before the name was sealed into them show the present one.
      by: forStaff ? (by?.name ?? row.name) : null,
      day: row.day,
      at: forStaff && row.at ? isoWithOffset(row.at, catalog.institution.timeZone) : null,
      body,
      summary: summaryOf(row.kind, body),
    };
  });
}

/** Of entries of former versions, which have the id alone. */
async function namesOfAssignees(
  tx: Tx,
  entries: readonly { row: { kind: EntryKind }; body: EntryBody }[],
): Promise<Map<string, string>> {
  const ids = entries.flatMap(({ row, body }) =>
    row.kind === 'assigned' && typeof body.to === 'string' ? [body.to] : [],
  );
  if (ids.length === 0) return new Map();
  const people = await tx.query<{ id: string; name: string }>('select id, name from accounts where id = any($1)', [
    ids,
  ]);
  return new Map(people.map(({ id, name }) => [id, name]));
}
