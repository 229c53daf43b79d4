import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { runProgram } from './account.js';
import { DATA, readManifest, type Manifest } from './backup-format.js';
import { findBinaries } from './binaries.js';
import { prepareDataDir } from './data-dir.js';
import { EmbeddedError, errorCode } from './embedded-error.js';
import { assertRoom, copyFiles, makeFolders } from './file-copy.js';
import { lockOf } from './join.js';
import { withLock } from './lock.js';
import { liveParticipants } from './participants.js';
import { findPostmaster } from './pid-file.js';
import { place, type Placement } from './placement.js';
import { startPostmaster, stopPostmaster } from './postmaster.js';
import { readState, SUPERUSER, writeState } from './state.js';

export interface RestoreOptions {
  /** The folder that `backUp` made. */
  from: string;
  dataDir: string;
  /** Move an existing database aside; never delete it. Without `force`, refuse when a database exists. */
  force: boolean;
  /** Receives lines about what happens. */
  log: (line: string) => void;
  /** Open the copy before it replaces the database. It may refuse by throwing. */
  prove: (urlOf: (database: string) => string) => Promise<void>;
  /** Handles what belongs to the database but lies beside it. */
  beside: {
    /**
     * The present database was moved aside to `earlier`. Move what belongs to it aside with the same suffix.
     */
    moveAside: (dataDir: string, suffix: string, earlier: string) => void;
    /** The copy is now in the place of the database. Put what belongs to it beside it. */
    put: (dataDir: string) => void;
  };
}

const ASIDE = 'postgres.restored-';

/**
 * Put a backup into a DATA_DIR. Copy the backup beside the present database and open it there. Only then
 * replace the present database. If the restore fails or is killed earlier, the present database stays
 * unchanged.
 * @returns the real DATA_DIR, and when the backup was made
 * @throws EmbeddedError in one line
 */
export async function restoreBackup(options: RestoreOptions): Promise<{ dataDir: string; madeAt: string }> {
  const manifest = readManifest(options.from);
  const dataDir = prepareDataDir(options.dataDir);
  const task = { ...options, dataDir, manifest };
  await withLock(lockOf(dataDir), () => restore(task), options.log);
  return { dataDir, madeAt: manifest.madeAt };
}

type Task = RestoreOptions & { manifest: Manifest };

async function restore(task: Task): Promise<void> {
  const { from, manifest, dataDir, force, log } = task;
  const placement = await place(dataDir, readState(dataDir), await findBinaries(), log);
  const { dataFolder, major } = placement;
  refuseUsed(dataDir, dataFolder, force);
  if (manifest.postgres !== major)
    throw new EmbeddedError(
      `The backup was made by PostgreSQL ${manifest.postgres}, this is ${major}: set POSTGRES_BIN_DIR to the programs of PostgreSQL ${manifest.postgres}.`,
    );
  const home = dirname(dataFolder);
  for (const name of readdirSync(home).filter((entry) => entry.startsWith(ASIDE)))
    rmSync(join(home, name), { recursive: true, force: true });
  assertRoom(
    home,
    Object.values(manifest.files).reduce((sum, [size]) => sum + size, 0),
  );
  const aside = mkdtempSync(join(home, ASIDE));
  try {
    // Root owns this folder. The server's user must pass through it to the data folder inside.
    if (placement.account) chmodSync(aside, 0o711);
    const copy = { ...placement, dataFolder: join(aside, DATA) };
    await copyChecked(join(from, DATA), copy.dataFolder, manifest);
    const password = randomBytes(32).toString('base64url');
    await recover(copy, password);
    await prove(copy, password, task);
    swap(task, copy.dataFolder, dataFolder);
    writeState(dataDir, { pid: 0, port: readState(dataDir)?.port ?? 0, password, dataFolder });
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
}

function refuseUsed(dataDir: string, dataFolder: string, force: boolean): void {
  const pid = liveParticipants(dataDir)[0]?.pid ?? findPostmaster(dataFolder)?.pid;
  if (pid !== undefined)
    throw new EmbeddedError(`The database of this DATA_DIR is in use (pid ${pid}). Stop the service first.`);
  if (existsSync(dataFolder) && !force)
    throw new EmbeddedError(
      `There is a database in ${dataFolder}. Set DATA_DIR elsewhere, or move it aside with --force.`,
    );
}

async function copyChecked(from: string, to: string, manifest: Manifest): Promise<void> {
  try {
    makeFolders(to, manifest.folders);
    const copied = await copyFiles(from, to, Object.keys(manifest.files));
    const damaged = Object.entries(manifest.files).find(([file, [size, sha256]]) => {
      const found = copied.get(file);
      return !found || found[0] !== size || found[1] !== sha256;
    });
    if (damaged)
      throw new EmbeddedError(`The backup is damaged: ${DATA}/${damaged[0]} is missing or changed.`);
  } catch (error) {
    const code = errorCode(error);
    if (code === undefined) throw error;
    throw new EmbeddedError(`The backup cannot be copied to ${dirname(to)} (${code}).`);
  }
}

/**
 * Replay the log of the backup and give the superuser a new password. The backup holds no `embedded.json`, so
 * the old password is unknown.
 */
async function recover({ binaries, dataFolder, account }: Placement, password: string): Promise<void> {
  if (account) spawnSync('chown', ['-R', '-h', `${account.uid}:${account.gid}`, dataFolder]);
  const { code, output } = await runProgram(
    binaries.postgres,
    ['--single', '-D', dataFolder, 'postgres'],
    account,
    `ALTER ROLE ${SUPERUSER} PASSWORD '${password}'\n`,
  );
  const fault = output.split('\n').find((line) => /\b(ERROR|FATAL|PANIC):/.test(line));
  if (code !== 0 || fault)
    throw new EmbeddedError(`The backup does not open (${fault ?? `PostgreSQL ended with ${code}`}).`);
}

/** Open the copy as a service would, so that only a working copy replaces the database. */
async function prove(placement: Placement, password: string, task: Task): Promise<void> {
  const { dataDir, log } = task;
  const server = await startPostmaster({ placement, dataDir, password, port: 0, settings: undefined, log });
  try {
    await task.prove(
      (database) =>
        `postgresql://${SUPERUSER}:${password}@127.0.0.1:${server.port}/${database}?sslmode=disable`,
    );
  } finally {
    await stopPostmaster(server, password, placement.dataFolder);
  }
}

/**
 * Replace the database by the restored copy. Move the present database and what lies beside it aside; never
 * delete them.
 */
function swap({ dataDir, beside }: Task, restored: string, dataFolder: string): void {
  const suffix = `.before-${new Date().toISOString().replace(/\W/g, '')}`;
  const earlier = `${dataFolder}${suffix}`;
  if (existsSync(dataFolder)) {
    renameSync(dataFolder, earlier);
    beside.moveAside(dataDir, suffix, earlier);
  }
  renameSync(restored, dataFolder);
  beside.put(dataDir);
}
