import {
  inOrder,
  summarise,
  viewOf,
  type ClockView,
  type SlaSummary,
  type StoredClock,
} from './clock-view.js';
import { verdict, type Metric } from './deadline.js';
import type { ClockMark } from './events.js';
import type { SlaClockRow } from './sla.entities.js';

/** A clock as its row stores it. */
export type ClockState = Omit<StoredClock, 'cancelled'> & Pick<SlaClockRow, 'round' | 'state'>;

/** What a transaction did to the clocks of a subject. */
export interface ClockChanges {
  stopped: readonly ClockState[];
  started: readonly Partial<SlaClockRow>[];
}

/**
 * The clocks of a subject whose row this transaction has locked. This class stops and starts the clocks in
 * memory. `SlaService.save` writes all changes at once.
 */
export class HeldClocks {
  private readonly stopped = new Set<ClockState>();
  private readonly started: Partial<SlaClockRow>[] = [];

  constructor(
    readonly subjectId: string,
    private readonly clocks: ClockState[],
    private readonly timeZone: string,
  ) {}

  /**
   * Stops a clock at an act of staff. Does nothing when the clock is not running. Only `at` and the due day
   * decide the verdict.
   * @returns the breach when this stop is the first to record it, because no sweep ran in time; else null
   */
  stop(metric: Metric, at: Date): ClockMark | null {
    const clock = this.unstopped(metric);
    if (!clock) return null;
    const { dueOn } = clock;
    const unseen = clock.state === 'running';
    const state = verdict({ dueOn, timeZone: this.timeZone, stoppedAt: at, now: at });
    Object.assign(clock, { state, stoppedAt: at });
    this.stopped.add(clock);
    return unseen && state === 'breached'
      ? { kind: 'breached', subjectId: this.subjectId, metric, dueOn }
      : null;
  }

  /** Returns the number of the next round of a clock of this metric. @throws Error when one runs */
  nextRound(metric: Metric): number {
    if (this.unstopped(metric)) throw new Error('a clock that runs cannot restart');
    return (
      1 + Math.max(0, ...this.clocks.filter((clock) => clock.metric === metric).map(({ round }) => round))
    );
  }

  /** Starts one more clock. */
  start(clock: ClockState, row: Partial<SlaClockRow>): void {
    this.clocks.push(clock);
    this.started.push(row);
  }

  /**
   * Returns all clocks, including ended clocks, in the order of METRICS. The rounds of each metric are in
   * order, too.
   */
  views(now: Date): ClockView[] {
    return this.clocks
      .map(({ round: _round, state, ...clock }) =>
        viewOf({ ...clock, cancelled: state === 'cancelled' }, this.timeZone, now),
      )
      .sort(inOrder);
  }

  summary(now: Date): SlaSummary {
    return summarise(this.views(now));
  }

  get changes(): ClockChanges {
    return { stopped: [...this.stopped], started: this.started };
  }

  private unstopped(metric: Metric): ClockState | undefined {
    return this.clocks.find((clock) => clock.metric === metric && isUnstopped(clock));
  }
}

function isUnstopped({ state, stoppedAt }: ClockState): boolean {
  return state === 'running' || (state === 'breached' && stoppedAt === null);
}
