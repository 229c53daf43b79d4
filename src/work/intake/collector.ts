import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { constraintOf, violates } from '../../platform/database/sql-state.js';
import { isDiskFull } from '../../platform/disk-full.js';
import { DomainError } from '../../platform/errors.js';
import { describeProblem, diskFull } from '../../platform/http/problem.filter.js';
import type { Submission } from './admission.js';
import { IntakeService, type Received } from './intake.service.js';
import type { IntakeReceipt } from './report.receipt.js';

/**
 * Maximum of reports in a batch. A batch is one multi-row transaction. With more rows the last caller would
 * wait longer and no work would be saved.
 */
const MAX_BATCH = 64;
/** Batches in progress at a time: one is prepared in this process while the other commits in the database. */
const IN_FLIGHT = 2;
/** Maximum of waiting reports per institution. Further callers are told to come again soon. */
const MAX_WAITING = 5_000;

interface Waiting {
  submission: Submission;
  resolve(receipt: IntakeReceipt): void;
  reject(error: unknown): void;
}

interface Queue {
  waiting: Waiting[];
  inFlight: number;
}

/**
 * Group commit: reports that arrive while a batch commits go together into the next batch. Every caller gets
 * its answer after the commit of its report. A single report never waits for others.
 */
@Injectable()
export class Collector implements BeforeApplicationShutdown {
  private readonly queues = new Map<string, Queue>();
  private idle?: () => void;
  private closing = false;

  constructor(private readonly intake: IntakeService) {}

  /**
   * @throws what the report is refused with, `NotTaken` (503) when it is certain that nothing was stored, or
   *   UNAVAILABLE (503) when it is not known
   */
  submit(institutionId: string, submission: Submission): Promise<IntakeReceipt> {
    const queue = this.queues.get(institutionId) ?? { waiting: [], inFlight: 0 };
    this.queues.set(institutionId, queue);
    // The server still listens while the queues drain. Refuse new reports, so that another process gets them.
    if (this.closing || queue.waiting.length >= MAX_WAITING) return Promise.reject(new NotTaken());
    return new Promise((resolve, reject) => {
      queue.waiting.push({ submission, resolve, reject });
      // Flush after this tick, so that requests read in the same tick share a batch.
      setImmediate(() => this.flush(institutionId, queue));
    });
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.closing = true;
    if (this.busy()) await new Promise<void>((resolve) => (this.idle = resolve));
  }

  private busy(): boolean {
    return [...this.queues.values()].some((queue) => queue.inFlight > 0 || queue.waiting.length > 0);
  }

  private flush(institutionId: string, queue: Queue): void {
    while (queue.waiting.length > 0 && queue.inFlight < IN_FLIGHT) {
      const batch = queue.waiting.splice(0, MAX_BATCH);
      queue.inFlight += 1;
      void this.commit(institutionId, batch).finally(() => {
        queue.inFlight -= 1;
        this.flush(institutionId, queue);
        if (!this.busy()) this.idle?.();
      });
    }
  }

  /**
   * Run a batch, and retry once when a second try can succeed: on a folio collision (40 random bits, once in
   * some millions of reports), and when a period was published while its report was being written.
   */
  private async receive(institutionId: string, submissions: Submission[]): Promise<Received[]> {
    try {
      return await this.intake.receive(institutionId, submissions);
    } catch (error) {
      if (violates(error, 'cases_folio_key') || constraintOf(error) === 'cases_in_no_release')
        return this.intake.receive(institutionId, submissions);
      throw error;
    }
  }

  private async commit(institutionId: string, batch: Waiting[]): Promise<void> {
    try {
      const results = await this.receive(
        institutionId,
        batch.map(({ submission }) => submission),
      );
      batch.forEach((waiting, i) => settle(waiting, results[i]!));
    } catch (error) {
      // The database is unavailable or too slow. A try with each report alone would fail in the same way.
      const away = describeProblem(error, 'es').status === 503;
      if (batch.length === 1 || away) {
        for (const waiting of batch)
          waiting.reject(away ? (isDiskFull(error) ? noRoom() : unavailable()) : error);
        return;
      }
      // Retry each report alone, so that only the bad one fails.
      for (const waiting of batch) await this.commit(institutionId, [waiting]);
    }
  }
}

function settle(waiting: Waiting, result: Received): void {
  if ('receipt' in result) waiting.resolve(result.receipt);
  else waiting.reject(result.refusal);
}

/** The service is stopping, or too many reports wait: nothing of this one was stored. */
export class NotTaken extends DomainError {
  constructor() {
    const { code, status, detail, extra } = unavailable();
    super(code, status, detail, extra);
  }
}

export function noRoom(): DomainError {
  return diskFull({
    es: 'El sistema se quedó sin espacio y no guardó tu denuncia. Repite el envío en unos minutos con el mismo Idempotency-Key: no se duplicará.',
    en: 'The system ran out of disk space and did not store your report. Send it again in a few minutes with the same Idempotency-Key: it will not be duplicated.',
  });
}

export function unavailable(): DomainError {
  return new DomainError(
    'UNAVAILABLE',
    503,
    {
      es: 'No pudimos confirmar tu denuncia. Repite el envío en unos segundos con el mismo Idempotency-Key: no se duplicará.',
      en: 'We could not confirm your report. Send it again in a few seconds with the same Idempotency-Key: it will not be duplicated.',
    },
    { retryAfter: 2 },
  );
}
