import { openJson, sealPaddedJson, type SealContext } from '../../../platform/crypto/aead.js';
import { openFile, sealFile, SealedFileBroken, sealedRange } from '../../../platform/crypto/sealed-file.js';
import type { ObjectStore } from '../../../platform/storage/object-store.js';
import { isUnreadable } from '../sealed-evidence.js';
import type { UploadPartRow, UploadRow } from './upload.entities.js';

/** What the sender told of an upload. */
export interface UploadDetails {
  name?: string;
  caption?: string;
  /** Bytes of the whole file. */
  length: number;
  /** When it began, ISO 8601 in UTC. Sealed: nobody shall see when a reporter was at work. */
  begun?: string;
}

/** A part, with the key that seals it and nothing else. */
interface PartFacts {
  /** 32 bytes in base64. */
  key: string;
  /** Bytes of its content. */
  size: number;
  /** Its name in the store: a row that names another object is not this part. */
  object: string;
}

/** A part that was read from its row. */
export interface Part extends PartFacts {
  row: UploadPartRow;
}

/** An upload with what came of it. */
export interface FoundUpload {
  row: UploadRow;
  details: UploadDetails;
  parts: Part[];
  /** Bytes that are stored. */
  offset: number;
  contentKey: Buffer;
}

/** Rows of an upload do not open, or a part is not in the store as it was put there. */
export class UploadBroken extends Error {
  readonly code = 'UPLOAD_BROKEN';
}

const DETAILS_BLOCK = 1024;
const FACTS_BLOCK = 128;

const context = (table: string, row: string, field: string): SealContext => ({ table, row, field });

export function sealUpload(contentKey: Buffer, id: string, details: UploadDetails): Buffer {
  return sealPaddedJson(contentKey, details, context('uploads', id, 'details'), DETAILS_BLOCK);
}

function openUpload(contentKey: Buffer, { id, details }: Pick<UploadRow, 'id' | 'details'>): UploadDetails {
  return openJson<UploadDetails>(contentKey, details, context('uploads', id, 'details'));
}

/** The uploads whose details open, with them. */
export function openable(
  contentKey: Buffer,
  rows: readonly UploadRow[],
): { id: string; details: UploadDetails }[] {
  return rows.flatMap((row) => {
    try {
      return [{ id: row.id, details: openUpload(contentKey, row) }];
    } catch {
      return [];
    }
  });
}

/** @param stored its parts by their number @throws UploadBroken */
export function openFound(contentKey: Buffer, row: UploadRow, stored: readonly UploadPartRow[]): FoundUpload {
  try {
    const details = openUpload(contentKey, row);
    const parts = stored.map((part) => openPart(contentKey, part));
    return { row, details, parts, offset: parts.reduce((sum, { size }) => sum + size, 0), contentKey };
  } catch {
    throw new UploadBroken();
  }
}

type Place = Pick<UploadPartRow, 'uploadId' | 'number'>;

export function sealPartFacts(contentKey: Buffer, place: Place, facts: PartFacts): Buffer {
  return sealPaddedJson(contentKey, facts, factsContext(place), FACTS_BLOCK);
}

/** @throws SealedFileBroken when the row names another object than was sealed into it */
function openPart(contentKey: Buffer, row: UploadPartRow): Part {
  const facts = openJson<PartFacts>(contentKey, row.sealed, factsContext(row));
  if (facts.object !== row.object) throw new SealedFileBroken();
  return { ...facts, row };
}

export function sealPart(key: Buffer, content: AsyncIterable<Buffer>, place: Place): AsyncIterable<Buffer> {
  return sealFile(key, content, contentContext(place));
}

/** Reads parts one after the other. @throws UploadBroken */
export async function* readParts(store: ObjectStore, parts: readonly Part[]): AsyncGenerator<Buffer> {
  try {
    for (const { key, size, row } of parts) {
      const range = { from: 0, to: size };
      const sealed = store.read(row.object, sealedRange(range, size));
      yield* openFile(Buffer.from(key, 'base64'), sealed, {
        context: contentContext(row),
        length: size,
        range,
      });
    }
  } catch (error) {
    throw isUnreadable(error) ? new UploadBroken() : error;
  }
}

/** The first bytes of what is stored, so many at most. @throws UploadBroken */
export async function beginningOf(
  store: ObjectStore,
  parts: readonly Part[],
  bytes: number,
): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of readParts(store, parts)) {
    pieces.push(piece);
    length += piece.length;
    if (length >= bytes) break;
  }
  return Buffer.concat(pieces).subarray(0, bytes);
}

function factsContext({ uploadId, number }: Place): SealContext {
  return context('upload_parts', `${uploadId}/${number}`, 'facts');
}

function contentContext({ uploadId, number }: Place): SealContext {
  return context('upload_parts', `${uploadId}/${number}`, 'content');
}
