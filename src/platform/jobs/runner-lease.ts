import type pg from 'pg';
import { QUEUE } from './queue-schema.js';

/** Milliseconds between two signs of life of a process that works jobs. */
const BEAT = 15_000;
/** Seconds without a sign of life after which the jobs of a process are free for the others. */
const LEASE = 45;
/** Milliseconds after the last sign of life. This process stops its jobs before others take them. */
const LOST = 35_000;

/**
 * Shows that this process lives, and frees what processes that ended without a word have locked. The library
 * alone would do so after four hours.
 */
export class RunnerLease {
  private timer?: NodeJS.Timeout;
  private watch?: NodeJS.Timeout;
  private controller = new AbortController();
  private beating?: Promise<void>;

  constructor(
    private readonly pool: pg.Pool,
    private readonly runner: string,
    private readonly failed: (error: unknown) => void,
    /** Tests take shorter times. */
    private readonly times = { beat: BEAT, lost: LOST },
  ) {}

  /** Fires when another process may take the jobs. After the next sign of life there is a new signal. */
  get lost(): AbortSignal {
    return this.controller.signal;
  }

  async start(): Promise<void> {
    await this.beat();
    this.timer = setInterval(() => {
      this.beating ??= this.beat()
        .catch(this.failed)
        .finally(() => (this.beating = undefined));
    }, this.times.beat);
  }

  /** Gives back everything that this process has locked. What it had begun does not count as an attempt. */
  async end(): Promise<void> {
    clearInterval(this.timer);
    clearTimeout(this.watch);
    try {
      await this.beating;
      await this.pool.query(
        `with gone as (delete from ${QUEUE}.runners where id = $1)
         update ${QUEUE}._private_jobs set locked_at = null, locked_by = null, attempts = greatest(attempts - 1, 0)
          where split_part(locked_by, '/', 1) = $1`,
        [this.runner],
      );
    } catch (error) {
      this.failed(error);
    }
  }

  private async beat(): Promise<void> {
    const sentAt = performance.now();
    await this.pool.query(
      `insert into ${QUEUE}.runners (id, seen_at) values ($1, now()) on conflict (id) do update set seen_at = now()`,
      [this.runner],
    );
    clearTimeout(this.watch);
    if (this.controller.signal.aborted) this.controller = new AbortController();
    this.watch = setTimeout(() => this.controller.abort(), sentAt + this.times.lost - performance.now());
    await this.pool.query(
      `with gone as (delete from ${QUEUE}.runners where seen_at < now() - make_interval(secs => $1))
       update ${QUEUE}._private_jobs set locked_at = null, locked_by = null
        where locked_by is not null and not exists (
          select from ${QUEUE}.runners r
           where r.id = split_part(locked_by, '/', 1) and r.seen_at >= now() - make_interval(secs => $1))`,
      [LEASE],
    );
    // A job that was added again while it ran, and then failed: the later one does its work.
    await this.pool.query(`delete from ${QUEUE}._private_jobs where key is null and locked_at is null`);
  }
}
