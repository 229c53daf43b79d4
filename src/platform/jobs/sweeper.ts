import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Clock } from '../clock.js';
import { Log } from '../logging.js';

/** When a sweep runs. */
export interface Schedule {
  /** Unique name, shown in log lines and metrics. */
  name: string;
  /** Milliseconds between two looks. */
  every: number;
  /**
   * Runs only at its own fixed times, whatever there is to do. Nothing wakes it, and it does not repeat at
   * once. This is for work whose moment would tell when a person acted.
   */
  steady?: boolean;
  /**
   * A report starts this sweep. When it fails, it fails in the moment of the report. So no line and no metric
   * may tell when.
   */
  ofReporters?: boolean;
  /**
   * Sweeps that run next when this sweep worked anything. This works in memory only. Other processes find the
   * work by their own looks.
   */
  wakes?: readonly string[];
}

/**
 * Work that table state shows. `@Sweep` declares it. `run` returns how much it worked, and it may be repeated
 * at any instant.
 */
export interface Sweep extends Schedule {
  run(): Promise<number>;
}

interface Entry {
  sweep: Sweep;
  timer?: NodeJS.Timeout;
  running?: Promise<void>;
  again: boolean;
  /** Whether something failed in the last run that ended (`failing`), and in the current run (`failed`). */
  failing: boolean;
  failed: boolean;
  /** When the last run ended, by `performance.now()`. */
  endedAt: number;
}

/** Whether a sweep works well in this process. */
export interface Health {
  name: string;
  /** Undefined where the value would tell of a report. */
  failing?: boolean;
  /** No run has ended within its interval plus ten minutes. */
  late: boolean;
}

/**
 * Milliseconds. No run of a sweep takes longer, except the verification of a trail of millions of entries.
 */
const LATE = 600_000;

/**
 * Runs the sweeps of a worker, each on its own timer. No signal goes through the database to wake them: every
 * login that may connect could listen to NOTIFY and learn the instant of each report (ADR 0014).
 */
@Injectable()
export class Sweeper implements OnApplicationShutdown {
  private readonly sweeps = new Map<string, Entry>();
  private may: () => Promise<boolean> = async () => true;
  private started = false;
  private stopped = false;

  constructor(
    private readonly log: Log,
    private readonly clock: Clock,
  ) {}

  register(sweep: Sweep): void {
    if (this.sweeps.has(sweep.name)) throw new Error(`two sweeps are called ${sweep.name}`);
    this.sweeps.set(sweep.name, {
      sweep,
      again: false,
      failing: false,
      failed: false,
      endedAt: performance.now(),
    });
  }

  /**
   * Runs one sweep once, even when the clock cannot be right. Tests and demo data call it. @returns what it
   * worked
   */
  async run(name: string): Promise<number> {
    return this.sweeps.get(name)!.sweep.run();
  }

  /**
   * @param beat writes the worker's heartbeat
   * @param may asked before each run: nothing runs while it says no
   */
  start(beat: (at: Date) => Promise<void>, may: () => Promise<boolean> = async () => true): void {
    this.started = true;
    this.may = may;
    this.register({
      name: 'heartbeat',
      every: 10_000,
      run: async () => {
        await beat(this.clock.now());
        return 0;
      },
    });
    for (const entry of this.sweeps.values()) this.look(entry);
  }

  /** Runs every sweep until none has work left. Tests and demo data call it instead of waiting. */
  async drain(): Promise<void> {
    for (let round = 0; round < 1000; round++) {
      let worked = 0;
      for (const { sweep } of this.sweeps.values()) if (await this.may()) worked += await sweep.run();
      if (worked === 0) return;
    }
    throw new Error('sweeps did not come to rest');
  }

  /** Reports work that failed. The sweep continues with the rest and will try again. */
  failed(name: string, error: unknown): void {
    const entry = this.sweeps.get(name);
    if (entry) entry.failed = true;
    if (entry?.sweep.ofReporters) this.log.faultWithoutTime('sweep-failed', error, { sweep: name });
    else this.log.fault('sweep-failed', error, { sweep: name });
  }

  /** Returns the health of every sweep of a worker. It is empty in a process that runs no sweeps. */
  health(): Health[] {
    if (!this.started) return [];
    const now = performance.now();
    return [...this.sweeps.values()].map(({ sweep: { name, every, ofReporters }, failing, endedAt }) => ({
      name,
      failing: ofReporters ? undefined : failing,
      late: now - endedAt > every + LATE,
    }));
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopped = true;
    for (const entry of this.sweeps.values()) clearTimeout(entry.timer);
    for (const entry of this.sweeps.values()) await entry.running;
  }

  /** Runs a sweep now, or once more after the current run. */
  private wake(name: string): void {
    const entry = this.sweeps.get(name);
    if (!entry || entry.sweep.steady) return;
    if (entry.running) entry.again = true;
    else this.look(entry);
  }

  private look(entry: Entry): void {
    if (!this.started || this.stopped) return;
    const { every, steady } = entry.sweep;
    const begun = performance.now();
    clearTimeout(entry.timer);
    entry.failed = false;
    entry.running = this.runOnce(entry.sweep).finally(() => {
      entry.running = undefined;
      entry.failing = entry.failed;
      entry.endedAt = performance.now();
      if (this.stopped) return;
      const again = entry.again;
      entry.again = false;
      // The length of a run must not move the time of the next run.
      const wait = steady ? every - ((performance.now() - begun) % every) : every;
      if (again) this.look(entry);
      else entry.timer = setTimeout(() => this.look(entry), wait);
    });
  }

  private async runOnce({ name, run, steady, wakes = [] }: Sweep): Promise<void> {
    try {
      let count: number;
      do {
        if (!(await this.may())) return;
        count = await run();
        if (count > 0) wakes.forEach((next) => this.wake(next));
      } while (count > 0 && !steady && !this.stopped);
    } catch (error) {
      this.failed(name, error);
    }
  }
}
