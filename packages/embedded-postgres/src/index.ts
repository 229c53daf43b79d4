/**
 * A real PostgreSQL inside a Node program: see `README.md`. Names that are not exported here are internal to
 * the package.
 */
export { backUp } from './backup.js';
export { readManifest } from './backup-format.js';
export { explainFileError, giveToOwner, makeFolder, makePrivateFolder, prepareDataDir } from './data-dir.js';
export { EmbeddedError } from './embedded-error.js';
export { copyFiles, listTree, makeFolders, writeDurably } from './file-copy.js';
export { postGuard } from './guard.js';
export { joinEmbeddedServer, lockOf, removeEmbeddedServer, type EmbeddedServer } from './join.js';
export { withLock } from './lock.js';
export type { Purpose } from './participants.js';
export { findPostmaster } from './pid-file.js';
export { isAlive, until } from './processes.js';
export { restoreBackup, type RestoreOptions } from './restore.js';
export type { WatchHooks } from './watch.js';
