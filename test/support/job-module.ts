import { Module, type DynamicModule, type INestApplicationContext, type Type } from '@nestjs/common';
import { DiscoveryModule, NestFactory } from '@nestjs/core';
import { Clock } from '../../src/platform/clock.js';
import { Database } from '../../src/platform/database/database.js';
import { DeclaredJobs } from '../../src/platform/jobs/job.js';
import { JobMetrics } from '../../src/platform/jobs/job-metrics.js';
import { JobRunner } from '../../src/platform/jobs/job-runner.js';
import { Log } from '../../src/platform/logging.js';
import { RouteMetrics } from '../../src/platform/metrics.js';

@Module({})
class JobModule {}

/** A process that works the jobs of these classes, and does nothing else. */
export function openJobs(
  database: Database,
  log: Log,
  classes: readonly Type[],
): Promise<INestApplicationContext> {
  const module: DynamicModule = {
    module: JobModule,
    imports: [DiscoveryModule],
    providers: [
      { provide: Log, useValue: log },
      { provide: Database, useValue: database },
      { provide: Clock, useValue: new Clock() },
      RouteMetrics,
      JobRunner,
      DeclaredJobs,
      JobMetrics,
      ...classes,
    ],
  };
  return NestFactory.createApplicationContext(module, { logger: log, abortOnError: false });
}
