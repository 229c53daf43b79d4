import type { ClockMark } from '../../foundations/sla/events.js';
import { EventType, Question } from '../../platform/events.js';
import type { LockedCase } from './locked-case.js';

/** A warning, a breach or a correction was written into the case. */
export const CaseDeadlineMarked = new EventType<{ locked: LockedCase; mark: ClockMark }>(
  'case-deadline-marked',
  'required',
);

/** The reporter wrote a message, or answered a question. */
export const ReporterWrote = new EventType<{ locked: LockedCase }>('reporter-wrote', 'required');

/** The case was given to another account than before; `to` is its id. */
export const CaseAssigned = new EventType<{ locked: LockedCase; to: string }>('case-assigned', 'required');

/** The label of the rule that routed a report, by the rule's id. Null when there is no such rule. */
export const RuleLabel = new Question<string, string | null>('rule-label');
