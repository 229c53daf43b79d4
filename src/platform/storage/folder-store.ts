import { createReadStream, type Dirent } from 'node:fs';
import {
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  statfs,
  utimes,
  writeFile,
  type FileHandle,
} from 'node:fs/promises';
import { join } from 'node:path';
import { isDiskFull } from '../disk-full.js';
import { errorCode } from '../error-code.js';
import { isObjectName, objectName } from './object-name.js';
import { NoRoom, ObjectMissing, ObjectStore, type StoredObject } from './object-store.js';

/** Bytes written in one call. */
const AT_ONCE = 1024 * 1024;
/** Bytes of a file between two looks at the room on the disk. */
const CHECKED = 16 * 1024 * 1024;
/** Folder of files that are being written. */
const INCOMING = 'incoming';
/** File with the id of the database that the store belongs to. */
const OWNER = 'owner';
const DAY_MS = 24 * 3_600_000;

export interface FolderSettings {
  kind: 'folder';
  folder: string;
  /** Bytes of the disk that stay free: the database may lie on the same disk, and must go on. */
  reserve: number;
}

/**
 * A store in a folder, for one machine or for machines that share the folder. A file is written under another
 * name, synced, moved to its own name, and its folder synced. Its time is set to the start of the day: the
 * times of a folder would otherwise tell when people sent their files.
 */
export class FolderStore extends ObjectStore {
  private readonly folders = new Map<string, Promise<void>>();

  constructor(private readonly settings: FolderSettings) {
    super();
  }

  async put(name: string, bytes: AsyncIterable<Uint8Array>): Promise<void> {
    await this.haveFolder(INCOMING);
    await this.haveFolder(folderOf(name));
    const incoming = join(this.settings.folder, INCOMING, objectName());
    try {
      await this.write(incoming, bytes);
      await rename(incoming, this.pathOf(name));
      await syncFolder(join(this.settings.folder, folderOf(name)));
      // The folders were touched as well.
      await this.roundTimes([INCOMING, folderOf(name)]);
    } catch (error) {
      for (const path of [incoming, this.pathOf(name)])
        await rm(path, { force: true }).catch(() => undefined);
      await this.roundTimes([INCOMING, folderOf(name)]).catch(() => undefined);
      throw isDiskFull(error) ? new NoRoom({ cause: error }) : error;
    }
  }

  async *read(name: string, range?: { from: number; to: number }): AsyncGenerator<Buffer> {
    if (range && range.to <= range.from) return;
    const file = await this.opened(name);
    const bounds = range ? { start: range.from, end: range.to - 1 } : {};
    // The stream closes the file, also when nobody reads it to its end.
    yield* createReadStream('', { fd: file, highWaterMark: AT_ONCE, ...bounds }) as AsyncIterable<Buffer>;
  }

  async remove(names: readonly string[]): Promise<void> {
    for (const name of names) await rm(this.pathOf(name), { force: true });
    await this.roundTimes([...new Set(names.map(folderOf))]);
  }

  async *list(): AsyncGenerator<StoredObject> {
    for (const folder of await this.entries('')) {
      if (!folder.isDirectory() || folder.name === INCOMING) continue;
      for (const { name } of await this.entries(folder.name)) {
        if (!isObjectName(name)) continue;
        const found = await stat(this.pathOf(name)).catch(absent);
        if (found) yield { name, day: found.mtime.toISOString().slice(0, 10) };
      }
    }
  }

  async removeRemains(): Promise<number> {
    let removed = 0;
    for (const { name } of await this.entries(INCOMING)) {
      const path = join(this.settings.folder, INCOMING, name);
      const found = await stat(path).catch(absent);
      // It shows midnight: a file of yesterday may be a minute old.
      if (!found || Date.now() - found.mtimeMs < 2 * DAY_MS) continue;
      await rm(path, { force: true });
      removed += 1;
    }
    return removed;
  }

