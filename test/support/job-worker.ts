import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Ending } from '../../src/app/boot.js';
import { Clock } from '../../src/platform/clock.js';
import { KeyRing } from '../../src/platform/crypto/keyring.js';
import { Database } from '../../src/platform/database/database.js';
import { JobRunner } from '../../src/platform/jobs/job-runner.js';
import { Log } from '../../src/platform/logging.js';
import { PlatformModule } from '../../src/platform/platform.module.js';
import { run } from '../../src/platform/run.js';
import { SECRETS, testConfig } from '../setup/constants.js';
import { TestJobs } from './test-jobs.js';

/** A process that works the jobs of tests and nothing else, on the database of a test. */
@Module({ providers: [TestJobs] })
class TestJobsModule {}

await run(async () => {
  const ending = new Ending();
  const [app, reader, jobs] = [process.env.APP_URL!, process.env.PUBLIC_URL!, process.env.JOBS_URL!];
  const database = await Database.connect({ app, public: reader }, [], { size: 2, connectTimeout: 5_000 });
  await ending.add(() => database.close());
  const log = new Log('info');
  const parts = { config: testConfig(), clock: new Clock(), keys: new KeyRing(SECRETS), log, database };
  const context = await NestFactory.createApplicationContext(
    { module: TestJobsModule, imports: [PlatformModule.of(parts)] },
    { logger: log, abortOnError: false },
  );
  await ending.add(() => context.close());
  await context.get(JobRunner).start(jobs);
  await ending.started();
  console.log('job worker runs');
});
