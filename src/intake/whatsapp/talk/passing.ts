import { Injectable } from '@nestjs/common';
import { Clock } from '../../../platform/clock.js';
import type { ConversationState } from '../conversation/conversation-state.js';

/** Milliseconds after the last message. Another bot that waits longer than this before each answer does no harm. */
const LIFE = 3600_000;
/** People; beyond them the one who wrote longest ago is forgotten. */
const ROOM = 10_000;

/**
 * What is remembered of people who have no draft: how often in a row they were not understood, what they were told in
 * passing. In the memory of this process only, because a stored row would say that they wrote, beside the case they may
 * have opened a minute before (ADR 0013). Nothing depends on it: another process, or this one after a restart, answers
 * them a few times more.
 */
@Injectable()
export class Passing {
  private readonly people = new Map<string, { state: ConversationState; until: number }>();

  constructor(private readonly clock: Clock) {}

  recall(alias: Buffer): ConversationState | undefined {
    const known = this.people.get(alias.toString('hex'));
    return known && known.until > this.clock.now().getTime() ? known.state : undefined;
  }

  remember(alias: Buffer, state: ConversationState): void {
    const name = alias.toString('hex');
    const now = this.clock.now().getTime();
    // Again at the end: a map keeps the order in which its keys were set.
    this.people.delete(name);
    this.people.set(name, { state, until: now + LIFE });
    for (const [oldest, { until }] of this.people) {
      if (until > now && this.people.size <= ROOM) break;
      this.people.delete(oldest);
    }
  }

  forget(alias: Buffer): void {
    this.people.delete(alias.toString('hex'));
  }
}
