import { DataSource, type EntityTarget, type ObjectLiteral, type QueryRunner } from 'typeorm';
import pg from 'pg';
import { type Actor, scopeOf } from '../actor.js';
import { Suspicion } from '../disk-full.js';
import { Client } from './client.js';
import { Connection } from './connection.js';
import { SnakeNaming } from './naming.js';
import { Tx } from './tx.js';

/** Login URLs at run time; none owns a table. */
export interface ConnectionUrls {
  app: string;
  /** Reads released statistics only. */
  public: string;
}

/**
 * Which connections a transaction takes. Intake has its own, so that readers, however many, never keep a
 * report waiting for one.
 */
export type PoolName = 'general' | 'intake';

export interface PoolSettings {
  /** Connections of the general pool. Intake has 0.4 times as many beside it, at least 2. */
  size: number;
  /** Milliseconds a request waits for a free connection before it is refused. */
  connectTimeout: number;
}

/**
 * Connections of intake for each of the general pool. A batch of reports takes one, and an institution has
 * two under way at most.
 */
const INTAKE_SHARE = 0.4;

/**
 * Opens transactions. `tx` sets the actor and its row-level security scope with `set_config(.., true)`, which
 * ends with the transaction and therefore also holds through a transaction pooler. The actor is sealed by the
 * database (`act_as`): an entry of the audit trail names no other. Without a scope every query gives zero
 * rows.
 */
export class Database {
  /** Of writes that found no room on the disk of the server. */
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

  /** For whatever needs the modules and no data: writing the OpenAPI document. Every transaction fails. */
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
   * One transaction under the scope of `actor`; commits when `work` resolves and every statement succeeded,
   * else rolls back. Tables are read through their indexes: a plan made while a table was small is kept by
   * prepared statements and by the checks of foreign keys, and would read all of it when it has grown.
   * Figures over much of a table set that back. The estimated costs that this makes would start the server's
   * compiler with every statement: it is off, also for logins made before `roles.ts` said so.
   * @param options.snapshot all its statements see the same instant, for what is compared with each other; it
   *   should write little
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
   * One transaction as `denuncia_releaser`: may read the counted columns and insert releases, nothing else.
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
   * Calls a SECURITY DEFINER function before an actor exists: each returns the few columns needed to
   * authenticate.
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

  /** A read under the login that can read released statistics and nothing else. */
  async publicRead<Row extends pg.QueryResultRow>(sql: string, parameters: unknown[] = []): Promise<Row[]> {
    return (await this.publicPool.query<Row>(sql, parameters)).rows;
  }

  /**
   * Looks at the database over a connection of its own, which is given up when it does not answer: one that a
   * frozen server or a cut line never lets go would else be missing in the pool, and be asked again and
   * again.
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
      // Not awaited: towards a cut line even a farewell hangs.
      void client.end().catch(() => undefined);
    }
  }

  /** Whether somebody waits for a connection. */
  get isBusy(): boolean {
    return this.pools.some(({ waitingCount }) => waitingCount > 0);
  }

  /** The pools of the application login, the general one first. */
  get pools(): pg.Pool[] {
    return [poolOf(this.sources.general), poolOf(this.sources.intake)];
  }

  /** The general one, for libraries that keep their own tables (rate limits). */
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
      // Travels with the first statements of the work. Should it fail, so does every statement behind it.
      const entered = enter(connection).then(
        () => undefined,
        (error: unknown) => {
          tx.fail(error);
          return { error };
        },
      );
      try {
        const result = await tx.through(work);
        // Sent together with what the work did not wait for.
        const committed = connection.commit();
        committed.catch(() => undefined);
        // What failed first is the cause, and not that the commit became a rollback.
        await tx.settled();
        await committed;
        return result;
      } catch (error) {
        await connection.query('rollback', []).catch(() => undefined);
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
 * Transactions are opened and closed here and not by the runner, which would wait for each answer. It is
 * told: it refuses locks outside of one, and one that it opened inside of ours would commit ours.
 */
function tellOpen(runner: QueryRunner, open: boolean): void {
  Object.assign(runner, { isTransactionActive: open, transactionDepth: open ? 1 : 0 });
}

/** The TypeORM data source of a run-time login; also used by the schema drift test. */
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
    // An undefined or null in a where would silently widen the query: refuse it.
    invalidWhereValuesBehavior: { null: 'throw', undefined: 'throw' },
    // `pipeline`: statements of one transaction that do not wait for each other's answer travel together.
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
