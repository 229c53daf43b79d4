import pg from 'pg';
import { prepareValue } from 'pg/lib/utils.js';
import { serialize } from 'pg-protocol';

/** What the server answered to one statement. */
export interface Answer {
  rows: unknown[];
  /** First word of its command tag: `SELECT`, `COMMIT`, `ROLLBACK`. */
  command: string;
}

/** A statement that the server keeps for one connection under a name. */
interface Kept {
  name: string;
  /** Known after its first answer; null when it gives no rows. */
  columns: Columns | null | undefined;
}

/** Statements of one connection by their name. */
export type KeptStatements = Map<string, Kept>;

interface Statement {
  resolve(answer: Answer): void;
  reject(error: unknown): void;
  rows: unknown[];
  columns: Columns | null | undefined;
  /** When it is one that the server keeps. */
  kept: Kept | undefined;
  /** A row that could not be read. */
  failure: unknown;
}

/** Columns of an answer, with the functions that read their texts. */
class Columns {
  private readonly columns: { name: string; read: (text: string) => unknown }[];

  constructor(fields: pg.FieldDef[]) {
    this.columns = fields.map(({ name, dataTypeID }) => ({
      name,
      read: pg.types.getTypeParser(dataTypeID, 'text') as (text: string) => unknown,
    }));
  }

  row(texts: (string | null)[]): Record<string, unknown> {
    const row: Record<string, unknown> = {};
    this.columns.forEach(({ name, read }, at) => {
      const text = texts[at]!;
      row[name] = text === null ? null : read(text);
    });
    return row;
  }
}

const SYNC = serialize.sync();
const DESCRIBE = serialize.describe({ type: 'P' });
const EXECUTE = serialize.execute();

/**
 * Statements that travel in one piece and are answered in one piece: one Sync stands behind all of them
 * (PostgreSQL 18, section 54.2.4 "Pipelining"). The driver would write a Sync behind each, and the server
 * sends what it has at every Sync: a call of the system there and a turn of the event loop here for each
 * statement.
 *
 * When one fails, the server skips those behind it; they fail with the same error. A COMMIT behind it is
 * skipped, too: the transaction stays open and failed until it is rolled back.
 *
 * To the driver a flight is one query. Columns of a kept statement are asked for once per connection: the
 * server refuses one whose columns have changed.
 */
export class Flight extends pg.Query {
  private readonly statements: Statement[] = [];
  private pieces: Buffer[] = [];
  private answered = 0;
  private failure: unknown;
  private connection: pg.Connection | undefined;
  private closed = false;

  constructor(private readonly known: KeptStatements) {
    super('');
  }

  /**
   * @param name under which the server keeps the statement for this connection; else it is parsed again
   * @throws what the server says to it or to a statement before it
   */
  add(sql: string, values: unknown[], name?: string): Promise<Answer> {
    if (this.failure !== undefined) return Promise.reject(this.failure as Error);
    // Before anything of it is written: a value may be one that cannot be sent.
    const bind = serialize.bind({ statement: name, values, valueMapper: prepareValue });
    let kept = name === undefined ? undefined : this.known.get(name);
    if (!kept) {
      // One that a failed flight carried may have been kept after all. Closing what is not there is no error.
      if (name !== undefined) {
        this.pieces.push(serialize.close({ type: 'S', name }));
        this.known.set(name, (kept = { name, columns: undefined }));
      }
      this.pieces.push(serialize.parse({ name, text: sql }));
    }
    this.pieces.push(bind);
    if (kept?.columns === undefined) this.pieces.push(DESCRIBE);
    this.pieces.push(EXECUTE);
    return new Promise((resolve, reject) => {
      this.statements.push({
        resolve,
        reject,
        rows: [],
        columns: kept?.columns,
        kept,
        failure: undefined,
      });
    });
  }

  /** Nothing is added any more: what it holds is written. */
  depart(): void {
    this.closed = true;
    if (!this.connection || this.failure !== undefined) return;
    const { stream } = this.connection;
    if (stream.writable) stream.write(Buffer.concat([...this.pieces, SYNC]));
    this.pieces = [];
  }

  /** Called by the driver when its turn has come: what it is given later waits for `depart`. */
  override submit = (connection: pg.Connection): void => {
    this.connection = connection;
    if (this.closed) this.depart();
  };

  handleRowDescription({ fields }: { fields: pg.FieldDef[] }): void {
    this.current.columns = new Columns(fields);
  }

  handleDataRow({ fields }: { fields: (string | null)[] }): void {
    const statement = this.current;
    try {
      statement.rows.push(statement.columns!.row(fields));
    } catch (error) {
      statement.failure ??= error;
    }
  }

  handleCommandComplete({ text }: { text: string }): void {
    const { kept, columns, rows, failure, resolve, reject } = this.current;
    if (kept) kept.columns = columns ?? null;
    this.answered += 1;
    if (failure === undefined) resolve({ rows, command: text.split(' ', 1)[0]! });
    else reject(failure);
  }

  handleEmptyQuery(): void {
    this.handleCommandComplete({ text: '' });
  }

  handleError(error: unknown): void {
    this.failure = error;
    for (const { kept, reject } of this.statements.slice(this.answered)) {
      // Nobody knows whether the server has come to keep it.
      if (kept?.columns === undefined && kept) this.known.delete(kept.name);
      reject(error);
    }
    this.answered = this.statements.length;
  }

  handleReadyForQuery(): void {
    // Set by the driver when it keeps a limit of time.
    (this as { callback?: () => void }).callback?.();
    if (this.answered < this.statements.length)
      this.handleError(new Error('the server left a statement out'));
  }

  private get current(): Statement {
    return this.statements[this.answered]!;
  }
}
