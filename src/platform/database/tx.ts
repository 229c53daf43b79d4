import type { EntityManager, EntityTarget, ObjectLiteral } from 'typeorm';
import type { Actor } from '../actor.js';
import type { Connection } from './connection.js';

/** The steps that may look beyond the actor's own areas, each by name; `test/drift.e2e-spec.ts` lists them. */
export type Widening = 'triage' | 'transfer';

/**
 * One open transaction with its actor's row-level security scope set. Steps take it as their first parameter and
 * never open one of their own, so that nothing can be written outside of it.
 *
 * The server works statements in the order in which `query` and `insert` were called. Where one does not need the
 * answer of another, `await Promise.all([...])` sends them in one round trip (ADR 0011).
 */
export class Tx {
  private over = false;
  private failure: unknown;

  constructor(
    readonly manager: EntityManager,
    readonly actor: Actor,
    private readonly connection: Connection,
  ) {}

  async query<Row = Record<string, unknown>>(sql: string, parameters: unknown[] = []): Promise<Row[]> {
    return this.run(() => this.connection.query<Row>(sql, parameters));
  }

  /** For the few fixed statements that many transactions run; see `Connection.prepared`. */
  async prepared<Row = Record<string, unknown>>(sql: string, parameters: unknown[]): Promise<Row[]> {
    return this.run(() => this.connection.prepared<Row>(sql, parameters));
  }

  /** Called when the work of the transaction has settled, before it commits or rolls back. */
  end(): void {
    this.over = true;
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
   * permission was checked on the locked row under the actor's own scope.
   */
  async widen(_step: Widening): Promise<void> {
    await this.query(`select set_config('app.areas', '*', true)`);
  }

  private async run<Row>(send: () => Promise<Row[]>): Promise<Row[]> {
    // A statement left behind by a failed step would run on its own, under the next borrower of the connection.
    if (this.over) throw new Error('this transaction is over');
    try {
      return await send();
    } catch (error) {
      // Answers come in order: the first failure is the cause, those behind it only say that the transaction is aborted.
      this.failure ??= error;
      throw this.failure;
    }
  }
}

/** Bytes in the form in which PostgreSQL reads them; nothing in hexadecimal needs escaping. */
function toJson(value: unknown): string {
  if (Buffer.isBuffer(value)) return `"\\\\x${value.toString('hex')}"`;
  return JSON.stringify(value ?? null);
}
