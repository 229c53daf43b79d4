import { randomBytes } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type pg from 'pg';
import { withoutBlanks } from '../../platform/config.js';
import { connect } from '../../platform/database/connect.js';
import { refuseNewer } from '../../platform/database/migrator.js';
import { runProgram } from '../../platform/embedded/account.js';
import { findBinaries } from '../../platform/embedded/binaries.js';
import { prepareDataDir } from '../../platform/embedded/data-dir.js';
import { errorCode } from '../../platform/embedded/embedded-error.js';
import { lockOf } from '../../platform/embedded/join.js';
import { withLock } from '../../platform/embedded/lock.js';
import { liveParticipants } from '../../platform/embedded/participants.js';
import { findPostmaster } from '../../platform/embedded/pid-file.js';
import { place, type Placement } from '../../platform/embedded/placement.js';
import { startPostmaster, stopPostmaster } from '../../platform/embedded/postmaster.js';
import { readState, SUPERUSER, writeState } from '../../platform/embedded/state.js';
import { StartError, UsageError } from '../../platform/errors.js';
import { run } from '../../platform/run.js';
import { KEPT_FOLDER, KeptSecrets, SECRET_NAMES } from '../../platform/secrets.js';
import { MIGRATIONS } from '../migrations.js';
import { readArguments } from './arguments.js';
import { DATA, KEPT_NAMES, readManifest, readSecretsFile, secretsFileOf, type Manifest } from './backup-format.js';
import { assertFit, fromEnvironment } from './backup-secrets.js';
import { embeddedDataDir } from './embedded-only.js';
import { assertRoom, copyFiles, makeFolders } from './file-copy.js';

const COMMAND = {
  usage: 'npm run restore -- --from FOLDER [--secrets FILE] [--force]',
  does: 'Puts a backup into DATA_DIR while the service does not run.',
  example: 'npm run restore -- --from /media/usb/denuncia',
};
const OPTIONS = {
  from: { type: 'string', value: 'FOLDER', text: 'the folder that "npm run backup" made' },
  secrets: { type: 'string', value: 'FILE', text: 'its secrets (FOLDER.secrets)' },
  force: { type: 'boolean', default: false, text: 'moves a database that is there aside' },
} as const;
const ASIDE = 'postgres.restored-';
const note = (line: string): void => console.error(line);

/**
 * Puts a backup into DATA_DIR. It is copied beside the present database, opened there and compared with its secrets;
 * only then it takes its place, so that a restore that fails or is killed leaves everything as it was.
 */
await run(async () => {
  const given = readArguments(COMMAND, OPTIONS);
  const dataDir = embeddedDataDir(process.env);
  if (!given.from) throw new UsageError('Missing: --from', COMMAND.usage);
  const from = resolve(given.from);
  const manifest = readManifest(from);
  const secrets = secretsFor(from, given.secrets);
  const real = prepareDataDir(dataDir);
  await withLock(lockOf(real), () => restore({ from, manifest, secrets, dataDir: real, force: given.force }), note);
  console.log(`Restored the backup of ${manifest.madeAt} into ${real}`);
  // What was published since the backup is not in it. Published anew, it would spend the privacy of each report twice.
  console.log('Statistics are held until "npm run releases:check" is answered: docs/operations.md, "Statistics".');
});

interface Restore {
  from: string;
  manifest: Manifest;
  secrets: Secrets;
  dataDir: string;
  force: boolean;
}

interface Secrets {
  /** From the file, to be kept in DATA_DIR. */
  kept: Record<string, string>;
  /** Those and the environment's, which go first at every start. */
  all: Record<string, string>;
}

/** @throws StartError when one is missing: nothing could be read without it */
function secretsFor(from: string, given: string | undefined): Secrets {
  const file = given === undefined ? secretsFileOf(from) : resolve(given);
  if (given !== undefined && !existsSync(file)) throw new StartError(`--secrets ${file} does not exist.`);
  const kept = readSecretsFile(file);
  const all = { ...kept, ...fromEnvironment(withoutBlanks(process.env)) };
  const missing = Object.values(SECRET_NAMES).filter((name) => all[name] === undefined);
  if (missing.length > 0)
    throw new StartError(
      `Without its secrets the backup cannot be read; missing: ${missing.join(', ')}. Give the file with --secrets FILE, or set them.`,
    );
  return { kept, all };
}

async function restore(task: Restore): Promise<void> {
  const { from, manifest, dataDir, force } = task;
  const placement = await place(dataDir, readState(dataDir), await findBinaries(), note);
  const { dataFolder, major } = placement;
  refuseUsed(dataDir, dataFolder, force);
  if (manifest.postgres !== major)
    throw new StartError(
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
    throw new StartError(`The database of this DATA_DIR is in use (pid ${pid}). Stop the service first.`);
  if (existsSync(dataFolder) && !force)
    throw new StartError(
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
    if (damaged) throw new StartError(`The backup is damaged: ${DATA}/${damaged[0]} is missing or changed.`);
  } catch (error) {
    const code = errorCode(error);
    if (code === undefined) throw error;
    throw new StartError(`The backup cannot be copied to ${dirname(to)} (${code}).`);
  }
}

/** Repeats the log of the backup and gives the superuser a password, which `embedded.json` did not travel with. */
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
    throw new StartError(`The backup does not open (${fault ?? `PostgreSQL ended with ${code}`}).`);
}

/** Opens the copy as a service would, so that what takes the database's place is known to work with its secrets. */
async function prove(placement: Placement, password: string, { dataDir, secrets }: Restore): Promise<void> {
  const server = await startPostmaster({ placement, dataDir, password, port: 0, settings: undefined, log: note });
  try {
    const url = `postgresql://${SUPERUSER}:${password}@127.0.0.1:${server.port}/denuncia?sslmode=disable`;
    await assertFit(url, secrets.all);
    const client = await connect(url, 'DATA_DIR');
    try {
      await refuseNewer(client, MIGRATIONS);
      await holdReleases(client);
    } finally {
      await client.end();
    }
  } finally {
    await stopPostmaster(server, password, placement.dataFolder);
  }
}

/** A schema from before the guards, if it has releases, gets its hold from the migration that makes them. */
async function holdReleases(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ there: boolean }>(`select to_regclass('release_guards') is not null as there`);
  if (rows[0]?.there)
    await client.query(
      `insert into release_guards (institution_id, home, held) select id, database_home(), 'restored' from institutions
       on conflict (institution_id) do update set held = excluded.held`,
    );
}

/** The present database and its secrets are moved aside, never deleted. */
function swap({ dataDir, secrets }: Restore, restored: string, dataFolder: string): void {
  const suffix = `.before-${new Date().toISOString().replace(/\W/g, '')}`;
  if (existsSync(dataFolder)) {
    renameSync(dataFolder, `${dataFolder}${suffix}`);
    const kept = join(dataDir, KEPT_FOLDER);
    if (existsSync(kept)) renameSync(kept, `${kept}${suffix}`);
    console.log(`The earlier database is kept in ${dataFolder}${suffix}`);
  }
  renameSync(restored, dataFolder);
  const store = new KeptSecrets(dataDir);
  for (const [name, file] of Object.entries(KEPT_NAMES)) {
    const value = secrets.kept[name];
    if (value !== undefined) store.set(file, value);
  }
}
