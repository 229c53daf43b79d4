import type { ObjectStore } from '../../src/platform/storage/object-store.js';
import type { BucketSettings } from '../../src/platform/storage/s3-service.js';

/** Settings for the bucket `files` of a server in tests. Key and secret are those of s3rver. */
export function bucketAt(endpoint: string, prefix = 'denuncia/'): BucketSettings {
  return {
    kind: 'bucket',
    bucket: 'files',
    endpoint,
    region: 'us-east-1',
    accessKeyId: 'S3RVER',
    secretAccessKey: 'S3RVER',
    pathStyle: true,
    prefix,
  };
}

/** Gives bytes in pieces of 64 KiB, and then fails when there is an error. */
export async function* each(bytes: Buffer, error?: Error): AsyncGenerator<Buffer> {
  const PIECE = 64 * 1024;
  for (let at = 0; at < bytes.length; at += PIECE) yield bytes.subarray(at, at + PIECE);
  if (error) throw error;
}

/** Gives so many bytes without holding them. Pieces differ, so that none can stand in for another. */
export async function* numbered(size: number): AsyncGenerator<Buffer> {
  const PIECE = 64 * 1024;
  for (let at = 0; at < size; at += PIECE) {
    const piece = Buffer.alloc(Math.min(PIECE, size - at));
    piece.writeUInt32LE(at / PIECE);
    yield piece;
  }
}

export async function bytesOf(pieces: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const got: Uint8Array[] = [];
  for await (const piece of pieces) got.push(piece);
  return Buffer.concat(got);
}

export async function namesIn(store: ObjectStore): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of store.list()) names.push(name);
  return names.sort();
}
