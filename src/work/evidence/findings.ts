import type { CaseAct } from '../../foundations/audit/labels.js';
import type { Verdict } from './antivirus/scanner.js';
import type { Conversion, ConvertedFile } from './conversion/convert.js';
import type { EvidenceRow } from './evidence.entities.js';
import type { EvidenceDetails, FileFacts } from './sealed-evidence.js';

/** What becomes of a file. */
export interface Finding {
  event: CaseAct;
  state: EvidenceRow['state'];
  details: EvidenceDetails;
  thumbnail?: Buffer;
  copy?: { object: string; facts: FileFacts };
  /** Sealed into the entry of the trail. */
  said: Record<string, unknown>;
}

/** Whether the file waits already, for the same reason. The trail says it once. */
export function isKnown({ state, details }: Finding, known: EvidenceDetails): boolean {
  return state === 'waiting' && details.reason === known.reason && details.tool === known.tool;
}

/** What is said of a file of which no copy was made. */
export function findingOf(known: EvidenceDetails, made: Exclude<Conversion, ConvertedFile>): Finding {
  if (made.outcome === 'tool-missing') return waits(known, { reason: 'tool-missing', tool: made.tool });
  return sealed(known, made.reason);
}

/** What is said of a file that the antivirus saw, or should have seen. Null when it is clean. */
export function findingOfScan(known: EvidenceDetails, verdict: Verdict): Finding | null {
  if (verdict.verdict === 'clean') return null;
  const { tool: _tool, reason: _reason, ...rest } = known;
  if (verdict.verdict === 'found') {
    const { name } = verdict;
    const details = { ...rest, found: name };
    return { event: 'EVIDENCE_QUARANTINED', state: 'quarantined', details, said: { found: name } };
  }
  // It would be the same each time, and it may take clamd two minutes.
  if (verdict.reason === 'scan-limit') return sealed(known, 'scan-limit');
  const reason = verdict.reason === 'size-limit' ? 'scanner-size' : 'scanner';
  return waits(known, { reason }, { scanner: verdict.reason });
}

/** The file waits for its operator. */
export function waits(
  { reason: _reason, tool: _tool, ...known }: EvidenceDetails,
  why: Pick<EvidenceDetails, 'reason' | 'tool'>,
  said: Record<string, unknown> = why.tool === undefined ? { waitsFor: why.reason } : { tool: why.tool },
): Finding {
  return { event: 'EVIDENCE_WAITS', state: 'waiting', details: { ...known, ...why }, said };
}

function sealed({ tool: _tool, ...known }: EvidenceDetails, reason: string): Finding {
  return {
    event: 'EVIDENCE_KEPT_SEALED',
    state: 'sealed',
    details: { ...known, reason },
    said: { cannot: reason },
  };
}
