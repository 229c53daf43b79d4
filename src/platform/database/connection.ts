import { createHash } from 'node:crypto';
import type pg from 'pg';
import type { Client } from './client.js';
import type { Answer } from './flight.js';

/** One borrowed connection. The server works on statements in the order of the calls. */
export class Connection {
  private constructor(
    private readonly client: Client,
    private readonly ownSession: boolean,
  ) {}

  static async of(client: pg.ClientBase): Promise<Connection> {
    let own = ownSessions.get(client);
    if (own === undefined) ownSessions.set(client, (own = await hasOwnSession(client)));
    return new Connection(client as unknown as Client, own);
  }

  async query<Row>(sql: string, parameters: unknown[]): Promise<Row[]> {
    return (await this.send(sql, parameters)).rows as Row[];
  }

  /** @throws Error when the server rolled back, because an earlier statement had failed */
  async commit(): Promise<void> {
    const { command } = await this.send('commit', [], this.nameOf('commit'));
    if (command !== 'COMMIT') throw new Error('the transaction was rolled back');
  }

  /**
   * Sends a statement that the server parses and plans once per connection. With row-level security, parsing
   * and planning is most of the cost of a small statement (ADR 0011). Use it only for a small number of
   * texts, and only when an index gives the best plan for all parameters.
   */
  async prepared<Row>(sql: string, parameters: unknown[]): Promise<Row[]> {
    return (await this.send(sql, parameters, this.nameOf(sql))).rows as Row[];
  }

  /**
   * Undoes the transaction. The rollback travels apart: the server would skip it behind a statement that
   * fails. A connection that cannot be rolled back is closed. Nobody gets it with an open transaction.
   */
  async rollback(): Promise<void> {
    this.client.depart();
    try {
      await this.send('rollback', []);
    } catch {
      void this.client.end().catch(() => undefined);
    }
  }

  private async send(sql: string, parameters: unknown[], name?: string): Promise<Answer> {
    try {
      return await this.client.send(sql, parameters, name);
    } catch (error) {
      // Make the stack trace lead to the caller and not to the socket.
      if (error instanceof Error) Error.captureStackTrace(error);
      throw error;
    }
  }

  private nameOf(sql: string): string | undefined {
    return this.ownSession ? nameOf(sql) : undefined;
  }
}

const names = new Map<string, string>();

function nameOf(sql: string): string {
  let name = names.get(sql);
  if (name === undefined)
    names.set(sql, (name = createHash('sha256').update(sql).digest('base64url').slice(0, 22)));
  return name;
}

const ownSessions = new WeakMap<pg.ClientBase, boolean>();

/**
 * Tells whether a connection is a session of its own, in which a prepared statement stays. Behind a
 * transaction pooler the next transaction may run in another server process. The process id shows this: the
 * id that the pooler gave at connecting is not the id of the server process.
 */
async function hasOwnSession(client: pg.ClientBase): Promise<boolean> {
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  return rows[0]!.pid === (client as unknown as { processID: number }).processID;
}
