import type { Driver, EntityManager, EntityMetadata, EntityTarget, ObjectLiteral } from 'typeorm';
import type { Actor } from '../actor.js';
import type { Connection } from './connection.js';

/**
 * The steps that may look beyond the actor's own areas, each by its name. `test/isolation.e2e-spec.ts` lists
 * them.
 */
export type Widening = 'triage' | 'transfer' | 'assignee_left' | 'figures' | 'expediente';

/**
 * One open transaction, with the row-level security scope of its actor set. Steps take it as their first
 * parameter and never open a transaction of their own, so that nothing is written outside it.
 *
 * The server works on statements in the order in which `query`, `prepared` and `insert` were called. When
 * statements do not need each other's answers, `await Promise.all([...])` sends them in one round trip (ADR
 * 0011). Code that may throw must stand before it. Statements through `manager` take other ways to the
 * server: await each of them alone.
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
   * Runs the work of the transaction and then closes it to further statements, which would run outside the
   * transaction. The last statements of the work may still be under way. COMMIT can follow them in the same
   * round trip: when a statement before it failed, the server skips COMMIT or makes it a ROLLBACK.
   * @throws what has failed so far, also when somebody swallowed it
   */
  async through<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    try {
      const result = await work(this);
      // Some work fails before it is sent, such as a seal. It fails in callbacks that wait now. Run them
      // first, so that such a failure stops the commit.
      if (this.pending.size > 0) await new Promise<void>((resolve) => process.nextTick(resolve));
      if (this.failed) throw this.failure;
      return result;
    } finally {
      this.over = true;
    }
  }

  /** Resolves when everything that was sent has its answer. @throws the first failure */
  async settled(): Promise<void> {
    await Promise.all(this.pending);
    if (this.failed) throw this.failure;
  }

  /**
   * Takes statements whose answers nobody needs. They travel together with the next statements. When one of
   * them fails, the transaction fails too. They must be sent at once: a statement that first waits for an
   * answer would come after the commit.
   */
  later(statements: Promise<unknown>): void {
    void this.track(statements);
  }

  async query<Row = Record<string, unknown>>(sql: string, parameters: unknown[] = []): Promise<Row[]> {
    return this.run(() => this.connection.query<Row>(sql, parameters));
  }

  /** For inserts and the few fixed reads of many transactions; see `Connection.prepared`. */
  async prepared<Row = Record<string, unknown>>(sql: string, parameters: unknown[]): Promise<Row[]> {
    return this.run(() => this.connection.prepared<Row>(sql, parameters));
  }

  /**
   * Inserts many rows of one entity in one statement. The rows are one JSON parameter. A second parameter
   * holds all values of byte columns, one after another, because in JSON they would be twice as long. Types
   * are the types of the entity. There is no RETURNING, because the application makes the ids. Columns that
   * are absent from the first row take their default.
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
        members +=
          type === 'bytea' && value !== null ? bytes.keep(name, value as Buffer) : JSON.stringify(value);
      }
      records += `${records && ','}{${members}}`;
    }
    const parameters: unknown[] = [`[${records}]`];
    if (columns.some(({ type }) => type === 'bytea')) parameters.push(bytes.all());
    await this.prepared(sql, parameters);
  }

  /**
   * Reads rows of an entity, with the names of its properties, by a prepared statement.
   * @param condition what follows `where`, with the column names of the table. Use only a few different
   *   texts, and each must use an index
   */
  async rows<E extends ObjectLiteral>(
    entity: EntityTarget<E>,
    condition: string,
    parameters: unknown[],
  ): Promise<E[]> {
    const metadata = this.manager.connection.getMetadata(entity);
    return this.prepared<E>(`${selectOf(metadata)} where ${condition}`, parameters);
  }

  /**
   * Changes one row by a prepared statement.
   * @param where properties that find it, equal to these
   * @throws an error of the database when there is no such row, or none that the actor may see
   */
  async change<E extends ObjectLiteral>(
    entity: EntityTarget<E>,
    where: Partial<E>,
    to: Partial<E>,
  ): Promise<void> {
    const { driver } = this.manager.connection;
    const sql = changeOf(
      driver,
      this.manager.connection.getMetadata(entity),
      Object.keys(where),
      Object.keys(to),
    );
    await this.prepared(sql, [...Object.values(where), ...Object.values(to)]);
  }

  /**
   * Lets the rest of this transaction see and write the whole institution of the actor. Call it only after
   * the permission was checked. For a move, check on the locked row under the actor's own scope. For figures,
   * the route checks.
   */
  widen(_step: Widening): void {
    this.later(this.prepared(`select set_config('app.areas', '*', true)`, []));
  }

  /**
   * Lets the rest of this transaction read a whole table where this is cheaper, as for figures over years.
   */
  async readWholeTables(): Promise<void> {
    await this.query(`select set_config('enable_seqscan', 'on', true)`);
  }

  /**
   * Marks the transaction as failed: nothing more is sent and nothing is committed. Answers come in order, so
   * the first failure is the cause. Later failures only say that the transaction is aborted.
   */
  fail(error: unknown): void {
    if (!this.failed) this.failure = error;
    this.failed = true;
  }

  private async run<Row>(send: () => Promise<Row[]>): Promise<Row[]> {
    this.assertOpen();
    if (this.failed) throw this.failure;
    const sent = send();
    await this.track(sent);
    if (this.failed) throw this.failure;
    return sent;
  }

  /** Resolves when the work has ended, with success or with an error. */
  private track(work: Promise<unknown>): Promise<void> {
    const settled = work.then(
      () => undefined,
      (error: unknown) => this.fail(error),
    );
    this.pending.add(settled);
    return settled.finally(() => this.pending.delete(settled));
  }

  private assertOpen(): void {
    if (this.over) throw new Error('this transaction is over');
  }
}

