import { Injectable } from '@nestjs/common';
import type { NumberState } from './number-states.js';

/**
 * What messages said about the connections of numbers, in the memory of this process. It is written down on
 * the hour (`watch-numbers.ts`). A state that changed with a message would tell when somebody was written to.
 */
@Injectable()
export class NumberNews {
  private noted = new Map<string, NumberState>();

  /** @param number its id */
  note(number: string, state: NumberState): void {
    this.noted.set(number, state);
  }

  /** Everything that was noted since the last time. */
  take(): ReadonlyMap<string, NumberState> {
    const { noted } = this;
    this.noted = new Map();
    return noted;
  }
}
