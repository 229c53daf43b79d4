import { setTimeout as delay } from 'node:timers/promises';
import type { Dice } from './dice.js';
import type { DeliveryStatus } from './envelope.js';
import type { Person } from './people.js';
import { planOf, type StatusHabits } from './statuses.js';
import type { SentMessage } from './world.js';

type Report = (status: DeliveryStatus, errorCode?: number) => Promise<unknown>;

/** Tells by itself what becomes of messages, as Meta does: in any order, and not always everything. */
export class Reports {
  private readonly underWay = new Set<Promise<void>>();
  private readonly end = new AbortController();

  constructor(
    private readonly dice: Dice,
    private readonly habits: StatusHabits,
  ) {}

  /** @param report delivers one status */
  begin(sent: SentMessage, person: Person, report: Report): void {
    const work = this.run(sent, person, report).finally(() => this.underWay.delete(work));
    this.underWay.add(work);
  }

  async stop(): Promise<void> {
    this.end.abort();
    await Promise.allSettled(this.underWay);
  }

  private async run({ id }: SentMessage, { blocksUs }: Person, report: Report): Promise<void> {
    if (blocksUs) {
      await report('failed', 131026);
      return;
    }
    // By the message, so that it does not matter in which order messages are taken.
    for (const { status, pauseMs } of planOf(this.dice.fork(id), this.habits)) {
      await delay(pauseMs, undefined, { signal: this.end.signal }).catch(() => undefined);
      if (this.end.signal.aborted) return;
      await report(status);
    }
  }
}
