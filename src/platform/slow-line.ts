import { Semaphore } from './semaphore.js';
import type { Waits } from './waits.js';

/** The callers with one key. */
interface Group {
  waiting: number;
  turn: Semaphore;
}

/**
 * A slow line for callers while too many wrong tries come. They wait, and then go on in a line, one at a
 * time. So this process can still check for everybody else. To keep somebody out, an attacker must hold the
 * line full all the time. A caller without a place is refused after the same wait.
 */
export class SlowLine {
  private readonly places: Semaphore;
  private readonly shared = new Semaphore(1);
  private readonly groups = new Map<string, Group>();

  /**
   * @param options.wait milliseconds before a place in the line
   * @param options.pause milliseconds between two turns
   * @param options.perKey callers of one key who may wait at once
   * @param options.lines `one` line for all keys, or `each` key has its own line: tries at one key then never
   *   hold up another
   * @param options.places callers who may wait at once; together with the length of a turn this gives the
   *   longest wait
   */
  constructor(
    private readonly options: {
      wait: number;
      pause: number;
      perKey: number;
      places: number;
      lines: 'one' | 'each';
    },
    private readonly waits: Waits,
  ) {
    this.places = new Semaphore(options.places);
  }

  /** @param refusal the error for a caller without a place */
  async run<T>(key: string, work: () => Promise<T>, refusal: () => Error): Promise<T> {
    const group = this.enter(key);
    try {
      await this.waits.pass(this.options.wait);
      if (!group) throw refusal();
      return await group.turn.run(async () => {
        if (this.options.pause > 0) await this.waits.pass(this.options.pause);
        return work();
      });
    } finally {
      if (group) this.leave(key, group);
    }
  }

  private enter(key: string): Group | undefined {
    const group = this.groups.get(key) ?? {
      waiting: 0,
      turn: this.options.lines === 'one' ? this.shared : new Semaphore(1),
    };
    if (group.waiting >= this.options.perKey || !this.places.tryEnter()) return undefined;
    group.waiting += 1;
    this.groups.set(key, group);
    return group;
  }

  private leave(key: string, group: Group): void {
    this.places.leave();
    group.waiting -= 1;
    if (group.waiting === 0) this.groups.delete(key);
  }
}
