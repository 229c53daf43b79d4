import type { ContentRef } from '../audit/payload.js';
import { sha256Hex } from '../platform/crypto/sha256.js';
import type { CaseEntryRow } from './case.entities.js';

/** What audit entries of a case vouch for; `trail-check.ts` reads the same places out of the tables. */

/** @param sealed the report as it is stored */
export function reportRefs({
  caseId,
  content,
  identity,
}: {
  caseId: string;
  content: Buffer;
  identity: Buffer;
}): ContentRef[] {
  return [
    { table: 'case_reports', row: caseId, field: 'content', sha256: sha256Hex(content) },
    { table: 'case_reports', row: caseId, field: 'identity', sha256: sha256Hex(identity) },
  ];
}

/** An access code as it is stored: `generation` counts exchanges, `hardened` is the slow hash that replaces the first one. */
export function codeRef(
  caseId: string,
  { digest, generation, hardened }: { digest: string; generation: number; hardened: boolean },
): ContentRef {
  const version = generation * 2 + (hardened ? 1 : 0);
  return { table: 'case_access_codes', row: caseId, field: 'digest', sha256: sha256Hex(digest), version };
}

/** @param body as it is stored */
export function entryRef(
  id: string,
  { kind, visible }: Pick<CaseEntryRow, 'kind' | 'visible'>,
  body: Buffer | null,
): ContentRef {
  return { table: 'case_entries', row: id, field: 'body', sha256: body && sha256Hex(body), kind, visible };
}
