import type { CaseAct } from '../../foundations/audit/labels.js';
import type { SealedObject } from '../../platform/storage/sealed-object.js';
import type { Verdict } from './antivirus/scanner.js';
import { ChildEnded } from './conversion/answer.js';
import type { Conversion, ConvertedFile } from './conversion/convert.js';
import type { EvidenceRow } from './evidence.entities.js';
import { isUnreadable, type EvidenceDetails, type FileFacts } from './sealed-evidence.js';

/** A converter that was ended from outside so often is not tried again. */
const TRIES = 3;

/** What becomes of a file. */
export interface Finding {
  event: CaseAct;
  state: EvidenceRow['state'];
  details: EvidenceDetails;
  thumbnail?: Buffer;
  copy?: FileFacts & Pick<SealedObject, 'object'>;
  /** Sealed into the entry of the trail. */
  said: Record<string, unknown>;
}

/** What is known of a file that waits no longer. */
export function withoutWaiting(known: EvidenceDetails): EvidenceDetails {
  const { reason: _reason, tool: _tool, tries: _tries, examined: _examined, ...rest } = known;
  return rest;
}

/** Whether the file waits already, for the same reason. The trail says it once. */
export function isKnown({ state, details }: Finding, known: EvidenceDetails): boolean {
  const names = ['reason', 'tool', 'tries', 'examined'] as const;
  return state === 'waiting' && names.every((name) => details[name] === known[name]);
}

/** What is said of a file of which no copy was made. */
export function findingOf(known: EvidenceDetails, made: Exclude<Conversion, ConvertedFile>): Finding {
  if (made.outcome === 'tool-missing') return waits(known, { reason: 'tool-missing', tool: made.tool });
  return made.outcome === 'killed' ? killed(known, made.reason) : sealed(known, made.reason);
}

/** The machine may have had no memory or no time at that moment. No file stays unseen for that alone. */
function killed(known: EvidenceDetails, reason: 'memory' | 'time'): Finding {
  const tries = (known.tries ?? 0) + 1;
  return tries < TRIES ? waits({ ...known, tries }, { reason: 'killed' }) : sealed(known, reason);
}

/** What is said of a file whose conversion broke. @throws the error, when another try may help */
export function findingOfFault(known: EvidenceDetails, error: unknown): Finding {
  if (error instanceof ChildEnded) return killed(known, 'memory');
  // What was stored is gone or was changed. Nothing is lost by waiting for an operator.
  if (isUnreadable(error)) return waits(known, { reason: 'store' });
  throw error;
}

/** What is said of a file that the antivirus saw, or should have seen. Null when it is clean. */
export function findingOfScan(known: EvidenceDetails, verdict: Verdict): Finding | null {
  if (verdict.verdict === 'clean') return null;
  if (verdict.verdict === 'found') {
    const { name } = verdict;
    const details = { ...withoutWaiting(known), found: name };
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

function sealed(known: EvidenceDetails, reason: string): Finding {
  return {
    event: 'EVIDENCE_KEPT_SEALED',
    state: 'sealed',
    details: { ...withoutWaiting(known), reason },
    said: { cannot: reason },
  };
}
