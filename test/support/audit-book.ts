import type { AuditEntryRow } from '../../src/foundations/audit/audit.entities.js';
import { openEntry } from '../../src/foundations/audit/entry-seal.js';
import { KeyRing } from '../../src/platform/crypto/keyring.js';
import { SECRETS } from '../setup/constants.js';
import type { Harness } from '../setup/harness.js';

/** An entry of the trail, opened with the keys of the installation. */
export interface OpenedEntry {
  id: string;
  institutionId: string | null;
  caseId: string | null;
  event: string;
  actorKind: AuditEntryRow['actorKind'];
  accountId: string | null;
  day: string;
  at: Date | null;
  commitment: Buffer;
  /** In the queue of the sequencer; null when it is not there. */
  pending: Buffer | null;
  salt: Buffer;
  /** The canonical text that was committed to, and what it says. */
  payload: string;
  told: {
    event: string;
    actor: { kind: string; id?: string };
    time: string;
    case?: object;
    data: Record<string, unknown>;
  };
}

interface Row extends Omit<OpenedEntry, 'salt' | 'payload' | 'told'> {
  sealed: Buffer;
  case_key: Buffer | null;
  institution_key: Buffer | null;
}

/** The whole trail in the order of its writing as far as times tell it, or what was written after `known`. */
export async function openTrail(h: Harness, known: ReadonlySet<string> = new Set()): Promise<OpenedEntry[]> {
  const ring = new KeyRing(SECRETS);
  const rows = await h.sql<Row & Record<string, never>>(
    'owner',
    `select e.id, e.institution_id as "institutionId", e.case_id as "caseId", e.event, e.actor_kind as "actorKind",
            e.account_id as "accountId", e.day::text as day, e.at, e.commitment, p.commitment as pending, e.sealed,
            k.audit_key as case_key, i.audit_key as institution_key
       from audit_entries e left join audit_pending p on p.entry_id = e.id
       left join case_keys k on k.case_id = e.case_id left join institution_keys i on i.institution_id = e.institution_id
      where e.id <> all($1::uuid[]) order by e.case_seq nulls first, e.at nulls first, e.id`,
    [[...known]],
  );
  return rows.map(({ sealed, case_key: caseKey, institution_key: institutionKey, ...entry }) => {
    const key = entry.caseId
      ? ring.unwrap(caseKey!, { table: 'case_keys', row: entry.caseId, field: 'audit_key' })
      : entry.institutionId
        ? ring.unwrap(institutionKey!, {
            table: 'institution_keys',
            row: entry.institutionId,
            field: 'audit_key',
          })
        : ring.derive('audit', 'installation');
    const opened = openEntry(key, entry.id, sealed);
    const told = JSON.parse(opened.payload) as OpenedEntry['told'];
    return { ...entry, salt: opened.salt, payload: opened.payload, told };
  });
}
