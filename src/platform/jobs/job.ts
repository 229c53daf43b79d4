import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { declaredMethods, noteOn } from '../declared-methods.js';
import type { DeclaredJob, JobDeclaration } from './declared-job.js';
import { JobRunner } from './job-runner.js';

type Work = (subject: string, signal?: AbortSignal) => Promise<void>;

/** Milliseconds. The library takes a job from its worker after four hours. */
const LONGEST = 3 * 3_600_000;
const USUAL = 600_000;

const JOB = Symbol('job');

/**
 * Declares work that takes long or talks to other systems. What table state shows is a `@Sweep`. The method
 * must be safe to repeat, and safe to run twice at once: a process that hangs loses its jobs to another one.
 * It stops soon when its signal says so: the process ends, or the time limit is over.
 */
export function Job(
  name: string,
  declaration: JobDeclaration = {},
): <W extends Work>(target: object, key: string, method: TypedPropertyDescriptor<W>) => void {
  const { concurrency = 1, timeLimit = USUAL, ofReporters = false } = declaration;
  if (timeLimit > LONGEST) throw new Error(`the time limit of the job ${name} is above three hours`);
  return (_target, _key, method) =>
    noteOn(JOB, method.value!, { name, concurrency, timeLimit, ofReporters } satisfies Omit<
      DeclaredJob,
      'work'
    >);
}

/** Finds the declared jobs and gives them to the runner. */
@Injectable()
export class DeclaredJobs implements OnModuleInit {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly runner: JobRunner,
  ) {}

  onModuleInit(): void {
    for (const { noted, call } of declaredMethods<Omit<DeclaredJob, 'work'>>(this.discovery, JOB))
      this.runner.register({ ...noted, work: async (...parameters) => void (await call(...parameters)) });
  }
}