  async owner(id: string): Promise<string> {
    const path = join(this.settings.folder, OWNER);
    await this.haveFolder(INCOMING);
    try {
      // Two processes may start at once: one of them makes the file.
      await writeFile(path, `${id}\n`, { flag: 'wx', mode: 0o600, flush: true });
      await syncFolder(this.settings.folder);
    } catch (error) {
      if (errorCode(error) !== 'EEXIST') throw error;
    }
    return (await this.knownOwner())!;
  }

  async knownOwner(): Promise<string | undefined> {
    const found = await readFile(join(this.settings.folder, OWNER), 'utf8').catch(absent);
    return found?.trim();
  }

  async assertRoom(bytes: number): Promise<void> {
    await this.haveFolder(INCOMING);
    const { bavail, bsize } = await statfs(this.settings.folder);
    if (bavail * bsize < bytes + this.settings.reserve) throw new NoRoom();
  }

  private async write(path: string, bytes: AsyncIterable<Uint8Array>): Promise<void> {
    const file = await open(path, 'wx', 0o600);
    try {
      await writeAll(file, bytes, () => this.assertRoom(0));
      const day = startOfDay();
      await file.utimes(day, day);
      await file.sync();
    } finally {
      await file.close();
    }
  }

  private async opened(name: string): Promise<FileHandle> {
    try {
      return await open(this.pathOf(name), 'r');
    } catch (error) {
      throw errorCode(error) === 'ENOENT' ? new ObjectMissing() : error;
    }
  }

  private pathOf(name: string): string {
    if (!isObjectName(name)) throw new Error('not the name of an object');
    return join(this.settings.folder, folderOf(name), name);
  }

  /** Makes a folder durably, once in this process. */
  private haveFolder(name: string): Promise<void> {
    const known = this.folders.get(name);
    if (known) return known;
    const made = this.makeFolder(name);
    this.folders.set(name, made);
    made.catch(() => this.folders.delete(name));
    return made;
  }

  private async makeFolder(name: string): Promise<void> {
    await mkdir(join(this.settings.folder, name), { recursive: true, mode: 0o700 });
    await syncFolder(this.settings.folder);
    await this.roundTimes([name]);
  }

  private async roundTimes(folders: readonly string[]): Promise<void> {
    const day = startOfDay();
    for (const folder of ['', ...folders])
      await utimes(join(this.settings.folder, folder), day, day).catch(absent);
  }

  private async entries(folder: string): Promise<Dirent[]> {
    return (await readdir(join(this.settings.folder, folder), { withFileTypes: true }).catch(absent)) ?? [];
  }
}

function folderOf(name: string): string {
  return name.slice(0, 2);
}

function startOfDay(): Date {
  return new Date(Math.floor(Date.now() / DAY_MS) * DAY_MS);
}

/**
 * Writes many pieces in one call of the system: they come in frames of 64 KiB and tags of 16 bytes.
 * @param room refuses when the disk has no room for more
 */
async function writeAll(
  file: FileHandle,
  bytes: AsyncIterable<Uint8Array>,
  room: () => Promise<void>,
): Promise<void> {
  let pieces: Uint8Array[] = [];
  let held = 0;
  let written = 0;
  const flush = async (): Promise<void> => {
    if (written % CHECKED < held) await room();
    const { bytesWritten } = await file.writev(pieces);
    if (bytesWritten < held) {
      const rest = Buffer.concat(pieces).subarray(bytesWritten);
      for (let at = 0; at < rest.length;) at += (await file.write(rest, at)).bytesWritten;
    }
    written += held;
    [pieces, held] = [[], 0];
    // Also while it grows: a kill would leave the time of an upload.
    const day = startOfDay();
    await file.utimes(day, day);
  };
  for await (const piece of bytes) {
    pieces.push(piece);
    held += piece.length;
    if (held >= AT_ONCE) await flush();
  }
  if (held > 0) await flush();
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** A file or folder that is not there, or no longer. */
function absent(error: unknown): undefined {
  if (errorCode(error) !== 'ENOENT') throw error;
  return undefined;
}
