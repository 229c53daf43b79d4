import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { INestApplicationContext, Type } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { DomainError } from '../src/platform/errors.js';
import { Job } from '../src/platform/jobs/job.js';
import { JobRunner } from '../src/platform/jobs/job-runner.js';
import { Jobs } from '../src/platform/jobs/jobs.js';
import { RunnerLease } from '../src/platform/jobs/runner-lease.js';
import { Log } from '../src/platform/logging.js';
import { RouteMetrics } from '../src/platform/metrics.js';
import { asSuperuser, databaseUrl, Harness } from './setup/harness.js';
import { dumpDatabase, linesWith } from './support/dump.js';
import { openJobs } from './support/job-module.js';
import { TEST_JOBS, TestJobs } from './support/test-jobs.js';
import { until } from './support/until.js';

let h: Harness;
let jobsUrl: string;
beforeAll(async () => {
  h = await Harness.start();
  jobsUrl = databaseUrl(h.databaseName, 'jobs');
  await h.sql('jobs', 'insert into job_queue.job_names select unnest($1::text[])', [TEST_JOBS]);
});
afterAll(() => h.stop());

const lines: string[] = [];
const started: INestApplicationContext[] = [];
afterEach(async () => {
  for (const one of started.splice(0)) await one.close();
  await h.sql('jobs', 'delete from job_queue._private_jobs');
  lines.length = 0;
});

/** What a process that works these jobs has. */
async function open(...classes: Type[]): Promise<INestApplicationContext> {
  const log = new Log('info', { write: (line) => void lines.push(line) });
  const app = await openJobs(h.database, log, classes);
  started.push(app);
  app.get(JobRunner).pace = 0;
  return app;
}
async function worker(): Promise<{ runner: JobRunner; jobs: TestJobs; app: INestApplicationContext }> {
  const app = await open(TestJobs);
  return { runner: app.get(JobRunner), jobs: app.get(TestJobs), app };
}
const jobs = new Jobs();
const add = async (name: string, subject: string = randomUUID()): Promise<string> => {
  await h.database.tx({ kind: 'nobody' }, (tx) => jobs.add(tx, name, subject));
  return subject;
};
interface Row {
  key: string | null;
  payload: unknown;
  attempts: number;
  last_error: string | null;
  flags: unknown;
  locked_by: string | null;
  moments: string[];
}
const rows = (): Promise<Row[]> =>
  h.sql(
    'jobs',
    `select key, payload, attempts, last_error, flags, locked_by,
            array(select distinct to_char(t at time zone 'UTC', 'HH24:MI:SS.US') from unnest(array[created_at, updated_at, run_at, locked_at]) t
                   where t is not null) as moments
       from job_queue._private_jobs order by id`,
  );

describe('the rights on the queue', () => {
  it.each([
    ['select 1 from job_queue._private_jobs', /permission denied for schema job_queue/],
    ['insert into job_queue._private_jobs (task_id) values (1)', /permission denied for schema job_queue/],
    [`select job_queue.add_job('test-note')`, /permission denied for schema job_queue/],
    [`select add_job('unknown', gen_random_uuid())`, /no job has this name/],
    [`select add_job('test-note', null)`, /random uuid/],
    // Made from a time, as uuids of version 1 are.
    [`select add_job('test-note', 'c232ab00-9414-11ec-b3c8-9f6bdeced846')`, /random uuid/],
  ])('of the application refuse %s', async (statement, refusal) => {
    await expect(h.sql('app', statement)).rejects.toThrow(refusal);
    expect(await rows()).toEqual([]);
  });

  it('of the public login add nothing', async () => {
    await expect(h.sql('public', `select add_job('test-note', gen_random_uuid())`)).rejects.toThrow(
      /permission denied for function/,
    );
  });

  it('of denuncia_jobs reach no table of the service', async () => {
    const tables = await h.sql<{ name: string }>(
      'owner',
      `select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'v', 'p', 'S')`,
    );
    expect(tables.length).toBeGreaterThan(30);
    const reached = await h.sql<{ name: string }>(
      'jobs',
      `select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'v', 'p')
          and (has_any_column_privilege(oid, 'select, insert, update, references') or has_table_privilege(oid, 'delete, truncate, trigger'))`,
    );
    expect(reached).toEqual([]);
    await expect(h.sql('jobs', 'select 1 from cases')).rejects.toThrow(/permission denied for table cases/);
    await expect(h.sql('jobs', 'create table public.mine (id int)')).rejects.toThrow(/permission denied/);
    await expect(h.sql('jobs', 'create schema mine')).rejects.toThrow(/permission denied/);
  });
});

