import type { CaseAct } from '../../../foundations/audit/labels.js';
import type { Permission } from '../../../foundations/identity/permissions.js';
import type { Metric } from '../../../foundations/sla/deadline.js';
import type { Text } from '../../../platform/errors.js';
import type { EntryKind } from '../case.entities.js';
import { OPEN, type Status } from '../lifecycle.js';

/** The facts of a move. What is special to a move is in the file of its route. */
interface MoveRow {
  /** The states from which the move is allowed. */
  from: readonly Status[];
  /** The state after the move. With `stays` the state does not change. */
  to: Status | 'stays';
  /** Permission that the move needs. Null: time alone makes the move. */
  permission: Permission | null;
  /** The clocks that the move stops, in this order. */
  stops: readonly Metric[];
  /** The clocks that the move starts again. */
  restarts?: readonly Metric[];
  /** Kind of the entry in the case. */
  entry: EntryKind;
  /** Whether the reporter sees this entry. */
  visible: boolean;
  /** Event of the trail entry. */
  event: CaseAct;
  /** Text that a client may show on a button. */
  label: Text;
}

/** The whole life of a case. Contract, table "Staff". */
const TABLE = {
  /** The desk confirms or changes what routing proposed. */
  triage: {
    from: ['received', 'in_triage', 'assigned'],
    to: 'assigned',
    permission: 'cases.triage',
    stops: ['triage', 'acknowledgement'],
    entry: 'triaged',
    visible: true,
    event: 'CASE_TRIAGED',
    label: {
      es: 'Confirmar o cambiar área, categoría y prioridad',
      en: 'Confirm or change area, category, priority',
    },
  },
  /**
   * The reporter does not see who works the case. The reporter does see the new state: the desk has begun.
   */
  assign_to_triage: {
    from: ['received'],
    to: 'in_triage',
    permission: 'cases.assign',
    stops: ['acknowledgement'],
    entry: 'assigned',
    visible: false,
    event: 'CASE_ASSIGNED',
    label: { es: 'Asignar a la mesa', en: 'Assign to the desk' },
  },
  assign_to_investigator: {
    from: ['assigned', 'under_investigation'],
    to: 'stays',
    permission: 'cases.assign',
    stops: [],
    entry: 'assigned',
    visible: false,
    event: 'CASE_ASSIGNED',
    label: { es: 'Asignar a quien investiga', en: 'Assign to an investigator' },
  },
  transfer: {
    from: ['assigned', 'under_investigation', 'awaiting_reporter'],
    to: 'assigned',
    permission: 'cases.transfer',
    stops: ['acknowledgement'],
    entry: 'transferred',
    visible: true,
    event: 'CASE_TRANSFERRED',
    label: { es: 'Turnar a otra área', en: 'Transfer to another area' },
  },
  /**
   * A case that came here without triage (asked, then transferred) needs no triage any more, so that clock
   * stops too.
   */
  start_investigation: {
    from: ['assigned'],
    to: 'under_investigation',
    permission: 'cases.investigate',
    stops: ['acknowledgement', 'triage'],
    entry: 'investigation_started',
    visible: true,
    event: 'INVESTIGATION_STARTED',
    label: { es: 'Iniciar la investigación', en: 'Start the investigation' },
  },
  ask_reporter: {
    from: ['in_triage', 'assigned', 'under_investigation'],
    to: 'awaiting_reporter',
    permission: 'cases.ask',
    stops: ['acknowledgement', 'first_response'],
    entry: 'information_requested',
    visible: true,
    event: 'INFORMATION_REQUESTED',
    label: { es: 'Pedir información', en: 'Ask for information' },
  },
  conclude: {
    from: ['under_investigation'],
    to: 'resolved',
    permission: 'cases.conclude',
    stops: ['acknowledgement', 'first_response', 'resolution', 'triage'],
    entry: 'resolved',
    visible: true,
    event: 'CASE_CLOSED',
    label: { es: 'Concluir', en: 'Conclude' },
  },
  /** A case that ends without triage needs no triage any more, so that clock stops too. */
  dismiss: {
    from: OPEN,
    to: 'closed',
    permission: 'cases.close',
    stops: ['acknowledgement', 'first_response', 'resolution', 'triage'],
    entry: 'closed',
    visible: true,
    event: 'CASE_CLOSED',
    label: { es: 'Cerrar sin investigar', en: 'Close without conclusion' },
  },
  archive: {
    from: ['resolved'],
    to: 'closed',
    permission: null,
    stops: [],
    entry: 'archived',
    visible: true,
    event: 'CASE_ARCHIVED',
    label: { es: 'Archivar', en: 'Archive' },
  },
  reopen_investigation: {
    from: ['resolved', 'closed'],
    to: 'under_investigation',
    permission: 'cases.reopen',
    stops: [],
    restarts: ['resolution'],
    entry: 'reopened',
    visible: true,
    event: 'CASE_REOPENED',
    label: { es: 'Reabrir la investigación', en: 'Reopen the investigation' },
  },
  reopen_triage: {
    from: ['resolved', 'closed'],
    to: 'in_triage',
    permission: 'cases.reopen',
    stops: [],
    restarts: ['resolution'],
    entry: 'reopened',
    visible: true,
    event: 'CASE_REOPENED',
    label: { es: 'Reabrir en la mesa', en: 'Reopen at the desk' },
  },
} satisfies Record<string, MoveRow>;

export type Move = keyof typeof TABLE;
export const MOVES: Readonly<Record<Move, MoveRow>> = TABLE;
export const MOVE_NAMES = Object.keys(TABLE) as Move[];

export function canMove(status: Status, move: Move): boolean {
  return MOVES[move].from.includes(status);
}

/** The state after a move; call `canMove` first. */
export function nextStatus(status: Status, move: Move): Status {
  const { to } = MOVES[move];
  return to === 'stays' ? status : to;
}
