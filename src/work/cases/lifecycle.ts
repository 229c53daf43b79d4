/** States of a case. `referred` and `merged` are reserved for later moves and are never entered today. */
export const STATUSES = [
  'received',
  'in_triage',
  'assigned',
  'under_investigation',
  'awaiting_reporter',
  'resolved',
  'closed',
  'referred',
  'merged',
] as const;
export type Status = (typeof STATUSES)[number];

export const OPEN: readonly Status[] = [
  'received',
  'in_triage',
  'assigned',
  'under_investigation',
  'awaiting_reporter',
];

export const OUTCOMES = [
  'sanction_proceedings',
  'measures_taken',
  'no_elements',
  'inadmissible',
  'withdrawn',
] as const;
export type Outcome = (typeof OUTCOMES)[number];

/**
 * Outcomes that end an investigation. The other two outcomes end a case that never needed an investigation.
 */
export const CONCLUSIONS: readonly Outcome[] = ['sanction_proceedings', 'measures_taken', 'no_elements'];

export function isOpen(status: Status): boolean {
  return OPEN.includes(status);
}
