import { randomBytes } from 'node:crypto';
import { existsSync, realpathSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { findBinaries } from './binaries.js';
import { assertVersion, clusterExists, createCluster, resetPassword } from './cluster.js';
import { explainFileError, prepareDataDir } from './data-dir.js';
import { isDiskFull } from './disk-full.js';
import { EmbeddedError, errorCode } from './embedded-error.js';
import { withLock } from './lock.js';
import {
  assertMayJoin,
  liveParticipants,
  register,
  unregister,
  type Participant,
  type Purpose,
} from './participants.js';
import { findPostmaster, type Postmaster } from './pid-file.js';
import { findDataFolder, place, removeHome } from './placement.js';
import { awaitReady, boundLog, startPostmaster, stopPostmaster, type StartOptions } from './postmaster.js';
import { readState, SUPERUSER, writeState } from './state.js';
import { Watch, type Revive, type WatchHooks } from './watch.js';

export interface JoinOptions {
  /** DATA_DIR; made when missing. */
  readonly dataDir: string;
  readonly purpose: Purpose;
  /** PostgreSQL settings for a server that this call starts, e.g. `{fsync: 'off'}` in tests. */
  readonly settings?: Readonly<Record<string, string>>;
  /**
   * Receives one line per notable fact: first start, adoption, place of the data. A usual start logs nothing.
   */
  readonly log?: (line: string) => void;
}

/** A PostgreSQL that this process takes part in. */
export interface EmbeddedServer {
  /** Port on 127.0.0.1. */
  readonly port: number;
  /** Pid of the postmaster. */
  readonly pid: number;
  readonly dataFolder: string;
  readonly superuser: { readonly user: string; readonly password: string };
  url(database: string, user: string, password: string): string;
  superuserUrl(database: string): string;
  /**
   * End this process's part in the server. The last process to leave stops the server. Call this after the
   * connections are closed. A second call does no harm. Nothing calls this automatically: the entry point
   * decides when its drain is over.
   */
  leave(): Promise<void>;
  /** Start the server again whenever it ends, until this process leaves. */
  watch(hooks: WatchHooks): void;
}

interface Served {
  readonly server: Postmaster;
  readonly password: string;
  readonly dataFolder: string;
  /** How to start the server again, at the port that all participants know. */
  readonly again: StartOptions;
}

/**
 * Take part in the embedded server of DATA_DIR. Make the database the first time. Start the server if none
 * runs. Adopt a server whose earlier owners were killed. Share a server that other processes use.
 * @throws EmbeddedError always in one line that names the fix
 */
export async function joinEmbeddedServer(options: JoinOptions): Promise<EmbeddedServer> {
  return orEmbeddedError(options.dataDir, async () => {
    const dataDir = prepareDataDir(options.dataDir);
    const log = options.log ?? (() => undefined);
    const work = async (): Promise<EmbeddedServer> => {
      const others = liveParticipants(dataDir);
      assertMayJoin(options.purpose, others);
      const served = await serve(dataDir, options, log, others.length === 0);
      const participant = register(dataDir, options.purpose);
      return describe(dataDir, served, participant);
    };
    return withLock(lockOf(dataDir), work, log);
  });
}

/**
 * Stop the server of a DATA_DIR in which nobody takes part any more, and remove the database wherever it
 * lies. This is for test runs. DATA_DIR itself stays.
 * @returns false when somebody still takes part (nothing is touched then)
 */
export async function removeEmbeddedServer(dataDir: string): Promise<boolean> {
  return orEmbeddedError(dataDir, async () => {
    const real = prepareDataDir(dataDir);
    return withLock(lockOf(real), async () => {
      if (liveParticipants(real).length > 0) return false;
      const state = readState(real);
      const dataFolder = findDataFolder(real, state) ?? join(real, 'postgres');
      const running = findPostmaster(dataFolder);
      if (running) await stopPostmaster(running, state?.password ?? '', dataFolder);
      rmSync(join(real, 'embedded.json'), { force: true });
      const home = dirname(dataFolder);
      if (home === real) rmSync(dataFolder, { recursive: true, force: true });
      else removeHome(home);
      return true;
    });
  });
}

/** Stop the server of a DATA_DIR when all its participants were killed. */
export async function stopAbandoned(dataDir: string): Promise<void> {
  // If DATA_DIR was removed, do not make it again. The server ends by itself when it misses its files.
  if (!existsSync(dataDir)) return;
  const real = realpathSync(dataDir);
  await withLock(lockOf(real), async () => {
    if (liveParticipants(real).length > 0) return;
    const state = readState(real);
    const dataFolder = findDataFolder(real, state);
    const running = dataFolder === undefined ? undefined : findPostmaster(dataFolder);
    if (running) await stopPostmaster(running, state?.password ?? '', dataFolder!);
  });
}

/** Return a server that answers, in whatever state the last run left DATA_DIR. */
async function serve(
  dataDir: string,
  options: JoinOptions,
  log: (line: string) => void,
  alone: boolean,
): Promise<Served> {
  const old = readState(dataDir);
  const placement = await place(dataDir, old, await findBinaries(), log);
  const { dataFolder } = placement;
  // 32 random bytes, because any user of the machine may try passwords on 127.0.0.1.
  const password = old?.password ?? randomBytes(32).toString('base64url');
  // If other processes take part, keep the port: after a kill they look for the server at the port they know.
  const keepPort = !alone && old !== undefined && old.port !== 0;
  const start: StartOptions = {
    placement,
    dataDir,
    password,
    port: old?.port ?? 0,
    keepPort,
    settings: options.settings,
    log,
  };
  boundLog(dataDir);

  const found = findPostmaster(dataFolder);
  if (found && !old)
    throw new EmbeddedError(
      `A database runs in ${dataFolder} (pid ${found.pid}) but embedded.json is missing: ` +
        `stop it with "kill -INT ${found.pid}" and start again.`,
    );
  if (!old && dirname(dataFolder) !== dataDir && clusterExists(dataFolder)) setAside(dataFolder, log);
  let server = found && (await awaitReady(start));
  if (server && alone) log(`Adopted the database that an earlier run left behind (pid ${server.pid})`);
  if (!server) {
    await makeStartable(start, old !== undefined);
    server = await startPostmaster(start);
  }
  writeState(dataDir, { pid: server.pid, port: server.port, password, dataFolder });
  return { server, password, dataFolder, again: { ...start, port: server.port, keepPort: true } };
}

/** Make the database when there is none yet. @param known whether its password is that of the last run */
async function makeStartable(
  { placement, dataDir, password, port, settings, log }: StartOptions,
  known: boolean,
): Promise<void> {
  const { dataFolder } = placement;
  if (clusterExists(dataFolder)) {
    assertVersion(placement);
    if (!known) await resetPassword(placement, password);
    return;
  }
  log(`Making a new database in ${dataFolder}`);
  // Store the password before the database gets it, so that a crash in between cannot lose the password.
  writeState(dataDir, { pid: 0, port, password, dataFolder });
  await createCluster(placement, password, settings?.fsync !== 'off');
}

/**
 * Start a server that has ended, unless another process did this first. If the database is gone, do not make
 * a new one.
 * @throws EmbeddedError
 */
async function serveAgain(
  dataDir: string,
  { server: { port }, dataFolder, again }: Served,
): ReturnType<Revive> {
  return orEmbeddedError(dataDir, () =>
    withLock(lockOf(dataDir), async () => {
      // The last participant may have left while this call waited for the lock.
      if (liveParticipants(dataDir).length === 0)
        throw new EmbeddedError('Nobody uses the database any more.');
      const running = findPostmaster(dataFolder) && (await awaitReady(again));
      if (running && running.port !== port)
        throw new EmbeddedError(`PostgreSQL (pid ${running.pid}) came back on another port: start again.`);
      if (running) return { server: running, started: false };
      if (!clusterExists(dataFolder)) throw new EmbeddedError(`The database in ${dataFolder} is gone.`);
      boundLog(dataDir);
      const server = await startPostmaster(again);
      try {
        writeState(dataDir, { pid: server.pid, port, password: again.password, dataFolder });
      } catch (error) {
        // The important values in the file have not changed. So a full disk is no reason to give up here.
        if (!isDiskFull(error)) throw error;
      }
      return { server, started: true };
    }),
  );
}

/**
 * Rename a database that lies outside an emptied DATA_DIR. Somebody who empties DATA_DIR wants to start anew,
 * and the keys of the old database are gone. Keep the old database all the same: emptying one folder is no
 * order to delete another.
 */
function setAside(dataFolder: string, log: (line: string) => void): void {
  const kept = `${dataFolder}.before-${new Date().toISOString().replace(/\W/g, '')}`;
  renameSync(dataFolder, kept);
  log(`DATA_DIR is empty; its earlier database is kept in ${kept}`);
}

function describe(dataDir: string, served: Served, participant: Participant): EmbeddedServer {
  const { server, password, dataFolder } = served;
  let ending: Promise<void> | undefined;
  let watch: Watch | undefined;
  const url = (database: string, user: string, secret: string): string => {
    const [name, word, path] = [user, secret, database].map(encodeURIComponent);
    // Set `sslmode` here: otherwise PGSSLMODE in the environment could ask for TLS, which this server does
    // not have.
    return `postgresql://${name}:${word}@127.0.0.1:${server.port}/${path}?sslmode=disable`;
  };
  return {
    port: server.port,
    pid: server.pid,
    dataFolder,
    superuser: { user: SUPERUSER, password },
    url,
    superuserUrl: (database) => url(database, SUPERUSER, password),
    leave: () => {
      watch?.stop();
      return (ending ??= leave(dataDir, served, participant));
    },
    watch: (hooks) => {
      watch ??= new Watch(server, () => serveAgain(dataDir, served), hooks);
    },
  };
}

async function leave(dataDir: string, served: Served, participant: Participant): Promise<void> {
  const { server, password, dataFolder } = served;
  return orEmbeddedError(dataDir, async () => {
    try {
      await withLock(lockOf(dataDir), async () => {
        unregister(participant);
        if (liveParticipants(dataDir).length > 0) return;
        const running = findPostmaster(dataFolder);
        if (running) await stopPostmaster(running, password, dataFolder);
      });
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') throw error;
      // Somebody removed DATA_DIR while the service ran. Stop the server here: no other process can find it
      // any more.
      await stopPostmaster(server, password, dataFolder);
    }
  });
}

/** The path of the lock that protects start, stop and replacement of DATA_DIR's server. */
export function lockOf(dataDir: string): string {
  return join(dataDir, 'embedded.lock');
}

async function orEmbeddedError<T>(dataDir: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const explained = explainFileError(error, dataDir);
    if (explained instanceof EmbeddedError) throw explained;
    const reason = explained instanceof Error ? explained.message : String(explained);
    throw new EmbeddedError(`The embedded database failed in DATA_DIR ${dataDir} (${reason}).`, {
      cause: error,
    });
  }
}
