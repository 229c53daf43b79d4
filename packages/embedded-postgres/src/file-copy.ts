import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, statfsSync, statSync } from 'node:fs';
import { mkdir, open, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { EmbeddedError, errorCode } from './embedded-error.js';

/** Record of a copied file: size in bytes and SHA-256 in hex. */
export type FileRecord = readonly [size: number, sha256: string];

/** Files copied at once: enough to keep a disk busy, few enough for any limit on open files. */
const AT_ONCE = 8;
const CHUNK = 1 << 20;

/**
 * List files and folders below `root` as paths relative to it, parents first. Leave out what disappears
 * during the walk.
 */
export function listTree(
  root: string,
  skip: (path: string) => boolean,
): { folders: string[]; files: string[]; bytes: number } {
  const found = { folders: [] as string[], files: [] as string[], bytes: 0 };
  const walk = (folder: string): void => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (skip(path)) continue;
      if (entry.isDirectory()) {
        found.folders.push(path);
        walk(path);
      } else if (entry.isFile()) {
        found.files.push(path);
        found.bytes += statSync(join(root, path), { throwIfNoEntry: false })?.size ?? 0;
      }
    }
  };
  walk('');
  return found;
}

/** Make the folders below `root`. Only their owner can open them. */
export function makeFolders(root: string, folders: readonly string[]): void {
  for (const folder of ['', ...folders]) mkdirSync(join(root, folder), { recursive: true, mode: 0o700 });
}

/**
 * Copy files and flush them to the disk.
 * @returns what each copied file holds; a file that vanished before it was opened is missing
 */
export async function copyFiles(
  from: string,
  to: string,
  files: readonly string[],
): Promise<Map<string, FileRecord>> {
  const records = new Map<string, FileRecord>();
  const queue = [...files];
  const work = async (): Promise<void> => {
    for (let file = queue.pop(); file !== undefined; file = queue.pop()) {
      const record = await copyFile(join(from, file), join(to, file));
      if (record) records.set(file, record);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  for (const folder of new Set(files.map((file) => dirname(join(to, file))))) await flushFolder(folder);
  return records;
}

async function copyFile(from: string, to: string): Promise<FileRecord | undefined> {
  const source = await open(from, 'r').catch((error: unknown) => {
    if (errorCode(error) !== 'ENOENT') throw error;
  });
  if (!source) return undefined;
  try {
    const target = await open(to, 'wx', 0o600);
    try {
      const hash = createHash('sha256');
      const buffer = Buffer.allocUnsafe(CHUNK);
      let size = 0;
      for (;;) {
        const { bytesRead } = await source.read(buffer, 0, CHUNK, size);
        if (bytesRead === 0) break;
        const part = buffer.subarray(0, bytesRead);
        hash.update(part);
        await target.writeFile(part);
        size += bytesRead;
      }
      await target.sync();
      return [size, hash.digest('hex')];
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}

/** Write a small file and flush it. */
export async function writeDurably(path: string, content: string | Buffer): Promise<FileRecord> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
  await flushFolder(dirname(path));
  return [Buffer.byteLength(content), createHash('sha256').update(content).digest('hex')];
}

/**
 * Read a small file that another process replaces in place. Read until two reads agree, so that the result is
 * never half of a write.
 */
export async function readStable(path: string): Promise<Buffer> {
  for (let before = await readFile(path); ;) {
    const now = await readFile(path);
    if (now.equals(before)) return now;
    before = now;
  }
}

async function flushFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  // Some file systems refuse to flush a folder. The files themselves are already flushed.
  await handle.sync().catch(() => undefined);
  await handle.close();
}

/** @throws EmbeddedError when less than `bytes` are free below the folder */
export function assertRoom(folder: string, bytes: number): void {
  const { bavail, bsize } = statfsSync(folder);
  const fault = roomFault(bytes, bavail * bsize);
  if (fault) throw new EmbeddedError(`${fault} in ${folder}.`);
}

/**
 * Extra room in bytes: PostgreSQL writes its log during the copy, some segments of 16 MB more than counted.
 */
const MARGIN = 128 * 2 ** 20;

/** Describe the fault when there is not enough room, else undefined. Both numbers are bytes. */
export function roomFault(needed: number, free: number): string | undefined {
  if (free >= needed + MARGIN) return undefined;
  const [want, have] = [needed + MARGIN, free].map((bytes) => `${Math.ceil(bytes / 2 ** 20)} MB`);
  return `Not enough disk: ${want} needed, ${have} free`;
}
