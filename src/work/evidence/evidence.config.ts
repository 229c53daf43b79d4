import { isAbsolute } from 'node:path';
import type { Variables } from '../../platform/variables.js';
import type { ClamdAddress } from './antivirus/clamd-connection.js';

const GIB = 1024 ** 3;
/** The port of clamd in its own documents. */
const CLAMD_PORT = 3310;

/** Names of the variables that this file reads. */
export const EVIDENCE_VARIABLES = /^(EVIDENCE|CLAMD)_/;

/** What an operator sets about evidence. */
export class EvidenceLimits {
  /** @param institutionBytes what one institution may keep, with padding and safe copies */
  constructor(readonly institutionBytes: number) {}
}

/** Reads the limits. Notes faults in `variables`. */
export function readEvidenceConfig(variables: Variables): EvidenceLimits {
  const gib = variables.integer('EVIDENCE_INSTITUTION_GIB', { min: 1, max: 1_000_000 }) ?? 100;
  return new EvidenceLimits(gib * GIB);
}

/** Reads where the antivirus listens; undefined when there is none. Notes faults in `variables`. */
export function readClamdAddress(variables: Variables): ClamdAddress | undefined {
  const path = variables.get('CLAMD_SOCKET');
  const host = variables.get('CLAMD_HOST');
  const port = variables.integer('CLAMD_PORT', { min: 1, max: 65_535 });
  if (path !== undefined && (host !== undefined || variables.get('CLAMD_PORT') !== undefined))
    variables.fault('CLAMD_SOCKET and CLAMD_HOST name two ways to clamd. Keep one of them.');
  if (path !== undefined && !isAbsolute(path))
    variables.fault('CLAMD_SOCKET must be a path from the root, such as /run/clamav/clamd.ctl.');
  if (path === undefined && host === undefined && port !== undefined)
    variables.fault('CLAMD_PORT needs CLAMD_HOST.');
  if (path !== undefined) return { path };
  return host === undefined ? undefined : { host, port: port ?? CLAMD_PORT };
}
