import type { SentMessage } from './world.js';

/** The messages that were taken, and those who wait for them. */
export class SentMessages {
  readonly all: SentMessage[] = [];
  private readonly waiting = new Set<() => void>();

  add(sent: SentMessage): void {
    this.all.push(sent);
    for (const check of this.waiting) check();
  }

  /** Resolves as soon as so many messages were taken in all; rejects after `timeoutMs`. */
  async waitFor(count: number, timeoutMs: number): Promise<void> {
    if (this.all.length >= count) return;
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.waiting.delete(check);
        reject(new Error(`${this.all.length} of ${count} messages were sent`));
      }, timeoutMs);
      const check = (): void => {
        if (this.all.length < count) return;
        clearTimeout(timer);
        this.waiting.delete(check);
        resolve();
      };
      this.waiting.add(check);
    });
  }
}
