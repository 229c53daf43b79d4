import { copyFiles, listTree, makeFolders } from '@denuncia-abierta/embedded-postgres';
import { existsSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from '../../platform/database/connect.js';
import { StartError } from '../../platform/errors.js';
import { SPOOL } from '../../platform/storage/spool.js';
import { readStorage } from '../../platform/storage/read-settings.js';
import { Variables, withoutBlanks } from '../../platform/variables.js';

/** Folder of a backup with the sealed files of evidence, as they lie in the store. */
const FILES = 'objects';
/** Files that are being written belong to no row yet. What waits for its reader is a copy of a copy. */
const LEFT_OUT = ['incoming', SPOOL];

/**
 * The folder of the store; null when the files lie in a bucket, which needs a backup of its own.
 * @throws StartError when a variable is wrong
 */
export function storeFolder(env: NodeJS.ProcessEnv, dataDir: string): string | null {
  const variables = new Variables(withoutBlanks(env));
  const settings = readStorage(variables, { production: false, dataDir });
  variables.assertGood();
  return settings.kind === 'folder' ? settings.folder : null;
}

/**
 * Copies the files of the store. Call it after the database was copied: every file that a row of the copy
 * names was there before its row, and none is ever changed.
 * @param url of the database, to compare its rows with what was copied
 * @returns how many files there are, and of which evidence a file is missing in the store
 */
export async function backUpFiles(
  folder: string,
  to: string,
  url: string,
): Promise<{ count: number; missing: string[] }> {
  // Asked first: a file that comes later may not be in the copy.
  const named = await filesOf(url);
  const copy = join(to, FILES);
  const count = existsSync(folder) ? await copyTree(folder, copy) : 0;
  return { count, missing: missingIn(copy, named) };
}

/**
 * Copies the files of a backup beside the store, and compares them with the rows of the database that was
 * restored.
 * @param url of that database
 * @throws StartError when a file that a row names is missing, or has another length, unless that is allowed
 */
export async function prepareFiles(
  { from, allowMissing }: { from: string; allowMissing: boolean },
  folder: string,
  url: string,
): Promise<void> {
  const beside = restoredFolder(folder);
  rmSync(beside, { recursive: true, force: true });
  if (existsSync(join(from, FILES))) await copyTree(join(from, FILES), beside);
  const missing = missingIn(beside, await filesOf(url));
  if (missing.length === 0) return;
  if (allowMissing) return tellMissing(missing);
  rmSync(beside, { recursive: true, force: true });
  throw new StartError(
    `The backup is damaged: ${missing.length} pieces of evidence have a file that is missing or has another length below ${join(from, FILES)}. Give --allow-missing to restore everything else.`,
  );
}

/** Names on standard error the evidence of which files are missing, by its id. */
export function tellMissing(missing: readonly string[]): void {
  console.error(`Missing in the store, or of another length: files of ${missing.length} pieces of evidence:`);
  for (const id of missing) console.error(`  ${id}`);
}

/**
 * Compares a folder with what the rows of a database name.
 * @returns ids of evidence of which a file is missing, or has another length
 */
function missingIn(folder: string, named: readonly NamedFile[]): string[] {
  const missing = named.filter(({ object, bytes }) => {
    const found = statSync(join(folder, object.slice(0, 2), object), { throwIfNoEntry: false });
    return found?.size !== Number(bytes);
  });
  return [...new Set(missing.map(({ id }) => id))].sort();
}

/** Moves the present store aside. It is never removed. */
export function moveFilesAside(folder: string, suffix: string): void {
  if (existsSync(folder)) renameSync(folder, `${folder}${suffix}`);
}

/** Puts the prepared files into the place of the store. */
export function putFiles(folder: string): void {
  const beside = restoredFolder(folder);
  if (!existsSync(beside)) return;
  // A store without a database: perhaps of one that was moved by hand.
  moveFilesAside(folder, `.before-${new Date().toISOString().replace(/\W/g, '')}`);
  renameSync(beside, folder);
}

function restoredFolder(folder: string): string {
  return `${folder}.restored`;
}

async function copyTree(from: string, to: string): Promise<number> {
  const { folders, files } = listTree(from, (path) => LEFT_OUT.includes(path));
  makeFolders(to, folders);
  await copyFiles(from, to, files);
  return files.filter((path) => path.includes('/')).length;
}

interface NamedFile {
  id: string;
  object: string;
  bytes: string;
}

/** What the rows of a database name. A database of an earlier version has no such rows. */
async function filesOf(url: string): Promise<NamedFile[]> {
  const client = await connect(url, 'DATA_DIR');
  try {
    const { rows } = await client.query<{ there: boolean }>(
      `select to_regclass('evidence_files') is not null as there`,
    );
    if (!rows[0]!.there) return [];
    const named = await client.query<NamedFile>(
      'select evidence_id as id, object, stored_bytes as bytes from evidence_files',
    );
    return named.rows;
  } finally {
    await client.end();
  }
}
