import { Injectable } from '@nestjs/common';

/** How long things may take; tests shorten it. */
@Injectable()
export class Pace {
  /** For one exchange with Graph. */
  graphTimeoutMs = 10_000;
}
