import type { EntityManager, EntityTarget, ObjectLiteral } from 'typeorm';
import type { Actor } from '../actor.js';

/** The steps that may look beyond the actor's own areas, each by name; `test/drift.e2e-spec.ts` lists them. */
export type Widening = 'triage' | 'transfer';

/**
 * One open transaction with its actor's row-level security scope set. Steps take it as their first parameter and
 * never open one of their own, so that nothing can be written outside of it.
 */
export class Tx {
  constructor(
    readonly manager: EntityManager,
    readonly actor: Actor,
  ) {}

  async query<Row = Record<string, unknown>>(sql: string, parameters: unknown[] = []): Promise<Row[]> {
    const result = await this.manager.query<unknown>(sql, parameters);
    // For a plain UPDATE or DELETE TypeORM gives [rows, affected] instead of rows.
    const pair =
      Array.isArray(result) && result.length === 2 && Array.isArray(result[0]) && typeof result[1] === 'number';
    return (pair ? (result as unknown[])[0] : result) as Row[];
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
    const json = rows.map((row) =>
      Object.fromEntries(
        columns.map((column) => [column.databaseName, toJson((row as ObjectLiteral)[column.propertyName])]),
      ),
    );
    await this.manager.query(
      `insert into "${metadata.tableName}" (${names}) select ${names} from json_populate_recordset(null::"${metadata.tableName}", $1::json)`,
      [JSON.stringify(json)],
    );
  }

  /**
   * Lets the rest of this transaction see and write the whole institution of the actor. Call it only after the
   * permission was checked on the locked row under the actor's own scope.
   */
  async widen(_step: Widening): Promise<void> {
    await this.query(`select set_config('app.areas', '*', true)`);
  }
}

function toJson(value: unknown): unknown {
  if (Buffer.isBuffer(value)) return `\\x${value.toString('hex')}`;
  return value === undefined ? null : value;
}
