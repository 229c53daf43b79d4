import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { Clock } from './clock.js';

/**
 * Milliseconds. A change by another process shows after this time. Within this time the database is asked at
 * most once.
 */
const AGE = 1_000;

/**
 * Keeps what public routes show in this process for one second. A change by another process shows after at
 * most two seconds, because answers are made of parts that were kept. So any number of readers cost the
 * database one look per second. The memory holds public data only, and nothing decides by it: intake and
 * staff read the database.
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

  /**
   * Forgets everything. Call it after a change in this process, because the next reader must see the change.
   */
  clear(): void {
    for (const shelf of this.shelves) shelf.clear();
  }
}

interface Kept<T> {
  loading: Promise<T>;
  /**
   * Minute of the service's clock, since 1970. What is in force changes with the day, and a day begins with a
   * minute.
   */
  minute: number;
}

/** Values by name. A caller that asks while a value is being loaded waits for the same load. */
export class Shelf<T extends object> {
  private readonly kept: LRUCache<string, Kept<T>>;

  constructor(
    room: number,
    private readonly sizeOf: (thing: T, name: string) => number,
    private readonly clock: Clock,
  ) {
    this.kept = new LRUCache({ maxSize: room, ttl: AGE });
  }

  /** Returns a kept value or loads it. A load that fails is not kept. */
  async get(name: string, load: () => Promise<T>): Promise<T> {
    const minute = Math.floor(this.clock.now().getTime() / 60_000);
    const known = this.kept.get(name);
    if (known?.minute === minute) return known.loading;
    const mine = { loading: load(), minute };
    // During the load the size is unknown, and the value does not become too old.
    this.kept.set(name, mine, { size: 1, ttl: 0 });
    try {
      const thing = await mine.loading;
      // `clear` may have run during the load. Then the value is already old and is not kept.
      if (this.forgets(name, mine)) this.kept.set(name, mine, { size: this.sizeOf(thing, name) });
      return thing;
    } catch (error) {
      this.forgets(name, mine);
      throw error;
    }
  }

  /** Forgets a value. Returns whether it was still kept. */
  private forgets(name: string, mine: Kept<T>): boolean {
    return this.kept.peek(name) === mine && this.kept.delete(name);
  }

  clear(): void {
    this.kept.clear();
  }
}
