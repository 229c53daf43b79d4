import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Clock } from '../clock.js';
import { Log } from '../logging.js';

/**
 * Background work that table state already shows. `run` claims its rows, so that any number of workers may run it at
 * once, and returns how many it worked. It must be safe to repeat at any instant.
 */
export interface Sweep {
  name: string;
  /** Milliseconds between two looks. */
  every: number;
  /**
   * Looks at its own fixed times only, whatever there is to do: nothing wakes it and it is not repeated at once. For work
   * whose moment would tell when a person acted.
   */
  steady?: boolean;
  /** Sweeps that run next when this one worked anything. In memory: other processes look by themselves. */
  wakes?: readonly string[];
  run(): Promise<number>;
}

interface Entry {
  sweep: Sweep;
  timer?: NodeJS.Timeout;
  running?: Promise<void>;
  again: boolean;
}

/**
 * Runs the sweeps of a worker, each on its own timer. Nothing goes through the database to wake them: every login that may
 * connect could listen to NOTIFY and learn the instant of each report (ADR 0014).
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
    this.sweeps.set(sweep.name, { sweep, again: false });
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

  /** Runs every sweep until none has work left; tests and demo data call it instead of waiting. */
  async drain(): Promise<void> {
    for (let round = 0; round < 1000; round++) {
      let worked = 0;
      for (const { sweep } of this.sweeps.values()) if (await this.may()) worked += await sweep.run();
      if (worked === 0) return;
    }
    throw new Error('sweeps did not come to rest');
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopped = true;
    for (const entry of this.sweeps.values()) clearTimeout(entry.timer);
    for (const entry of this.sweeps.values()) await entry.running;
  }

  /** Runs a sweep now, or once more after the run under way. */
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
    entry.running = this.runOnce(entry.sweep).finally(() => {
      entry.running = undefined;
      if (this.stopped) return;
      const again = entry.again;
      entry.again = false;
      // How long a run took must not move the next one.
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
      this.log.fault('sweep-failed', error, { sweep: name });
    }
  }
}
