import { isDiskFull } from './disk-full.js';
import { EmbeddedError } from './embedded-error.js';
import type { Postmaster } from './pid-file.js';
import { isAlive } from './processes.js';

/** Milliseconds between two looks at the server's process. */
const LOOK = 500;
/**
 * Milliseconds before each try to start it. The first is at once: most often it was killed for memory and
 * simply starts.
 */
const BACK_OFF = [0, 500, 1_000, 2_000, 4_000, 8_000];
/**
 * Milliseconds before each try while the disk is full. They are not counted: it starts as soon as there is
 * room.
 */
const FULL_PAUSE = 3_000;
/**
 * A server that ran for so many milliseconds was well: the next end of it is another story, with all its
 * tries.
 */
const STEADY = 60_000;

/** Told of what a watch finds and does. */
export interface WatchHooks {
  /** The server answers again, after so many starts. `byOther`: another process started it. */
  back(tries: number, byOther: boolean): void;
  /** A start failed; told once per end of the server and once when the disk is full. */
  failed(error: EmbeddedError, diskFull: boolean): void;
  /** No more tries: the process must end. */
  lost(error: EmbeddedError): void;
}

/** @returns the server that answers now, and whether this call started it */
export type Revive = () => Promise<{ server: Postmaster; started: boolean }>;

/**
 * Looks whether the server still runs and has it started again when it ended. Every process that uses a
 * server watches it; `revive` works under the lock of DATA_DIR, so that one of them starts it and the others
 * find it running.
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
   * No start begins after this. One that holds the lock ends before who leaves; one that waits for it finds
   * that nobody is left.
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
      // The look at the server must not keep a process running that has nothing else to do.
      const timer = setTimeout(resolve, milliseconds).unref();
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
