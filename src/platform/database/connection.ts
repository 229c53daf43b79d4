import { createHash } from 'node:crypto';
import type { Writable } from 'node:stream';
import type pg from 'pg';

/** One borrowed connection. Statements are worked in the order of the calls. */
export class Connection {
  private constructor(
    private readonly client: pg.ClientBase,
    private readonly ownSession: boolean,
  ) {}

  static async of(client: pg.ClientBase): Promise<Connection> {
    let own = ownSessions.get(client);
    if (own === undefined) ownSessions.set(client, (own = await hasOwnSession(client)));
    return new Connection(client, own);
  }

  async query<Row>(sql: string, parameters: unknown[]): Promise<Row[]> {
    this.gather();
    return (await this.client.query(sql, parameters)).rows as Row[];
  }

  /** @throws Error when the server rolled back, because a statement before it had failed */
  async commit(): Promise<void> {
    this.gather();
    const { command } = await this.client.query('commit');
    if (command !== 'COMMIT') throw new Error('the transaction was rolled back');
  }

  /**
   * A statement that the server parses and plans once per connection: with row-level security that is most of
   * the cost of a small one (ADR 0011). For texts that are few and whose best plan is to follow an index
   * whatever the parameters.
   */
  async prepared<Row>(sql: string, parameters: unknown[]): Promise<Row[]> {
    if (!this.ownSession) return this.query(sql, parameters);
    this.gather();
    return (await this.client.query({ name: nameOf(sql), text: sql, values: parameters })).rows as Row[];
  }

  /**
   * What is sent before the event loop turns goes in one piece. The driver would write each statement by
   * itself, which costs a call of the system here and wakes the server once for each.
   */
  private gather(): void {
    const { stream } = (this.client as unknown as { connection: { stream: Writable } }).connection;
    if (stream.writableCorked > 0) return;
    stream.cork();
    process.nextTick(() => stream.uncork());
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
 * Whether a connection is a session of its own, in which a prepared statement stays. Behind a transaction
 * pooler the next transaction may meet another server process, and the pooler says so unasked: the process id
 * it gave at connecting is not that of the server process.
 */
async function hasOwnSession(client: pg.ClientBase): Promise<boolean> {
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  return rows[0]!.pid === (client as unknown as { processID: number }).processID;
}