/** Select statements by entity. */
const selects = new WeakMap<EntityMetadata, string>();

function selectOf(metadata: EntityMetadata): string {
  let sql = selects.get(metadata);
  if (sql === undefined) {
    const columns = metadata.columns.filter(({ isSelect }) => isSelect);
    const fields = columns.map(({ databaseName: name, propertyName, type }) =>
      // Read days as text: pg would read a day as an instant in the zone of the process.
      type === 'date' ? `"${name}"::text as "${propertyName}"` : `"${name}" as "${propertyName}"`,
    );
    selects.set(metadata, (sql = `select ${fields.join()} from "${metadata.tableName}"`));
  }
  return sql;
}

/** Update statements by entity, and by the properties that find and change a row. */
const changes = new WeakMap<EntityMetadata, Map<string, string>>();

function changeOf(
  driver: Driver,
  metadata: EntityMetadata,
  where: readonly string[],
  to: readonly string[],
): string {
  let known = changes.get(metadata);
  if (!known) changes.set(metadata, (known = new Map<string, string>()));
  const key = `${where.join()}|${to.join()}`;
  let sql = known.get(key);
  if (sql === undefined) {
    const assign = (property: string, at: number): string => {
      const column = metadata.findColumnWithPropertyName(property)!;
      const type = driver.normalizeType(column) + (column.isArray ? '[]' : '');
      return `"${column.databaseName}" = $${at + 1}::${type}`;
    };
    const found = where.map(assign).join(' and ');
    const set = to.map((property, at) => assign(property, where.length + at)).join();
    sql = `with changed as (update "${metadata.tableName}" set ${set} where ${found} returning 1) select 1 / count(*) from changed`;
    known.set(key, sql);
  }
  return sql;
}

interface Insert {
  sql: string;
  columns: { property: string; name: string; type: string }[];
}

/** Insert statements by entity, and by the properties that are given. Every report needs ten of them. */
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

/** The bytes of many rows, one after another. */
class Bytes {
  private readonly parts: Buffer[] = [];
  private length = 0;

  /**
   * @returns for a member of JSON: the place of the first byte, counted from 1, and, as a member of its own,
   *   the number of bytes
   */
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
