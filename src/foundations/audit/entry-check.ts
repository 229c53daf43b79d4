import { localDay } from '../../platform/clock.js';
import type { AuditEntryRow, Fault } from './audit.entities.js';
import { commit } from './commitment.js';
import { openEntry } from './entry-seal.js';
import type { Payload } from './payload.js';

export interface OpenedEntry {
  payload: Payload | null;
  fault: Fault | null;
}

/**
 * Opens an entry and compares its payload, commitment and clear columns. Never throws, so that an entry that
 * somebody changed cannot hide the other entries.
 * @param key audit key of the case or institution
 * @param zone IANA zone of the institution; gives the day of an entry that has a time and no case
 */
export function checkEntry(row: AuditEntryRow, key: Buffer, zone: string): OpenedEntry {
  let opened: { salt: Buffer; payload: string };
  let payload: Payload;
  try {
    opened = openEntry(key, row.id, row.sealed);
    payload = JSON.parse(opened.payload) as Payload;
  } catch {
    return { payload: null, fault: 'unreadable' };
  }
  if (!commit(opened.salt, opened.payload).equals(row.commitment)) {
    return { payload, fault: 'commitment' };
  }
  return { payload, fault: columnsAgree(row, payload, zone) ? null : 'columns' };
}

function columnsAgree(row: AuditEntryRow, payload: Payload, zone: string): boolean {
  const timed = payload.time.includes('T');
  const first =
    row.event === payload.event &&
    row.actorKind === payload.actor.kind &&
    row.accountId === (payload.actor.kind === 'staff' ? (payload.actor.id ?? null) : null) &&
    (row.at?.toISOString() ?? null) === (timed ? payload.time : null) &&
    row.caseId === (payload.case?.id ?? null) &&
    row.caseSeq === (payload.case?.seq ?? null);
  if (!first) return false;
  if (!timed && row.day !== payload.time) return false;
  if (payload.v === undefined) return true;
  const day = payload.day ?? (timed ? localDay(new Date(payload.time), zone) : payload.time);
  return (
    row.day === day &&
    row.institutionId === (payload.institution ?? null) &&
    row.reading === (payload.reading ?? false) &&
    row.aboutId === (payload.about ?? null)
  );
}
