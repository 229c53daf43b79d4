import type { CatalogSnapshot } from '../../foundations/catalogs/catalogs.reader.js';
import { findPeople } from '../../foundations/identity/staff-directory.js';
import { isoWithOffset } from '../../platform/clock.js';
import type { Tx } from '../../platform/database/tx.js';
import type { Text } from '../../platform/errors.js';
import type { CaseKeys, CaseVault, EntryBody } from './case-vault.js';
import { CaseEntryRow, type EntryKind } from './case.entities.js';
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
  /** An operator wrote it for the reporter, during a call. */
  byPhone: boolean;
  /** It came through a voice menu of the telephone. */
  byVoiceMenu: boolean;
  /** What happened, in a sentence. */
  summary: Text;
}

/**
 * Entries whose text the reporter may read: texts meant for the reporter. Reasons, grounds and names of staff
 * are never shown to the reporter.
 */
const TEXTS_FOR_REPORTER: readonly EntryKind[] = [
  'message',
  'information_requested',
  'answered',
  'resolved',
  'closed',
];

/** An entry as it is stored, with its body opened. */
export interface OpenedEntry {
  row: CaseEntryRow;
  body: EntryBody;
}

/** Step: the entries of one kind in their order, for a module that gives them a meaning of its own. */
export function entriesOfKind(
  tx: Tx,
  vault: CaseVault,
  keys: Pick<CaseKeys, 'caseId' | 'content'>,
  kind: EntryKind,
): Promise<OpenedEntry[]> {
  return openEntries(tx, vault, keys, 'case_id = $1 and kind = $2', kind);
}

/** Step: the entries with these numbers, in their order. */
export function entriesOfNumber(
  tx: Tx,
  vault: CaseVault,
  keys: Pick<CaseKeys, 'caseId' | 'content'>,
  numbers: readonly number[],
): Promise<OpenedEntry[]> {
  return openEntries(tx, vault, keys, 'case_id = $1 and case_seq = any($2)', numbers);
}

async function openEntries(
  tx: Tx,
  vault: CaseVault,
  keys: Pick<CaseKeys, 'caseId' | 'content'>,
  which: string,
  ...parameters: unknown[]
): Promise<OpenedEntry[]> {
  const rows = await tx.rows(CaseEntryRow, `${which} order by case_seq`, [keys.caseId, ...parameters]);
  return rows.map((row) => ({ row, body: vault.openBody(keys, row.id, row.body) }));
}

/** Read the entries in their order. For the reporter: only visible entries, without staff names and times. */
export async function readEntries(
  tx: Tx,
  vault: CaseVault,
  { keys, catalog }: { keys: Pick<CaseKeys, 'caseId' | 'content'>; catalog: CatalogSnapshot },
  reader: 'staff' | 'reporter',
): Promise<EntryView[]> {
  const which = reader === 'reporter' ? 'case_id = $1 and visible' : 'case_id = $1';
  const opened = await openEntries(tx, vault, keys, which);
  const forStaff = reader === 'staff';
  const names = forStaff ? await namesOfFormerEntries(tx, opened) : new Map<string, string>();
  return opened.map(({ row, body: { by, byPhone = false, byVoiceMenu = false, ...stored } }) => {
    const body = forStaff
      ? factsOf(stored, catalog, names)
      : TEXTS_FOR_REPORTER.includes(row.kind)
        ? { text: stored.text }
        : {};
    return {
      seq: row.caseSeq,
      kind: row.kind,
      author: row.author,
      // Entries written before names were sealed into them show the present name of the account.
      by: forStaff ? (by?.name ?? names.get(row.accountId ?? '') ?? null) : null,
      day: row.day,
      at: forStaff && row.at ? isoWithOffset(row.at, catalog.institution.timeZone) : null,
      body,
      byPhone,
      byVoiceMenu,
      summary: summaryOf(row.kind, body, byPhone ? 'operator' : byVoiceMenu ? 'voiceMenu' : undefined),
    };
  });
}

/** Find the names for entries of former versions, which hold the ids of people and not their names. */
async function namesOfFormerEntries(
  tx: Tx,
  entries: readonly { row: { kind: EntryKind; accountId: string | null }; body: EntryBody }[],
): Promise<Map<string, string>> {
  const ids = entries.flatMap(({ row, body }) => [
    body.by ? null : row.accountId,
    row.kind === 'assigned' && typeof body.to === 'string' ? body.to : null,
  ]);
  return new Map([...(await findPeople(tx, ids)).values()].map(({ id, name }) => [id, name]));
}
