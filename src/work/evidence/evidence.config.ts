import type { Variables } from '../../platform/variables.js';

const GIB = 1024 ** 3;

/** Names of the variables that this file reads. */
export const EVIDENCE_VARIABLES = /^EVIDENCE_/;

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
