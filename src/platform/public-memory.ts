import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { Clock } from './clock.js';

/**
 * Milliseconds: what another process changed shows after this time, and the database is asked at most once in
 * it.
 */
const AGE = 1_000;

/**
 * What public routes show, kept in this process for a second: what another process changed shows after two at
 * most, for answers are made of things that were kept. Any number of readers then cost the database one look
 * per second. It holds public data only, and nothing decides by it: intake and staff read the database.
 */
@Injectable()
export class PublicMemory {
  private readonly shelves: Shelf<object>[] = [];

  constructor(private readonly clock: Clock) {}

  /**
   * @param room of the shelf, in the unit of `sizeOf`
   * @param sizeOf how much room a thing takes with its name; without it each takes 1
   */
  shelf<T extends object>(room: number, sizeOf: (thing: T, name: string) => number = () => 1): Shelf<T> {
    const shelf = new Shelf<T>(room, sizeOf, this.clock);
    this.shelves.push(shelf as unknown as Shelf<object>);
    return shelf;
  }

  /** Forgets everything. For whoever changed something in this process: its next reader must see it. */
  clear(): void {
    for (const shelf of this.shelves) shelf.clear();
  }
}

interface Kept<T> {
  loading: Promise<T>;
  /**
   * Of the service's clock, since 1970. What is in force changes with the day, and days begin with a minute.
   */
  minute: number;
}

/** Things by name. Who asks while a thing is being loaded waits for the same load. */
export class Shelf<T extends object> {
  private readonly kept: LRUCache<string, Kept<T>>;

  constructor(
    room: number,
    private readonly sizeOf: (thing: T, name: string) => number,
    private readonly clock: Clock,
  ) {
    this.kept = new LRUCache({ maxSize: room, ttl: AGE });
  }

  /** A load that fails is not kept. */
  async get(name: string, load: () => Promise<T>): Promise<T> {
    const minute = Math.floor(this.clock.now().getTime() / 60_000);
    const known = this.kept.get(name);
    if (known?.minute === minute) return known.loading;
    const mine = { loading: load(), minute };
    // Until it is there its size is unknown, and it has no age.
    this.kept.set(name, mine, { size: 1, ttl: 0 });
    try {
      const thing = await mine.loading;
      // `clear` may have come in between: then it is old already.
      if (this.forgets(name, mine)) this.kept.set(name, mine, { size: this.sizeOf(thing, name) });
      return thing;
    } catch (error) {
      this.forgets(name, mine);
      throw error;
    }
  }

  /** Whether it was still kept. */
  private forgets(name: string, mine: Kept<T>): boolean {
    return this.kept.peek(name) === mine && this.kept.delete(name);
  }

  clear(): void {
    this.kept.clear();
  }
}
