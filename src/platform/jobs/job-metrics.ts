import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Gauge } from 'prom-client';
import { RouteMetrics } from '../metrics.js';
import { JobRunner } from './job-runner.js';
import { QUEUE } from './queue-schema.js';

interface Figures {
  name: string;
  days: number;
  failed: boolean;
}

/**
 * Shows what stands in the queue, by what stood there when the day (UTC) began. A number that moves with each
 * job would tell when somebody sent something.
 */
@Injectable()
export class JobMetrics implements OnModuleInit {
  constructor(
    private readonly runner: JobRunner,
    private readonly metrics: RouteMetrics,
  ) {}

  onModuleInit(): void {
    this.show(
      'job_waiting_days',
      'Whole days (UTC) since the oldest job that still waits',
      ({ days }) => days,
    );
    this.show('job_failed', 'Whether a job failed for good before today (UTC)', ({ failed }) =>
      failed ? 1 : 0,
    );
    const { runner } = this;
    new Gauge({
      name: 'job_queue_failing',
      help: 'Whether the last look of this process into the queue failed',
      registers: [this.metrics.registry],
      collect() {
        this.set(runner.failing ? 1 : 0);
      },
    });
  }

  private show(name: string, help: string, of: (figures: Figures) => number): void {
    const figures = (): Promise<Figures[]> => this.figures();
    new Gauge({
      name,
      help,
      labelNames: ['job'],
      registers: [this.metrics.registry],
      async collect() {
        this.reset();
        for (const one of await figures()) this.set({ job: one.name }, of(one));
      },
    });
  }

  /** Returns nothing in a process that works no jobs, and while the database does not answer. */
  private async figures(): Promise<Figures[]> {
    const { pool, names } = this.runner;
    if (!pool) return [];
    try {
      const { rows } = await pool.query<Figures>(
        `select name, coalesce(max(today - (j.created_at at time zone 'UTC')::date) filter (where j.attempts < j.max_attempts), 0) as days,
                coalesce(bool_or(j.attempts >= j.max_attempts and j.locked_at is null and (j.updated_at at time zone 'UTC')::date < today), false) as failed
           from unnest($1::text[]) name
           cross join (select (now() at time zone 'UTC')::date as today) t
           left join (${QUEUE}._private_jobs j join ${QUEUE}._private_tasks k on k.id = j.task_id) on k.identifier = name
          group by name`,
        [names],
      );
      return rows;
    } catch {
      return [];
    }
  }
}
