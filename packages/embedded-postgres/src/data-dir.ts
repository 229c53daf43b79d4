import { chownSync, existsSync, mkdirSync, realpathSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { EmbeddedError, errorCode } from './embedded-error.js';

/** Whether this process is root. PostgreSQL refuses to run as root. */
export function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/**
 * Make DATA_DIR when it is missing and return its real path.
 *
 * A folder made by root gets mode 0711. The database then runs as an unprivileged user, who must pass through
 * DATA_DIR to the database folder. This user can neither list DATA_DIR nor read the secrets in it (0600
 * each). An existing folder keeps its mode.
 *
 * @throws EmbeddedError when it cannot be made or written
 */
export function prepareDataDir(dataDir: string): string {
  try {
    makeFolder(dataDir, isRoot() ? 0o711 : 0o700);
    const real = realpathSync(dataDir);
    makePrivateFolder(real, 'participants');
    return real;
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw explainFileError(error, dataDir);
    throw new EmbeddedError(
      `DATA_DIR ${dataDir} cannot be made there: set DATA_DIR to a folder that this user can write.`,
    );
  }
}

/**
 * Make a folder and its parents. An existing folder stays unchanged. Do not use `mkdir` with `recursive`:
 * Node 20 never returns when the system refuses a new folder with ENOENT, as Linux does below /proc.
 */
export function makeFolder(path: string, mode: number): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return;
  if (!existsSync(dirname(path))) makeFolder(dirname(path), mode);
  try {
    mkdirSync(path, { mode });
  } catch (error) {
    // Another process made the folder first. If the name belongs to something else, let the caller report the
    // error.
    if (errorCode(error) !== 'EEXIST' || !statSync(path).isDirectory()) throw error;
  }
}

/** Make a folder below DATA_DIR that only its owner can open. */
export function makePrivateFolder(dataDir: string, name: string): string {
  const folder = join(dataDir, name);
  makeFolder(folder, 0o700);
  giveToOwner(folder, dataDir);
  return folder;
}

/**
 * Give a file or folder that root made to the owner of DATA_DIR. Otherwise one `sudo npm start` would prevent
 * the owner's next start.
 */
export function giveToOwner(path: string, dataDir: string): void {
  if (!isRoot()) return;
  const owner = statSync(dataDir);
  if (owner.uid !== 0) chownSync(path, owner.uid, owner.gid);
}

/** Turn a system error about files in DATA_DIR into one line. Return other errors unchanged. */
export function explainFileError(error: unknown, dataDir: string): unknown {
  switch (errorCode(error)) {
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new EmbeddedError(
        `DATA_DIR ${dataDir} cannot be used by this user (${errorCode(error)}): ` +
          `give it to uid ${process.getuid?.() ?? '?'} or set DATA_DIR to a folder that this user can write.`,
        { cause: error },
      );
    case 'EEXIST':
    case 'ENOTDIR':
      return new EmbeddedError(`DATA_DIR ${dataDir} is not a folder: set DATA_DIR to a folder.`, {
        cause: error,
      });
    case 'ENOSPC':
    case 'EDQUOT':
      return new EmbeddedError(
        `The disk below DATA_DIR ${dataDir} is full: free space or set DATA_DIR elsewhere.`,
        {
          cause: error,
        },
      );
    default:
      return error;
  }
}
