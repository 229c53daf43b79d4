import { SealedFileBroken } from '../../platform/crypto/sealed-file.js';
import { ObjectMissing, type ObjectStore } from '../../platform/storage/object-store.js';
import { mark } from './conversion/convert.js';
import { ForeignPdf, PDF_HEAD, PDF_TAIL, pdfMark } from './conversion/mark-pdf.js';
import { evidenceErrors } from './errors.js';
import type { EvidenceFileRow } from './evidence.entities.js';
import { readContent, type FileFacts } from './sealed-evidence.js';

/** Characters of an account in a mark. A longer address keeps its beginning. */
const LONGEST_ACCOUNT = 60;

/** A copy as it is stored. */
interface StoredCopy {
  file: EvidenceFileRow;
  facts: FileFacts;
}

/** Bytes that leave, and how many they are. */
export interface Marked {
  size: number;
  bytes: AsyncIterable<Buffer>;
}

/** Whether downloads of such a copy carry a mark: what can be seen does, sound and film do not. */
export function carriesMark({ type }: Pick<FileFacts, 'type'>): boolean {
  return type === 'application/pdf' || type.startsWith('image/');
}

/**
 * What a mark says: which file of which case, who downloads it, and when.
 * @param at ISO 8601 with the offset of the institution
 */
export function markWords(of: { folio: string; number: number; email: string; at: string }): string[] {
  const [, day, time, offset] = /^(.{10})T(\d\d:\d\d).*([+-]\d\d:\d\d|Z)$/.exec(of.at)!;
  const { email } = of;
  const account = email.length > LONGEST_ACCOUNT ? `${email.slice(0, LONGEST_ACCOUNT - 1)}…` : email;
  return [of.folio, `prueba ${of.number}`, account, `${day} ${time} ${offset}`];
}

/**
 * The copy with a mark that people see. The stored copy stays as it is.
 * @throws EVIDENCE_UNREADABLE, EVIDENCE_NOT_MARKED: no copy leaves without its mark
 */
export async function markedCopy(
  store: ObjectStore,
  copy: StoredCopy,
  words: readonly string[],
): Promise<Marked> {
  try {
    return copy.facts.type === 'application/pdf'
      ? await markedPdf(store, copy, words)
      : await markedPicture(store, copy, words);
  } catch (error) {
    if (error instanceof SealedFileBroken || error instanceof ObjectMissing)
      throw evidenceErrors.unreadable();
    if (error instanceof ForeignPdf) throw evidenceErrors.notMarked();
    throw error;
  }
}

async function markedPicture(
  store: ObjectStore,
  { file, facts }: StoredCopy,
  words: readonly string[],
): Promise<Marked> {
  const made = await mark(readContent(store, file, facts), facts, words);
  if (made.outcome !== 'converted') throw evidenceErrors.notMarked();
  return { size: made.length, bytes: made.bytes };
}

async function markedPdf(
  store: ObjectStore,
  { file, facts }: StoredCopy,
  words: readonly string[],
): Promise<Marked> {
  const { size } = facts;
  const read = (from: number, to: number): Promise<Buffer> =>
    collected(readContent(store, file, facts, { from, to }));
  const [head, tail] = await Promise.all([read(0, PDF_HEAD), read(Math.max(0, size - PDF_TAIL), size)]);
  const update = pdfMark({ head, tail }, size, words.join(' · '));
  async function* bytes(): AsyncGenerator<Buffer> {
    yield* readContent(store, file, facts);
    yield update;
  }
  return { size: size + update.length, bytes: bytes() };
}

async function collected(bytes: AsyncIterable<Buffer>): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of bytes) pieces.push(piece);
  return Buffer.concat(pieces);
}
