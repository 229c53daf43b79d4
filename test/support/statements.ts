import type pg from 'pg';
import type { Client } from '../../src/platform/database/client.js';

export interface Statement {
  text: string;
  values: unknown[];
}

/** Writes down what the connections of a pool send to PostgreSQL while a test looks. */
export class StatementLog {
  private readonly watched = new WeakSet<pg.PoolClient>();
  private statements: Statement[] = [];

  constructor(private readonly pool: pg.Pool) {}

  /** The statements that `work` sends, in their order. */
  async during(work: () => Promise<unknown>): Promise<Statement[]> {
    this.statements = [];
    this.pool.on('acquire', this.watch);
    try {
      await work();
    } finally {
      this.pool.off('acquire', this.watch);
    }
    return this.statements;
  }

  private readonly watch = (client: pg.PoolClient): void => {
    if (this.watched.has(client)) return;
    this.watched.add(client);
    const asked = client.query.bind(client) as (...rest: unknown[]) => unknown;
    const query = (...rest: unknown[]): unknown => {
      const [first, second] = rest;
      if (typeof first === 'string')
        this.statements.push({ text: first, values: (second ?? []) as unknown[] });
      else if (typeof first === 'object' && first !== null && 'text' in first) {
        const { text, values } = first as { text: string; values?: unknown[] };
        this.statements.push({ text, values: values ?? [] });
      }
      return asked(...rest);
    };
    // What travels in flights.
    const sent = (client as unknown as Client).send.bind(client);
    const send: Client['send'] = (text, values, name) => {
      this.statements.push({ text, values });
      return sent(text, values, name);
    };
    Object.assign(client, { query, send });
  };
}
