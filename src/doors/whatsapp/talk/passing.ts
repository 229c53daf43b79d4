import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
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
  private readonly people: LRUCache<string, ConversationState>;

  constructor(clock: Clock) {
    // What is as old as its time to live is still kept.
    this.people = new LRUCache({
      max: ROOM,
      ttl: LIFE - 1,
      ttlResolution: 0,
      perf: { now: () => clock.now().getTime() },
    });
  }

  recall(alias: Buffer): ConversationState | undefined {
    return this.people.get(alias.toString('hex'));
  }

  remember(alias: Buffer, state: ConversationState): void {
    this.people.set(alias.toString('hex'), state);
    this.people.purgeStale();
  }

  forget(alias: Buffer): void {
    this.people.delete(alias.toString('hex'));
  }
}
