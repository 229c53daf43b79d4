import { Injectable } from '@nestjs/common';
import { Gauge } from 'prom-client';
import { Log } from '../../platform/logging.js';
import { RouteMetrics } from '../../platform/metrics.js';
import type { Confinement } from './conversion/cage-command.js';
import { confinement } from './conversion/sandbox.js';

/** Which cage converters have. `none`: no child starts, and nothing is converted. */
export type FoundConfinement = Confinement | 'none';

/**
 * Knows how converters of this process are confined. Only a process that works jobs converts. So only such a
 * process looks.
 */
@Injectable()
export class Converters {
  private found?: FoundConfinement;

  constructor(
    private readonly log: Log,
    { registry }: RouteMetrics,
  ) {
    const known = (): FoundConfinement | undefined => this.found;
    new Gauge({
      name: 'converters_confined',
      help: '1 for the cage that converters of this process have. No line where nothing is converted',
      labelNames: ['by'],
      registers: [registry],
      collect() {
        const by = known();
        if (by) this.set({ by }, 1);
      },
    });
  }

  /** What was found. Undefined while it is tried, and in a process that works no jobs. */
  get confinement(): FoundConfinement | undefined {
    return this.found;
  }

  /** Tries the cage once, with a real child. A loaded machine takes seconds: nobody should wait for it. */
  async look(): Promise<void> {
    this.found = await confinement().catch(() => 'none' as const);
    if (this.found !== 'bubblewrap') this.log.warning('converters-confined', { code: this.found });
  }
}
