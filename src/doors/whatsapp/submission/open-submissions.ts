import { Injectable } from '@nestjs/common';
import { system } from '../../../platform/actor.js';
import { Database } from '../../../platform/database/database.js';
import type { Tx } from '../../../platform/database/tx.js';
import { DomainError } from '../../../platform/errors.js';
import type { DueRows } from '../../../platform/jobs/due-rows.js';
import { Sweep } from '../../../platform/jobs/sweep.js';
import { Log } from '../../../platform/logging.js';
import { CaseOpening } from '../../../work/cases/case-opening.js';
import { newFolio } from '../../../work/cases/folio.js';
import type { Report } from '../../../work/intake/admission.js';
import { IntakeService, type Received } from '../../../work/intake/intake.service.js';
import type { ConfirmedReport } from '../bot/draft.js';
import { CADENCE, Channel, NOBODY, SWEEPS } from '../channel.js';
import { Files } from '../files/files.js';
import { Submissions, type Opened, type Submission } from './submissions.js';

/** Submissions per batch: as many as one batch of intake. */
const BATCH = 64;
/**
 * Batches of one institution in a run. A spike is worked within a few runs, and other institutions do not
 * wait for its end.
 */
const BATCHES = 10;

interface Row {
  id: string;
  sealed: Buffer;
  attempts: number;
}

interface Refused {
  row: Row;
  refusal: unknown;
}

/** The fields of a confirmed report that intake keeps. It must know all of them. */
type Known = {
  [Field in keyof Omit<ConfirmedReport, 'files'>]: Field extends keyof Report ? unknown : never;
};

/**
 * Opens the cases of confirmed reports, in a transaction that touches nothing of any sender. The case and the
 * end of its submission commit together, so a repetition never opens a second case. A confirmed report is
 * never given up: when its case cannot be opened, the sweep tries again without limit and raises an alarm.
 *
 * All reports that were confirmed meanwhile go together. The cadence is fixed, and no confirmation changes
 * it.
 */
@Injectable()
export class OpenSubmissions {
  constructor(
    private readonly database: Database,
    private readonly channel: Channel,
    private readonly submissions: Submissions,
    private readonly opening: CaseOpening,
    private readonly files: Files,
    private readonly intake: IntakeService,
    private readonly log: Log,
  ) {}

  /** Runs also while the channel is off: reports that were confirmed before still become cases. */
  @Sweep({ name: SWEEPS.open, ofReporters: true, every: CADENCE, steady: true, batch: BATCH })
  confirmed(): DueRows<Waiting> {
    return {
      page: async (after) => (after === undefined ? this.waiting() : []),
      // A report that cannot be opened must not delay the others.
      work: (rows) => this.openAll(rows),
      failed: ({ id }) => this.countTry(id),
    };
  }

  /** Open the submissions in one transaction per institution. */
  private async openAll(rows: readonly Waiting[]): Promise<number> {
    let opened = 0;
    for (const institutionId of new Set(rows.map((row) => row.institutionId))) {
      const own = rows.filter((row) => row.institutionId === institutionId);
      opened += await this.open(
        institutionId,
        own.map(({ id }) => id),
      );
    }
    return opened;
  }

  private async open(institutionId: string, ids: readonly string[]): Promise<number> {
    const { opened, refused } = await this.database.tx(system('intake', institutionId), async (tx) => {
      const rows = await tx.query<Row>(
        'select id, sealed, attempts from wa_submissions where id = any($1) for update skip locked',
        [ids],
      );
      return rows.length === 0 ? { opened: [], refused: [] } : this.receive(tx, institutionId, rows);
    });
    // Count the failed tries outside the transaction that opens the other cases.
    for (const { row, refusal } of refused) {
      await this.countTry(row.id);
      // Log the first, second, fourth, eighth … try: enough to be noticed, and the log stays readable.
      const code = refusal instanceof DomainError ? refusal.code : 'ERROR';
      if (((row.attempts + 1) & row.attempts) === 0)
        this.log.warning('whatsapp-report-refused', { code, day: this.channel.today });
    }
    return opened.length;
  }

