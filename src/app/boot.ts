import type { WatchHooks } from '@denuncia-abierta/embedded-postgres';
import 'reflect-metadata';
import { createServer, type Server } from 'node:http';
import { NestFactory } from '@nestjs/core';
import type { INestApplicationContext } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { ClockWatch, confirmClock } from '../foundations/audit/clock-watch.js';
import { Clock } from '../platform/clock.js';
import type { Config } from '../platform/config.js';
import { KeyRing } from '../platform/crypto/keyring.js';
import { assertClock } from '../platform/database/clock-policy.js';
import { Database } from '../platform/database/database.js';
import { checkKeys, prepareDatabase, worksJobs, type Prepared } from '../platform/database/prepare.js';
import { StartError } from '../platform/errors.js';
import { httpAdapter, setup } from '../platform/http/setup.js';
import { JobRunner } from '../platform/jobs/job-runner.js';
import { Sweeper } from '../platform/jobs/sweeper.js';
import { Log } from '../platform/logging.js';
import { RouteMetrics } from '../platform/metrics.js';
import { assertOwnStore, openStore } from '../platform/storage/open-store.js';
import { withoutBlanks } from '../platform/variables.js';
import { Converters } from '../work/evidence/converters.js';
import { AppModule, type AppParts } from './app.module.js';
import { loadConfig, type AppConfig } from './config.js';
import { ENTITIES } from './entities.js';
import { MIGRATIONS } from './migrations.js';
import { serveDocs, type ExampleSource } from './openapi-document.js';

export type Purpose = 'all' | 'api' | 'worker' | 'command';

/** Milliseconds for which a request may wait for a connection of the pool before it is refused with 503. */
const CONNECT_TIMEOUT = 5_000;
/** Milliseconds for a drain. A longer drain is cut: the orchestrator would kill the process anyway. */
const DRAIN_LIMIT = 20_000;

export interface Foundation {
  config: AppConfig;
  parts: AppParts;
  prepared: Prepared;
  /**
   * Close the database, write the log lines that wait, and leave an embedded server. Call this after
   * everything that uses them.
   */
  close(): Promise<void>;
  /** From now on start an embedded server again when it ends. If that is not possible, end the process. */
  watch(ending: Ending): void;
}

/**
 * Open configuration, database and keys. Every process needs them before it has modules. @throws StartError
 */
export async function openFoundation(
  env: NodeJS.ProcessEnv,
  purpose: Purpose,
  say: (line: string) => void,
): Promise<Foundation> {
  const config = loadConfig(env, worksJobs(purpose));
  const prepared = await prepareDatabase(config, purpose, MIGRATIONS, say);
  const log = new Log(withoutBlanks(env).LOG_LEVEL);
  let database: Database | undefined;
  const close = async (): Promise<void> => {
    await database?.close();
    log.end();
    await prepared.leave();
  };
  try {
    const keys = new KeyRing(config.secrets);
    await checkKeys(prepared.urls.app, keys);
    database = await Database.connect(prepared.urls, ENTITIES, {
      size: config.poolSize,
      connectTimeout: CONNECT_TIMEOUT,
    });
    if (config.production) await refuseDemoData(database);
    await assertClock(database.appPool, config);
    const store = await openStore(config.storage);
    // A command touches no file.
    if (purpose !== 'command') await assertOwnStore(database.appPool, store);
    const clock = new Clock(config.clockStart);
    log.start(clock);
    const parts = { config, clock, keys, log, database, store };
    const watch = (ending: Ending): void => prepared.watch(watchHooks(log, database!, ending));
    return { config, parts, prepared, close, watch };
  } catch (error) {
    await close();
    throw error;
  }
}

function watchHooks(log: Log, database: Database, ending: Ending): WatchHooks {
  return {
    // Log one line per end of the server, from the process that started it again.
    back: (tries, byOther) => void (byOther || log.warning('embedded-database-restarted', { count: tries })),
    failed: (error) => {
      database.disk.note(error);
      console.error(error.message);
    },
    lost: ({ message }) => {
      console.error(`The database ended and cannot be started again: ${message}`);
      ending.fail();
    },
  };
}

/** Refuse demo data in production, because all demo accounts share one password. @throws StartError */
async function refuseDemoData(database: Database): Promise<void> {
  const { rows } = await database.appPool.query('select 1 from institutions where demo limit 1');
  if (rows.length > 0)
    throw new StartError(
      'The database holds demo institutions and accounts, which production refuses. Give it a database of its own.',
    );
}

/**
 * Make the HTTP application, not yet listening. It is the same for the server and the tests.
 * @param options.examples finds values for the examples of the API document that exist here
 */
