import { Injectable } from '@nestjs/common';
import { setTimeout as delay } from 'node:timers/promises';
import { Job } from '../../src/platform/jobs/job.js';

/** Names of the jobs below. No migration knows them: a test puts them on the list of its own database. */
export const TEST_JOBS = ['test-note', 'test-wait'];

/** Jobs for tests alone. */
@Injectable()
export class TestJobs {
  /** What was worked, in its order. */
  readonly worked: string[] = [];
  /** What the next attempts fail with. */
  readonly failures: unknown[] = [];
  /** How many run at once, and the most there were. */
  running = 0;
  most = 0;
  /** What a long job waits for. */
  hold: Promise<unknown> = Promise.resolve();

  @Job('test-note', { concurrency: 2 })
  async note(subject: string): Promise<void> {
    this.most = Math.max(this.most, ++this.running);
    try {
      await this.hold;
      if (this.failures.length > 0) throw this.failures.shift();
      this.worked.push(subject);
      this.say(`worked ${subject}`);
    } finally {
      this.running--;
    }
  }

  /** Runs for ten minutes, unless it is told to stop. */
  @Job('test-wait', { timeLimit: 1_500_000 })
  async wait(subject: string, signal?: AbortSignal): Promise<void> {
    this.say(`began ${subject}`);
    await delay(process.env.TEST_WAIT ? Number(process.env.TEST_WAIT) : 600_000, undefined, { signal });
    this.worked.push(subject);
    this.say(`worked ${subject}`);
  }

  /** Only a process of its own tells it on standard output. */
  say: (line: string) => void = () => undefined;
}
