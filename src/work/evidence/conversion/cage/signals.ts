import { constants } from 'node:os';
import type { Reason } from './job.js';

const NAMES = new Map(Object.entries(constants.signals).map(([name, number]) => [128 + number, name]));

/** @param end the name of a signal, or the exit code by which a shell or bubblewrap passes one on */
function signalOf(end: string | number): string | undefined {
  return typeof end === 'string' ? end : NAMES.get(end);
}

/** Nothing of these comes from a file. */
const FROM_OUTSIDE = ['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT'];

/** Whether somebody else ended it: the kernel or its helper, when the memory is short, or a person. */
export function wasKilled(end: string | number): boolean {
  return FROM_OUTSIDE.includes(signalOf(end) ?? '');
}

/**
 * Why the kernel, or the process itself, ended it.
 *
 * @param end the name of a signal, or the exit code by which a shell or bubblewrap passes one on
 */
export function reasonOfEnd(end: string | number): Reason {
  switch (signalOf(end)) {
    case 'SIGXCPU':
      return 'time';
    case 'SIGXFSZ':
      return 'too-large';
    // V8 and C++ end themselves so when they get no memory.
    case 'SIGABRT':
    case 'SIGTRAP':
      return 'memory';
    default:
      return 'damaged';
  }
}
