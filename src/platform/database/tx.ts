import type { EntityManager, EntityTarget, ObjectLiteral } from 'typeorm';
import type { Actor } from '../actor.js';
import type { Connection } from './connection.js';

/** The steps that may look beyond the actor's own areas, each by name; `test/isolation.e2e-spec.ts` lists them. */
export type Widening = 'triage' | 'transfer' | 'assignee_left' | 'figures';

/**
 * One open transaction with its actor's row-level security scope set. Steps take it as their first parameter and
 * never open one of their own, so that nothing can be written outside of it.
 *
 * The server works statements in the order in which `query`, `prepared` and `insert` were called. Where one does not need the
 * answer of another, `await Promise.all([...])` sends them in one round trip (ADR 0011); what may throw stands before it.
 * Statements through `manager` take other ways to the wire: await them alone.
 */
export class Tx {
  private over = false;
  private failed = false;
  private failure: unknown;
  private readonly pending = new Set<Promise<unknown>>();

  constructor(
    private readonly entityManager: EntityManager,
    readonly actor: Actor,
    private readonly connection: Connection,
  ) {}

  get manager(): EntityManager {
    this.assertOpen();
    return this.entityManager;
  }

  /**
   * Runs the work of the transaction and closes it to further statements, which would run on their own. Resolves only when
   * all that was sent has succeeded: of a failure that somebody swallowed COMMIT would make a silent ROLLBACK.
   */
  async through<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    try {
      const result = await work(this);
      this.over = true;
      await Promise.all(this.pending);
      if (this.failed) throw this.failure;
      return result;
    } finally {
      this.over = true;
    }
  }

  async query<Row = Record<string, unknown>>(sql: string, parameters: unknown[] = []): Promise<Row[]> {
    return this.run(() => this.connection.query<Row>(sql, parameters));
  }

  /** For inserts and the few fixed reads of many transactions; see `Connection.prepared`. */
  async prepared<Row = Record<string, unknown>>(sql: string, parameters: unknown[]): Promise<Row[]> {
    return this.run(() => this.connection.prepared<Row>(sql, parameters));
  }

  /**
   * Inserts many rows of one entity in one statement with one parameter, whatever their number; no RETURNING:
   * ids are made in the application. Columns absent from the first row take their default.
   */
  async insert<E extends ObjectLiteral>(entity: EntityTarget<E>, rows: Partial<E>[]): Promise<void> {
    const first = rows[0];
    if (!first) return;
    const metadata = this.manager.connection.getMetadata(entity);
    const columns = metadata.columns.filter((column) => column.propertyName in first);
    const names = columns.map((column) => `"${column.databaseName}"`).join(', ');
    const records = rows.map((row: ObjectLiteral) => {
      const members = columns.map((column) => `"${column.databaseName}":${toJson(row[column.propertyName])}`);
      return `{${members.join()}}`;
    });
    await this.prepared(
      `insert into "${metadata.tableName}" (${names}) select ${names} from json_populate_recordset(null::"${metadata.tableName}", $1::json)`,
      [`[${records.join()}]`],
    );
  }

  /**
   * Lets the rest of this transaction see and write the whole institution of the actor. Call it only after the
   * permission was checked: for a move on the locked row under the actor's own scope, for figures by the route.
   */
  async widen(_step: Widening): Promise<void> {
    await this.query(`select set_config('app.areas', '*', true)`);
  }

  /** Lets the rest of this transaction read a table from end to end where that is cheaper: figures over years. */
  async readWholeTables(): Promise<void> {
    await this.query(`select set_config('enable_seqscan', 'on', true)`);
  }

  private async run<Row>(send: () => Promise<Row[]>): Promise<Row[]> {
    this.assertOpen();
    const sent = send();
    const settled = sent.then(
      () => undefined,
      (error: unknown) => {
        // Answers come in order: the first failure is the cause, those behind it only say that the transaction is aborted.
        if (!this.failed) this.failure = error;
        this.failed = true;
      },
    );
    this.pending.add(settled);
    await settled;
    this.pending.delete(settled);
    if (this.failed) throw this.failure;
    return sent;
  }

  private assertOpen(): void {
    if (this.over) throw new Error('this transaction is over');
  }
}

/** Bytes in the form in which PostgreSQL reads them; nothing in hexadecimal needs escaping. */
function toJson(value: unknown): string {
  if (Buffer.isBuffer(value)) return `"\\\\x${value.toString('hex')}"`;
  return JSON.stringify(value ?? null);
}
