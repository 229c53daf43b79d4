import { Injectable } from '@nestjs/common';
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { Clock } from './clock.js';
import { Database } from './database/database.js';

/**
 * How many of the latest observations of a route are kept. Ratios and quantiles of such a window do not tell
 * the number of requests.
 */
const WINDOW = 512;
const QUANTILES = [0.5, 0.95, 0.99];

/** Milliseconds. Figures of reporters' routes change on the hour and stay the same in between. */
const INTERVAL = 3_600_000;
/**
 * An hour with fewer requests changes nothing. Figures of three requests would describe just those three
 * people.
 */
const INTERVAL_MIN = 50;
/**
 * The one label of all reporters' routes. With one label per route, the figures would tell people who filed a
 * report from people who came back.
 */
const REPORTERS = 'reporters';

/** The figures that a window shows. */
interface Figures {
  /** Seconds, by quantile. */
  latencies: number[];
  errorRatio: number;
}

/**
 * The metrics of the process that a single report does not change. A report does change sockets, files,
 * processor time and the heap.
 */
const STILL = new Set(['process_start_time_seconds', 'process_resident_memory_bytes', 'nodejs_version_info']);

const NO_FIGURES: Figures = { latencies: QUANTILES.map(() => NaN), errorRatio: NaN };

class Window {
  private readonly latencies: number[] = [];
  private readonly failures: boolean[] = [];
  private next = 0;

  get size(): number {
    return this.latencies.length;
  }

  add(milliseconds: number, failed: boolean): void {
    this.latencies[this.next] = milliseconds;
    this.failures[this.next] = failed;
    this.next = (this.next + 1) % WINDOW;
  }

  figures(): Figures {
    const sorted = [...this.latencies].sort((a, b) => a - b);
    const at = (quantile: number): number =>
      sorted[Math.min(this.size - 1, Math.floor(this.size * quantile))]!;
    const share = this.failures.filter(Boolean).length / this.size;
    return {
      latencies: QUANTILES.map((quantile) => at(quantile) / 1000),
      // Whole percents, rounded up. 1/57 would tell that there were 57 requests, and a failure must not
      // vanish.
      errorRatio: Math.ceil(share * 100) / 100,
    };
  }
}

/**
 * Error ratio, saturation and latency quantiles. There are no counters on purpose: a public or leaked number
 * of requests to `/reports` or `/tracking` would be an exact count of reports.
 *
 * Figures must also not tell when somebody wrote. If quantiles followed each request, somebody who polls them
 * would see the second of a report. A series that appears with the first visit after a start would tell the
 * same. So reporters' routes share one series, which exists from the start. Its figures are made on the hour
 * of the service's clock, from the hour that ended, whether anybody asks or not. After an hour with few
 * requests the former figures stay (NaN before the first). The routes of staff follow each request, because
 * the times at which staff work are no secret.
 */
@Injectable()
export class RouteMetrics {
  private readonly windows = new Map<string, Window>();
  /** Requests of reporters in the current hour. */
  private ofReporters = new Window();
  private hour: number;
  private shown = NO_FIGURES;
  readonly registry = new Registry();

  constructor(
    database: Database,
    private readonly clock: Clock,
  ) {
    this.hour = this.hourNow();
    collectDefaultMetrics({ register: this.registry });
    for (const { name } of this.registry.getMetricsAsArray())
      if (!STILL.has(name)) this.registry.removeSingleMetric(name);
    this.showRoutes();
    this.showPool(database);
  }

  private showRoutes(): void {
    const figures = (): [string, Figures][] => this.figures();
    new Gauge({
      name: 'http_request_duration_seconds',
      help: 'Latency quantiles of the latest requests of a route; of reporters, of a past hour',
      labelNames: ['route', 'quantile'],
      registers: [this.registry],
      collect() {
        this.reset();
        for (const [route, { latencies }] of figures()) {
          for (const [i, quantile] of QUANTILES.entries()) {
            this.set({ route, quantile: String(quantile) }, latencies[i]!);
          }
        }
      },
    });
    new Gauge({
      name: 'http_error_ratio',
      help: 'Share of the latest requests of a route that ended in a server error; of reporters, of a past hour',
      labelNames: ['route'],
      registers: [this.registry],
      collect() {
        this.reset();
        for (const [route, { errorRatio }] of figures()) this.set({ route }, errorRatio);
      },
    });
  }

  private showPool({ appPool }: Database): void {
    new Gauge({
      name: 'database_pool_used_ratio',
      help: 'Share of the general connection pool in use; reports have a pool of their own',
      registers: [this.registry],
      collect() {
        const { totalCount, idleCount, options } = appPool;
        this.set((totalCount - idleCount) / options.max);
      },
    });
    new Gauge({
      name: 'database_pool_waiting',
      help: 'Callers waiting for a connection',
      registers: [this.registry],
      collect() {
        this.set(appPool.waitingCount);
      },
    });
  }

  /**
   * @param route template of a route of staff; absent for all routes of reporters, which are measured
   *   together
   * @param milliseconds time until the answer was sent
   */
  observe(route: string | undefined, milliseconds: number, failed: boolean): void {
    if (route === undefined) {
      this.endHour();
      this.ofReporters.add(milliseconds, failed);
      return;
    }
    let window = this.windows.get(route);
    if (!window) this.windows.set(route, (window = new Window()));
    window.add(milliseconds, failed);
  }

  private figures(): [string, Figures][] {
    this.endHour();
    const ofStaff = [...this.windows].map(([route, window]): [string, Figures] => [route, window.figures()]);
    return [[REPORTERS, this.shown], ...ofStaff];
  }

  /** Shows the figures of the hour that ended, if it had enough requests, and begins the next hour. */
  private endHour(): void {
    const now = this.hourNow();
    if (now <= this.hour) return;
    if (this.ofReporters.size >= INTERVAL_MIN) this.shown = this.ofReporters.figures();
    this.ofReporters = new Window();
    this.hour = now;
  }

  private hourNow(): number {
    return Math.floor(this.clock.now().getTime() / INTERVAL);
  }
}
