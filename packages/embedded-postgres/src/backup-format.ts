import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EmbeddedError, errorCode } from './embedded-error.js';
import type { FileRecord } from './file-copy.js';

/**
 * A backup is a folder. `data/` is a PostgreSQL data folder that recovers from its own log. `backup.json`
 * lists its contents. `backup.json` is written last, so a folder without this file is no backup.
 */
export interface Manifest {
  format: 1;
  /** When the backup was made: ISO 8601, machine time. */
  madeAt: string;
  /** Major version of PostgreSQL. */
  postgres: number;
  /** Folders below `data/`, parents first. */
  folders: string[];
  /** Files by their path below `data/`. */
  files: Record<string, FileRecord>;
}

export const MANIFEST = 'backup.json';
export const DATA = 'data';

/** @throws EmbeddedError in one line */
export function readManifest(folder: string): Manifest {
  let manifest: Manifest;
  try {
    manifest = JSON.parse(readFileSync(join(folder, MANIFEST), 'utf8')) as Manifest;
  } catch (error) {
    const code = errorCode(error);
    throw new EmbeddedError(
      code === 'ENOENT' || code === 'ENOTDIR'
        ? `${folder} is no backup, or one that was interrupted: ${MANIFEST} is missing.`
        : `${join(folder, MANIFEST)} cannot be read (${code ?? 'damaged'}).`,
    );
  }
  if (manifest.format !== 1)
    throw new EmbeddedError(`${folder} was made by a later version of this program.`);
  return manifest;
}
