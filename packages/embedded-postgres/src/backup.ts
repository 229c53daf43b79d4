import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { baseBackup } from './base-backup.js';
import { makeFolder } from './data-dir.js';
import { EmbeddedError, errorCode } from './embedded-error.js';
import { joinEmbeddedServer, type EmbeddedServer } from './join.js';

export interface BackupOptions {
  dataDir: string;
  /** A new or empty folder, outside of the database. */
  to: string;
  /** Receives lines about what the server does during the backup. */
  log: (line: string) => void;
  /** Looks at the database before the backup writes anything. It may refuse by throwing. */
  before?: (server: EmbeddedServer) => Promise<void>;
  /** Writes what belongs to the backup but is not in the database. When it throws, the backup is removed. */
  after?: () => Promise<void>;
}

/**
 * Copy a database while it works. The copy holds everything that was committed before the copy began. If the
 * server does not run, start it and stop it again afterwards.
 * @throws EmbeddedError in one line; the files copied so far are then removed
 */
export async function backUp({ dataDir, to, log, before, after }: BackupOptions): Promise<void> {
  if (!existsSync(join(dataDir, 'embedded.json')))
    throw new EmbeddedError(`There is no database in DATA_DIR ${dataDir}.`);
  const server = await joinEmbeddedServer({ dataDir, purpose: 'command', log });
  try {
    await before?.(server);
    refuseTarget(to, server.dataFolder);
    try {
      await baseBackup(server, to);
      await after?.();
    } catch (error) {
      rmSync(to, { recursive: true, force: true });
      throw explain(error, to);
    }
  } finally {
    await server.leave();
  }
}

/** @throws EmbeddedError when something is there already, or when the copy would copy itself */
function refuseTarget(to: string, dataFolder: string): void {
  if (`${to}/`.startsWith(`${dataFolder}/`))
    throw new EmbeddedError(`${to} lies in the database itself. Give another folder.`);
  try {
    makeFolder(to, 0o700);
    if (readdirSync(to).length > 0) throw new EmbeddedError(`${to} is not empty. Give a new folder.`);
  } catch (error) {
    throw explain(error, to);
  }
}

function explain(error: unknown, to: string): unknown {
  const code = errorCode(error);
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new EmbeddedError(`The disk below ${to} is full; the backup was removed.`);
  if (code && ['EACCES', 'EPERM', 'EROFS', 'ENOENT', 'EEXIST', 'ENOTDIR', 'EIO'].includes(code))
    return new EmbeddedError(`The backup in ${to} cannot be written (${code}).`);
  return error;
}
