import { Injectable } from '@nestjs/common';
import type { ReporterActor } from '../../../platform/actor.js';
import { Database } from '../../../platform/database/database.js';
import { DomainError } from '../../../platform/errors.js';
import type { DueRows } from '../../../platform/jobs/due-rows.js';
import { Sweep } from '../../../platform/jobs/sweep.js';
import { ReceiveEvidence } from '../../../work/evidence/receive-evidence.js';
import { CADENCE, NOBODY, SWEEPS } from '../channel.js';
import { WaCaseFileRow, WaFileRow } from '../whatsapp.entities.js';
import { Files, type CaseFile, type FileDetails } from './files.js';

const PAGE = 500;

/**
 * Brings the files of a report into its case, as evidence of its reporter. Everything that was confirmed
 * meanwhile goes together, at a fixed cadence, as with the cases themselves.
 */
@Injectable()
export class EnterFiles {
  constructor(
    private readonly database: Database,
    private readonly files: Files,
    private readonly receiving: ReceiveEvidence,
  ) {}

  /** Runs also while the channel is off: what was fetched before still becomes evidence. */
  @Sweep({ name: SWEEPS.enter, ofReporters: true, every: CADENCE, steady: true })
  waiting(): DueRows<WaCaseFileRow> {
    return {
      page: (after) =>
        this.database.tx(NOBODY, (tx) =>
          tx.rows(WaCaseFileRow, `($1::uuid is null or id > $1) order by id limit ${PAGE}`, [
            after?.id ?? null,
          ]),
        ),
      work: ([row]) => this.enter(this.files.openCaseFile(row!)),
    };
  }

  /** Safe to repeat: evidence has the id of the row, and the same bytes come in once. */
  private async enter(waiting: CaseFile): Promise<number> {
    const { institutionId, caseId } = waiting;
    // It is the act of the reporter, whoever ends it.
    const actor: ReporterActor = { kind: 'reporter', institutionId, caseId, codeGeneration: 0 };
    const [row] = await this.database.tx(NOBODY, (tx) => tx.rows(WaFileRow, 'id = $1', [waiting.file]));
    if (row?.state === 'waiting') return this.waitFor(row.id);
    const details = row && this.files.open(row);
    if (!details?.content) await this.receiving.noteLost(actor);
    else if (!(await this.receive(actor, waiting, details, details.content))) return 0;
    // In two transactions: one that ended both rows would join the case with the draft. What a crash leaves
    // between them is forgotten within days.
    await this.database.tx(NOBODY, (tx) => tx.query('delete from wa_case_files where id = $1', [waiting.id]));
    const removed = await this.database.tx(NOBODY, (tx) => this.files.drop(tx, [waiting.file]));
    removed();
    return 1;
  }

  private async waitFor(file: string): Promise<0> {
    await this.database.tx(NOBODY, (tx) => this.files.refresh(tx, [file]));
    return 0;
  }

  /** @returns false when there is no room for it now */
  private async receive(
    actor: ReporterActor,
    { id, file, caption }: CaseFile,
    { reference }: FileDetails,
    content: NonNullable<FileDetails['content']>,
  ): Promise<boolean> {
    try {
      await this.receiving.receive(
        { actor, upload: id },
        { bytes: this.files.read(file, content), name: reference.name, caption: async () => caption },
      );
      return true;
    } catch (error) {
      if (error instanceof DomainError && error.code === 'EVIDENCE_NO_ROOM') return false;
      throw error;
    }
  }
}
