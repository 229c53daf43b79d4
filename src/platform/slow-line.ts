import { Semaphore } from './semaphore.js';

/**
 * Where callers go while too many wrong tries come: they wait, then go on in one line, one at a time. What this process
 * can check beside it stays for everybody else. To keep somebody out, an attacker must hold the line full all the time; who
 * finds no place is refused after the same wait.
 */
export class SlowLine {
  private readonly places: Semaphore;
  private readonly turn = new Semaphore(1);
  private readonly perKey = new Map<string, number>();

  /**
   * @param options.wait milliseconds before a place in the line
   * @param options.pause milliseconds between two turns
   * @param options.perKey callers of one key who may wait at once
   * @param options.places callers who may wait at once: with the length of a turn, the longest wait
   */
  constructor(private readonly options: { wait: number; pause: number; perKey: number; places: number }) {
    this.places = new Semaphore(options.places);
  }

  /** @param refusal what a caller without a place is told */
  async run<T>(key: string, work: () => Promise<T>, refusal: () => Error): Promise<T> {
    const before = this.perKey.get(key) ?? 0;
    const placed = before < this.options.perKey && this.places.tryEnter();
    if (placed) this.perKey.set(key, before + 1);
    try {
      await pass(this.options.wait);
      if (!placed) throw refusal();
      return await this.turn.run(async () => {
        if (this.options.pause > 0) await pass(this.options.pause);
        return work();
      });
    } finally {
      if (placed) this.leave(key);
    }
  }

  private leave(key: string): void {
    this.places.leave();
    const left = this.perKey.get(key)! - 1;
    if (left === 0) this.perKey.delete(key);
    else this.perKey.set(key, left);
  }
}

function pass(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
