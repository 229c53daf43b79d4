import { isoWithOffset } from '../platform/clock.js';
import type { Tx } from '../platform/database/tx.js';
import type { CaseEntryRow, EntryKind } from './case.entities.js';
import type { CaseKeys, CaseVault, EntryBody } from './case-vault.js';

/** One entry of a case, opened for its reader. */
export interface EntryView {
  seq: number;
  kind: EntryKind;
  author: CaseEntryRow['author'];
  by: string | null;
  day: string;
  /** ISO 8601 with the institution's offset; null for acts of the reporter. */
  at: string | null;
  body: Omit<EntryBody, 'by'>;
}

/** What of a body the reporter may read: texts meant for it, never reasons, grounds or names of staff. */
const TEXTS_FOR_REPORTER: readonly EntryKind[] = ['message', 'information_requested', 'answered', 'resolved', 'closed'];

/** Entries in their order. For the reporter only visible ones, without staff names and times. */
export async function readEntries(
  tx: Tx,
  vault: CaseVault,
  keys: Pick<CaseKeys, 'caseId' | 'content'>,
  timeZone: string,
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
  return rows.map((row) => {
    const { by, ...body } = vault.openBody(keys, row.id, row.body);
    const forStaff = reader === 'staff';
    return {
      seq: row.case_seq,
      kind: row.kind,
      author: row.author,
      // Entries from before the name was sealed into them show the present one.
      by: forStaff ? (by?.name ?? row.name) : null,
      day: row.day,
      at: forStaff && row.at ? isoWithOffset(row.at, timeZone) : null,
      body: forStaff ? body : TEXTS_FOR_REPORTER.includes(row.kind) ? { text: body.text } : {},
    };
  });
}