describe('a job', () => {
  it('is there after the commit of its transaction, and not after a rollback', async () => {
    const adding = h.database.tx({ kind: 'nobody' }, async (tx) => {
      await jobs.add(tx, 'test-note', randomUUID());
      throw new Error('changed my mind');
    });
    await expect(adding).rejects.toThrow('changed my mind');
    expect(await rows()).toEqual([]);
    const subject = await add('test-note');
    expect(await rows()).toMatchObject([{ key: `test-note|${subject}`, payload: { subject } }]);
  });

  it('that is added twice is one job, and leaves no row when it is done', async () => {
    const { runner, jobs: worked } = await worker();
    const subject = randomUUID();
    await Promise.all(Array.from({ length: 10 }, () => add('test-note', subject)));
    await add('test-note', subject);
    expect(await rows()).toHaveLength(1);
    expect(await runner.drain(jobsUrl)).toBe(1);
    expect(worked.worked).toEqual([subject]);
    expect(await rows()).toEqual([]);
  });

  it('that is added while it runs is worked once more', async () => {
    const { runner, jobs: worked } = await worker();
    let go = (): void => undefined;
    worked.hold = new Promise<void>((resolve) => (go = resolve));
    const subject = await add('test-note');
    await runner.start(jobsUrl);
    await until(
      async () => worked.running,
      (running) => running === 1,
    );
    await add('test-note', subject);
    go();
    await until(rows, (left) => left.length === 0);
    expect(worked.worked).toEqual([subject, subject]);
  });

  it('tells no time in a dump: not when it waits, runs, or has failed', async () => {
    const { runner, jobs: worked } = await worker();
    const waiting = await add('test-note');
    expect((await rows())[0]!.moments).toEqual(['00:00:00.000000']);
    const dump = await dumpDatabase(h);
    expect(linesWith(dump, waiting)).toEqual([expect.stringMatching(/^job_queue\._private_jobs: /)]);
    worked.hold = new Promise((resolve) => setTimeout(resolve, 500));
    const draining = runner.drain(jobsUrl);
    await until(rows, ([row]) => row!.locked_by !== null);
    expect((await rows())[0]!.moments).toEqual(['00:00:00.000000']);
    await draining;
    await add('test-note');
    const slow = await worker();
    slow.runner.pace = 1;
    slow.jobs.failures.push(new Error('x'));
    await slow.runner.drain(jobsUrl);
    const [failed] = await rows();
    expect(failed).toMatchObject({ attempts: 1, flags: { minute: true }, moments: ['00:00:00.000000'] });
    const [future] = await h.sql<{ n: number }>(
      'jobs',
      'select count(*)::int as n from job_queue._private_jobs where greatest(created_at, updated_at, run_at) > now()',
    );
    expect(future!.n).toBe(0);
  });

  it('that fails waits for its round, tells a code alone, and is worked again', async () => {
    const secret = 'Juan Pérez, CNV-2026-7K3M-Q9TX-4';
    const shapes = [
      [Object.assign(new Error(secret), { code: 'ECONNREFUSED' }), 'ECONNREFUSED'],
      [new DomainError('CASE_CLOSED', 409, secret), 'CASE_CLOSED'],
      [Object.assign(new Error(secret), { code: '23505' }), '23505'],
      [Object.assign(new Error(secret), { code: secret }), 'FAILED'],
      [secret, 'FAILED'],
    ] as const;
    const subject = randomUUID();
    for (const [failure, code] of shapes) {
      const { runner, jobs: worked } = await worker();
      runner.pace = 1;
      worked.failures.push(failure);
      await add('test-note', subject);
      expect(await runner.drain(jobsUrl)).toBe(1);
      expect(await rows()).toMatchObject([{ last_error: code, attempts: 1, locked_by: null }]);
      // Before its round nobody takes it.
      expect(await runner.drain(jobsUrl)).toBe(0);
    }
    expect(linesWith(await dumpDatabase(h), secret)).toEqual([]);
    const { runner, jobs: worked } = await worker();
    expect(await runner.drain(jobsUrl)).toBe(1);
    expect(worked.worked).toEqual([subject]);
    const written = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(
      written.filter(({ event }) => event === 'job-failed').map(({ job, code }) => `${job} ${code}`),
    ).toEqual(shapes.map(([, code]) => `test-note ${code}`));
    expect(lines.join('')).not.toMatch(new RegExp(`Juan|7K3M|${subject}`));
  });

  it('that keeps failing is given up, and is tried again when it is added again', async () => {
    const { runner, jobs: worked } = await worker();
    const subject = await add('test-note');
    worked.failures.push(...Array.from({ length: 40 }, () => new Error('x')));
    expect(await runner.drain(jobsUrl)).toBe(25);
    expect(await rows()).toMatchObject([{ attempts: 25, last_error: 'FAILED', flags: { hour: true } }]);
    worked.failures.length = 0;
    await add('test-note', subject);
    expect(await rows()).toMatchObject([{ attempts: 0, last_error: null, flags: null }]);
    expect(await runner.drain(jobsUrl)).toBe(1);
    expect(await rows()).toEqual([]);
  });

  it('fails when its time is over, also when it does not listen to its signal', async () => {
    class Hanging {
      @Job('test-wait', { timeLimit: 50, ofReporters: true })
      async wait(): Promise<void> {
        await new Promise(() => undefined);
      }
    }
    const app = await open(Hanging);
    app.get(JobRunner).pace = 1;
    await add('test-wait');
    expect(await app.get(JobRunner).drain(jobsUrl)).toBe(1);
    expect(await rows()).toMatchObject([{ last_error: 'TIME_LIMIT', attempts: 1 }]);
    // A reporter causes it: its line waits for the hour.
    expect(lines.filter((line) => line.includes('job-failed'))).toEqual([]);
  });

  it('starts within two seconds, as many at once as its concurrency says', async () => {
    const { runner, jobs: worked } = await worker();
    await runner.start(jobsUrl);
    const delays: number[] = [];
    for (let n = 0; n < 5; n++) {
      await new Promise((resolve) => setTimeout(resolve, 300));
      const at = performance.now();
      const subject = await add('test-note');
      while (!worked.worked.includes(subject)) await new Promise((resolve) => setTimeout(resolve, 5));
      delays.push(performance.now() - at);
    }
    console.info(`add to start: ${delays.map((ms) => Math.round(ms)).join(', ')} ms`);
    expect(Math.max(...delays)).toBeLessThan(2_000);
    worked.hold = new Promise((resolve) => setTimeout(resolve, 1_500));
    await Promise.all(Array.from({ length: 6 }, () => add('test-note')));
    await until(rows, (left) => left.length === 0);
    expect(worked.most).toBe(2);
  });

  it('is taken by one of two workers, and none while the clock cannot be right', async () => {
    const [one, two] = [await worker(), await worker()];
    let trusted = false;
    await Promise.all([one, two].map(({ runner }) => runner.start(jobsUrl, async () => trusted)));
    const subjects = await Promise.all(Array.from({ length: 30 }, () => add('test-note')));
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(await rows()).toHaveLength(30);
    for (const { jobs: worked } of [one, two])
      worked.hold = new Promise((resolve) => setTimeout(resolve, 2_000));
    trusted = true;
    await until(rows, (left) => left.length === 0);
    const done = [...one.jobs.worked, ...two.jobs.worked];
    expect(done.sort()).toEqual(subjects.sort());
    expect(Math.min(one.jobs.worked.length, two.jobs.worked.length)).toBeGreaterThan(0);
  });
});

