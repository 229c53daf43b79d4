import type { SlaSummary } from '../../foundations/sla/sla.service.js';

/** Place of a case in the lists, by its `urgency`: that of its most urgent clock, or that it ended. */
export const SLA_PLACES = ['breached', 'warning', 'on_time', 'ended'] as const;
/** Words of the filter: the places, and for the first of them what a single clock past its term is called. */
export const SLA_FILTERS = [...SLA_PLACES, 'overdue'] as const;
export type SlaFilter = (typeof SLA_FILTERS)[number];

export const ENDED_URGENCY = SLA_PLACES.indexOf('ended');
export const NO_DUE_DAY = '9999-12-31';

/** Where an open case stands in the lists: its urgency and its nearest due day. */
export function placeInLists(summary: SlaSummary): { urgency: number; nextDueOn: string } {
  return { urgency: 2 - summary.stage, nextDueOn: summary.nextDueOn ?? NO_DUE_DAY };
}

/** The urgency that a word of the filter asks for. */
export function urgencyOf(filter: SlaFilter): number {
  return SLA_PLACES.indexOf(filter === 'overdue' ? 'breached' : filter);
}
