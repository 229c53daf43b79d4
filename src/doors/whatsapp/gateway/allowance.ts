import { Injectable } from '@nestjs/common';
import { Clock } from '../../../platform/clock.js';
import { ShortMemory } from '../short-memory.js';
import { WhatsAppKeys } from '../whatsapp-keys.js';
import { writerOf } from './incoming.js';
import { Pace } from './pace.js';
import type { MessageEvent, Overflow, PersonalEvent, Routed } from './webhook-events.js';

const HOUR = 3600_000;

interface Hour {
  count: number;
  until: number;
}

/**
 * Counts how much of its hourly allowance each sender has used. The count stays in the memory of this
 * process. A stored count would be a row that says who wrote in which hour, and no other row says that (ADR
 * 0013, 0024). Each worker counts for itself.
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
   * Choose the messages that go on to the bot. The rest is dropped without work.
   * @returns `keep` to be called when the transaction has committed: a repetition must not count twice
   */
  admit(events: readonly Routed<PersonalEvent>[]): {
    admitted: Routed<PersonalEvent | Overflow>[];
    keep: () => void;
  } {
    const now = this.clock.now().getTime();
    const used = new Map<string, Hour>();
    const admitted = events.flatMap((event): Routed<PersonalEvent | Overflow>[] => {
      if (isFree(event)) return [event];
      const name = this.keys.alias(writerOf(event)).toString('base64url');
      const known = used.get(name) ?? this.hours.get(name);
      const hour = known && known.until > now ? known : { count: 0, until: now + HOUR };
      const count = hour.count + 1;
      const overflows = count === this.pace.messagesPerHour + 1;
      // The hour of waiting starts with the message that exceeds the allowance.
      used.set(name, { count, until: overflows ? now + HOUR : hour.until });
      if (count <= this.pace.messagesPerHour) return [event];
      const { phoneNumberId, number, sender, replyTo } = event;
      return overflows ? [{ kind: 'overflow', phoneNumberId, number, sender, replyTo }] : [];
    });
    return { admitted, keep: () => this.keep(used, now) };
  }

  private keep(used: ReadonlyMap<string, Hour>, now: number): void {
    for (const [name, hour] of used) this.hours.keep(name, hour, Math.max(1, hour.until - now));
  }
}

/**
 * Whether the event does not count. A change of number must always be known. A deletion must always work,
 * because nothing of a deleted message may stay, and each message can be deleted only once.
 */
function isFree(event: Routed<PersonalEvent>): event is Exclude<Routed<PersonalEvent>, Routed<MessageEvent>> {
  return event.kind === 'alias_move' || event.content.type === 'revoke';
}
