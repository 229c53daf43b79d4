import { LRUCache } from 'lru-cache';
import type { Clock } from '../../platform/clock.js';

/** Most people remembered. Beyond this, the person whose last message is oldest is forgotten. */
const ROOM = 10_000;
/** Milliseconds between two rounds that remove expired entries. A round checks every entry. */
const ROUND = 60_000;

/**
 * Remembers something about people for a while, in the memory of this process only. A stored row would show
 * that they wrote (ADR 0013, 0024).
 */
export class ShortMemory<V extends object> {
  private readonly people: LRUCache<string, V>;
  private nextRound = 0;

  /** @param life milliseconds after which an entry is over, unless it is kept for another time */
  constructor(
    private readonly clock: Clock,
    life: number,
  ) {
    this.people = new LRUCache({ max: ROOM, ttl: life, ttlResolution: 0, perf: { now: () => this.now } });
  }

  get(name: string): V | undefined {
    return this.people.get(name);
  }

  keep(name: string, value: V, life?: number): void {
    this.people.set(name, value, life === undefined ? {} : { ttl: life });
    if (this.now < this.nextRound) return;
    this.nextRound = this.now + ROUND;
    this.people.purgeStale();
  }

  forget(name: string): void {
    this.people.delete(name);
  }

  private get now(): number {
    return this.clock.now().getTime();
  }
}
