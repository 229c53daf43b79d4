import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, rm, writeFile, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { random } from '../crypto/random.js';
import { openFile, sealedLength, sealFile } from '../crypto/sealed-file.js';
import { isDiskFull } from '../disk-full.js';
import { heldBytes, type HeldBytes } from '../held-bytes.js';
import { NoRoom } from './object-store.js';

/** Bytes of all files that are held at once. */
const MOST = 2 * 1024 ** 3;
/** Milliseconds after which a reader that is not done is cut off. */
const PATIENCE = 3_600_000;
/** Name of its folder, beside the objects of a folder store. */
export const SPOOL = 'spool';
const CONTEXT = { table: 'spool', row: '', field: '' };

/**
 * Holds bytes for a reader who may be slow, so that whoever made them is free. They lie in a file without a
 * name, sealed under a key that this process alone knows. Nothing of them is left when it ends.
 */
export class Spool {
  private held = 0;

  constructor(private readonly folder: string) {}

  /**
   * Takes all the bytes, and gives the same, to be read once within an hour.
   * @param length how many they are
   * @throws NoRoom when too much is held or the disk is full; what `bytes` throws
   */
  async hold(bytes: AsyncIterable<Buffer>, length: number): Promise<HeldBytes> {
    const size = sealedLength(length);
    if (this.held + size > MOST) throw new NoRoom();
    this.held += size;
    const key = random(32);
    let file: FileHandle | undefined;
    try {
      file = await this.unnamed();
      await writeFile(file, sealFile(key, bytes, CONTEXT));
    } catch (error) {
      await file?.close();
      this.held -= size;
      throw isDiskFull(error) ? new NoRoom({ cause: error }) : error;
    }
    const stored = createReadStream('', { fd: file, start: 0 });
    const late = setTimeout(() => stored.destroy(new Error('a reader took too long')), PATIENCE);
    late.unref();
    stored.once('close', () => {
      clearTimeout(late);
      this.held -= size;
    });
    const pieces = openFile(key, stored, { context: CONTEXT, length, range: { from: 0, to: length } });
    return heldBytes(
      () => pieces.next(),
      () => stored.destroy(),
    );
  }

  private async unnamed(): Promise<FileHandle> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    const path = join(this.folder, randomUUID());
    const file = await open(path, 'wx+', 0o600);
    await rm(path);
    return file;
  }
}
