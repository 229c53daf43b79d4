import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { Client } from '../database/client.js';
import { StartError } from '../errors.js';
import { Log } from '../logging.js';
import { JobLane } from './job-lane.js';
import type { DeclaredJob } from './declared-job.js';
import { GRACE } from './job-attempt.js';
import { RunnerLease } from './runner-lease.js';
import { QUEUE } from './queue-schema.js';

/** Milliseconds between two looks for a job of one name. Nothing wakes a worker (ADR 0014). */
const LOOK = 500;
/** Milliseconds until the next look after one that failed. */
const AFTER_FAILURE = 10_000;
/** Connections for the statements of the queue. None is held while a job runs. */
const CONNECTIONS = 3;
const CONNECT_TIMEOUT = 5_000;

interface Work {
  job: DeclaredJob;
  /** Lanes that work no job now. */
  idle: JobLane[];
  /** One lane looks, or waits for its next look. The others sleep until it has found a job. */
  looking: boolean;
  timer?: NodeJS.Timeout;
}

/** Works the jobs of a process that runs background work. */
@Injectable()
export class JobRunner implements OnApplicationShutdown {
  /** Scales the rounds of jobs that failed. Tests lower it. */
  pace = 1;
  private readonly jobs = new Map<string, DeclaredJob>();
  private readonly stopping = new AbortController();
  private readonly running = new Set<Promise<unknown>>();
  private works: Work[] = [];
  private opened?: pg.Pool;
  private lease?: RunnerLease;
  private may: () => Promise<boolean> = async () => true;
  private unwell = false;

  constructor(private readonly log: Log) {}

  register(job: DeclaredJob): void {
    if (this.jobs.has(job.name)) throw new Error(`two methods declare the job ${job.name}`);
    this.jobs.set(job.name, job);
  }

  get names(): string[] {
    return [...this.jobs.keys()];
  }

  /** The connections of the queue, in a process that works jobs. */
  get pool(): pg.Pool | undefined {
    return this.opened;
  }

  /** Whether the last look of this process failed. */
  get failing(): boolean {
    return this.unwell;
  }

  /**
   * Begins to work jobs. Without a declared job it does nothing.
   * @param url of the login `denuncia_jobs`
   * @param may asked before each job: none is taken while it says no
   * @throws StartError when a declared job is not on the list of the database
   */
  async start(url: string, may: () => Promise<boolean> = async () => true): Promise<void> {
    if (this.jobs.size === 0) return;
    this.may = may;
    await this.open(url);
    for (const work of this.works) this.look(work);
  }

  /**
   * Works what waits until nothing is left, also what waits after a failure when its round has come. Tests
   * call it instead of `start`.
   * @returns how many attempts there were
   */
  async drain(url: string): Promise<number> {
    if (!this.opened) await this.open(url);
    let worked = 0;
    for (const { idle } of this.works) while (await idle[0]!.take(() => undefined)) worked++;
    return worked;
  }

  /**
   * Ends in order. Jobs under way get their signal. Those that do not stop in time are given back as they
   * are: another process works them again.
   */
  async onApplicationShutdown(): Promise<void> {
    const pool = this.opened;
    if (!pool) return;
    this.stopping.abort();
    for (const { timer } of this.works) clearTimeout(timer);
    const late = new AbortController();
    await Promise.race([
      Promise.allSettled(this.running),
      delay(GRACE + 3_000, undefined, { signal: late.signal }).catch(() => undefined),
    ]);
    late.abort();
    await this.lease!.end();
    void pool.end().catch(() => undefined);
  }

  private async open(url: string): Promise<void> {
    const pool = new pg.Pool({
      Client,
      connectionString: url,
      max: CONNECTIONS,
      connectionTimeoutMillis: CONNECT_TIMEOUT,
      application_name: 'denuncia-abierta-jobs',
    });
    pool.on('error', () => undefined);
    this.opened = pool;
    await this.assertListed(pool);
    const runner = randomUUID();
    this.lease = new RunnerLease(pool, runner, (error) => this.failed(error));
    await this.lease.start();
    const stop = this.stopping.signal;
    const parts = { pool, log: this.log, runner, pace: this.pace, stop, lost: () => this.lease!.lost };
    this.works = [...this.jobs.values()].map((job) => ({
      job,
      idle: Array.from({ length: job.concurrency }, (_, number) => new JobLane(job, number, parts)),
      looking: false,
    }));
  }

  private async assertListed(pool: pg.Pool): Promise<void> {
    const { rows } = await pool.query<{ name: string }>(
      `select name from unnest($1::text[]) name where name not in (select name from ${QUEUE}.job_names)`,
      [this.names],
    );
    if (rows.length === 0) return;
    await pool.end();
    this.opened = undefined;
    const names = rows.map(({ name }) => name).join(', ');
    throw new StartError(`The list of jobs in the database lacks ${names}; a migration adds a name.`);
  }

  private look(work: Work): void {
    if (this.stopping.signal.aborted || work.looking) return;
    const lane = work.idle.pop();
    if (!lane) return;
    work.looking = true;
    const turn = this.turn(work, lane).finally(() => this.running.delete(turn));
    this.running.add(turn);
  }

  private async turn(work: Work, lane: JobLane): Promise<void> {
    let wait = LOOK;
    let found = false;
    try {
      if (await this.may())
        found = await lane.take(() => {
          // This lane is busy now. The next one looks.
          work.looking = false;
          this.look(work);
        });
      this.unwell = false;
    } catch (error) {
      this.failed(error);
      wait = AFTER_FAILURE;
    }
    work.idle.push(lane);
    if (found) this.look(work);
    else {
      work.looking = false;
      clearTimeout(work.timer);
      if (!this.stopping.signal.aborted) work.timer = setTimeout(() => this.look(work), wait);
    }
  }

  /** A statement may fail while a job of a reporter begins or ends. So its line has no time. */
  private failed(error: unknown): void {
    this.unwell = true;
    this.log.faultWithoutTime('job-queue-failed', error);
  }
}
