import { EventType, Question } from '../../platform/events.js';
import type { Metric } from './deadline.js';

/**
 * One of three things happened: a running clock reached its warning day, the last day of a clock is over, or
 * a mark was taken back because its days contradict it.
 */
export interface ClockMark {
  kind: 'warning' | 'breached' | 'corrected';
  subjectId: string;
  metric: Metric;
  dueOn: string;
}

/** Told in the transaction that records the mark, exactly once for each mark. */
export const ClockMarked = new EventType<ClockMark>('clock-marked', 'required');

/**
 * Locks the rows of those subjects that nobody else works on (FOR UPDATE SKIP LOCKED). The answer holds the
 * ids of the locked subjects.
 */
export const ClaimSubjects = new Question<readonly string[], string[]>('claim-subjects');
