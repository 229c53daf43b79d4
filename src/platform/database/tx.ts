import type { Driver, EntityManager, EntityMetadata, EntityTarget, ObjectLiteral } from 'typeorm';
import type { Actor } from '../actor.js';
import type { Connection } from './connection.js';

/** The steps that may look beyond the actor's own areas, each by name; `test/isolation.e2e-spec.ts` lists them. */
export type Widening = 'triage' | 'transfer' | 'assignee_left' | 'figures' | 'expediente';

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
   * Inserts many rows of one entity in one statement. Its parameters are JSON and, for columns of bytes, all their bytes behind
   * each other: in JSON they would be twice as long. Types are those of the entity. No RETURNING: ids are made in the
   * application. Columns absent from the first row take their default.
   */
  async insert<E extends ObjectLiteral>(entity: EntityTarget<E>, rows: Partial<E>[]): Promise<void> {
    const first = rows[0];
    if (!first) return;
    const { connection } = this.manager;
    const { sql, columns } = insertOf(connection.driver, connection.getMetadata(entity), first);
    const bytes = new Bytes();
    let records = '';
    for (const row of rows as ObjectLiteral[]) {
      let members = '';
      for (const { property, name, type } of columns) {
        const value: unknown = row[property] ?? null;
        members += `${members && ','}"${name}":`;
        members += type === 'bytea' && value !== null ? bytes.keep(name, value as Buffer) : JSON.stringify(value);
      }
      records += `${records && ','}{${members}}`;
    }
    const parameters: unknown[] = [`[${records}]`];
    if (columns.some(({ type }) => type === 'bytea')) parameters.push(bytes.all());
    await this.prepared(sql, parameters);
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

  /**
   * Nothing more is sent and nothing is committed. Answers come in order: the first failure is the cause, those behind it only say
   * that the transaction is aborted.
   */
  fail(error: unknown): void {
    if (!this.failed) this.failure = error;
    this.failed = true;
  }

  private async run<Row>(send: () => Promise<Row[]>): Promise<Row[]> {
    this.assertOpen();
    if (this.failed) throw this.failure;
    const sent = send();
    const settled = sent.then(
      () => undefined,
      (error: unknown) => {
        this.fail(error);
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

interface Insert {
  sql: string;
  columns: { property: string; name: string; type: string }[];
}

/** By entity and the properties that are given: every report needs ten. */
const inserts = new WeakMap<EntityMetadata, Map<string, Insert>>();

function insertOf(driver: Driver, metadata: EntityMetadata, first: ObjectLiteral): Insert {
  let known = inserts.get(metadata);
  if (!known) inserts.set(metadata, (known = new Map<string, Insert>()));
  const given = metadata.columns.filter((column) => column.propertyName in first);
  const key = given.map((column) => column.databaseName).join();
  let insert = known.get(key);
  if (!insert) {
    const columns = given.map((column) => ({
      property: column.propertyName,
      name: column.databaseName,
      type: driver.normalizeType(column) + (column.isArray ? '[]' : ''),
    }));
    const names = columns.map(({ name }) => `"${name}"`);
    const values = columns.map(({ name, type }) =>
      type === 'bytea' ? `substr($2::bytea, "${name}", "${name} length")` : `"${name}"`,
    );
    const fields = columns.map(({ name, type }) =>
      type === 'bytea' ? `"${name}" integer, "${name} length" integer` : `"${name}" ${type}`,
    );
    const sql =
      `insert into "${metadata.tableName}" (${names.join()}) ` +
      `select ${values.join()} from json_to_recordset($1::json) as row (${fields.join()})`;
    known.set(key, (insert = { sql, columns }));
  }
  return insert;
}

/** Bytes of many rows behind each other. */
class Bytes {
  private readonly parts: Buffer[] = [];
  private length = 0;

  /** @returns for a member of JSON: place of the first byte, counted from 1, and, as a member of its own, how many they are */
  keep(name: string, value: Buffer): string {
    const from = this.length + 1;
    this.parts.push(value);
    this.length += value.length;
    return `${from},"${name} length":${value.length}`;
  }

  all(): Buffer {
    return Buffer.concat(this.parts, this.length);
  }
}
