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
  /** Moves a database that is there aside, never deletes it. Without it such a database is left alone. */
  force: boolean;
  /** Told in lines what happens. */
  log: (line: string) => void;
  /** Opens the copy before it takes the place of the database; it may refuse by throwing. */
  prove: (urlOf: (database: string) => string) => Promise<void>;
  /** What belongs to the database and lies beside it. */
  beside: {
    /**
     * The present database was moved aside and is kept in `earlier`; what belongs to it follows under the
     * same suffix.
     */
    moveAside: (dataDir: string, suffix: string, earlier: string) => void;
    /** The copy stands in its place. */
    put: (dataDir: string) => void;
  };
}

const ASIDE = 'postgres.restored-';

/**
 * Puts a backup into a DATA_DIR. It is copied beside the present database and opened there; only then it
 * takes its place. A restore that fails or is killed before that leaves everything as it was.
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
    // Its owner is root; the server's user must pass through to the folder in it.
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
 * Repeats the log of the backup and gives the superuser a password, which `embedded.json` did not travel
 * with.
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

/** Opens the copy as a service would, so that what takes the database's place is known to work. */
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

/** The present database and what lies beside it are moved aside, never deleted. */
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
