import { Injectable } from '@nestjs/common';
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { Database } from './database/database.js';

/** Latest observations per route; older ones fall out. Ratios and quantiles of a window tell no volume. */
const WINDOW = 512;

interface Window {
  latencies: number[];
  failures: boolean[];
  next: number;
}

/**
 * Error ratio, saturation and latency quantiles. Deliberately no counters: a public or leaked number of requests to
 * `/reports` or `/tracking` would be an exact count of reports.
 */
@Injectable()
export class RouteMetrics {
  private readonly windows = new Map<string, Window>();
  readonly registry = new Registry();

  constructor(database: Database) {
    collectDefaultMetrics({ register: this.registry });
    const windows = this.windows;
    new Gauge({
      name: 'http_request_duration_seconds',
      help: 'Latency quantiles of the latest requests of a route',
      labelNames: ['route', 'quantile'],
      registers: [this.registry],
      collect() {
        this.reset();
        for (const [route, window] of windows) {
          const sorted = [...window.latencies].sort((a, b) => a - b);
          for (const quantile of [0.5, 0.95, 0.99]) {
            const value = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * quantile))] ?? 0;
            this.set({ route, quantile: String(quantile) }, value / 1000);
          }
        }
      },
    });
    new Gauge({
      name: 'http_error_ratio',
      help: 'Share of the latest requests of a route that ended in a server error',
      labelNames: ['route'],
      registers: [this.registry],
      collect() {
        this.reset();
        for (const [route, window] of windows) {
          this.set({ route }, window.failures.filter(Boolean).length / WINDOW);
        }
      },
    });
    new Gauge({
      name: 'database_pool_used_ratio',
      help: 'Share of the connection pool in use',
      registers: [this.registry],
      collect() {
        this.set(database.saturation().used);
      },
    });
    new Gauge({
      name: 'database_pool_waiting',
      help: 'Callers waiting for a connection',
      registers: [this.registry],
      collect() {
        this.set(database.saturation().waiting);
      },
    });
  }

  /** @param milliseconds time until the answer was sent */
  observe(route: string, milliseconds: number, failed: boolean): void {
    let window = this.windows.get(route);
    if (!window) this.windows.set(route, (window = { latencies: [], failures: [], next: 0 }));
    window.latencies[window.next] = milliseconds;
    window.failures[window.next] = failed;
    window.next = (window.next + 1) % WINDOW;
  }
}
