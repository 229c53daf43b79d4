import { Injectable } from '@nestjs/common';

/** Limits of time and number. Tests shorten them. */
@Injectable()
export class Pace {
  /** Limit for one exchange with Graph. */
  graphTimeoutMs = 10_000;
  /**
   * Messages of one sender in an hour. A long report has about sixty messages. A WhatsApp album has up to a
   * hundred photos, each as a message. This number is twice the sum of both.
   */
  messagesPerHour = 320;
}
