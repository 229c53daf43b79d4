import type pg from 'pg';
import type { Duplex } from 'node:stream';

/** Counts the round trips between this process and PostgreSQL over the connections of some pools. */
export class Flights {
  private readonly watched = new WeakSet<pg.PoolClient>();
  private count = 0;

  constructor(private readonly pools: readonly pg.Pool[]) {}

  /** How many round trips `work` takes. */
  async of(work: () => Promise<unknown>): Promise<number> {
    this.count = 0;
    for (const pool of this.pools) pool.on('acquire', this.watch);
    try {
      await work();
    } finally {
      for (const pool of this.pools) pool.off('acquire', this.watch);
    }
    return this.count;
  }

  /** What is sent after an answer came begins another round trip. */
  private readonly watch = (client: pg.PoolClient): void => {
    if (this.watched.has(client)) return;
    this.watched.add(client);
    const { stream } = (client as unknown as { connection: { stream: Duplex } }).connection;
    let answered = true;
    stream.on('data', () => (answered = true));
    const write = stream.write.bind(stream) as (...sent: unknown[]) => boolean;
    stream.write = ((...sent: unknown[]) => {
      if (answered) this.count += 1;
      answered = false;
      return write(...sent);
    }) as typeof stream.write;
  };
}
