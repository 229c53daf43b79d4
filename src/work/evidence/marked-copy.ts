import { Injectable } from '@nestjs/common';
import { heldBytes } from '../../platform/held-bytes.js';
import { NoRoom, ObjectStore } from '../../platform/storage/object-store.js';
import { Spool } from '../../platform/storage/spool.js';

import { NoAnswer } from './conversion/answer.js';
import { mark, NotReadInTime } from './conversion/convert.js';
import { Gates } from './conversion/gate.js';
import { ForeignPdf, PDF_HEAD, PDF_TAIL, pdfMark } from './conversion/mark-pdf.js';
import { evidenceErrors } from './errors.js';
import type { EvidenceFileRow } from './evidence.entities.js';
import { isUnreadable, readContent, type FileFacts } from './sealed-evidence.js';

/** Characters of an account in a mark. A longer address keeps its beginning. */
const LONGEST_ACCOUNT = 60;
/** Pictures that one account may be sent at once. The next one waits. A browser asks for six. */
const AT_ONCE_OF_ACCOUNT = 6;

/** A copy as it is stored. */
interface StoredCopy {
  file: EvidenceFileRow;
  facts: FileFacts;
}

/** A mark that a copy gets. */
interface Mark {
  /** Id of the account that downloads. */
  account: string;
  words: readonly string[];
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

/** Makes the copy with a mark that people see. The stored copy stays as it is. */
@Injectable()
export class MarkedCopies {
  /** One account with a slow line keeps nobody else waiting. */
  private readonly ofAccount = new Gates(AT_ONCE_OF_ACCOUNT);

  constructor(
    private readonly store: ObjectStore,
    private readonly spool: Spool,
  ) {}

  /**
   * @param signal aborted when the reader is gone
   * @throws EVIDENCE_UNREADABLE; EVIDENCE_NOT_MARKED: no copy leaves without its mark; what the signal says
   */
  async of(copy: StoredCopy, mark: Mark, signal: AbortSignal): Promise<Marked> {
    try {
      return copy.facts.type === 'application/pdf'
        ? await markedPdf(this.store, copy, mark.words)
        : await this.picture(copy, mark, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (isUnreadable(error)) throw evidenceErrors.unreadable();
      if ([ForeignPdf, NoAnswer, NotReadInTime, NoRoom].some((fault) => error instanceof fault))
        throw evidenceErrors.notMarked();
      throw error;
    }
  }

  /** The child that marks is done before the first byte leaves: the reader may be slow, or gone. */
  private async picture(
    { file, facts }: StoredCopy,
    { account, words }: Mark,
    signal: AbortSignal,
  ): Promise<Marked> {
    const leave = await this.ofAccount.enter(account, signal);
    try {
      const made = await mark(readContent(this.store, file, facts), facts, words, { signal });
      if (made.outcome !== 'converted') throw evidenceErrors.notMarked();
      const held = await this.spool.hold(made.bytes, made.length).finally(() => made.dispose());
      const free = async (): Promise<void> => {
        await held.return();
        leave();
      };
      return { size: made.length, bytes: heldBytes(() => held.next(), free) };
    } catch (error) {
      leave();
      throw error;
    }
  }
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