describe('a worker', () => {
  it('gives a job back that goes on after its signal, without counting the attempt', async () => {
    class Deaf {
      @Job('test-wait')
      async wait(): Promise<void> {
        await new Promise(() => undefined);
      }
    }
    const app = await open(Deaf);
    await app.get(JobRunner).start(jobsUrl);
    await add('test-wait');
    await until(rows, ([row]) => row!.locked_by !== null);
    const at = performance.now();
    await started.pop()!.close();
    expect(performance.now() - at).toBeLessThan(10_000);
    expect(await rows()).toMatchObject([{ attempts: 0, locked_by: null, last_error: null }]);
    expect(lines.filter((line) => line.includes('job-'))).toEqual([]);
  });

  it('goes on after its connections are cut while a job runs', async () => {
    const { runner, jobs: worked } = await worker();
    let go = (): void => undefined;
    worked.hold = new Promise<void>((resolve) => (go = resolve));
    await runner.start(jobsUrl);
    const subject = await add('test-note');
    await until(
      async () => worked.running,
      (running) => running === 1,
    );
    await asSuperuser((client) =>
      client.query(
        `select pg_terminate_backend(pid) from pg_stat_activity where usename = 'denuncia_jobs' and datname = $1`,
        [h.databaseName],
      ),
    );
    go();
    await until(rows, (left) => left.length === 0);
    expect(worked.worked).toEqual([subject]);
  });

  it('tells of a queue that it cannot write, prints nothing else, and works the job again afterwards', async () => {
    const printed = (['trace', 'error', 'log'] as const).map((name) =>
      jest.spyOn(console, name).mockImplementation(() => undefined),
    );
    const { runner, jobs: worked, app } = await worker();
    let go = (): void => undefined;
    worked.hold = new Promise<void>((resolve) => (go = resolve));
    await runner.start(jobsUrl);
    const subject = await add('test-note');
    await until(
      async () => worked.running,
      (running) => running === 1,
    );
    await h.sql('jobs', 'alter table job_queue._private_jobs rename to away');
    go();
    const failing = async (): Promise<boolean> =>
      (await app.get(RouteMetrics).registry.metrics()).includes('job_queue_failing 1');
    await until(failing, (yes) => yes);
    await h.sql('jobs', 'alter table job_queue.away rename to _private_jobs');
    await until(rows, (left) => left.length === 0);
    await until(failing, (yes) => !yes);
    expect(worked.worked).toEqual([subject, subject]);
    for (const spy of printed) {
      expect(spy).not.toHaveBeenCalled();
      spy.mockRestore();
    }
    expect(lines.filter((line) => line.includes('"time"'))).toEqual([]);
  });

  it('stops its jobs when it cannot show that it lives, before others take them', async () => {
    const failures: unknown[] = [];
    const pool = new pg.Pool({ connectionString: jobsUrl, max: 1 });
    const lease = new RunnerLease(pool, randomUUID(), (error) => failures.push(error), {
      beat: 100,
      lost: 400,
    });
    await lease.start();
    const first = lease.lost;
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(first.aborted).toBe(false);
    await h.sql('jobs', 'alter table job_queue.runners rename to away');
    await until(
      async () => first.aborted,
      (yes) => yes,
    );
    expect(failures.length).toBeGreaterThan(0);
    await h.sql('jobs', 'alter table job_queue.away rename to runners');
    await until(
      async () => lease.lost.aborted,
      (yes) => !yes,
    );
    await lease.end();
    await pool.end();
    expect(await h.sql('jobs', 'select 1 from job_queue.runners')).toEqual([]);
  });
});

