import { EventType } from '../../platform/events.js';

/**
 * An administrator changed where reports go: a rule, or the area that takes what no rule decides. Whoever
 * sends reports to an area decides who reads them.
 */
export const RoutingChanged = new EventType<{ institutionId: string }>('routing-changed', 'required');
