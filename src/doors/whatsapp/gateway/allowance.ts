import { Injectable } from '@nestjs/common';
import { Clock } from '../../../platform/clock.js';
import { ShortMemory } from '../short-memory.js';
import { WhatsAppKeys } from '../whatsapp-keys.js';
import { writerOf } from './incoming.js';
import { Pace } from './pace.js';
import type { MessageEvent, Overflow, PersonalEvent } from './webhook-events.js';

const HOUR = 3600_000;

interface Hour {
  count: number;
  until: number;
}

/**
 * How much of an hour's allowance each sender has used. In the memory of this process only: a stored count
 * would be a row that says who wrote and in which hour, and nothing else says that (ADR 0013, 0024). Another
 * worker counts for itself.
 */
@Injectable()
export class Allowance {
  private readonly hours: ShortMemory<Hour>;

  constructor(
    private readonly clock: Clock,
    private readonly keys: WhatsAppKeys,
    private readonly pace: Pace,
  ) {
    this.hours = new ShortMemory(clock, HOUR);
  }

  /**
   * What of these messages goes on to the bot; the rest is dropped without work.
   * @returns `keep` to be called when the transaction has committed: a repetition must not count twice
   */
  admit(events: readonly PersonalEvent[]): { admitted: (PersonalEvent | Overflow)[]; keep: () => void } {
    const now = this.clock.now().getTime();
    const used = new Map<string, Hour>();
    const admitted = events.flatMap((event): (PersonalEvent | Overflow)[] => {
      if (isFree(event)) return [event];
      const name = this.keys.alias(writerOf(event)).toString('base64url');
      const known = used.get(name) ?? this.hours.get(name);
      const hour = known && known.until > now ? known : { count: 0, until: now + HOUR };
      const count = hour.count + 1;
      const overflows = count === this.pace.messagesPerHour + 1;
      // Whoever is told to wait an hour waits from then on.
      used.set(name, { count, until: overflows ? now + HOUR : hour.until });
      if (count <= this.pace.messagesPerHour) return [event];
      const { phoneNumberId, sender, replyTo } = event;
      return overflows ? [{ kind: 'overflow', phoneNumberId, sender, replyTo }] : [];
    });
    return { admitted, keep: () => this.keep(used, now) };
  }

  private keep(used: ReadonlyMap<string, Hour>, now: number): void {
    for (const [name, hour] of used) this.hours.keep(name, hour, Math.max(1, hour.until - now));
  }
}

/**
 * A new number must be known whatever happened before. A message can be deleted once, and then nothing of it
 * may stay.
 */
function isFree(event: PersonalEvent): event is Exclude<PersonalEvent, MessageEvent> {
  return event.kind === 'alias_move' || event.content.type === 'revoke';
}
