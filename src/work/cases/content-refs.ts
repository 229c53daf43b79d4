import { hash } from 'node:crypto';
import type { Content } from '../../foundations/audit/payload.js';
import type { CaseEntryRow } from './case.entities.js';

/** What audit entries of a case vouch for; `trail-check.ts` computes the same out of the tables. */

/** @param sealed the report as it is stored */
export function reportContent({ content, identity }: { content: Buffer; identity: Buffer }): Content {
  return { report: digest(content), identity: digest(identity) };
}

/**
 * An access code as it is stored: `generation` counts exchanges, `hardened` is the slow hash that replaces
 * the first one. A code changes: the version in front says which entry counts.
 */
export function codeContent(code: { digest: string; generation: number; hardened: boolean }): Content {
  return { code: `${code.generation * 2 + (code.hardened ? 1 : 0)} ${digest(code.digest)}` };
}

/**
 * A row of the correspondence, with the clear columns that decide what it means.
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
