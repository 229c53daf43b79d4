import { Injectable } from '@nestjs/common';
import type { Tx } from '../../../platform/database/tx.js';
import { Deliveries } from '../numbers/deliveries.js';
import type { KnownNumbers } from '../numbers/known-numbers.js';
import { nameUnder } from '../numbers/whatsapp-number.js';
import { Seen } from './seen.js';
import type { DeliveryStatus, Routed, StatusEvent } from './webhook-events.js';

const ARRIVED: ReadonlySet<DeliveryStatus> = new Set<DeliveryStatus>(['delivered', 'read', 'played']);

/** Counts delivered messages from their statuses. */
@Injectable()
export class CountDelivered {
  constructor(
    private readonly seen: Seen,
    private readonly deliveries: Deliveries,
  ) {}

  /**
   * Step: find the messages that have arrived, each once, whichever of its statuses come, in whatever order
   * and how often. The rows of messages cannot tell: those of receipts are gone.
   * @returns counts them; to be called when the transaction has committed
   */
  async find(tx: Tx, numbers: KnownNumbers, statuses: readonly Routed<StatusEvent>[]): Promise<() => void> {
    const arrived = statuses.filter(isCharged);
    const first = await this.seen.first(tx, arrived, ({ number, messageId }) =>
      nameUnder(number, `counted|${messageId}`),
    );
    return () => {
      for (const { number } of first) {
        const known = numbers.active(number)?.number;
        if (known) this.deliveries.note(known);
      }
    };
  }
}

/** Whether a message has arrived that uses up the free tier. The status `read` may come without a price. */
function isCharged({ status, category = 'service' }: StatusEvent): boolean {
  return ARRIVED.has(status) && category === 'service';
}
