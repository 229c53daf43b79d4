import { Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { Clock } from '../../../platform/clock.js';
import type { SealContext } from '../../../platform/crypto/aead.js';
import type { Tx } from '../../../platform/database/tx.js';
import { readSealed, type SealedObject } from '../../../platform/storage/sealed-object.js';
import { ObjectStore } from '../../../platform/storage/object-store.js';
import type { ConfirmedReport } from '../bot/draft.js';
import type { MediaReference } from '../bot/messages.js';
import { Channel } from '../channel.js';
import { WhatsAppKeys } from '../whatsapp-keys.js';
import { WaCaseFileRow, WaFileRow } from '../whatsapp.entities.js';

/** What is known of a file. Sealed: a name, or the hour of a message, may tell who sent it. */
export interface FileDetails {
  reference: MediaReference;
  /** Id of the number that it was sent to. Absent: that of the environment. */
  number?: string;
  /** When its message came, in milliseconds. */
  since: number;
  tries: number;
  /** The copy in the store of files. */
  content?: SealedObject;
}

/** Milliseconds from the message: Meta keeps a file for seven days. */
export const LIFE = 7 * 24 * 3600_000;

/** A file that came with a message. */
export interface ArrivedFile {
  id: string;
  reference: MediaReference;
  /** Id of the number that it was sent to. */
  number: string;
}

/** A file that waits for its case. */
export interface CaseFile {
  id: string;
  institutionId: string;
  caseId: string;
  /** Id of the file as its draft named it. */
  file: string;
  caption?: string;
}

const FILES = 'wa_files';
const CASE_FILES = 'wa_case_files';
/** Name under which the instant of the next try is sealed. */
const DUE = 'wa_files.due';

/**
 * Files of people, from their message until they are evidence of a case. A file is kept as long as a draft, a
 * report or a case on its way names it. Its row names neither a person nor a case.
 */
@Injectable()
export class Files {
  constructor(
    private readonly clock: Clock,
    private readonly keys: WhatsAppKeys,
    private readonly channel: Channel,
    private readonly store: ObjectStore,
  ) {}

  /** Step: which of these files could not be had. */
  async lost(tx: Tx, ids: readonly string[]): Promise<string[]> {
    if (ids.length === 0) return [];
    const rows = await tx.query<{ id: string }>(
      `select id from wa_files where id = any($1) and state <> 'lost'`,
      [ids],
    );
    const there = new Set(rows.map(({ id }) => id));
    return ids.filter((id) => !there.has(id));
  }

  /**
   * Step: follow a draft from one message to the next. What it names is kept. What it no longer names goes.
   * @param arrived the file of the message
   * @returns removes the content of what went; to be called when the transaction has committed
   */
  async follow(
    tx: Tx,
    {
      before,
      after,
      arrived,
    }: { before: readonly string[]; after: readonly string[]; arrived?: ArrivedFile },
  ): Promise<() => void> {
    if (arrived && after.includes(arrived.id)) await this.insert(tx, arrived);
    await this.refresh(tx, after);
    return this.drop(
      tx,
      before.filter((id) => !after.includes(id)),
    );
  }

  /**
   * Step: a draft or a report still names these files. Never in a transaction that writes a row of a case or
   * of a report: it would join them with the draft.
   */
  async refresh(tx: Tx, ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    await tx.query('update wa_files set day = $2 where id = any($1) and day <> $2', [
      ids,
      this.channel.today,
    ]);
  }

  /** Step: remove files. @returns removes their content, when the transaction has committed */
  async drop(tx: Tx, ids: readonly string[]): Promise<() => void> {
    if (ids.length === 0) return () => undefined;
    const gone = await tx.query<{ object: string | null }>(
      'delete from wa_files where id = any($1) returning object',
      [ids],
    );
    return this.removing(gone);
  }

  /**
   * Step: remove files that nothing has named for so long. While any report is on its way, none goes before
   * the last day: after a long outage nobody has named its files yet.
   */
  async dropForgotten(tx: Tx, before: string, last: string): Promise<() => void> {
    const gone = await tx.query<{ object: string | null }>(
      `delete from wa_files where day < $2 or (day < $1 and not exists (select from wa_submissions)
          and not exists (select from wa_case_files)) returning object`,
      [before, last],
    );
    return this.removing(gone);
  }

  /** Content that stays behind after a crash has no row, and is removed with the remains of uploads. */
  private removing(gone: readonly { object: string | null }[]): () => void {
    const objects = gone.flatMap(({ object }) => object ?? []);
    return () => void this.store.remove(objects).catch(() => undefined);
  }

  private async insert(tx: Tx, { id, reference, number }: ArrivedFile): Promise<void> {
    const since = this.clock.now().getTime();
    await tx.insert(WaFileRow, [
      {
        id,
        state: 'waiting',
        day: this.channel.today,
        due: this.sealDue(id, since),
        object: null,
        sealed: this.seal(id, { reference, number, since, tries: 0 }),
      },
    ]);
  }

  /** Step of the opening of a case: its files are on their way to it. */
  async sendTo(
    tx: Tx,
    { institutionId, caseId }: Pick<CaseFile, 'institutionId' | 'caseId'>,
    files: ConfirmedReport['files'],
  ): Promise<void> {
    // They come in by their ids: so the files of a report have numbers in their own order.
    const ids = files.map(() => randomUUID()).sort();
    const rows = files.map(({ id: file, caption }, at) => {
      const id = ids[at]!;
      return { id, institutionId, caseId, sealed: this.keys.seal(CASE_FILES, id, { file, caption }) };
    });
    if (rows.length > 0) await tx.insert(WaCaseFileRow, rows);
  }

  /** Undefined when it was sealed under another key: nobody can ever tell which file it was. */
  openCaseFile({ sealed, ...row }: WaCaseFileRow): CaseFile | undefined {
    try {
      return { ...row, ...this.keys.open<Pick<CaseFile, 'file' | 'caption'>>(CASE_FILES, row.id, sealed) };
    } catch {
      return undefined;
    }
  }

  seal(id: string, details: FileDetails): Buffer {
    return this.keys.seal(FILES, id, details);
  }

  /** Undefined when it was sealed under another key. */
  open({ id, sealed }: Pick<WaFileRow, 'id' | 'sealed'>): FileDetails | undefined {
    try {
      return this.keys.open<FileDetails>(FILES, id, sealed);
    } catch {
      return undefined;
    }
  }

  /** Step: bytes of those files that were fetched. */
  async bytes(tx: Tx, ids: readonly string[]): Promise<number> {
    if (ids.length === 0) return 0;
    const rows = await tx.query<Pick<WaFileRow, 'id' | 'sealed'>>(
      `select id, sealed from wa_files where id = any($1) and state = 'kept'`,
      [ids],
    );
    return rows.reduce((sum, row) => sum + (this.open(row)?.content?.size ?? 0), 0);
  }

  sealDue(id: string, at: number): Buffer {
    return this.keys.sealInstant(DUE, id, at);
  }

  /** Milliseconds; undefined when it was sealed under another key. */
  openDue({ id, due }: Pick<WaFileRow, 'id' | 'due'>): number | undefined {
    return this.keys.openInstant(DUE, id, due);
  }

  /** The content of a kept file. @throws SealedFileBroken, ObjectMissing */
  read(id: string, content: SealedObject): AsyncIterable<Buffer> {
    return readSealed(this.store, content, contextOf(id));
  }
}

/** What the content of a file is bound to. */
export function contextOf(id: string): SealContext {
  return { table: FILES, row: id, field: 'content' };
}
