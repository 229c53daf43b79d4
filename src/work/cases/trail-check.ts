import { Injectable } from '@nestjs/common';
import type { Fault } from '../../foundations/audit/audit.entities.js';
import { canonicalJson } from '../../foundations/audit/commitment.js';
import { AuditFaults, type FoundFault } from '../../foundations/audit/faults.js';
import { TrailReader, type AuditRecord } from '../../foundations/audit/trail.reader.js';
import { sha256Hex } from '../../platform/crypto/sha256.js';
import type { Tx } from '../../platform/database/tx.js';
import { CaseVault } from './case-vault.js';

/** What the writes of a case say about it, compared with what is stored. */
export interface CheckedTrail {
  /** Of single entries, by their id. */
  faults: ReadonlyMap<string, Fault>;
  /** Of the case as a whole: a number without entry, or something stored that no entry vouches for. */
  whole: readonly Fault[];
  /**
   * SHA-256 of everything stored of the case that its readers see. Not of its access code: two timed reads
   * would tell when the reporter exchanged it.
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
 * Compares the trail of a case with its stored ciphertexts: a narrative, a message or a code that somebody
 * replaced, even with the right keys, no longer is what its entry committed to.
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
      tx.prepared<Stored>(STORED_OF_ONE, [subject.caseId]),
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
    const stored = await tx.prepared<Stored>(STORED_OF_MANY, [ids]);
    const byCase = new Map(ids.map((id): [string, Stored[]] => [id, []]));
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

/** Something stored that entries of a case should vouch for. */
export interface Stored {
  caseId: string;
  /** As in `content-refs.ts`. */
  part: string;
  /** SHA-256, base64url. */
  digest: string;
}

const DIGEST = (bytes: string): string =>
  `rtrim(translate(encode(sha256(${bytes}), 'base64'), '+/', '-_'), '=')`;
const storedOf = (cases: string): string => `
  select case_id as "caseId", 'report' as part, ${DIGEST('content')} as digest from case_reports where case_id ${cases}
  union all
  select case_id, 'identity', ${DIGEST('identity')} from case_reports where case_id ${cases}
  union all
  select case_id, 'code', ${DIGEST(`convert_to(digest, 'UTF8')`)} from case_access_codes where case_id ${cases}
  union all
  select case_id, 'entry/' || id,
         ${DIGEST(`convert_to(kind || case when visible then ' visible' else ' hidden' end || chr(10), 'UTF8') || coalesce(body, '')`)}
    from case_entries where case_id ${cases}`;

/** One case has a statement of its own: for `any` the server would make a new plan each time. */
const STORED_OF_ONE = storedOf('= $1');
const STORED_OF_MANY = storedOf('= any($1)');

/**
 * @param writes all writes of a case in their order
 * @param stored all that is stored of it
 * @param lastSeq number of its last write
 */
export function compare(
  writes: readonly AuditRecord[],
  stored: readonly Stored[],
  lastSeq: number,
): CheckedTrail {
  const faults = new Map<string, Fault>();
  for (const { id, fault } of writes) if (fault) faults.set(id, fault);
  const found = new Map(stored.map(({ part, digest }) => [part, digest]));
  // What was changed later by an act of its own (another access code) is vouched for by the highest version
  // of it.
  const last = new Map<string, { id: string; digest: string; version: number }>();
  for (const { id, content } of writes) {
    for (const [part, value] of Object.entries(content)) {
      const [digest = '', version = '0'] = value.split(' ').reverse();
      const known = last.get(part);
      if (!known || Number(version) >= known.version)
        last.set(part, { id, digest, version: Number(version) });
    }
  }
  for (const [part, { id, digest }] of last) {
    if (found.get(part) !== digest && !faults.has(id)) faults.set(id, 'content');
  }
  const whole: Fault[] = [];
  const numbers = new Set(writes.map(({ caseSeq }) => caseSeq).filter((seq) => seq !== null));
  if (numbers.size !== lastSeq || Math.max(0, ...numbers) !== lastSeq) whole.push('missing');
  // A case opened before content was part of entries has content that none vouches for, whatever was written
  // later.
  const vouching = Object.keys(writes[0]?.content ?? {}).length > 0;
  if (vouching && [...found.keys()].some((part) => !last.has(part))) whole.push('unattested');
  const shown = [...found].filter(([part]) => part !== 'code').sort();
  return { faults, whole, contentSha256: sha256Hex(canonicalJson(shown)) };
}
