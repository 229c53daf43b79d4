import { Injectable } from '@nestjs/common';

/** How long things may take and how much they may be; tests shorten it. */
@Injectable()
export class Pace {
  /** For one exchange with Graph. */
  graphTimeoutMs = 10_000;
  /**
   * Messages of one sender in an hour. A long report is about sixty messages, and an album of WhatsApp has up
   * to a hundred photos that come as a message each: this is both of them twice.
   */
  messagesPerHour = 320;
}
