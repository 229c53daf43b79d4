import { Injectable } from '@nestjs/common';
import type pg from 'pg';
import { Clock } from '../../platform/clock.js';
import { Database } from '../../platform/database/database.js';
import { Log } from '../../platform/logging.js';
import { shared } from '../../platform/shared-look.js';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
/** The largest difference between the clocks of several machines that use NTP. */
const SKEW = 5 * MINUTE;
/** Milliseconds between two looks. A worker sends its heartbeat at the same interval. */
const EVERY = 10_000;

/**
 * - `behind`: the clock is earlier than the newest entry of the trail or the last heartbeat.
 * - `jumped`: more than a day has passed since the last heartbeat. Either the clock jumped or no worker ran.
 */
export type ClockFault = 'behind' | 'jumped';

/** The times that the database knows. */
export interface KnownTimes {
  /** Last heartbeat of a worker that trusted its clock. */
  beat: Date | null;
  /** Time of the newest entry in the trails of the institutions. */
  entry: Date | null;
  /**
   * Time of the newest entry when an operator last confirmed the clock. Entries up to this time may lie in
   * the future.
   */
  confirmed: Date | null;
}

/** Decides from the stored times whether a clock can be right. */
export function judge(now: Date, { beat, entry, confirmed }: KnownTimes): ClockFault | null {
  const known = entry && confirmed && entry <= confirmed ? null : entry;
  const newest = Math.max(beat?.getTime() ?? -Infinity, known?.getTime() ?? -Infinity);
  if (newest - now.getTime() > SKEW) return 'behind';
  return beat && now.getTime() - beat.getTime() > DAY ? 'jumped' : null;
}

type Query = Pick<pg.Pool, 'query'> | Pick<pg.Client, 'query'>;

export async function knownTimes(client: Query): Promise<KnownTimes> {
  const { rows } = await (client as pg.Client).query<KnownTimes>(
    `select (select at from heartbeats where name = 'worker') as beat, newest_entry_at() as entry,
            (select at from heartbeats where name = 'confirmed') as confirmed`,
  );
  return rows[0]!;
}

/** Stores an operator's confirmation that this clock is right, whatever is stored. */
export async function confirmClock(client: Query, now: Date): Promise<void> {
  await (client as pg.Client).query(
    `insert into heartbeats (name, at)
     select name, at from (values ('worker', $1::timestamptz), ('confirmed', newest_entry_at())) as known (name, at) where at is not null
     on conflict (name) do update set at = excluded.at`,
    [now],
  );
}

/**
 * Stops work that depends on time while the clock cannot be right. Sweeps and releases stop, because what is
 * published stays published. The API still receives reports, because a lost report is worse than a report
 * with a wrong day. WhatsApp waits: messages are stored, and they are worked later, because that work depends
 * on the time.
 */
@Injectable()
export class ClockWatch {
  private fault: ClockFault | null = null;
  private looked = -Infinity;
  private readonly look = shared(() => this.lookNow());
  /**
   * `clock.now()` minus `performance.now()`. Nobody can set `performance.now()`, so this difference changes
   * only when somebody sets the clock.
   */
  private drift?: number;

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /**
   * Tells whether time-dependent work may run. Looks again every ten seconds, and whenever the clock has
   * moved by itself, also during a look.
   */
  async trusted(): Promise<boolean> {
    // All sweeps ask at the same moment, so they share one look.
    while (this.moved() || performance.now() - this.looked >= EVERY) await this.look();
    return this.fault === null;
  }

  private moved(): boolean {
    return this.drift === undefined || Math.abs(this.driftAt(this.clock.now()) - this.drift) > SKEW;
  }

  private driftAt(now: Date): number {
    return now.getTime() - performance.now();
  }

  /** Stores that a worker runs, that it trusts its clock, and what its clock says. */
  async beat(at: Date): Promise<void> {
    const sql = `insert into heartbeats (name, at) values ('worker', $1) on conflict (name) do update set at = excluded.at`;
    try {
      await this.database.appPool.query(sql, [at]);
    } catch (error) {
      this.database.disk.note(error);
      throw error;
    }
  }

  private async lookNow(): Promise<void> {
    const before = this.fault;
    const now = this.clock.now();
    const drift = this.driftAt(now);
    this.fault = judge(now, await knownTimes(this.database.appPool));
    this.looked = performance.now();
    this.drift = drift;
    if (this.fault && this.fault !== before) this.log.warning('clock-held', { code: this.fault });
  }
}
