import type { SlaSummary } from '../../foundations/sla/sla.service.js';

/** Words for the urgency of a case in the lists: that of its most urgent clock, or that it ended. */
export const LIST_URGENCIES = ['breached', 'warning', 'on_time', 'ended'] as const;
/** Words of the filter: the same, and for the first of them what a single clock past its term is called. */
export const SLA_FILTERS = [...LIST_URGENCIES, 'overdue'] as const;
export type SlaFilter = (typeof SLA_FILTERS)[number];

export const ENDED_URGENCY = LIST_URGENCIES.indexOf('ended');
export const NO_DUE_DAY = '9999-12-31';

/** By what an open case is sorted in the lists: its urgency and its nearest due day. */
export function listUrgency(summary: SlaSummary): { urgency: number; nextDueOn: string } {
  return { urgency: 2 - summary.stage, nextDueOn: summary.nextDueOn ?? NO_DUE_DAY };
}

/** The urgency that a word of the filter asks for. */
export function urgencyOf(filter: SlaFilter): number {
  return LIST_URGENCIES.indexOf(filter === 'overdue' ? 'breached' : filter);
}
