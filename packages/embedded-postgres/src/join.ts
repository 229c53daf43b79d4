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
   * Told one line per thing worth telling: first start, adoption, where the data lies. Nothing in the usual
   * case.
   */
  readonly log?: (line: string) => void;
}

/** A PostgreSQL that this process takes part in. */
export interface EmbeddedServer {
  /** On 127.0.0.1. */
  readonly port: number;
  /** Of the postmaster. */
  readonly pid: number;
  readonly dataFolder: string;
  readonly superuser: { readonly user: string; readonly password: string };
  url(database: string, user: string, password: string): string;
  superuserUrl(database: string): string;
  /**
   * Ends this process's part; the last one to leave stops the server. Call it after the connections are
   * closed. Calling it again is harmless. Nothing calls it by itself: the entry point decides when its drain
   * is over.
   */
  leave(): Promise<void>;
  /** Has the server started again whenever it ends, until this process leaves. */
  watch(hooks: WatchHooks): void;
}

interface Served {
  readonly server: Postmaster;
  readonly password: string;
  readonly dataFolder: string;
  /** How the server is started again, at the port that everybody knows. */
  readonly again: StartOptions;
}

/**
 * Takes part in the embedded server of DATA_DIR: makes the database the first time, starts the server if none
 * runs, adopts one whose earlier owners were killed, shares one that others use.
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
 * Stops the server of a DATA_DIR that nobody takes part in any more, and removes the database wherever it
 * lies. For test runs; DATA_DIR itself stays.
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

/** Stops the server of a DATA_DIR when all that took part in it were killed. */
export async function stopAbandoned(dataDir: string): Promise<void> {
  // Whoever removed DATA_DIR does not want it back; the server ends by itself when it misses its files.
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

/** A server that answers, whatever state the last run left behind. */
async function serve(
  dataDir: string,
  options: JoinOptions,
  log: (line: string) => void,
  alone: boolean,
): Promise<Served> {
  const old = readState(dataDir);
  const placement = await place(dataDir, old, await findBinaries(), log);
  const { dataFolder } = placement;
  // 32 random bytes: any user of the machine may try passwords on 127.0.0.1.
  const password = old?.password ?? randomBytes(32).toString('base64url');
  // The others would look for a server that was killed just now at the port they know.
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

/** Makes the database when there is none yet. @param known whether its password is that of the last run */
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
  // Before the database gets this password, so that it cannot be lost in between.
  writeState(dataDir, { pid: 0, port, password, dataFolder });
  await createCluster(placement, password, settings?.fsync !== 'off');
}

/**
 * Starts a server that has ended, unless another process was first. A database that is gone is not made anew.
 * @throws EmbeddedError
 */
async function serveAgain(
  dataDir: string,
  { server: { port }, dataFolder, again }: Served,
): ReturnType<Revive> {
  return orEmbeddedError(dataDir, () =>
    withLock(lockOf(dataDir), async () => {
      // The last one may have left while this waited for the lock.
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
        // What matters in the file has not changed, and a full disk is no reason to give up.
        if (!isDiskFull(error)) throw error;
      }
      return { server, started: true };
    }),
  );
}

/**
 * Whoever empties DATA_DIR wants to start anew, and the keys that open the database are gone with it. One
 * that lies elsewhere is kept all the same: emptying a folder is no order to delete another.
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
    // Said aloud, because PGSSLMODE in the environment would ask this server for TLS, which it has not.
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
      // Somebody removed DATA_DIR under the running service; nobody else can find the server any more.
      await stopPostmaster(server, password, dataFolder);
    }
  });
}

/** The lock under which DATA_DIR's server is started, stopped or replaced. */
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
