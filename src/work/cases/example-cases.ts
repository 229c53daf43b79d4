import type { Status } from './lifecycle.js';

/**
 * A case used by the examples of the API document. The demo has a case with this folio. Other installations
 * have none.
 */
export interface ExampleCase {
  folio: string;
  /** State in which the demo leaves the case. */
  status: Status;
  /** Whether the access code of the examples opens the case. */
  tracked?: boolean;
  /** Operations of the document that use the case as their example. */
  operations: readonly string[];
}

/**
 * The case that the examples of tracking open, in the demo only. The case waits for an answer of its
 * reporter.
 */
export const EXAMPLE_FOLIO = 'CNV-2026-7K3M-Q9TZ-4';
export const EXAMPLE_ACCESS_CODE = '4821-0937-5566-1204';

/** One case for each move, so that no example takes away the case that the next example needs. */
export const EXAMPLE_CASES: readonly ExampleCase[] = [
  { folio: EXAMPLE_FOLIO, status: 'awaiting_reporter', tracked: true, operations: [] },
  { folio: 'CNV-2026-2H8W-N4RB-F', status: 'received', operations: ['triageCase'] },
  { folio: 'CNV-2026-3J9X-P5SC-3', status: 'assigned', operations: ['assignCase', 'listAssignable'] },
  { folio: 'CNV-2026-4K0Y-Q6TD-1', status: 'assigned', operations: ['transferCase'] },
  { folio: 'CNV-2026-5M1Z-R7VE-N', status: 'assigned', operations: ['startInvestigation'] },
  { folio: 'CNV-2026-6N2A-S8WF-P', status: 'under_investigation', operations: ['askReporter'] },
  { folio: 'CNV-2026-8Q4C-V0YH-H', status: 'under_investigation', operations: ['closeCase'] },
  { folio: 'CNV-2026-9R5D-W1ZJ-5', status: 'resolved', operations: ['reopenCase'] },
];

/** The folio that the document shows at an operation. */
export function exampleFolio(operationId: string): string {
  return EXAMPLE_CASES.find(({ operations }) => operations.includes(operationId))?.folio ?? EXAMPLE_FOLIO;
}
