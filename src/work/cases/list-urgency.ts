import type { SlaSummary } from '../../foundations/sla/sla.service.js';

/** Words for the list urgency of a case: the urgency of its most urgent clock, or `ended`. */
export const LIST_URGENCIES = ['breached', 'warning', 'on_time', 'ended'] as const;
/**
 * Words of the filter: the same words, and `overdue` for `breached`, because a single clock past its term is
 * called `overdue`.
 */
export const SLA_FILTERS = [...LIST_URGENCIES, 'overdue'] as const;
export type SlaFilter = (typeof SLA_FILTERS)[number];

export const ENDED_URGENCY = LIST_URGENCIES.indexOf('ended');
export const NO_DUE_DAY = '9999-12-31';

/** The values by which an open case is sorted in the lists: its urgency and its nearest due day. */
export function listUrgency(summary: SlaSummary): { urgency: number; nextDueOn: string } {
  return { urgency: 2 - summary.stage, nextDueOn: summary.nextDueOn ?? NO_DUE_DAY };
}

/** The urgency for a word of the filter. */
export function urgencyOf(filter: SlaFilter): number {
  return LIST_URGENCIES.indexOf(filter === 'overdue' ? 'breached' : filter);
}
