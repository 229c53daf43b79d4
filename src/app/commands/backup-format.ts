import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { errorCode } from '../../platform/embedded/embedded-error.js';
import { StartError } from '../../platform/errors.js';
import { SECRET_NAMES } from '../../platform/secrets.js';
import { decodeText } from '../../platform/text-file.js';
import type { FileRecord } from './file-copy.js';

/**
 * A backup is a folder: `data/` is a PostgreSQL data folder that recovers from its own log, `backup.json` says what is in
 * it and is written last, so that a folder without it is no backup. The secrets lie in a file beside the folder.
 */
export interface Manifest {
  format: 1;
  /** ISO 8601, machine time. */
  madeAt: string;
  /** Major version of PostgreSQL. */
  postgres: number;
  /** Below `data/`, parents first. */
  folders: string[];
  /** By path below `data/`. */
  files: Record<string, FileRecord>;
}

export const MANIFEST = 'backup.json';
export const DATA = 'data';

/** The file of the secrets that belong to a backup. Together both open everything: they are kept apart. */
export function secretsFileOf(folder: string): string {
  return `${folder}.secrets`;
}

/** @throws StartError in one line */
export function readManifest(folder: string): Manifest {
  let manifest: Manifest;
  try {
    manifest = JSON.parse(readFileSync(join(folder, MANIFEST), 'utf8')) as Manifest;
  } catch (error) {
    const code = errorCode(error);
    throw new StartError(
      code === 'ENOENT' || code === 'ENOTDIR'
        ? `${folder} is no backup, or one that was interrupted: ${MANIFEST} is missing.`
        : `${join(folder, MANIFEST)} cannot be read (${code ?? 'damaged'}).`,
    );
  }
  if (manifest.format !== 1) throw new StartError(`${folder} was made by a later version of this program.`);
  return manifest;
}

/** Values kept in DATA_DIR that belong to the backup, by the name under which they stand in the environment. */
export const KEPT_NAMES: Readonly<Record<string, string>> = {
  ...Object.fromEntries(Object.values(SECRET_NAMES).map((name) => [name, name])),
  DEMO_PASSWORD: 'demo-password',
  DEMO_CHANNEL_KEY: 'demo-channel-key',
};

/** `NAME=value` lines, as files of variables have them. @throws StartError when the file cannot be read */
export function readSecretsFile(file: string): Record<string, string> {
  if (!existsSync(file)) return {};
  try {
    const lines = decodeText(readFileSync(file), file).split('\n');
    return Object.fromEntries(
      lines.flatMap((line) => {
        const at = line.indexOf('=');
        return at > 0 && !line.startsWith('#') ? [[line.slice(0, at), line.slice(at + 1).trim()]] : [];
      }),
    );
  } catch (error) {
    if (error instanceof StartError) throw error;
    throw new StartError(`${file} cannot be read (${errorCode(error) ?? 'unknown reason'}).`);
  }
}
