import { closeSync, constants, fstatSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';

/** Linux: a file that never has a name. Node does not export the flag; O_DIRECTORY is a part of it. */
const NAMELESS = 0o20000000 | constants.O_DIRECTORY;

/**
 * A file without a name. It ends with the processes that hold it, so a killed child leaves nothing. Tools
 * open it as `/proc/self/fd/N`, which gives them an offset of their own.
 */
export class Scratch {
  private constructor(readonly fd: number) {}

  static make(folder: string): Scratch {
    try {
      return new Scratch(openSync(folder, NAMELESS | constants.O_RDWR, 0o600));
    } catch {
      // Not every file system can do it. The name lives for an instant, and nothing is in the file then.
      const path = join(folder, `.${randomUUID()}`);
      const fd = openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL, 0o600);
      unlinkSync(path);
      return new Scratch(fd);
    }
  }

  /** Bytes. */
  get length(): number {
    return fstatSync(this.fd).size;
  }

  /** Writes all of it at the end of what was written before. */
  write(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) at += writeSync(this.fd, bytes, at);
  }

  /** The whole file in memory. */
  read(): Buffer {
    const bytes = Buffer.allocUnsafe(this.length);
    for (let at = 0; at < bytes.length;) {
      const read = readSync(this.fd, bytes, at, bytes.length - at, at);
      if (read === 0) return bytes.subarray(0, at);
      at += read;
    }
    return bytes;
  }

  /** The file in pieces, for a reader who may be slow. */
  *pieces(): Generator<Buffer> {
    for (let at = 0; ;) {
      const piece = Buffer.allocUnsafe(256 * 1_024);
      const read = readSync(this.fd, piece, 0, piece.length, at);
      if (read === 0) return;
      at += read;
      yield piece.subarray(0, read);
    }
  }

  close(): void {
    closeSync(this.fd);
  }
}