export async function createApi(
  parts: AppParts,
  options: { examples?: ExampleSource } = {},
): Promise<NestFastifyApplication> {
  const app = await NestFactory.create<NestFastifyApplication>(
    AppModule.of(parts),
    httpAdapter(parts.config),
    {
      rawBody: true,
      logger: parts.log,
      abortOnError: false,
    },
  );
  setup(app, parts.config);
  serveDocs(app, parts.config, options);
  return app;
}

type Address = Pick<Config, 'port' | 'host'>;

/** Test the address first, because a first start takes some seconds. @throws StartError as `listen` does */
export async function assertListenable(address: Address): Promise<void> {
  const probe = createServer();
  try {
    await new Promise<void>((resolve, reject) => {
      probe.once('error', reject).listen(address.port, address.host, resolve);
    });
  } catch (error) {
    throw refusalOf(error, address);
  } finally {
    probe.close();
  }
}

/** @throws StartError when the port is taken or not allowed */
export async function listen(app: NestFastifyApplication, address: Address): Promise<string> {
  try {
    await app.listen(address.port, address.host);
  } catch (error) {
    throw refusalOf(error, address);
  }
  const { port } = app.getHttpServer().address() as { port: number };
  return `http://${address.host.includes(':') ? `[${address.host}]` : address.host}:${port}`;
}

function refusalOf(error: unknown, { port, host }: Address): unknown {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'EADDRINUSE':
      return new StartError(`Port ${port} on ${host} is in use. Set PORT to another one.`);
    case 'EACCES':
      return new StartError(`Port ${port} is not allowed for this user. Set PORT above 1023.`);
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new StartError(`HOST ${host} is not an address of this machine.`);
    default:
      return error;
  }
}

/**
 * Start the sweeps and the jobs of a worker. Outside of production accept the clock as it is: a demo may be
 * started again after weeks, or in another month.
 */
export async function startSweeps(
  app: INestApplicationContext,
  { config, parts, prepared }: Foundation,
): Promise<void> {
  const { database, clock } = parts;
  if (!config.production) await confirmClock(database.appPool, clock.now());
  const watch = app.get(ClockWatch);
  app.get(Sweeper).start(
    (at) => watch.beat(at),
    () => watch.trusted(),
  );
  await app.get(JobRunner).start(prepared.urls.jobs!, () => watch.trusted());
  // In the background: reports do not wait for it.
  void app.get(Converters).look();
}

/**
 * Serve `/metrics` without a token, on a port of the loopback interface only.
 * @param variable that names the port, for the message
 * @throws StartError when the port is taken
 */
export function serveMetrics(app: INestApplicationContext, port: number, variable: string): Promise<Server> {
  const { registry } = app.get(RouteMetrics);
  const server = createServer((_, response) => {
    registry.metrics().then(
      (text) => response.setHeader('Content-Type', registry.contentType).end(text),
      () => response.writeHead(500).end(),
    );
  });
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(error.code === 'EADDRINUSE' ? new StartError(`${variable} ${port} is in use.`) : error),
    );
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}

/**
 * Ends the process on SIGTERM, SIGINT or SIGHUP. It undoes everything in reverse order: requests and sweeps,
 * then connections, the embedded server last. A signal during the start waits for the current step, because
 * otherwise a half-started database server would stay behind.
 */
export class Ending {
  private readonly steps: (() => Promise<unknown>)[] = [];
  private signalled = false;
  private building = true;
  private ending?: Promise<never>;

  constructor() {
    // Listen for stream errors. Otherwise a line that cannot be written on a full disk would end the service.
    for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
    const onSignal = (): void => {
      this.signalled = true;
      if (!this.building) void this.end();
    };
    // SIGHUP comes from a terminal that is closed. Node does not keep nohup's setting to ignore it.
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, onSignal);
  }

  /** Add a step that must be undone at the end. Does not return when a signal came meanwhile. */
  async add(undo: () => Promise<unknown>): Promise<void> {
    this.steps.unshift(undo);
    if (this.signalled) await this.end();
  }

  /** Mark the end of the start. From now on a signal acts immediately. */
  async started(): Promise<void> {
    this.building = false;
    if (this.signalled) await this.end();
  }

  /** End the process as a signal does, with exit code 1. */
  fail(): void {
    process.exitCode = 1;
    this.signalled = true;
    if (!this.building) void this.end();
  }

  /** Undo everything, after a start that failed. */
  async undo(): Promise<void> {
    for (const step of this.steps.splice(0)) await step().catch(() => (process.exitCode = 1));
  }

  private end(): Promise<never> {
    return (this.ending ??= (async () => {
      setTimeout(() => process.exit(1), DRAIN_LIMIT).unref();
      await this.undo();
      process.exit();
    })());
  }
}
