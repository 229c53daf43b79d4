import { LRUCache } from 'lru-cache';
import type { Clock } from '../../../platform/clock.js';
import type { ConnectedNumber, KnownNumbers } from '../numbers/known-numbers.js';

/**
 * Lanes whose number is remembered. A number that is down may have many waiting lanes. One that is
 * forgotten is looked at once more.
 */
const REMEMBERED = 20_000;

/**
 * Numbers from which nothing goes for a while, and the lanes that wait for them. The rows of lanes do not
 * tell their number, so it is remembered here, in the memory of this process.
 */
export class RestingNumbers {
  /** A number whose token was changed is another object, and does not rest. */
  private readonly until = new WeakMap<ConnectedNumber, number>();
  /** Ids of numbers, by the lane in hexadecimal. */
  private readonly lanes = new LRUCache<string, string>({ max: REMEMBERED });

  constructor(private readonly clock: Clock) {}

  rest(number: ConnectedNumber, seconds: number): void {
    this.until.set(number, this.clock.now().getTime() + seconds * 1000);
  }

  wake(number: ConnectedNumber): void {
    this.until.delete(number);
  }

  /** @param number undefined: it is off */
  rests(number: ConnectedNumber | undefined): boolean {
    return number === undefined || (this.until.get(number) ?? 0) > this.clock.now().getTime();
  }

  /** Remember the number of a lane that was looked at in vain. */
  remember(lane: Buffer, number: string): void {
    this.lanes.set(lane.toString('hex'), number);
  }

  /** Lanes that need not be looked at now: their number rests, or is off. */
  waiting(numbers: KnownNumbers): Buffer[] {
    // A clock that is set back must not begin a rest anew that is over.
    for (const one of numbers.all) if (!this.rests(one)) this.wake(one);
    const waiting = [...this.lanes].filter(([, id]) => this.rests(numbers.active(id)));
    return waiting.map(([lane]) => Buffer.from(lane, 'hex'));
  }
}
