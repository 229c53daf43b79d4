import { EventType, Question } from '../../platform/events.js';
import type { Metric } from './deadline.js';

/**
 * A running clock reached its warning day, its last day is over, or a mark that its days contradict was taken
 * back.
 */
export interface ClockMark {
  kind: 'warning' | 'breached' | 'corrected';
  subjectId: string;
  metric: Metric;
  dueOn: string;
}

/** In the transaction that records the transition, exactly once for each. */
export const ClockMarked = new EventType<ClockMark>('clock-marked', 'required');

/**
 * Locks the rows of these subjects that nobody else works on (FOR UPDATE SKIP LOCKED). The answer: the ids of
 * those that are locked.
 */
export const ClaimSubjects = new Question<readonly string[], string[]>('claim-subjects');
