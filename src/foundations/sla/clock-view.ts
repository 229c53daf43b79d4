import { METRICS, stage, type Metric, type Stage, type TermSource } from './deadline.js';

/** A clock as people see it; days are local days of the institution. */
export interface ClockView {
  metric: Metric;
  startedOn: string;
  dueOn: string;
  warnOn: string;
  businessDays: number;
  source: TermSource;
  stage: Stage;
  stoppedAt: Date | null;
}

/**
 * The worst stage of a subject's clocks that nobody has stopped, and the nearest due day. Stage 0 is on time,
 * 1 is warning, 2 is overdue.
 */
export interface SlaSummary {
  stage: 0 | 1 | 2;
  nextDueOn: string | null;
}

export interface StoredClock extends Omit<ClockView, 'stage'> {
  cancelled: boolean;
}

export function viewOf({ cancelled, ...clock }: StoredClock, timeZone: string, now: Date): ClockView {
  return { ...clock, stage: stage({ ...clock, cancelled, timeZone, now }) };
}

/**
 * Sorts clocks in the order in which they start and fall due by default. An ended clock comes before the
 * clock that a reopening started.
 */
export function inOrder(a: ClockView, b: ClockView): number {
  return (
    METRICS.indexOf(a.metric) - METRICS.indexOf(b.metric) ||
    Number(a.stoppedAt === null) - Number(b.stoppedAt === null) ||
    (a.stoppedAt?.getTime() ?? 0) - (b.stoppedAt?.getTime() ?? 0)
  );
}

export function summarise(clocks: readonly ClockView[]): SlaSummary {
  const summary: SlaSummary = { stage: 0, nextDueOn: null };
  for (const clock of clocks) {
    const level = OPEN_STAGES[clock.stage];
    if (level === undefined) continue;
    if (level > summary.stage) summary.stage = level;
    if (summary.nextDueOn === null || clock.dueOn < summary.nextDueOn) summary.nextDueOn = clock.dueOn;
  }
  return summary;
}

const OPEN_STAGES: Partial<Record<Stage, 0 | 1 | 2>> = { on_time: 0, warning: 1, overdue: 2 };
