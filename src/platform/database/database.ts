import { DataSource, type EntityTarget, type ObjectLiteral, type QueryRunner } from 'typeorm';
import pg from 'pg';
import { type Actor, scopeOf } from '../actor.js';
import { Suspicion } from '../disk-full.js';
import { Client } from './client.js';
import { Connection } from './connection.js';
import { SnakeNaming } from './naming.js';
import { Tx } from './tx.js';

/** URLs of the logins at run time. None of these logins owns a table. */
export interface ConnectionUrls {
  app: string;
  /** This login reads released statistics only. */
  public: string;
}

/**
 * The connections that a transaction uses. Intake has its own connections, so that no number of readers can
 * make a report wait.
 */
export type PoolName = 'general' | 'intake';

export interface PoolSettings {
  /** Connections of the general pool. Intake has 0.4 times as many in addition, at least 2. */
  size: number;
  /** Milliseconds for which a request waits for a free connection before it is refused. */
  connectTimeout: number;
}

/**
 * Number of intake connections for each connection of the general pool. A batch of reports takes one
 * connection, and an institution has at most two batches under way.
 */
const INTAKE_SHARE = 0.4;

/**
 * Opens transactions. `tx` sets the actor and its row-level security scope with `set_config(.., true)`. This
 * setting ends with the transaction, so it also works through a transaction pooler. The database seals the
 * actor (`act_as`), so that an entry of the audit trail can name no other actor. Without a scope every query
 * returns zero rows.
 */
export class Database {
  /** Notes writes that found no room on the disk of the server. */
  readonly disk = new Suspicion();

  private constructor(
    private readonly sources: Readonly<Record<PoolName, DataSource>>,
    private readonly publicPool: pg.Pool,
    private readonly appUrl: string,
  ) {}

  static async connect(
    urls: ConnectionUrls,
    entities: EntityTarget<ObjectLiteral>[],
    pool: PoolSettings,
  ): Promise<Database> {
    const database = Database.unconnected(urls, entities, pool);
    for (const source of Object.values(database.sources)) await source.initialize();
    return database;
  }

  /**
   * For code that needs the modules and no data, such as writing the OpenAPI document. Every transaction
   * fails.
   */
  static unconnected(
    urls: ConnectionUrls,
    entities: EntityTarget<ObjectLiteral>[],
    pool: PoolSettings,
  ): Database {
    const publicPool = new pg.Pool({
      Client,
      connectionString: urls.public,
      max: 3,
      connectionTimeoutMillis: pool.connectTimeout,
    });
    publicPool.on('error', () => undefined);
    const intake = Math.max(2, Math.round(pool.size * INTAKE_SHARE));
    const sources = {
      general: createDataSource(urls.app, entities, pool),
      intake: createDataSource(urls.app, entities, { ...pool, size: intake }),
    };
    return new Database(sources, publicPool, urls.app);
  }

  async close(): Promise<void> {
    for (const source of Object.values(this.sources)) await source.destroy();
    await this.publicPool.end();
  }

  /**
   * Runs one transaction under the scope of `actor`. Commits when `work` resolves and every statement
   * succeeded, otherwise rolls back.
   *
   * Tables are read through their indexes. Otherwise a plan made while a table is small would read the whole
   * table, and prepared statements and checks of foreign keys would keep this plan when the table has grown.
   * Figures over much of a table switch this off. The rule makes estimated costs so high that the server's
   * compiler would start with every statement. So the compiler is off, also for logins made before `roles.ts`
   * set this.
   * @param options.snapshot all its statements see the same instant, for data that is compared with each
   *   other; it should write little
   * @param options.pool `intake` for what stands between a reporter and a stored report, and for nothing else
   */
  async tx<T>(
    actor: Actor,
    work: (tx: Tx) => Promise<T>,
    { snapshot = false, pool = 'general' }: { snapshot?: boolean; pool?: PoolName } = {},
  ): Promise<T> {
    const scope = scopeOf(actor);
    return this.transaction(this.sources[pool], actor, work, (connection) =>
      Promise.all([
        connection.prepared(
          snapshot ? 'start transaction isolation level repeatable read' : 'start transaction',
          [],
        ),
        connection.prepared(
          `select act_as($1, $2, $3), set_config('app.areas', $4, true), set_config('app.case', $5, true),
                  set_config('enable_seqscan', 'off', true), set_config('jit', 'off', true)`,
          [scope.actor, scope.institutionId, scope.accountId, scope.areas, scope.caseId],
        ),
      ]),
    );
  }

  /**
   * Runs one transaction as `denuncia_releaser`. This role may read the counted columns and insert releases,
   * and nothing else.
   */
  async asReleaser<T>(actor: Actor, work: (tx: Tx) => Promise<T>): Promise<T> {
    const scope = scopeOf(actor);
    return this.transaction(this.sources.general, actor, work, (connection) =>
      Promise.all([
        connection.prepared('start transaction', []),
        connection.prepared('select act_as($1, $2, $3)', [scope.actor, scope.institutionId, scope.accountId]),
        connection.query('set local role denuncia_releaser', []),
      ]),
    );
  }

