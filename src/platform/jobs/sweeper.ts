import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import pg from 'pg';
import { Clock } from '../clock.js';
import { Log } from '../logging.js';

/**
 * Background work that table state already shows. `run` claims rows with FOR UPDATE SKIP LOCKED, so that any number
 * of workers may run it at once, and returns how many rows it worked; while it returns more than zero it is called
 * again at once. It must be safe to repeat at any instant.
 */
export interface Sweep {
  name: string;
  /** Milliseconds between two looks when nothing wakes it. */
  every: number;
  run(): Promise<number>;
}

const CHANNEL = 'denuncia_sweeps';
const RETRY = 5_000;

/** Runs the sweeps of a worker: each on its own timer, woken early by NOTIFY after a commit. */
@Injectable()
export class Sweeper implements OnApplicationShutdown {
  private readonly sweeps = new Map<
    string,
    { sweep: Sweep; timer?: NodeJS.Timeout; running?: Promise<void>; again: boolean }
  >();
  private listener?: pg.Client;
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
   * @param listenUrl a direct connection (not through a transaction pooler) for LISTEN
   * @param beat writes the worker's heartbeat
   */
  async start(listenUrl: string, beat: (at: Date) => Promise<void>): Promise<void> {
    this.started = true;
    this.register({
      name: 'heartbeat',
      every: 10_000,
      run: async () => {
        await beat(this.clock.now());
        return 0;
      },
    });
    // Not awaited: the timers work without it, and a firewall may let the attempt hang.
    void this.listen(listenUrl);
    for (const name of this.sweeps.keys()) this.wake(name);
  }

  /** Runs one sweep now, or once more after the run under way. */
  wake(name: string): void {
    const entry = this.sweeps.get(name);
    if (!entry || !this.started || this.stopped) return;
    if (entry.running) {
      entry.again = true;
      return;
    }
    clearTimeout(entry.timer);
    entry.running = this.runOnce(entry).finally(() => {
      entry.running = undefined;
      if (this.stopped) return;
      if (entry.again) {
        entry.again = false;
        this.wake(name);
      } else {
        entry.timer = setTimeout(() => this.wake(name), entry.sweep.every);
      }
    });
  }

  /** Runs every sweep until none has work left; tests and demo data call it instead of waiting. */
  async drain(): Promise<void> {
    for (let round = 0; round < 1000; round++) {
      let worked = 0;
      for (const { sweep } of this.sweeps.values()) worked += await sweep.run();
      if (worked === 0) return;
    }
    throw new Error('sweeps did not come to rest');
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopped = true;
    for (const entry of this.sweeps.values()) clearTimeout(entry.timer);
    for (const entry of this.sweeps.values()) await entry.running;
    await this.listener?.end().catch(() => undefined);
  }

  private async runOnce(entry: { sweep: Sweep; again: boolean }): Promise<void> {
    try {
      while (!this.stopped) {
        const count = await entry.sweep.run();
        if (count === 0) return;
      }
    } catch (error) {
      this.log.fault('sweep-failed', error, { sweep: entry.sweep.name });
    }
  }

  private async listen(url: string): Promise<void> {
    const client = new pg.Client({
      connectionString: url,
      application_name: 'denuncia-abierta-listen',
      connectionTimeoutMillis: 10_000,
    });
    const retry = (): void => {
      if (this.stopped || this.listener !== client) return;
      this.listener = undefined;
      setTimeout(() => void this.listen(url), RETRY).unref();
    };
    this.listener = client;
    client.on('error', retry);
    client.on('end', retry);
    client.on('notification', (message) => {
      if (message.payload) this.wake(message.payload);
    });
    try {
      await client.connect();
      await client.query(`listen ${CHANNEL}`);
    } catch {
      // The timers still run; a later try restores the wake-ups.
      await client.end().catch(() => undefined);
      retry();
    }
  }
}

/** SQL that wakes a sweep in every worker after the commit of the transaction it runs in. */
export const WAKE = `select pg_notify('${CHANNEL}', $1)`;
