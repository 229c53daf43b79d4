import { Injectable } from '@nestjs/common';
import { system, type ReporterActor } from '../../../platform/actor.js';
import { Clock } from '../../../platform/clock.js';
import { Database } from '../../../platform/database/database.js';
import { DomainError } from '../../../platform/errors.js';
import type { DueRows } from '../../../platform/jobs/due-rows.js';
import { Sweep, type Owner } from '../../../platform/jobs/sweep.js';
import { Log } from '../../../platform/logging.js';
import { UploadBroken } from './sealed-upload.js';
import { UploadRow } from './upload.entities.js';
import { DAYS_TO_RESUME, Uploads } from './uploads.js';

const PAGE = 100;
/** Milliseconds until an upload that is broken is tried again: somebody may have brought its parts back. */
const REST = 3_600_000;

/**
 * Ends uploads that nobody ends: makes evidence of those that are complete, because the process ended behind
 * their last part, and removes those that were not resumed for a week.
 */
@Injectable()
export class EndUploads {
  /** When each broken upload may be tried again. */
  private readonly broken = new Map<string, number>();

  constructor(
    private readonly database: Database,
    private readonly uploads: Uploads,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  @Sweep({ name: 'end-uploads', every: 60_000, per: 'institution', steady: true, ofReporters: true })
  endUploads({ id: institutionId, timeZone }: Owner): DueRows<UploadRow> {
    const oldest = new Date(Date.parse(this.clock.today(timeZone)) - DAYS_TO_RESUME * 86_400_000);
    const last = oldest.toISOString().slice(0, 10);
    return {
      page: (after) =>
        this.database.tx(system('end-uploads', institutionId), (tx) =>
          tx.rows(
            UploadRow,
            `institution_id = $1 and (day < $2 or complete) and (day, id) > ($3, $4) order by day, id limit ${PAGE}`,
            [
              institutionId,
              last,
              after?.day ?? '-infinity',
              after?.id ?? '00000000-0000-0000-0000-000000000000',
            ],
          ),
        ),
      work: async ([row]) => this.end(row!),
    };
  }

  private async end({ id, caseId, institutionId, complete }: UploadRow): Promise<number> {
    if ((this.broken.get(id) ?? 0) > this.clock.now().getTime()) return 0;
    // It is the act of the reporter, whoever ends it.
    const actor: ReporterActor = { kind: 'reporter', institutionId, caseId, codeGeneration: 0 };
    try {
      if (complete) await this.uploads.finish(actor, id);
      else await this.uploads.remove(actor, id);
      this.broken.delete(id);
      return 1;
    } catch (error) {
      // All of it was acknowledged, so it stays. An operator may bring back what is missing.
      if (error instanceof UploadBroken) {
        this.log.warningWithoutTime('upload-broken', { code: error.code });
        this.broken.set(id, this.clock.now().getTime() + REST);
        return 0;
      }
      // A program, and removed with that. Without room it waits. Or its own request has ended it meanwhile.
      if (error instanceof DomainError) return 0;
      throw error;
    }
  }
}
