import { Injectable } from '@nestjs/common';

/** Holds answers back on purpose. Tests about something else make the waits shorter. */
@Injectable()
export class Waits {
  /** The factor by which each wait is multiplied. */
  scale = 1;

  /** @param milliseconds of real time, not of the service's clock */
  async pass(milliseconds: number): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, milliseconds * this.scale));
  }

  /**
   * Waits until a multiple of `step` milliseconds since `began`. So the time of a refusal does not tell what
   * else was found or written. For example, an entry in the trail of an institution costs the database about
   * 0.8 ms more than an entry in the trail of the installation (a foreign key to check). Enough measurements
   * would show this difference.
   * @param began from `performance.now()`
   */
  async evenOut(began: number, step = 50): Promise<void> {
    await this.pass(step - ((performance.now() - began) % step));
  }
}
