import { Global, Module, type DynamicModule } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { Clock } from './clock.js';
import type { Config } from './config.js';
import { KeyRing } from './crypto/keyring.js';
import { Database } from './database/database.js';
import { Disk } from './disk.js';
import { Events } from './events.js';
import { Credentials } from './http/access.guard.js';
import { ErrorShapes } from './http/error-shapes.js';
import { Refusals } from './http/refusals.js';
import { DeclaredJobs } from './jobs/job.js';
import { JobMetrics } from './jobs/job-metrics.js';
import { JobRunner } from './jobs/job-runner.js';
import { Jobs } from './jobs/jobs.js';
import { DeclaredSweeps } from './jobs/sweep.js';
import { SweepMetrics } from './jobs/sweep-metrics.js';
import { Sweeper } from './jobs/sweeper.js';
import { Limits } from './limits.js';
import { Log } from './logging.js';
import { RouteMetrics } from './metrics.js';
import { PublicMemory } from './public-memory.js';
import { ObjectStore } from './storage/object-store.js';
import { Waits } from './waits.js';

export const CONFIG = Symbol('config');

/**
 * The parts that exist once per process and know no domain word. The entry points make them, and every module
 * gets them.
 */
export interface PlatformParts {
  config: Config;
  clock: Clock;
  keys: KeyRing;
  log: Log;
  database: Database;
  store: ObjectStore;
}

@Global()
@Module({})
export class PlatformModule {
  static of(parts: PlatformParts): DynamicModule {
    const values = [
      { provide: CONFIG, useValue: parts.config },
      { provide: Clock, useValue: parts.clock },
      { provide: KeyRing, useValue: parts.keys },
      { provide: Log, useValue: parts.log },
      { provide: Database, useValue: parts.database },
      { provide: ObjectStore, useValue: parts.store },
    ];
    const services = [
      Credentials,
      ErrorShapes,
      Refusals,
      Events,
      Sweeper,
      DeclaredSweeps,
      SweepMetrics,
      Jobs,
      JobRunner,
      DeclaredJobs,
      JobMetrics,
      Limits,
      RouteMetrics,
      PublicMemory,
      Disk,
      Waits,
    ];
    return {
      module: PlatformModule,
      imports: [DiscoveryModule],
      providers: [...values, ...services],
      exports: [...values.map((value) => value.provide), ...services],
    };
  }
}
