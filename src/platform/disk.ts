import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Counter, Gauge } from 'prom-client';
import { Database } from './database/database.js';
import { isDiskFull } from './disk-full.js';
import { Log } from './logging.js';
import { RouteMetrics } from './metrics.js';

/**
 * Milliseconds between two looks, at fixed times. The moment of a failed write must not show, because it may
 * be the write of a reporter.
 */
const LOOK = 10_000;
/** Milliseconds for connecting and for the trial. */
const TRIAL_LIMIT = 5_000;

/**
 * Tells whether the disk of the database and the disk of our log lines have room, as far as writes of this
 * process show it. Readiness and metrics show the result. After a failure each look tries again, so that the
 * end of it is noticed without any request.
 */
@Injectable()
export class Disk implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly full = { database: false, log: false };
  private readonly looks: Counter<'of'>;
  private timer?: NodeJS.Timeout;
  private looking?: Promise<void>;

  constructor(
    private readonly database: Database,
    private readonly log: Log,
    { registry }: RouteMetrics,
  ) {
    const { full } = this;
    this.looks = new Counter({
      name: 'disk_full_looks_total',
      help: 'Looks, one in ten seconds, that found no room for what had to be written',
      labelNames: ['of'],
      registers: [registry],
    });
    new Gauge({
      name: 'disk_full',
      help: '1 while a disk has no room: that of the database or that of the log lines',
      labelNames: ['of'],
      registers: [registry],
      collect() {
        this.set({ of: 'database' }, Number(full.database));
        this.set({ of: 'log' }, Number(full.log));
      },
    });
    for (const looked of ['database', 'log']) this.looks.inc({ of: looked }, 0);
  }

  /** Returns what the last look found. */
  isFull(of: 'database' | 'log'): boolean {
    return this.full[of];
  }

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => {
      this.looking ??= this.look().finally(() => (this.looking = undefined));
    }, LOOK).unref();
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.looking;
  }

  private async look(): Promise<void> {
    const { full } = this;
    const before = { ...full };
    full.log = this.log.disk.take();
    const suspected = this.database.disk.take() || full.database;
    full.database = suspected && !(await this.hasRoom());
    if (full.database) this.looks.inc({ of: 'database' });
    if (full.log) this.looks.inc({ of: 'log' });
    // While the log has no room, this line is the trial. When it can be written, the next look finds no new
    // failure.
    if (full.log) this.log.alarm('disk-full', { code: 'log' });
    if (full.database > before.database) this.log.alarm('disk-full', { code: 'database' });
    if (full.database < before.database) this.log.warning('disk-has-room');
  }

  /** Tries to write. Without an answer nothing is known, so the last result stays. */
  private async hasRoom(): Promise<boolean> {
    try {
      await this.database.probe(TRIAL_LIMIT, (client) => client.query('select try_room()'));
      return true;
    } catch (error) {
      if (!isDiskFull(error)) this.log.fault('disk-not-tried', error);
      return false;
    }
  }
}
