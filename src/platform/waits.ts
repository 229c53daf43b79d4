import { Injectable } from '@nestjs/common';

/** How long answers are held back on purpose. Tests that ask for something else make it shorter. */
@Injectable()
export class Waits {
  /** Part of each wait that is really waited. */
  scale = 1;

  /** @param milliseconds of real time, not of the service's clock */
  async pass(milliseconds: number): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, milliseconds * this.scale));
  }

  /**
   * Waits until a multiple of `step` milliseconds since `began`, so that the answers of one refusal do not
   * differ by what else was found or written: the trail of an institution costs the database some 0.8 ms more
   * than that of the installation (a foreign key to check), which enough measurements would show.
   * @param began from `performance.now()`
   */
  async evenOut(began: number, step = 50): Promise<void> {
    await this.pass(step - ((performance.now() - began) % step));
  }
}
