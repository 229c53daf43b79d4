import { Injectable } from '@nestjs/common';

/** How long things may take; tests shorten it. */
@Injectable()
export class Pace {
  /**
   * A confirmed report waits a random time up to this before its case is opened, together with what else came
   * meanwhile: without it the numbers of the two transactions would always be neighbours.
   */
  handoverDelayMs = 3_000;
  /** For one exchange with Graph. */
  graphTimeoutMs = 10_000;
}
