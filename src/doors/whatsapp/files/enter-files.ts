import { Injectable } from '@nestjs/common';
import type { ReporterActor } from '../../../platform/actor.js';
import { Clock } from '../../../platform/clock.js';
import { Database } from '../../../platform/database/database.js';
import type { Tx } from '../../../platform/database/tx.js';
import { DomainError } from '../../../platform/errors.js';
import type { DueRows } from '../../../platform/jobs/due-rows.js';
import { Sweep } from '../../../platform/jobs/sweep.js';
import { Log } from '../../../platform/logging.js';
import type { SealedObject } from '../../../platform/storage/sealed-object.js';
import { ReceiveEvidence } from '../../../work/evidence/receive-evidence.js';
import { isUnreadable } from '../../../work/evidence/sealed-evidence.js';
import { CADENCE, Channel, NOBODY, SWEEPS } from '../channel.js';
import { WaCaseFileRow, WaFileRow } from '../whatsapp.entities.js';
import { Files, LIFE, type CaseFile, type FileDetails } from './files.js';

const PAGE = 500;
/** Milliseconds behind the life of a file at Meta, after which nobody waits for it: fetching may be off. */
const GRACE = 24 * 3600_000;

/** What a file on its way is: content, not yet content, or none for ever. */
type Fetched = { content: SealedObject; name?: string; isOver: boolean } | 'waits' | 'lost';

/**
 * Brings the files of a report into its case, as evidence of its reporter. Everything that was confirmed
 * meanwhile goes together, at a fixed cadence, as with the cases themselves.
 */
@Injectable()
export class EnterFiles {
  /** Files whose case has them. They go at the end of a run, together. */
  private entered: string[] = [];

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly channel: Channel,
    private readonly files: Files,
    private readonly receiving: ReceiveEvidence,
    private readonly log: Log,
  ) {}

  /** Runs also while the channel is off: what was fetched before still becomes evidence. */
  @Sweep({ name: SWEEPS.enter, ofReporters: true, every: CADENCE, steady: true })
  waiting(): DueRows<WaCaseFileRow> {
    return {
      page: async (after) => {
        await this.dropEntered();
        return this.database.tx(NOBODY, (tx) =>
          tx.rows(WaCaseFileRow, `($1::uuid is null or id > $1) order by id limit ${PAGE}`, [
            after?.id ?? null,
          ]),
        );
      },
      work: ([row]) => this.enter(row!),
    };
  }

  /** Safe to repeat: evidence has the id of the row, and the same bytes come in once. */
  private async enter(row: WaCaseFileRow): Promise<number> {
    const { id, institutionId, caseId } = row;
    // It is the act of the reporter, whoever ends it.
    const actor: ReporterActor = { kind: 'reporter', institutionId, caseId, codeGeneration: 0 };
    const waiting = this.files.openCaseFile(row);
    const fetched = waiting ? await this.lookAt(waiting.file) : 'lost';
    const state =
      waiting && typeof fetched === 'object' ? await this.receive(actor, waiting, fetched) : fetched;
    if (state === 'waits') return 0;
    // Another process may have brought it in meanwhile: whoever ends the row tells.
    if (state === 'lost') await this.receiving.noteLost(actor, (tx) => this.end(tx, id));
    else await this.database.tx(NOBODY, (tx) => this.end(tx, id));
    if (waiting) this.entered.push(waiting.file);
    return 1;
  }

  private async lookAt(file: string): Promise<Fetched> {
    const [row] = await this.database.tx(NOBODY, async (tx) => {
      // As long as its case waits for it, it is not forgotten.
      await this.files.refresh(tx, [file]);
      return tx.rows(WaFileRow, 'id = $1', [file]);
    });
    const details = row && this.files.open(row);
    if (!details) return 'lost';
    const isOver = this.isOver(details);
    if (details.content) return { content: details.content, name: details.reference.name, isOver };
    return row.state === 'waiting' && !isOver ? 'waits' : 'lost';
  }

  private isOver({ since }: FileDetails): boolean {
    return this.clock.now().getTime() - since > LIFE + GRACE;
  }

  private async receive(
    actor: ReporterActor,
    { id, file, caption }: CaseFile,
    { content, name, isOver }: Exclude<Fetched, string>,
  ): Promise<'entered' | 'waits' | 'lost'> {
    try {
      await this.receiving.receive(
        { actor, announced: id },
        { bytes: this.files.read(file, content), name, caption: async () => caption },
      );
      return 'entered';
    } catch (error) {
      // Somebody may bring the store back from a backup, for a week.
      if (isUnreadable(error) && isOver) return 'lost';
      if (!(error instanceof DomainError)) throw error;
      if (error.code !== 'EVIDENCE_NO_ROOM') return 'lost';
      this.log.warning('whatsapp-file-waits', { code: 'no-room', day: this.channel.today });
      return 'waits';
    }
  }

  /** @returns false when another process was faster */
  private async end(tx: Tx, id: string): Promise<boolean> {
    const ended = await tx.query('delete from wa_case_files where id = $1 returning 1', [id]);
    return ended.length > 0;
  }

  /**
   * In a transaction of their own, all together: one that ended the row of a case and that of a file would
   * join the case with the draft. What a crash leaves is forgotten within days.
   */
  private async dropEntered(): Promise<void> {
    const entered = this.entered.splice(0);
    if (entered.length === 0) return;
    const removed = await this.database.tx(NOBODY, (tx) => this.files.drop(tx, entered));
    removed();
  }
}
