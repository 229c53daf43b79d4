import { createHash } from 'node:crypto';
import type { SealContext } from '../crypto/aead.js';
import { random } from '../crypto/random.js';
import { openFile, sealedRange, sealFile, type ByteRange } from '../crypto/sealed-file.js';
import { objectName } from './object-name.js';
import type { ObjectStore } from './object-store.js';

/** Content of the store with all that is needed to read it. */
export interface SealedObject {
  /** Its name in the store. */
  object: string;
  /** 32 bytes in base64. It seals this content and nothing else. */
  key: string;
  /** Bytes of the content. */
  size: number;
  /** SHA-256 of the content, in hexadecimal. */
  sha256: string;
}

/**
 * Seals content under a key of its own while it comes, and stores it.
 * @param context what the content is bound to: it does not open anywhere else
 * @throws NoRoom, StoreFailed, and what `content` throws; nothing is stored then
 */
export async function storeSealed(
  store: ObjectStore,
  content: AsyncIterable<Buffer>,
  context: SealContext,
): Promise<SealedObject> {
  const [key, object, hash] = [random(32), objectName(), createHash('sha256')];
  let size = 0;
  async function* measured(): AsyncGenerator<Buffer> {
    for await (const piece of content) {
      size += piece.length;
      hash.update(piece);
      yield piece;
    }
  }
  await store.put(object, sealFile(key, measured(), context));
  return { object, key: key.toString('base64'), size, sha256: hash.digest('hex') };
}

/**
 * Reads stored content, or a part of it.
 * @throws SealedFileBroken, ObjectMissing
 */
export function readSealed(
  store: ObjectStore,
  { object, key, size }: Pick<SealedObject, 'object' | 'key' | 'size'>,
  context: SealContext,
  range: ByteRange = { from: 0, to: size },
): AsyncIterable<Buffer> {
  const sealed = store.read(object, sealedRange(range, size));
  return openFile(Buffer.from(key, 'base64'), sealed, { context, length: size, range });
}
