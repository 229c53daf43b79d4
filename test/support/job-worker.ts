import 'reflect-metadata';
import { Ending } from '../../src/app/boot.js';
import { Clock } from '../../src/platform/clock.js';
import { Database } from '../../src/platform/database/database.js';
import { JobRunner } from '../../src/platform/jobs/job-runner.js';
import { Log } from '../../src/platform/logging.js';
import { run } from '../../src/platform/run.js';
import { openJobs } from './job-module.js';
import { TestJobs } from './test-jobs.js';

/** A process that works the jobs of tests, on the database of a test. */
await run(async () => {
  const ending = new Ending();
  const urls = { app: process.env.APP_URL!, public: process.env.PUBLIC_URL! };
  const database = await Database.connect(urls, [], { size: 2, connectTimeout: 5_000 });
  await ending.add(() => database.close());
  const log = new Log('info');
  log.start(new Clock());
  await ending.add(async () => log.end());
  const app = await openJobs(database, log, [TestJobs]);
  await ending.add(() => app.close());
  app.get(TestJobs).say = (line) => console.log(line);
  await app.get(JobRunner).start(process.env.JOBS_URL!);
  await ending.started();
  console.log('job worker runs');
});
