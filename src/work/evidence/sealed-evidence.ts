import { open, openJson, seal, sealPaddedJson, type SealContext } from '../../platform/crypto/aead.js';
import { sealedLength, SealedFileBroken, type ByteRange } from '../../platform/crypto/sealed-file.js';
import { ObjectMissing, type ObjectStore } from '../../platform/storage/object-store.js';
import { readSealed, storeSealed, type SealedObject } from '../../platform/storage/sealed-object.js';
import type { EvidenceKind } from './conversion/type-of.js';
import type { EvidenceFileRow, EvidenceRow, FileRole } from './evidence.entities.js';

/** What is known of a file as a whole. It is content: an official may recognise a person by a file name. */
export interface EvidenceDetails {
  /** The name that the sender gave the file, as one line without hidden signs. */
  name?: string;
  caption?: string;
  kind: EvidenceKind;
  /** Why it waits, or why it cannot be shown: a key of `REASONS`. */
  reason?: string;
  /** The tool that `reason` speaks of. */
  tool?: string;
  /** How often its converter was ended from outside. */
  tries?: number;
  /** The antivirus found nothing in it before it began to wait for a tool. */
  examined?: true;
  /** What the antivirus calls what it found. */
  found?: string;
  pages?: number;
  /** Duration of audio or video. */
  seconds?: number;
}

/** What is known of one stored file, with its key. */
export interface FileFacts {
  /** 32 bytes in base64. It seals this file and nothing else. */
  key: string;
  /** Bytes of the content. */
  size: number;
  /** IANA media type, found from the content. */
  type: string;
  /** Without dot. */
  extension: string;
  /** SHA-256 of the content, in hexadecimal. */
  sha256: string;
}

/** Sealed texts fill blocks of this many bytes: their length tells little. */
const DETAILS_BLOCK = 1024;
const FACTS_BLOCK = 512;
const THUMBNAIL_BLOCK = 4096;

function context(table: string, row: string, field: string): SealContext {
  return { table, row, field };
}

export function sealDetails(contentKey: Buffer, id: string, details: EvidenceDetails): Buffer {
  return sealPaddedJson(contentKey, details, context('evidence', id, 'details'), DETAILS_BLOCK);
}

export function openDetails(contentKey: Buffer, id: string, sealed: Buffer): EvidenceDetails {
  return openJson<EvidenceDetails>(contentKey, sealed, context('evidence', id, 'details'));
}

function sealFacts(contentKey: Buffer, id: string, role: FileRole, facts: FileFacts): Buffer {
  return sealPaddedJson(contentKey, facts, context('evidence_files', id, role), FACTS_BLOCK);
}

export function openFacts(
  contentKey: Buffer,
  { evidenceId, role, sealed }: Pick<EvidenceFileRow, 'evidenceId' | 'role' | 'sealed'>,
): FileFacts {
  return openJson<FileFacts>(contentKey, sealed, context('evidence_files', evidenceId, role));
}

/** The length of the picture stands before it, and zeros behind it. */
export function sealThumbnail(contentKey: Buffer, id: string, jpeg: Buffer): Buffer {
  const block = Buffer.alloc(Math.ceil((jpeg.length + 4) / THUMBNAIL_BLOCK) * THUMBNAIL_BLOCK);
  block.writeUInt32BE(jpeg.length);
  jpeg.copy(block, 4);
  return seal(contentKey, block, context('evidence', id, 'thumbnail'));
}

export function openThumbnail(contentKey: Buffer, id: string, sealed: Buffer): Buffer {
  const block = open(contentKey, sealed, context('evidence', id, 'thumbnail'));
  return block.subarray(4, 4 + block.readUInt32BE());
}

/** A file of the store is bound to its evidence and to what it is there. */
function contentContext(id: string, role: FileRole): SealContext {
  return context('evidence_files', id, `content/${role}`);
}

/**
 * Seals content under a key of its own while it comes, and stores it.
 * @throws NoRoom, StoreFailed, and what `content` throws; nothing is stored then
 */
export async function storeContent(
  store: ObjectStore,
  content: AsyncIterable<Buffer>,
  { id, role }: { id: string; role: FileRole },
): Promise<SealedObject> {
  return storeSealed(store, content, contentContext(id, role));
}

/** The row of what lies in the store. */
export function fileRow(
  { id, caseId, institutionId }: Pick<EvidenceRow, 'id' | 'caseId' | 'institutionId'>,
  role: FileRole,
  contentKey: Buffer,
  { object, ...facts }: FileFacts & Pick<SealedObject, 'object'>,
): EvidenceFileRow {
  return {
    evidenceId: id,
    role,
    caseId,
    institutionId,
    object,
    storedBytes: String(sealedLength(facts.size)),
    sealed: sealFacts(contentKey, id, role, facts),
  };
}

/** Whether stored content is gone or was changed. */
export function isUnreadable(error: unknown): boolean {
  return error instanceof SealedFileBroken || error instanceof ObjectMissing;
}

/**
 * Reads a stored file, or a part of it.
 * @throws SealedFileBroken, ObjectMissing
 */
export function readContent(
  store: ObjectStore,
  { evidenceId, role, object }: Pick<EvidenceFileRow, 'evidenceId' | 'role' | 'object'>,
  { key, size }: FileFacts,
  range?: ByteRange,
): AsyncIterable<Buffer> {
  return readSealed(store, { object, key, size }, contentContext(evidenceId, role), range);
}
