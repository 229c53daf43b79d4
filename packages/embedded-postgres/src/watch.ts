import { isDiskFull } from './disk-full.js';
import { EmbeddedError } from './embedded-error.js';
import type { Postmaster } from './pid-file.js';
import { isAlive } from './processes.js';

/** Milliseconds between two checks of the server's process. */
const LOOK = 500;
/**
 * Milliseconds before each try to start the server. The first try is immediate: the usual cause is a kill for
 * lack of memory, and then a simple start works.
 */
const BACK_OFF = [0, 500, 1_000, 2_000, 4_000, 8_000];
/**
 * Milliseconds before each try while the disk is full. These tries are not counted: the server starts as soon
 * as there is room.
 */
const FULL_PAUSE = 3_000;
/** A server that ran for this many milliseconds was healthy. Its next end gets all tries again. */
const STEADY = 60_000;

/** Receives what a watch finds and does. */
export interface WatchHooks {
  /** The server answers again after `tries` starts. `byOther`: another process started it. */
  back(tries: number, byOther: boolean): void;
  /** A start failed. Called once per end of the server, and once when the disk is full. */
  failed(error: EmbeddedError, diskFull: boolean): void;
  /** There are no more tries. The process must end. */
  lost(error: EmbeddedError): void;
}

/** @returns the server that answers now, and whether this call started it */
export type Revive = () => Promise<{ server: Postmaster; started: boolean }>;

/**
 * Check whether the server still runs and start it again when it has ended. Every process that uses a server
 * watches it. `revive` works under the lock of DATA_DIR: one process starts the server and the others find it
 * running.
 */
export class Watch {
  private stopped = false;
  private wake: () => void = () => undefined;
  private tries = 0;
  private backAt = performance.now();

  constructor(
    private server: Postmaster,
    private readonly revive: Revive,
    private readonly hooks: WatchHooks,
  ) {
    void this.run();
  }

  /**
   * Stop the watch: no start begins after this. A start that holds the lock ends before this process leaves.
   * A start that waits for the lock finds that nobody is left.
   */
  stop(): void {
    this.stopped = true;
    this.wake();
  }

  private async run(): Promise<void> {
    while (!this.stopped) {
      if (isAlive(this.server)) await this.pause(LOOK);
      else await this.bringBack();
    }
  }

  private async bringBack(): Promise<void> {
    if (performance.now() - this.backAt > STEADY) this.tries = 0;
    let told = false;
    let toldFull = false;
    let failure = new EmbeddedError('PostgreSQL ends again and again, soon after each start.');
    for (let wait = BACK_OFF[this.tries]; wait !== undefined; wait = BACK_OFF[this.tries]) {
      await this.pause(wait);
      if (this.stopped) return;
      this.tries += 1;
      try {
        const { server, started } = await this.revive();
        this.server = server;
        this.backAt = performance.now();
        this.hooks.back(this.tries, !started);
        return;
      } catch (error) {
        if (this.stopped) return;
        failure = error instanceof EmbeddedError ? error : new EmbeddedError(String(error), { cause: error });
        const full = isDiskFull(error);
        if (full ? !toldFull : !told) this.hooks.failed(failure, full);
        if (full) {
          toldFull = true;
          this.tries -= 1;
          await this.pause(FULL_PAUSE);
        } else told = true;
      }
    }
    this.stopped = true;
    this.hooks.lost(failure);
  }

  private pause(milliseconds: number): Promise<void> {
    if (this.stopped) return Promise.resolve();
    return new Promise((resolve) => {
      // This timer must not keep a process running that has nothing else to do.
      const timer = setTimeout(resolve, milliseconds).unref();
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
