import { setTimeout as delay } from 'node:timers/promises';
import { sqlStateOf } from '../database/sql-state.js';
import type { DeclaredJob } from './declared-job.js';

/** Milliseconds that an attempt has to stop after its signal. Then it counts as failed, whatever it does. */
export const GRACE = 5_000;

/** All that the queue keeps of an attempt that failed. */
export type FailureCode = string;

/** The library stores the message of an error. So this is the only error that it gets. */
export class AttemptFailed extends Error {
  constructor(
    readonly code: FailureCode,
    readonly reason: unknown,
  ) {
    super(code);
    this.name = 'AttemptFailed';
    // The library writes the stack into its log line.
    this.stack = undefined;
  }
}

/**
 * Returns a code for an error: its own one (`ECONNREFUSED`, a code of ours) or its SQL state. A text of
 * another form may be something that a person wrote. The database checks the form again.
 */
export function failureCode(error: unknown): FailureCode {
  const code = sqlStateOf(error);
  return /^([A-Z]+(_[A-Z]+)*|[0-9A-Z]{5})$/.test(code) && code.length <= 40 ? code : 'FAILED';
}

/**
 * Works one job once.
 * @param stop says that the process ends, or that it has lost its jobs to another one
 * @throws AttemptFailed with a code
 */
export async function attempt(job: DeclaredJob, subject: string, stop: AbortSignal): Promise<void> {
  const ended = new AbortController();
  const limit = AbortSignal.timeout(job.timeLimit);
  const signal = AbortSignal.any([stop, limit]);
  try {
    await Promise.race([job.work(subject, signal), stopped(signal, ended.signal)]);
  } catch (error) {
    if (stop.aborted) throw new AttemptFailed('STOPPED', error);
    if (limit.aborted) throw new AttemptFailed('TIME_LIMIT', error);
    throw new AttemptFailed(failureCode(error), error);
  } finally {
    ended.abort();
  }
}

/** Fails some time after the signal, when the work did not stop by itself. */
async function stopped(signal: AbortSignal, ended: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
    ended.addEventListener('abort', () => resolve(), { once: true });
  });
  await delay(GRACE, undefined, { signal: ended, ref: false }).catch(() => undefined);
  if (!ended.aborted) throw new Error('the work goes on after its signal');
}
