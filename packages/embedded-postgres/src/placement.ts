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

/** Where the data folder lies, which account runs PostgreSQL there, and with which programs. */
export interface Placement {
  readonly dataFolder: string;
  readonly account: Account | undefined;
  readonly binaries: Binaries;
  readonly major: number;
}

/** Where root puts the database when the unprivileged user cannot reach DATA_DIR. */
const SYSTEM_HOME = '/var/lib/denuncia-abierta';
/** File in such a place. It names the DATA_DIR that the database belongs to. */
const USED_BY = 'used-by';

/**
 * Decide where the database lies and who runs it. A normal user keeps everything in DATA_DIR. Root lets an
 * unprivileged user run PostgreSQL. This user may not reach DATA_DIR, e.g. a checkout below a home folder of
 * mode 0700. The database and the programs then go to /var/lib or, as the last choice, to the system's
 * temporary folder. Existing folders never change their mode.
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
  // Use another place only when DATA_DIR cannot be reached. Programs that do not run would not run there
  // either.
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
  // Accept only places with the note that `makeHome` leaves. The embedded.json of a moved DATA_DIR names the
  // old path.
  const home = [...remembered, ...homes(dataDir).slice(1)].find((folder) =>
    existsSync(join(folder, USED_BY)),
  );
  if (home === undefined || !existsSync(join(home, 'postgres'))) return undefined;
  assertOurs(home, dataDir);
  return join(home, 'postgres');
}

/**
 * Check that the account reaches the folder and the programs. If the programs do not run, copy them beside
 * the data.
 */
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
    // Every user can write the temporary folder. If another user made this name first, that user could read
    // or swap the database.
    const stat = lstatSync(folder);
    if (!stat.isDirectory() || stat.uid !== 0) throw new EmbeddedError(`${folder} does not belong to root.`);
  }
  writeFileSync(join(home, USED_BY), dataDir, { mode: 0o600 });
}

/**
 * Remove such a place with all its contents. Remove the parent folder too when this was the last place in it.
 */
export function removeHome(home: string): void {
  rmSync(home, { recursive: true, force: true });
  if (readdirSync(dirname(home)).length === 0) rmdirSync(dirname(home));
}

/**
 * Refuse a copied DATA_DIR. Its state names the database of the original, so two services would share this
 * database and stop it.
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
 * The owner of the data folder runs it. If root restored the folder from a backup, give it to the usual
 * account.
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