  /**
   * Calls a SECURITY DEFINER function before an actor exists. Each such function returns the few columns that
   * authentication needs.
   */
  async definer<Row>(
    name: `auth_${string}`,
    parameters: unknown[],
    pool: PoolName = 'general',
  ): Promise<Row[]> {
    const holders = parameters.map((_, index) => `$${index + 1}`).join(', ');
    const client = await poolOf(this.sources[pool]).connect();
    try {
      return await (
        await Connection.of(client)
      ).prepared<Row>(`select * from ${name}(${holders})`, parameters);
    } finally {
      client.release();
    }
  }

  /** Reads with the login that can read released statistics and nothing else. */
  async publicRead<Row extends pg.QueryResultRow>(sql: string, parameters: unknown[] = []): Promise<Row[]> {
    return (await this.publicPool.query<Row>(sql, parameters)).rows;
  }

  /**
   * Looks at the database over a separate connection, and gives this connection up when it does not answer. A
   * frozen server or a cut line may never release a connection. A connection of the pool would then be
   * missing, and would be used again and again.
   * @param limit milliseconds for connecting and for each statement
   */
  async probe<T>(limit: number, look: (client: Client) => Promise<T>): Promise<T> {
    const client = new Client({
      connectionString: this.appUrl,
      connectionTimeoutMillis: limit,
      query_timeout: limit,
      application_name: 'denuncia-abierta-probe',
    });
    try {
      await client.connect();
      return await look(client);
    } finally {
      // Do not wait: on a cut line even the end of a connection hangs.
      void client.end().catch(() => undefined);
    }
  }

  /** Tells whether a caller waits for a connection. */
  get isBusy(): boolean {
    return this.pools.some(({ waitingCount }) => waitingCount > 0);
  }

  /** The pools of the application login. The general pool comes first. */
  get pools(): pg.Pool[] {
    return [poolOf(this.sources.general), poolOf(this.sources.intake)];
  }

  /** The general pool, for libraries that keep their own tables (rate limits). */
  get appPool(): pg.Pool {
    return poolOf(this.sources.general);
  }

  private async transaction<T>(
    source: DataSource,
    actor: Actor,
    work: (tx: Tx) => Promise<T>,
    enter: (connection: Connection) => Promise<unknown>,
  ): Promise<T> {
    const runner = source.createQueryRunner();
    try {
      const connection = await Connection.of((await runner.connect()) as pg.PoolClient);
      tellOpen(runner, true);
      const tx = new Tx(runner.manager, actor, connection);
      // These statements travel with the first statements of the work. If they fail, every later statement
      // fails too.
      const entered = enter(connection).then(
        () => undefined,
        (error: unknown) => {
          tx.fail(error);
          return { error };
        },
      );
      try {
        const result = await tx.through(work);
        // The commit travels together with the statements that the work did not wait for.
        const committed = connection.commit();
        committed.catch(() => undefined);
        // Report the first failure as the cause, and not that the commit became a rollback.
        await tx.settled();
        await committed;
        return result;
      } catch (error) {
        await connection.rollback();
        throw (await entered)?.error ?? error;
      }
    } catch (error) {
      this.disk.note(error);
      throw error;
    } finally {
      tellOpen(runner, false);
      await runner.release();
    }
  }
}

function poolOf(source: DataSource): pg.Pool {
  return (source.driver as unknown as { master: pg.Pool }).master;
}

/**
 * Tells the runner whether a transaction is open. This file opens and closes transactions, because the runner
 * would wait for each answer. The runner must know it: it refuses locks outside a transaction, and a
 * transaction that it opened inside ours would commit ours.
 */
function tellOpen(runner: QueryRunner, open: boolean): void {
  Object.assign(runner, { isTransactionActive: open, transactionDepth: open ? 1 : 0 });
}

/** Makes the TypeORM data source of a run-time login. The schema drift test uses it too. */
export function createDataSource(
  url: string,
  entities: EntityTarget<ObjectLiteral>[],
  pool: PoolSettings,
): DataSource {
  return new DataSource({
    type: 'postgres',
    url,
    entities: entities as never[],
    synchronize: false,
    namingStrategy: new SnakeNaming(),
    poolSize: pool.size,
    // Refuse undefined or null in a where, because it would silently widen the query.
    invalidWhereValuesBehavior: { null: 'throw', undefined: 'throw' },
    // `pipeline`: statements of one transaction that do not wait for each other's answers travel together.
    extra: {
      Client,
      connectionTimeoutMillis: pool.connectTimeout,
      application_name: 'denuncia-abierta',
      pipeline: true,
    },
    poolErrorHandler: () => undefined,
    logging: false,
  });
}
