import { Injectable } from '@nestjs/common';
import { Clock } from '../../../platform/clock.js';
import type { ConversationState } from '../bot/state.js';
import { ShortMemory } from '../short-memory.js';

/**
 * Milliseconds for which a person is remembered after the last message. Another bot that waits longer than
 * this before each answer does no harm.
 */
const LIFE = 3600_000;

/**
 * Remembers something about people who have no draft: how often in a row the bot did not understand them,
 * what it told them in passing, their language, and the question behind "¿Quisiste decir…?". No report and
 * no answer depends on this. Another process, or this one after a restart, answers them a few times more.
 */
@Injectable()
export class Passing {
  private readonly people: ShortMemory<ConversationState>;

  constructor(clock: Clock) {
    // An entry whose age equals its time to live is still kept, so subtract 1.
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
