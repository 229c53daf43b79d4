import {
  chownSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { runProgram } from './account.js';
import { EmbeddedError } from './embedded-error.js';
import { disarmPidFile } from './pid-file.js';
import { type Placement } from './placement.js';
import { SUPERUSER } from './state.js';

/**
 * Prefix of folders for a half-made database. They lie beside the data folder, so that a rename moves the
 * finished one into place.
 */
const HALF_MADE = 'postgres.new-';

/** Whether a finished database exists. A half-made database never has this name. */
export function clusterExists(dataFolder: string): boolean {
  return existsSync(join(dataFolder, 'PG_VERSION'));
}

/**
 * Make a new database folder: UTF-8, code point order, Unicode case rules, password logins only. Make it
 * under another name and rename it at the end, so that the next start can repeat a start that was killed.
 * @param sync false leaves flushing to the operating system, for tests
 * @throws EmbeddedError
 */
export async function createCluster(placement: Placement, password: string, sync: boolean): Promise<void> {
  const { dataFolder, account, binaries, major } = placement;
  const home = dirname(dataFolder);
  removeHalfMade(home);
  if (existsSync(dataFolder))
    throw new EmbeddedError(`${dataFolder} is no PostgreSQL folder: remove it, or set DATA_DIR elsewhere.`);

  const aside = mkdtempSync(join(home, HALF_MADE));
  const passwordFile = join(aside, 'password');
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (account) for (const path of [aside, passwordFile]) chownSync(path, account.uid, account.gid);
  try {
    const args = [
      '-D',
      join(aside, 'data'),
      '-U',
      SUPERUSER,
      '--auth=scram-sha-256',
      `--pwfile=${passwordFile}`,
    ];
    // The built-in provider (PostgreSQL 17 and later) sorts and folds case alike on every system.
    const locale =
      major >= 17
        ? ['--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C']
        : ['--locale=C', '--lc-ctype=C.UTF-8'];
    const options = [
      '--encoding=UTF8',
      '--data-checksums',
      '--no-instructions',
      ...(sync ? [] : ['--no-sync']),
    ];
    const { code, output } = await runProgram(binaries.initdb, [...args, ...locale, ...options], account);
    if (code !== 0) throw new EmbeddedError(explain(output, code));
    renameSync(join(aside, 'data'), dataFolder);
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
}

/** @throws EmbeddedError when another major version made the database */
export function assertVersion({ dataFolder, major }: Placement): void {
  const made = Number.parseInt(readFileSync(join(dataFolder, 'PG_VERSION'), 'utf8'), 10);
  if (made !== major)
    throw new EmbeddedError(
      `The database in ${dataFolder} was made by PostgreSQL ${made}, this is ${major}: set POSTGRES_BIN_DIR to the ` +
        `programs of PostgreSQL ${made}, or make a backup with the earlier version and restore it into a new DATA_DIR.`,
    );
}

/**
 * Give the superuser a new password when embedded.json was lost, so that the data is still usable. This adds
 * no risk: whoever may write the data folder can do this anyway. The server must not run.
 */
export async function resetPassword(placement: Placement, password: string): Promise<void> {
  const { binaries, dataFolder, account } = placement;
  disarmPidFile(dataFolder);
  const { code, output } = await runProgram(
    binaries.postgres,
    ['--single', '-D', dataFolder, 'postgres'],
    account,
    `ALTER ROLE ${SUPERUSER} PASSWORD '${password}'\n`,
  );
  if (code !== 0 || /\b(ERROR|FATAL):/.test(output))
    throw new EmbeddedError(
      `embedded.json is missing and a new password could not be set in ${dataFolder} (${lastLine(output)}): ` +
        'restore embedded.json from a backup.',
    );
}

/** Remove the folders that killed starts left behind. */
function removeHalfMade(home: string): void {
  for (const name of readdirSync(home).filter((entry) => entry.startsWith(HALF_MADE)))
    try {
      // An initdb may have survived its killed parent and may still be writing there.
      rmSync(join(home, name), { recursive: true, force: true, maxRetries: 5 });
    } catch {
      // The next start removes it; this one has a folder of its own.
    }
}

function explain(output: string, code: number | null): string {
  if (output.includes('could not look up effective user'))
    return (
      `PostgreSQL needs a name for uid ${process.getuid?.()}: add the user to /etc/passwd (useradd), ` +
      'start as another user, or set DATABASE_URL.'
    );
  if (output.includes('No space left on device'))
    return 'The disk is full: free space, or set DATA_DIR elsewhere.';
  return `initdb could not make the database (${lastLine(output) || `code ${code}`}).`;
}

function lastLine(output: string): string {
  const lines = output.split('\n').filter((line) => line.trim() !== '');
  return lines.findLast((line) => /error:|FATAL:|ERROR:|PANIC:/.test(line)) ?? lines.at(-1) ?? '';
}
