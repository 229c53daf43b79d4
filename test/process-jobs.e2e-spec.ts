import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { join, resolve } from 'node:path';
import { Jobs } from '../src/platform/jobs/jobs.js';
import { databaseUrl, Harness } from './setup/harness.js';
import { endAll, Running, type Env } from './support/process.js';
import { TEST_JOBS } from './support/test-jobs.js';
import { until } from './support/until.js';

/** Real processes, and leases that run out. */
jest.setTimeout(240_000);

const ENTRY = join(resolve(import.meta.dirname, '..'), 'dist/test/support/job-worker.js');

let h: Harness;
beforeAll(async () => {
  h = await Harness.start();
  await h.sql('jobs', 'insert into job_queue.job_names select unnest($1::text[])', [TEST_JOBS]);
});
afterAll(async () => {
  await endAll();
  await h.stop();
});
afterEach(endAll);

async function worker(env: Env = {}): Promise<Running> {
  const one = Running.program(process.execPath, ['--enable-source-maps', ENTRY], {
    APP_URL: databaseUrl(h.databaseName, 'app'),
    PUBLIC_URL: databaseUrl(h.databaseName, 'public'),
    JOBS_URL: databaseUrl(h.databaseName, 'jobs'),
    ...env,
  });
  await one.says(/job worker runs/);
  return one;
}
async function add(name: string): Promise<string> {
  const subject = randomUUID();
  await h.database.tx({ kind: 'nobody' }, (tx) => new Jobs().add(tx, name, subject));
  return subject;
}
const left = (): Promise<{ attempts: number; locked_by: string | null }[]> =>
  h.sql('jobs', 'select attempts, locked_by, last_error from job_queue._private_jobs');

describe('a worker that ends', () => {
  it('by kill -9 leaves its job to another one within two minutes', async () => {
    const first = await worker();
    const subject = await add('test-wait');
    await first.says(new RegExp(`began ${subject}`));
    const second = await worker({ TEST_WAIT: '10' });
    await first.stop('SIGKILL');
    const killedAt = performance.now();
    await second.says(new RegExp(`worked ${subject}`));
    const seconds = (performance.now() - killedAt) / 1000;
    console.info(`killed to done by another one: ${seconds.toFixed(1)} s`);
    expect(seconds).toBeLessThan(120);
    await until(left, (rows) => rows.length === 0);
    expect(await second.stop()).toBe(0);
    expect(await h.sql('jobs', 'select 1 from job_queue.runners')).toHaveLength(0);
  });

  it('by SIGTERM stops its job, which counts as no attempt and is done by another one at once', async () => {
    const first = await worker();
    const subject = await add('test-wait');
    await first.says(new RegExp(`began ${subject}`));
    const second = await worker({ TEST_WAIT: '10' });
    const at = performance.now();
    expect(await first.stop()).toBe(0);
    await second.says(new RegExp(`worked ${subject}`));
    const seconds = (performance.now() - at) / 1000;
    console.info(`SIGTERM to done by another one: ${seconds.toFixed(1)} s`);
    expect(seconds).toBeLessThan(15);
    expect(first.output).not.toContain('job-failed');
    await until(left, (rows) => rows.length === 0);

    await second.stop();
    const third = await worker();
    const next = await add('test-wait');
    await third.says(new RegExp(`began ${next}`));
    expect(await third.stop()).toBe(0);
    expect(await left()).toEqual([{ attempts: 0, locked_by: null, last_error: null }]);
    await h.sql('jobs', 'delete from job_queue._private_jobs');
  });

  it('while another runs loses nothing: both work what is there, each job once', async () => {
    const workers = await Promise.all([worker(), worker()]);
    const subjects = await Promise.all(Array.from({ length: 60 }, () => add('test-note')));
    await until(left, (rows) => rows.length === 0);
    const worked = workers.flatMap(({ output }) =>
      [...output.matchAll(/^worked (\S+)$/gm)].map(([, id]) => id!),
    );
    expect(worked.sort()).toEqual(subjects.sort());
    // No line of the library, and no subject in a line of ours.
    for (const { output } of workers)
      expect(output.replaceAll(/^(worked|began) .*$/gm, '')).not.toMatch(/task|Worker|[0-9a-f]{8}-/);
  });
});
