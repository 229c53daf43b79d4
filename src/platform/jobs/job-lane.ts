import { Logger, runTaskListOnce, type RunOnceOptions, type Task, type WorkerPool } from 'graphile-worker';
import type pg from 'pg';
import type { Log } from '../logging.js';
import { attempt, AttemptFailed } from './job-attempt.js';
import type { DeclaredJob } from './declared-job.js';
import { QUEUE } from './queue-schema.js';

/**
 * A job that failed waits under one of these flags, by its number of attempts. The values are milliseconds
 * between two rounds in which a worker takes such jobs. The trigger `without_times` sets the flag.
 */
const ROUNDS: Readonly<Record<string, number>> = {
  minute: 60_000,
  'ten-minutes': 600_000,
  hour: 3_600_000,
};

export interface LaneParts {
  pool: pg.Pool;
  log: Log;
  /** Name of this process in the queue. */
  runner: string;
  /** Fires when the process ends. */
  stop: AbortSignal;
  /** Fires when another process may have taken the jobs of this one. */
  lost(): AbortSignal;
  /** Scales the rounds. Tests cannot wait for a minute. */
  pace: number;
}

/**
 * Takes jobs of one name, one after the other. A name has as many lanes as its concurrency.
 *
 * It calls the library for one job each time. The library's own loop would LISTEN. Every login of the
 * database may send a NOTIFY, and one of its messages stops a worker (ADR 0014).
 */
export class JobLane {
  /** Under which this lane locks jobs. */
  private readonly worker: string;
  private readonly rounds: Map<string, number>;
  /** Reads once which ids the names have. A failure would be kept, so after one they are made anew. */
  private options?: RunOnceOptions;
  private unclean = false;

  constructor(
    private readonly job: DeclaredJob,
    number: number,
    private readonly parts: LaneParts,
  ) {
    this.worker = `${parts.runner}/${job.name}/${number}`;
    const now = performance.now();
    this.rounds = new Map(Object.entries(ROUNDS).map(([flag, every]) => [flag, now + every * parts.pace]));
  }

  /**
   * Works one job, if one waits.
   * @param taken called when there is one, before it is worked
   * @returns whether there was one
   * @throws the failure of a statement; nothing is lost, the job will be worked again
   */
  async take(taken: () => void): Promise<boolean> {
    if (this.unclean) await this.release(false);
    this.unclean = false;
    this.options ??= this.makeOptions();
    let found = false;
    let failure: unknown;
    const client = quiet(
      this.parts.pool,
      () => found,
      (error) => (failure ??= error),
    );
    const task: Task = async (payload) => {
      found = true;
      // One job each time: the runner asks in between whether it may go on.
      void once.worker?.release();
      taken();
      await this.work((payload as { subject: string }).subject);
    };
    const once: WorkerPool = runTaskListOnce(this.options, { [this.job.name]: task }, client);
    await once.promise;
    if (!found) this.endRounds();
    if (failure !== undefined) {
      this.unclean = true;
      this.options = undefined;
      throw failure;
    }
    return found;
  }

  /**
   * Gives back what this lane has locked.
   * @param free the attempt under way does not count
   */
  async release(free: boolean): Promise<void> {
    await this.parts.pool.query(
      `update ${QUEUE}._private_jobs set locked_at = null, locked_by = null, attempts = greatest(attempts - $2, 0) where locked_by = $1`,
      [this.worker, free ? 1 : 0],
    );
  }

  private async work(subject: string): Promise<void> {
    try {
      const { stop, lost } = this.parts;
      await attempt(this.job, subject, AbortSignal.any([stop, lost()]));
    } catch (error) {
      const { code, reason } = error as AttemptFailed;
      if (code === 'STOPPED') {
        // Before the library notes a failure: it finds nothing that it has locked.
        await this.release(true).catch(() => (this.unclean = true));
      } else {
        this.endRounds();
        this.tell(code, reason);
      }
      throw error;
    }
  }

  private tell(code: string, reason: unknown): void {
    const { log } = this.parts;
    const fields = { job: this.job.name, code };
    if (this.job.ofReporters) log.faultWithoutTime('job-failed', reason, fields);
    else log.fault('job-failed', reason, fields);
  }

  /** Ends the rounds under way: after a failure, and when no job is left. */
  private endRounds(): void {
    const now = performance.now();
    for (const [flag, at] of this.rounds)
      if (at <= now) this.rounds.set(flag, now + ROUNDS[flag]! * this.parts.pace);
  }

  private makeOptions(): RunOnceOptions {
    return {
      schema: QUEUE,
      workerId: this.worker,
      noHandleSignals: true,
      // They would be kept in a session, which a transaction pooler shares.
      noPreparedStatements: true,
      forbiddenFlags: () => {
        const now = performance.now();
        return [...this.rounds].filter(([, at]) => at > now).map(([flag]) => flag);
      },
      // Its lines name jobs and quote errors. `tell` and the runner say what an operator needs.
      logger: new Logger(() => () => undefined),
    };
  }
}

/**
 * Makes the connection for the library. A statement that fails has no rows there, and the caller is told. The
 * library would repeat it for minutes, or print it on the console.
 * @param repeats whether the job was worked. The statements that end it do no harm twice, and the first may
 *   have met a connection that was cut meanwhile
 */
function quiet(pool: pg.Pool, repeats: () => boolean, told: (error: unknown) => void): pg.PoolClient {
  const query = async (statement: pg.QueryConfig | string, values?: unknown[]): Promise<pg.QueryResult> => {
    const send = (): Promise<pg.QueryResult> => pool.query(statement as string, values);
    try {
      return await (repeats() ? send().catch(send) : send());
    } catch (error) {
      told(error);
      return { rows: [], rowCount: 0, command: '', oid: 0, fields: [] };
    }
  };
  return { query } as unknown as pg.PoolClient;
}
