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

export const OUTCOMES = ['sanction_proceedings', 'measures_taken', 'no_elements', 'inadmissible', 'withdrawn'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** Outcomes that end an investigation; the other two end a case that never needed one. */
export const CONCLUSIONS: readonly Outcome[] = ['sanction_proceedings', 'measures_taken', 'no_elements'];

export type Move =
  | 'triage'
  | 'assign_to_triage'
  | 'assign_to_investigator'
  | 'transfer'
  | 'start_investigation'
  | 'ask_reporter'
  | 'conclude'
  | 'dismiss'
  | 'archive'
  | 'reopen_investigation'
  | 'reopen_triage';

/** `stays` = the state does not change. */
type Target = Status | 'stays';

/** The whole life of a case: from which states each move may be made, and where it leads. Contract, table "Staff". */
export const MOVES: Readonly<Record<Move, { from: readonly Status[]; to: Target }>> = {
  triage: { from: ['received', 'in_triage', 'assigned'], to: 'assigned' },
  assign_to_triage: { from: ['received'], to: 'in_triage' },
  assign_to_investigator: { from: ['assigned', 'under_investigation'], to: 'stays' },
  transfer: { from: ['assigned', 'under_investigation', 'awaiting_reporter'], to: 'assigned' },
  start_investigation: { from: ['assigned'], to: 'under_investigation' },
  ask_reporter: { from: ['in_triage', 'assigned', 'under_investigation'], to: 'awaiting_reporter' },
  conclude: { from: ['under_investigation'], to: 'resolved' },
  dismiss: { from: OPEN, to: 'closed' },
  archive: { from: ['resolved'], to: 'closed' },
  reopen_investigation: { from: ['resolved', 'closed'], to: 'under_investigation' },
  reopen_triage: { from: ['resolved', 'closed'], to: 'in_triage' },
};

export function canMove(status: Status, move: Move): boolean {
  return MOVES[move].from.includes(status);
}

/** The state after a move; call `canMove` first. */
export function nextStatus(status: Status, move: Move): Status {
  const { to } = MOVES[move];
  return to === 'stays' ? status : to;
}

export function isOpen(status: Status): boolean {
  return OPEN.includes(status);
}
