import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Gauge } from 'prom-client';
import { RouteMetrics } from '../metrics.js';
import { Sweeper, type Health } from './sweeper.js';

/**
 * Shows as yes or no whether the sweeps of this process work well. Counts and times would tell how much there
 * was to do. A sweep that a report starts also fails in the moment of the report. Its failure is not shown
 * here: the log tells it, on the hour.
 */
@Injectable()
export class SweepMetrics implements OnModuleInit {
  constructor(
    private readonly sweeper: Sweeper,
    private readonly metrics: RouteMetrics,
  ) {}

  onModuleInit(): void {
    this.show(
      'sweep_failing',
      'Whether something failed in the last run of a sweep',
      ({ failing }) => failing,
    );
    this.show(
      'sweep_late',
      'Whether no run of a sweep has ended for ten minutes beyond its interval',
      ({ late }) => late,
    );
  }

  /** @param of undefined: the sweep has no such line */
  private show(name: string, help: string, of: (health: Health) => boolean | undefined): void {
    const health = (): Health[] => this.sweeper.health();
    new Gauge({
      name,
      help,
      labelNames: ['sweep'],
      registers: [this.metrics.registry],
      collect() {
        this.reset();
        for (const one of health()) {
          const value = of(one);
          if (value !== undefined) this.set({ sweep: one.name }, value ? 1 : 0);
        }
      },
    });
  }
}