  /** Step: open the cases of locked submissions, and end the submissions that were opened. */
  private async receive(
    tx: Tx,
    institutionId: string,
    rows: readonly Row[],
  ): Promise<{ opened: { id: string; facts: Opened }[]; refused: Refused[] }> {
    const drawn = await this.withFreeFolios(
      tx,
      rows.map(({ id, sealed }) => this.submissions.open(id, sealed)),
    );
    const results = await this.intake.receiveStep(
      tx,
      institutionId,
      drawn.map(({ report: { files: _files, ...report }, folio, accessCode }) => ({
        // Type check: a field that intake does not know fails to compile.
        report: report satisfies Known,
        channel: 'whatsapp',
        actor: NOBODY,
        credentials: { folio, accessCode },
      })),
    );
    const opened: { id: string; facts: Opened }[] = [];
    const refused: Refused[] = [];
    rows.forEach((row, at) => {
      const result = results[at]!;
      if ('refusal' in result) refused.push({ row, refusal: result.refusal });
      else {
        opened.push({ id: row.id, facts: factsOf(drawn[at]!, result) });
        // Sent with the commit, behind the case.
        const { files = [] } = drawn[at]!.report;
        tx.later(this.files.sendTo(tx, { institutionId, caseId: result.caseId }, files));
      }
    });
    await this.submissions.settle(tx, opened);
    return { opened, refused };
  }

  /**
   * Draw a new folio for a submission whose folio is taken; the receipt then names the new one. A taken folio
   * always belongs to another report, because the case of this report and the end of its submission commit
   * together.
   */
  private async withFreeFolios(tx: Tx, submissions: readonly Submission[]): Promise<Drawn[]> {
    const taken = await this.opening.takenFolios(
      tx,
      submissions.map(({ folio }) => folio),
    );
    return submissions.map((one) => {
      if (!taken.has(one.folio)) return { ...one, redrawn: false };
      const [prefix, year] = one.folio.split('-');
      return { ...one, folio: newFolio(prefix!, Number(year)), redrawn: true };
    });
  }

  private async countTry(id: string): Promise<void> {
    const rows = await this.database.tx(NOBODY, (tx) =>
      tx.query<{ sealed: Buffer }>(
        'update wa_submissions set attempts = attempts + 1 where id = $1 returning sealed',
        [id],
      ),
    );
    // However long it waits, its files wait as well.
    const files = rows.flatMap(({ sealed }) => this.filesOf(id, sealed));
    await this.database.tx(NOBODY, (tx) => this.files.refresh(tx, files));
  }

  /** A submission that does not open names no files that anybody could find. */
  private filesOf(id: string, sealed: Buffer): string[] {
    try {
      return this.submissions.open(id, sealed).report.files.map((file) => file.id);
    } catch {
      return [];
    }
  }

  /**
   * The waiting submissions of each institution, fresh ones first, so that refused ones do not hide others.
   * Submissions with equal tries come in the order of their random ids, not of arrival.
   */
  private async waiting(): Promise<Waiting[]> {
    return this.database.tx(NOBODY, (tx) =>
      tx.query<Waiting>(
        `select id, institution_id as "institutionId" from (
           select id, institution_id, row_number() over (partition by institution_id order by attempts, id) as place
             from wa_submissions) as waiting
          where place <= $1 order by institution_id, place`,
        [BATCH * BATCHES],
      ),
    );
  }
}

interface Waiting {
  id: string;
  institutionId: string;
}

type Drawn = Submission & { redrawn: boolean };

function factsOf({ folio, redrawn }: Drawn, result: Extract<Received, { receipt: unknown }>): Opened {
  const dueOn = result.receipt.deadlines.find(({ metric }) => metric === 'first_response')?.dueOn;
  return { ...(redrawn ? { folio } : {}), ...(dueOn === undefined ? {} : { dueOn }) };
}
