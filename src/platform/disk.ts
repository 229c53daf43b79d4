import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Counter, Gauge } from 'prom-client';
import { Database } from './database/database.js';
import { isDiskFull } from './disk-full.js';
import { Log } from './logging.js';
import { RouteMetrics } from './metrics.js';
import { NoRoom, ObjectStore } from './storage/object-store.js';

/**
 * Milliseconds between two looks, at fixed times. The moment of a failed write must not show, because it may
 * be the write of a reporter.
 */
const LOOK = 10_000;
/** Milliseconds for connecting and for the trial. */
const TRIAL_LIMIT = 5_000;

/** What may have no room. `files`: the store of files. */
export const LOOKED_AT = ['database', 'log', 'files'] as const;
export type LookedAt = (typeof LOOKED_AT)[number];

/**
 * Tells whether the disk of the database, the disk of our log lines and the store of files have room, as far
 * as writes of this process show it. Readiness and metrics show the result. After a failure each look tries
 * again, so that the end of it is noticed without any request.
 */
@Injectable()
export class Disk implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly full: Record<LookedAt, boolean> = { database: false, log: false, files: false };
  private readonly looks: Counter<'of'>;
  private timer?: NodeJS.Timeout;
  private looking?: Promise<void>;

  constructor(
    private readonly database: Database,
    private readonly log: Log,
    private readonly store: ObjectStore,
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
      help: '1 while a disk has no room: that of the database, of the log lines or of the files',
      labelNames: ['of'],
      registers: [registry],
      collect() {
        for (const place of LOOKED_AT) this.set({ of: place }, Number(full[place]));
      },
    });
    for (const place of LOOKED_AT) this.looks.inc({ of: place }, 0);
  }

  /** Returns what the last look found. */
  isFull(of: LookedAt): boolean {
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
    const suspected = this.database.disk.take() || full.database;
    const database = suspected && !(await this.hasRoom());
    const files = await this.filesAreFull();
    // At once with its lines and numbers: readiness must not know what the log does not say yet.
    Object.assign(full, { log: this.log.disk.take(), database, files });
    for (const place of LOOKED_AT) if (full[place]) this.looks.inc({ of: place });
    // While the log has no room, this line is the trial. When it can be written, the next look finds no new
    // failure.
    if (full.log) this.log.alarm('disk-full', { code: 'log' });
    for (const place of ['database', 'files'] as const) {
      if (full[place] > before[place]) this.log.alarm('disk-full', { code: place });
      if (full[place] < before[place]) this.log.warning('disk-has-room', { code: place });
    }
  }

  /** Asks the store. It looks at the disk and not at uploads, so the moment of an upload does not show. */
  private async filesAreFull(): Promise<boolean> {
    try {
      await this.store.assertRoom(0);
      return false;
    } catch (error) {
      if (error instanceof NoRoom) return true;
      this.log.fault('files-not-tried', error);
      return this.full.files;
    }
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
