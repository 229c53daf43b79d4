import { Injectable } from '@nestjs/common';
import { Clock } from '../../../platform/clock.js';
import type { ConversationState } from '../bot/state.js';
import { ShortMemory } from '../short-memory.js';

/**
 * Milliseconds after the last message. Another bot that waits longer than this before each answer does no
 * harm.
 */
const LIFE = 3600_000;

/**
 * What is remembered of people who have no draft: how often in a row they were not understood, what they were
 * told in passing. Nothing depends on it: another process, or this one after a restart, answers them a few
 * times more.
 */
@Injectable()
export class Passing {
  private readonly people: ShortMemory<ConversationState>;

  constructor(clock: Clock) {
    // What is as old as its time to live is still kept.
    this.people = new ShortMemory(clock, LIFE - 1);
  }

  recall(alias: Buffer): ConversationState | undefined {
    return this.people.get(alias.toString('base64url'));
  }

  remember(alias: Buffer, state: ConversationState): void {
    this.people.keep(alias.toString('base64url'), state);
  }

  forget(alias: Buffer): void {
    this.people.forget(alias.toString('base64url'));
  }
}
