import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { canEnter, chooseAccount, type Account } from './account.js';
import { askMajor, copyBinaries, type Binaries } from './binaries.js';
import { isRoot } from './data-dir.js';
import { EmbeddedError } from './embedded-error.js';
import { type EmbeddedState } from './state.js';

/** Where the data folder lies, who runs PostgreSQL there and with which programs. */
export interface Placement {
  readonly dataFolder: string;
  readonly account: Account | undefined;
  readonly binaries: Binaries;
  readonly major: number;
}

/** Where root puts the database when the unprivileged user cannot reach DATA_DIR. */
const SYSTEM_HOME = '/var/lib/denuncia-abierta';
/** Note in such a place: the DATA_DIR whose database it is. */
const USED_BY = 'used-by';

/**
 * A normal user keeps everything in DATA_DIR. Root hands PostgreSQL to an unprivileged user; when that user
 * cannot reach DATA_DIR (a checkout below a home folder of mode 0700), the database goes to /var/lib or, at
 * last, to the temporary folder of the system, and the programs with it. Folders that exist never change
 * their mode.
 *
 * @param dataDir real path of DATA_DIR
 * @throws EmbeddedError
 */
export async function place(
  dataDir: string,
  state: EmbeddedState | undefined,
  binaries: Binaries,
  log: (line: string) => void,
): Promise<Placement> {
  if (!isRoot()) return settle(join(dataDir, 'postgres'), undefined, binaries);

  const existing = findDataFolder(dataDir, state);
  if (existing) return settle(existing, ownerOf(existing), binaries);

  const account = chooseAccount(statSync(dataDir).uid);
  const [inside = dataDir, ...others] = homes(dataDir).map((home) => join(home, 'postgres'));
  // Only what cannot be reached is placed elsewhere; programs that do not run would not run there either.
  if (canEnter(account, dataDir)) return settle(inside, account, binaries);
  let reason = '';
  for (const dataFolder of others) {
    try {
      makeHome(dirname(dataFolder), dataDir);
      const placement = await settle(dataFolder, account, binaries);
      const hint = dataFolder.startsWith(tmpdir())
        ? ' (a temporary folder: set DATA_DIR to keep the data)'
        : '';
      log(`User ${account?.name} cannot enter ${dataDir}: the database lies in ${dataFolder}${hint}`);
      return placement;
    } catch (error) {
      reason = error instanceof Error ? error.message : String(error);
    }
  }
  throw new EmbeddedError(`${cannotEnter(account, dataDir)} (${others.join(' and ')} failed too: ${reason})`);
}

/** Where the folder `postgres` may lie, best place first. */
function homes(dataDir: string): string[] {
  const name = createHash('sha256').update(dataDir).digest('hex').slice(0, 16);
  return [dataDir, join(SYSTEM_HOME, name), join(tmpdir(), 'denuncia-abierta', name)];
}

/**
 * The data folder that this DATA_DIR already has.
 * @throws EmbeddedError when it belongs to the DATA_DIR of which this one is a copy
 */
export function findDataFolder(dataDir: string, state: EmbeddedState | undefined): string | undefined {
  const inside = join(dataDir, 'postgres');
  if (existsSync(inside)) return inside;
  const remembered = state ? [dirname(state.dataFolder)] : [];
  // Only places with the note that `makeHome` leaves: embedded.json of a moved DATA_DIR names the old path.
  const home = [...remembered, ...homes(dataDir).slice(1)].find((folder) =>
    existsSync(join(folder, USED_BY)),
  );
  if (home === undefined || !existsSync(join(home, 'postgres'))) return undefined;
  assertOurs(home, dataDir);
  return join(home, 'postgres');
}

/** Proves that the account reaches folder and programs; copies the programs beside the data if it must. */
async function settle(dataFolder: string, account: Account | undefined, found: Binaries): Promise<Placement> {
  const home = dirname(dataFolder);
  if (account && !canEnter(account, home)) throw new EmbeddedError(cannotEnter(account, home));
  let binaries = found;
  let answer = await askMajor(binaries, account);
  if (typeof answer === 'string' && account && found.native) {
    binaries = copyBinaries(found.native, home);
    answer = await askMajor(binaries, account);
  }
  if (typeof answer === 'number') return { dataFolder, account, binaries, major: answer };
  throw new EmbeddedError(
    `${binaries.postgres} does not run${account ? ` as user ${account.name}` : ''} (${answer}): set POSTGRES_BIN_DIR ` +
      'to the folder with initdb and postgres of this system, or set DATABASE_URL.',
  );
}

function makeHome(home: string, dataDir: string): void {
  for (const folder of [dirname(home), home]) {
    if (!existsSync(folder)) mkdirSync(folder, { recursive: true, mode: 0o711 });
    // The temporary folder is open to all: whoever made this name first could read or swap the database.
    const stat = lstatSync(folder);
    if (!stat.isDirectory() || stat.uid !== 0) throw new EmbeddedError(`${folder} does not belong to root.`);
  }
  writeFileSync(join(home, USED_BY), dataDir, { mode: 0o600 });
}

/** Removes such a place with all that is in it, and the folder of all places when it was the last one. */
export function removeHome(home: string): void {
  rmSync(home, { recursive: true, force: true });
  if (readdirSync(dirname(home)).length === 0) rmdirSync(dirname(home));
}

/**
 * A DATA_DIR that was copied names the database of the original: two services would then share and stop it.
 */
function assertOurs(home: string, dataDir: string): void {
  const note = join(home, USED_BY);
  const user = readFileSync(note, 'utf8');
  if (user !== dataDir && existsSync(join(user, 'embedded.json')))
    throw new EmbeddedError(
      `DATA_DIR ${dataDir} is a copy of ${user}, whose database lies in ${home}: ` +
        'remove embedded.json from the copy to start with an empty database.',
    );
  if (user !== dataDir) writeFileSync(note, dataDir, { mode: 0o600 });
}

/**
 * Whoever owns the data folder runs it. One that root restored from a backup is handed to the usual account.
 */
function ownerOf(dataFolder: string): Account | undefined {
  const { uid, gid } = statSync(dataFolder);
  if (uid !== 0) return { name: `with uid ${uid}`, uid, gid };
  const account = chooseAccount(statSync(dirname(dataFolder)).uid);
  if (account) spawnSync('chown', ['-R', '-h', `${account.uid}:${account.gid}`, dataFolder]);
  return account;
}

function cannotEnter(account: Account | undefined, folder: string): string {
  return (
    `PostgreSQL runs as user ${account?.name}, who cannot enter ${folder}: set DATA_DIR to a folder that every user ` +
    `can enter (such as ${SYSTEM_HOME}), or start as a normal user.`
  );
}
