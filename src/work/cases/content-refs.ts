import { hash } from 'node:crypto';
import type { Content } from '../../foundations/audit/payload.js';
import type { CaseEntryRow } from './case.entities.js';

/**
 * The content for which trail entries of a case vouch. `trail-check.ts` computes the same from the tables.
 */

/** Something stored for which the trail entries of a case should vouch. */
export interface StoredPart {
  caseId: string;
  /** Name of the part, e.g. `report`. */
  part: string;
  /** SHA-256, base64url. */
  digest: string;
}

/** @param sealed the report as it is stored */
export function reportContent({ content, identity }: { content: Buffer; identity: Buffer }): Content {
  return { report: digest(content), identity: digest(identity) };
}

/**
 * An access code as it is stored. `generation` numbers the codes of a case; the first entry says 0, each
 * exchange a higher number. `hardened` is the slow hash that replaces the first hash. A code may change: the
 * version in front of the digest says which entry counts.
 */
export function codeContent(code: { digest: string; generation: number; hardened: boolean }): Content {
  return { code: `${code.generation * 2 + (code.hardened ? 1 : 0)} ${digest(code.digest)}` };
}

/**
 * An entry of a case, with the columns in clear that decide what the entry means.
 * @param body as it is stored
 */
export function entryContent(
  id: string,
  { kind, visible }: Pick<CaseEntryRow, 'kind' | 'visible'>,
  body: Buffer | null,
): Content {
  const clear = `${kind} ${visible ? 'visible' : 'hidden'}\n`;
  return { [`entry/${id}`]: digest(body ? Buffer.concat([Buffer.from(clear), body]) : clear) };
}

function digest(bytes: Buffer | string): string {
  return hash('sha256', bytes, 'base64url');
}
