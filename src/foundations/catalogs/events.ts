import { EventType } from '../../platform/events.js';

/**
 * An administrator changed where reports go: a rule, or the fallback area for reports that no rule matches.
 * Sending reports to an area decides who reads them.
 */
export const RoutingChanged = new EventType<{ institutionId: string }>('routing-changed', 'required');