describe('the declared jobs', () => {
  it('are all on the list of the database', async () => {
    const listed = await h.sql<{ name: string }>('jobs', 'select name from job_queue.job_names');
    const names = listed.map(({ name }) => name).filter((name) => !TEST_JOBS.includes(name));
    expect(h.app.get(JobRunner).names.sort()).toEqual(names.sort());
  });

  it('stop a start when one is not on the list', async () => {
    class Unlisted {
      @Job('not-listed')
      async work(): Promise<void> {}
    }
    const app = await open(Unlisted);
    await expect(app.get(JobRunner).start(jobsUrl)).rejects.toThrow(
      'The list of jobs in the database lacks not-listed; a migration adds a name.',
    );
  });

  it('stop a start when two methods have one name, or when one may run for longer than the queue waits', async () => {
    class Twice {
      @Job('test-note')
      async one(): Promise<void> {}
      @Job('test-note')
      async two(): Promise<void> {}
    }
    await expect(open(Twice)).rejects.toThrow('two methods declare the job test-note');
    expect(() => Job('test-note', { timeLimit: 4 * 3_600_000 })).toThrow(/above three hours/);
  });
});

describe('the metrics of the queue', () => {
  const shown = async (app: INestApplicationContext): Promise<string[]> =>
    (await app.get(RouteMetrics).registry.metrics())
      .split('\n')
      .filter((line) => /^job_/.test(line))
      .sort();

  it('move with no job of the day, and tell what is older', async () => {
    const { runner, app, jobs: worked } = await worker();
    expect(await shown(app)).toEqual(['job_queue_failing 0']);
    await runner.drain(jobsUrl);
    const still = [
      'job_failed{job="test-note"} 0',
      'job_failed{job="test-wait"} 0',
      'job_queue_failing 0',
      'job_waiting_days{job="test-note"} 0',
      'job_waiting_days{job="test-wait"} 0',
    ];
    expect(await shown(app)).toEqual(still);
    worked.failures.push(...Array.from({ length: 25 }, () => new Error('x')));
    await add('test-note');
    await runner.drain(jobsUrl);
    await add('test-wait');
    expect(await shown(app)).toEqual(still);
    // As if three days had passed.
    await h.sql(
      'jobs',
      `alter table job_queue._private_jobs disable trigger without_times;
       update job_queue._private_jobs set created_at = created_at - interval '3 days', updated_at = updated_at - interval '3 days';
       alter table job_queue._private_jobs enable trigger without_times`,
    );
    expect(await shown(app)).toEqual([
      'job_failed{job="test-note"} 1',
      'job_failed{job="test-wait"} 0',
      'job_queue_failing 0',
      'job_waiting_days{job="test-note"} 0',
      'job_waiting_days{job="test-wait"} 3',
    ]);
  });
});
