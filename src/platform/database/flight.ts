import pg from 'pg';
import { prepareValue } from 'pg/lib/utils.js';
import { serialize } from 'pg-protocol';

/** The answer of the server to one statement. */
export interface Answer {
  rows: unknown[];
  /** First word of the command tag of the answer: `SELECT`, `COMMIT`, `ROLLBACK`. */
  command: string;
}

/** A statement that the server keeps for one connection under a name. */
interface Kept {
  name: string;
  /** Known after the first answer. null when the statement returns no rows. */
  columns: Columns | null | undefined;
}

/** Statements of one connection by their name. */
export type KeptStatements = Map<string, Kept>;

interface Statement {
  resolve(answer: Answer): void;
  reject(error: unknown): void;
  rows: unknown[];
  columns: Columns | null | undefined;
  /** Set when the server keeps the statement. */
  kept: Kept | undefined;
  /** The error of a row that could not be read. */
  failure: unknown;
}

/** Columns of an answer, with the functions that turn their texts into values. */
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
 * Statements that are sent in one piece and answered in one piece. One Sync stands behind all of them
 * (PostgreSQL 18, section 54.2.4 "Pipelining"). The driver would write a Sync behind each statement, and the
 * server sends its answers at every Sync. This would cost, for each statement, one system call in the server
 * and one tick in this process.
 *
 * When a statement fails, the server skips the statements behind it, and they fail with the same error. The
 * server also skips a COMMIT behind it: the transaction stays open and failed until it is rolled back.
 *
 * For the driver a flight is one query. Columns of a kept statement are asked for once per connection,
 * because the server refuses a kept statement whose columns have changed.
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
   * @param name under which the server keeps the statement for this connection; without a name it is parsed
   *   again
   * @throws the error of the server for this statement or for a statement before it
   */
  add(sql: string, values: unknown[], name?: string): Promise<Answer> {
    if (this.failure !== undefined) return Promise.reject(this.failure as Error);
    // Serialize the values before anything is written, because one of them may be impossible to send.
    const bind = serialize.bind({ statement: name, values, valueMapper: prepareValue });
    let kept = name === undefined ? undefined : this.known.get(name);
    if (!kept) {
      // A failed flight may have left a kept statement with this name in the server. Closing a statement that
      // does not exist is no error.
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

  /** Writes what the flight holds. Nothing is added after this. */
  depart(): void {
    this.closed = true;
    if (!this.connection || this.failure !== undefined) return;
    const { stream } = this.connection;
    if (stream.writable) stream.write(Buffer.concat([...this.pieces, SYNC]));
    this.pieces = [];
  }

  /** Called by the driver when the flight has its turn. Statements that are added later wait for `depart`. */
  override submit = (connection: pg.Connection): void => {
    this.connection = connection;
    if (this.closed) this.depart();
  };

  handleRowDescription({ fields }: { fields: pg.FieldDef[] }): void {
    if (this.failure !== undefined) return;
    this.current.columns = new Columns(fields);
  }

  handleDataRow({ fields }: { fields: (string | null)[] }): void {
    if (this.failure !== undefined) return;
    const statement = this.current;
    try {
      statement.rows.push(statement.columns!.row(fields));
    } catch (error) {
      statement.failure ??= error;
    }
  }

  handleCommandComplete({ text }: { text: string }): void {
    if (this.failure !== undefined) return;
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
    this.statements.slice(this.answered).forEach(({ kept, reject }, at) => {
      // The first one failed, perhaps because the server keeps another statement or none under this name. Of
      // the others it is unknown whether the server came to keep them.
      if (kept && (at === 0 || kept.columns === undefined)) this.known.delete(kept.name);
      reject(error);
    });
    this.answered = this.statements.length;
    this.endTimeLimit();
  }

  handleReadyForQuery(): void {
    this.endTimeLimit();
    if (this.answered < this.statements.length)
      this.handleError(new Error('the server left a statement out'));
  }

  /** The driver sets this callback when it watches a time limit. */
  private endTimeLimit(): void {
    (this as { callback?: () => void }).callback?.();
  }

  private get current(): Statement {
    return this.statements[this.answered]!;
  }
}
