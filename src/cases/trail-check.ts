import { Injectable } from '@nestjs/common';
import type { Fault } from '../audit/audit.entities.js';
import { AuditFaults, type FoundFault } from '../audit/faults.js';
import type { ContentRef } from '../audit/payload.js';
import { TrailReader, type AuditRecord } from '../audit/trail.reader.js';
import { sha256Hex } from '../platform/crypto/sha256.js';
import { canonicalJson } from '../audit/commitment.js';
import { CaseVault } from './case-vault.js';
import type { Tx } from '../platform/database/tx.js';

/** What the writes of a case say about it, compared with what is stored. */
export interface CheckedTrail {
  /** Of single entries, by their id. */
  faults: ReadonlyMap<string, Fault>;
  /** Of the case as a whole: a number without entry, or something stored that no entry vouches for. */
  whole: readonly Fault[];
  /**
   * SHA-256 of everything stored of the case that its readers see. Not of its access code: two timed reads would tell when the
   * reporter exchanged it.
   */
  contentSha256: string;
}

export interface CaseSubject {
  caseId: string;
  auditKey: Buffer;
  /** IANA zone of the institution. */
  zone: string;
  institutionId: string | null;
  /** Number of the last write. */
  lastSeq: number;
}

/**
 * Compares the trail of a case with its stored ciphertexts: a narrative, a message or a code that somebody replaced, even
 * with the right keys, no longer is what its entry committed to.
 */
@Injectable()
export class TrailCheck {
  constructor(
    private readonly trail: TrailReader,
    private readonly vault: CaseVault,
    private readonly faults: AuditFaults,
  ) {}

  /**
   * Step of a read of the case; notes what it finds.
   * @param today local day of the institution
   */
  async check(tx: Tx, subject: CaseSubject, today: string): Promise<CheckedTrail> {
    const [writes, stored] = await Promise.all([
      this.trail.writesOf(tx, subject),
      tx.prepared<StoredRef>(STORED, [[subject.caseId]]),
    ]);
    const checked = compare(writes, stored, subject.lastSeq);
    await this.report(tx, subject, today, checked);
    return checked;
  }

  /**
   * Step of a verification: the next cases of an institution, reads included.
   * @param after id of the last case of the step before
   * @param today local day of the institution
   * @returns all their entries, and the id of the last case; undefined at the end
   */
  async checkNext(
    tx: Tx,
    { id: institutionId, timeZone }: { id: string; timeZone: string },
    { after, limit, today }: { after: string; limit: number; today: string },
  ): Promise<{ entries: AuditRecord[]; last: string | undefined }> {
    const cases = await tx.query<{ id: string; lastSeq: number }>(
      'select id, last_seq as "lastSeq" from cases where institution_id = $1 and id > $2 order by id limit $3',
      [institutionId, after, limit],
    );
    const ids = cases.map(({ id }) => id);
    const keys = await this.vault.auditKeysOf(tx, ids);
    // Of a case that lost its keys nothing opens, which shows; its entries still count.
    for (const id of ids) if (!keys.has(id)) keys.set(id, Buffer.alloc(32));
    const trails = await this.trail.allOf(tx, keys, timeZone);
    const stored = await tx.prepared<StoredRef>(STORED, [ids]);
    const byCase = new Map(ids.map((id): [string, StoredRef[]] => [id, []]));
    for (const ref of stored) byCase.get(ref.caseId)!.push(ref);
    for (const { id: caseId, lastSeq } of cases) {
      const entries = trails.get(caseId)!;
      const writes = entries.filter(({ reading }) => !reading);
      const { faults, whole } = compare(writes, byCase.get(caseId)!, lastSeq);
      const all = new Map(faults);
      for (const { id, fault } of entries) if (fault) all.set(id, fault);
      await this.report(tx, { caseId, institutionId }, today, { faults: all, whole });
    }
    return { entries: [...trails.values()].flat(), last: ids.at(-1) };
  }

  /** Step: notes the faults of a case that was checked. */
  async report(
    tx: Tx,
    { caseId, institutionId }: Pick<CaseSubject, 'caseId' | 'institutionId'>,
    today: string,
    { faults, whole }: Pick<CheckedTrail, 'faults' | 'whole'>,
  ): Promise<void> {
    const found: FoundFault[] = [
      ...[...faults].map(([entryId, fault]) => ({ fault, caseId, entryId })),
      ...whole.map((fault) => ({ fault, caseId })),
    ];
    await this.faults.report(tx, institutionId, today, found);
  }
}

interface StoredRef extends ContentRef {
  caseId: string;
}

/** Every ciphertext and row that entries of these cases vouch for. */
const STORED = `
  select case_id as "caseId", 'case_reports' as "table", case_id as "row", 'content' as field, encode(sha256(content), 'hex') as sha256,
         null as kind, null::boolean as visible
    from case_reports where case_id = any($1)
  union all
  select case_id, 'case_reports', case_id, 'identity', encode(sha256(identity), 'hex'), null, null from case_reports where case_id = any($1)
  union all
  select case_id, 'case_access_codes', case_id, 'digest', encode(sha256(convert_to(digest, 'UTF8')), 'hex'), null, null
    from case_access_codes where case_id = any($1)
  union all
  select case_id, 'case_entries', id, 'body', encode(sha256(body), 'hex'), kind, visible from case_entries where case_id = any($1)`;

/**
 * @param writes all writes of a case in their order
 * @param stored all that is stored of it
 * @param lastSeq number of its last write
 */
export function compare(writes: readonly AuditRecord[], stored: readonly ContentRef[], lastSeq: number): CheckedTrail {
  const faults = new Map<string, Fault>();
  for (const { id, fault } of writes) if (fault) faults.set(id, fault);
  const found = new Map(stored.map((ref) => [placeOf(ref), stateOf(ref)]));
  // What was changed later by an act of its own (another access code) is vouched for by the highest version of it.
  const last = new Map<string, { id: string; state: string; version: number }>();
  for (const { id, content } of writes) {
    for (const ref of content) {
      const { version = 0 } = ref;
      const known = last.get(placeOf(ref));
      if (!known || version >= known.version) last.set(placeOf(ref), { id, state: stateOf(ref), version });
    }
  }
  for (const [place, { id, state }] of last)
    if (found.get(place) !== state && !faults.has(id)) faults.set(id, 'content');
  const whole: Fault[] = [];
  const numbers = new Set(writes.map(({ caseSeq }) => caseSeq).filter((seq) => seq !== null));
  if (numbers.size !== lastSeq || Math.max(0, ...numbers) !== lastSeq) whole.push('missing');
  // A case opened before content was part of entries has content that none vouches for, whatever was written later.
  const vouching = (writes[0]?.content.length ?? 0) > 0;
  if (vouching && [...found.keys()].some((place) => !last.has(place))) whole.push('unattested');
  const shown = [...found].filter(([place]) => !place.startsWith('case_access_codes|')).sort();
  return { faults, whole, contentSha256: sha256Hex(canonicalJson(shown)) };
}

function placeOf({ table, row, field }: ContentRef): string {
  return `${table}|${row}|${field}`;
}

function stateOf({ sha256, kind, visible }: ContentRef): string {
  return `${sha256 ?? ''}|${kind ?? ''}|${visible ?? ''}`;
}
