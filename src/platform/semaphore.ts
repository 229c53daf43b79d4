/** Allows at most `slots` holders at once in this process. The others wait in line. */
export class Semaphore {
  private free: number;
  private readonly queue: (() => void)[] = [];

  constructor(slots: number) {
    this.free = slots;
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (!this.tryEnter()) await new Promise<void>((resolve) => this.queue.push(resolve));
    try {
      return await work();
    } finally {
      this.leave();
    }
  }

  tryEnter(): boolean {
    if (this.free === 0) return false;
    this.free -= 1;
    return true;
  }

  leave(): void {
    const next = this.queue.shift();
    // Give the slot directly to the next in line.
    if (next) next();
    else this.free += 1;
  }
}
