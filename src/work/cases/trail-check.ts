import { Injectable } from '@nestjs/common';
import type { Fault } from '../../foundations/audit/audit.entities.js';
import { canonicalJson } from '../../foundations/audit/commitment.js';
import { AuditFaults, type FoundFault } from '../../foundations/audit/faults.js';
import { TrailReader, type AuditRecord } from '../../foundations/audit/trail.reader.js';
import { sha256Hex } from '../../platform/crypto/sha256.js';
import type { Tx } from '../../platform/database/tx.js';
import { Events } from '../../platform/events.js';
import { CaseVault } from './case-vault.js';
import type { StoredPart } from './content-refs.js';
import { StoredBeside } from './events.js';

/** Result of a check: the trail entries of the writes of a case, compared with what is stored. */
export interface CheckedTrail {
  /** Faults of single entries, by entry id. */
  faults: ReadonlyMap<string, Fault>;
  /**
   * Faults of the case as a whole: a number without an entry, or stored content that no entry vouches for.
   */
  whole: readonly Fault[];
  /**
   * SHA-256 of everything stored of the case that its readers see. The access code is left out: two reads at
   * known times would show between them when the reporter exchanged the code.
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
 * Compare the trail of a case with its stored ciphertexts. When somebody replaces a narrative, a message or a
 * code, even with the right keys, the stored digest no longer matches the one in its trail entry.
 */
@Injectable()
export class TrailCheck {
  constructor(
    private readonly trail: TrailReader,
    private readonly vault: CaseVault,
    private readonly faults: AuditFaults,
    private readonly events: Events,
  ) {}

  /**
   * Step of a read of the case. Notes the faults that it finds.
   * @param today local day of the institution
   */
  async check(tx: Tx, subject: CaseSubject, today: string): Promise<CheckedTrail> {
    const [writes, stored, beside] = await Promise.all([
      this.trail.writesOf(tx, subject),
      tx.prepared<StoredPart>(STORED_OF_ONE, [subject.caseId]),
      this.events.ask(tx, StoredBeside, [subject.caseId]),
    ]);
    const checked = compare(writes, [...stored, ...beside], subject.lastSeq);
    await this.report(tx, subject, today, checked);
    return checked;
  }

  /**
   * Step of a verification: check the next cases of an institution, including the trail entries of reads.
   * @param after id of the last case of the previous step
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
    // Use a zero key for a case that lost its keys: no entry opens, which shows as a fault, but its entries
    // still count.
    for (const id of ids) if (!keys.has(id)) keys.set(id, Buffer.alloc(32));
    const trails = await this.trail.allOf(tx, keys, timeZone);
    const [stored, beside] = await Promise.all([
      tx.prepared<StoredPart>(STORED_OF_MANY, [ids]),
      this.events.ask(tx, StoredBeside, ids),
    ]);
    const byCase = new Map(ids.map((id): [string, StoredPart[]] => [id, []]));
    for (const ref of [...stored, ...beside]) byCase.get(ref.caseId)!.push(ref);
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

  /** Step: note the faults of a case that was checked. */
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

/** A separate statement for one case: with `any` the server would make a new plan each time. */
const STORED_OF_ONE = storedOf('= $1');
const STORED_OF_MANY = storedOf('= any($1)');

/**
 * Compare the writes of a case with what is stored.
 * @param writes all writes of a case in their order
 * @param stored all that is stored of the case
 * @param lastSeq number of its last write
 */
export function compare(
  writes: readonly AuditRecord[],
  stored: readonly StoredPart[],
  lastSeq: number,
): CheckedTrail {
  const faults = new Map<string, Fault>();
  for (const { id, fault } of writes) if (fault) faults.set(id, fault);
  const found = new Map(stored.map(({ part, digest }) => [part, digest]));
  // An act of its own may change content later (another access code). The entry with the highest version then
  // vouches for that content.
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
  // A case opened before entries held content has content for which no entry vouches. Skip the check for such
  // a case, even if later entries hold content.
  const vouching = Object.keys(writes[0]?.content ?? {}).length > 0;
  if (vouching && [...found.keys()].some((part) => !last.has(part))) whole.push('unattested');
  const shown = [...found].filter(([part]) => part !== 'code').sort();
  return { faults, whole, contentSha256: sha256Hex(canonicalJson(shown)) };
}
