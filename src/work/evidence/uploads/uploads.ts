import { Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import type { ReporterActor } from '../../../platform/actor.js';
import { Clock } from '../../../platform/clock.js';
import { random } from '../../../platform/crypto/random.js';
import { sealedLength } from '../../../platform/crypto/sealed-file.js';
import { Database } from '../../../platform/database/database.js';
import { lacksItsOwner, violates } from '../../../platform/database/sql-state.js';
import type { Tx } from '../../../platform/database/tx.js';
import { DomainError } from '../../../platform/errors.js';
import { Log } from '../../../platform/logging.js';
import { objectName } from '../../../platform/storage/object-name.js';
import { ObjectStore } from '../../../platform/storage/object-store.js';
import { CaseReads } from '../../cases/case-reads.js';
import { CaseStore } from '../../cases/case-store.js';
import { CaseFiles, ofSource } from '../case-files.js';
import { typeOf } from '../conversion/type-of.js';
import { evidenceErrors } from '../errors.js';
import { HEAD } from '../incoming-file.js';
import { assertHoldsCode } from '../giver.js';
import { ReceiveEvidence, refuseForRoom } from '../receive-evidence.js';
import {
  beginningOf,
  openFound,
  openable,
  readParts,
  sealPart,
  sealPartFacts,
  sealUpload,
  UploadBroken,
  type FoundUpload,
  type UploadDetails,
} from './sealed-upload.js';
import { UploadPartRow, UploadRow } from './upload.entities.js';

/** Uploads of one case that have begun and not ended. */
export const MAX_UNFINISHED = 5;
/** Milliseconds that the first part of an upload may take. */
const FIRST_PART = 600_000;
/** Days for which an upload may be resumed. */
export const DAYS_TO_RESUME = 7;
/** A part is stored when it has this many bytes, or after this many milliseconds. It is held in memory. */
const PART_BYTES = 1024 * 1024;
const PART_TIME = 10_000;
/** Parts of one upload. A part takes 64 KiB at least, so parts of a byte would fill the store. */
const MAX_PARTS = 1000;
/** Parts of the first 64 KiB, which are read again with each of them. */
const MAX_SMALL_PARTS = 64;

/**
 * Files that come in parts, from a line that breaks. Each part is an object of its own: when its row is
 * committed, nothing of it is lost, whichever process comes next. The last part makes evidence of it.
 */
@Injectable()
export class Uploads {
  constructor(
    private readonly database: Database,
    private readonly store: ObjectStore,
    private readonly reads: CaseReads,
    private readonly cases: CaseStore,
    private readonly receiving: ReceiveEvidence,
    private readonly files: CaseFiles,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /**
   * Begins an upload. @returns its id
   * @throws what `ReceiveEvidence.assertTaken` throws, UPLOADS_UNFINISHED
   */
  async begin(actor: ReporterActor, details: UploadDetails): Promise<string> {
    if (details.length === 0) throw evidenceErrors.empty();
    await this.receiving.assertTaken({ actor }, { least: details.length, most: details.length });
    const id = randomUUID();
    const begun = this.clock.now();
    await this.database.tx(actor, async (tx) => {
      // Locked, or two begins at once would both find room.
      const locked = await this.cases.lock(tx, { id: actor.caseId });
      const { id: caseId, institutionId } = locked.row;
      const others = await this.makeRoom(tx, caseId, locked.keys.content, begun);
      await this.receiving.assertFitsBeside(tx, locked, details.length, others);
      const sealed = sealUpload(locked.keys.content, id, { ...details, begun: begun.toISOString() });
      const day = locked.today;
      await tx.insert(UploadRow, [{ id, caseId, institutionId, day, complete: false, details: sealed }]);
    });
    return id;
  }

  /**
   * Lets one more upload begin. One that still has no part after `FIRST_PART` gives way: its answer was lost,
   * and nobody knows its id. One that does not open keeps nobody from beginning another.
   * @returns the bytes of each of the others
   * @throws UPLOADS_UNFINISHED
   */
  private async makeRoom(tx: Tx, caseId: string, contentKey: Buffer, now: Date): Promise<number[]> {
    // Locked: a part that is being entered comes before, or finds no upload.
    const all = await tx.rows(UploadRow, 'case_id = $1 order by day, id for update', [caseId]);
    const begun = openable(contentKey, all);
    if (begun.length < MAX_UNFINISHED) return begun.map(({ details }) => details.length);
    const parts = await tx.rows(UploadPartRow, 'upload_id = any($1)', [begun.map((row) => row.id)]);
    const empty = begun.find(
      ({ id, details }) =>
        !parts.some((part) => part.uploadId === id) &&
        now.getTime() - Date.parse(details.begun ?? '1970') > FIRST_PART,
    );
    if (!empty) throw evidenceErrors.tooManyUploads();
    await tx.query('delete from uploads where id = $1', [empty.id]);
    return begun.filter((one) => one !== empty).map(({ details }) => details.length);
  }

  /**
   * What came of an upload, in bytes. One that is evidence by now is known by its id: its last answer may
   * have been lost.
   * @throws UPLOAD_NOT_FOUND, also for an upload of another case
   */
  async progress(actor: ReporterActor, id: string): Promise<{ length: number; offset: number }> {
    try {
      const { details, offset } = await this.find(actor, id);
      return { length: details.length, offset };
    } catch (error) {
      const length = error instanceof DomainError ? await this.lengthOfEvidence(actor, id) : undefined;
      if (length === undefined) throw error;
      return { length, offset: length };
    }
  }

  private async lengthOfEvidence(actor: ReporterActor, id: string): Promise<number | undefined> {
    const own = await this.database.tx(actor, async (tx) => {
      const found = await this.reads.find(tx, { id: actor.caseId });
      return ofSource(await this.files.of(tx, found), 'reporter');
    });
    return own.find(({ row }) => row.id === id)?.facts.size;
  }

  /** @throws UPLOAD_NOT_FOUND, also for an upload of another case */
  private async find(actor: ReporterActor, id: string): Promise<FoundUpload> {
    return this.load(actor, id).catch((error: unknown) => this.refuse(error));
  }

  /** What does not open cannot be resumed. The sender has the file and begins another upload. */
  private refuse(error: unknown): never {
    if (!(error instanceof UploadBroken)) throw error;
    this.log.warningWithoutTime('upload-broken', { code: error.code });
    throw evidenceErrors.uploadNotFound();
  }

  private async load(actor: ReporterActor, id: string): Promise<FoundUpload> {
    const read = async (tx: Tx): Promise<FoundUpload> => {
      const { row, keys } = await this.reads.find(tx, { id: actor.caseId });
      const [[upload], stored] = await Promise.all([
        tx.rows(UploadRow, 'id = $1 and case_id = $2', [id, row.id]),
        tx.rows(UploadPartRow, 'upload_id = $1 order by number', [id]),
      ]);
      if (!upload) throw evidenceErrors.uploadNotFound();
      return openFound(keys.content, upload, stored);
    };
    // At one instant: it may become evidence between two statements, and seem to have lost its parts.
    return this.database.tx(actor, read, { snapshot: true });
  }

  /**
   * Stores what comes, part after part. What came before the line broke is kept.
   * @returns the offset after it: bytes that are stored
   * @throws EVIDENCE_EXECUTABLE, and the upload is over; REPORT_CLOSED, EVIDENCE_NO_ROOM, UPLOAD_BUSY,
   *   UPLOAD_NOT_FOUND, UPLOAD_LONGER, UPLOAD_PARTS, UNAUTHENTICATED, and what `bytes` throws
   */
  async append(actor: ReporterActor, id: string, bytes: AsyncIterable<Buffer>): Promise<number> {
    await this.receiving.assertMayWrite(actor);
    const upload = await this.find(actor, id);
    let pieces: Buffer[] = [];
    let held = 0;
    let since = performance.now();
    const flush = async (): Promise<void> => {
      if (held === 0) return;
      await this.keepPart(actor, upload, Buffer.concat(pieces, held));
      [pieces, held, since] = [[], 0, performance.now()];
    };
    try {
      for await (const piece of bytes) {
        if (upload.offset + held + piece.length > upload.details.length)
          throw evidenceErrors.longerThanTold();
        pieces.push(piece);
        held += piece.length;
        if (held >= PART_BYTES || performance.now() - since >= PART_TIME) await flush();
      }
    } catch (error) {
      // The line broke. A refusal stores nothing more.
      if (!(error instanceof DomainError)) await flush().catch(() => undefined);
      throw error;
    }
    await flush();
    return upload.offset;
  }

  /**
   * Makes evidence of an upload that is complete. Safe to repeat.
   * @throws EVIDENCE_EXECUTABLE; then it is removed. Anything else leaves it for the sweep, for all of it was
   *   acknowledged: EVIDENCE_NO_ROOM, UploadBroken
   */
  async finish(actor: ReporterActor, id: string): Promise<void> {
    let upload;
    try {
      upload = await this.load(actor, id);
    } catch (error) {
      // Another request or the sweep has made evidence of it meanwhile.
      if (error instanceof DomainError && (await this.lengthOfEvidence(actor, id)) !== undefined) return;
      throw error;
    }
    const { name, caption, length } = upload.details;
    const whole = upload.offset === length && upload.parts.every(({ row }, at) => row.number === at + 1);
    if (!whole) throw new UploadBroken();
    try {
      await this.receiving.receive(
        { actor, upload: id },
        {
          bytes: readParts(this.store, upload.parts),
          name,
          expected: { least: length, most: length },
          caption: async () => caption,
        },
      );
    } catch (error) {
      if (error instanceof DomainError && error.code === 'EVIDENCE_EXECUTABLE') await this.discard(actor, id);
      // Another request or the sweep has made evidence of it meanwhile.
      if (error instanceof UploadBroken && !(await this.isThere(actor, id))) return;
      throw error;
    }
    await this.discard(actor, id);
  }

  private async isThere(actor: ReporterActor, id: string): Promise<boolean> {
    const rows = await this.database.tx(actor, (tx) => tx.rows(UploadRow, 'id = $1', [id]));
    return rows.length > 0;
  }

  /**
   * Ends an upload that is not wanted any more, whether it opens or not. One of which all is stored becomes
   * evidence: whoever sent it was told that it arrived.
   * @throws UPLOAD_NOT_FOUND, UPLOAD_COMPLETE
   */
  async remove(actor: ReporterActor, id: string): Promise<void> {
    if (!(await this.discard(actor, id, { unfinished: true }))) throw evidenceErrors.uploadNotFound();
  }

  private async keepPart(actor: ReporterActor, upload: FoundUpload, content: Buffer): Promise<void> {
    const { row, parts, contentKey, details } = upload;
    if (parts.length >= MAX_PARTS || (upload.offset < HEAD && parts.length >= MAX_SMALL_PARTS))
      throw evidenceErrors.tooManyParts();
    await this.assertNoProgram(actor, upload, content);
    const [key, object] = [random(32), objectName()];
    const place = { uploadId: row.id, number: parts.length + 1 };
    const whole = (async function* () {
      yield content;
    })();
    await this.store.assertRoom(content.length).catch(refuseForRoom);
    await this.store.put(object, sealPart(key, whole, place)).catch(refuseForRoom);
    const facts = { key: key.toString('base64'), size: content.length, object };
    const { caseId, institutionId } = row;
    const storedBytes = String(sealedLength(content.length));
    const sealed = sealPartFacts(contentKey, place, facts);
    const part = { ...place, caseId, institutionId, object, storedBytes, sealed };
    try {
      await this.database.tx(actor, async (tx) => {
        // The case before the upload, as who begins an upload locks them. The row's own references would lock
        // them the other way round.
        await this.cases.hold(tx, caseId);
        await assertHoldsCode(tx, actor);
        await tx.insert(UploadPartRow, [part]);
        if (upload.offset + content.length === details.length)
          await tx.change(UploadRow, { id: row.id }, { complete: true });
      });
    } catch (error) {
      const busy = violates(error);
      const known = busy || lacksItsOwner(error) || error instanceof DomainError;
      // After another error the commit may have happened. The sweep finds out.
      if (!known) throw error;
      await this.store.remove([object]).catch(() => undefined);
      if (error instanceof DomainError) throw error;
      // Another request has stored a part of this number, or has ended the upload.
      throw busy ? evidenceErrors.uploadBusy() : evidenceErrors.uploadNotFound();
    }
    parts.push({ ...facts, row: part });
    upload.offset += content.length;
  }

  /**
   * Looks at the first bytes of what is stored and of what comes, as long as they may tell a program. One
   * that comes byte by byte is refused with its second byte.
   * @throws EVIDENCE_EXECUTABLE; nothing of the upload is left
   */
  private async assertNoProgram(actor: ReporterActor, upload: FoundUpload, content: Buffer): Promise<void> {
    if (upload.offset >= HEAD) return;
    const stored = await beginningOf(this.store, upload.parts, HEAD).catch((error: unknown) =>
      this.refuse(error),
    );
    const head = Buffer.concat([stored, content.subarray(0, HEAD - stored.length)]);
    if (!(await typeOf(head)).executable) return;
    await this.discard(actor, upload.row.id);
    throw evidenceErrors.executable();
  }

  /**
   * Rows first: an object that no row names is removed by the sweep, if not here. The row is locked before
   * its parts are read. A part that is entered at this moment is among them, or finds no upload.
   * @returns false when there is no such upload
   * @throws UPLOAD_COMPLETE when only one that is not complete shall go
   */
  private async discard(actor: ReporterActor, id: string, { unfinished = false } = {}): Promise<boolean> {
    const gone = await this.database.tx(actor, async (tx) => {
      const [row] = await tx.rows(UploadRow, 'id = $1 and case_id = $2 for update', [id, actor.caseId]);
      if (!row) return null;
      if (unfinished && row.complete) throw evidenceErrors.uploadComplete();
      const parts = await tx.query<{ object: string }>(
        'delete from upload_parts where upload_id = $1 returning object',
        [id],
      );
      await tx.query('delete from uploads where id = $1', [id]);
      const names = parts.map(({ object }) => object);
      const named = await tx.query<{ name: string }>('select objects_of_evidence($1) as name', [names]);
      return { names, kept: new Set(named.map(({ name }) => name)) };
    });
    if (!gone) return false;
    // Never an object that evidence or another upload names.
    await this.store.remove(gone.names.filter((name) => !gone.kept.has(name))).catch(() => undefined);
    return true;
  }
}
