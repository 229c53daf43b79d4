import { constants } from 'node:os';
import type { Reason } from './job.js';

const NAMES = new Map(Object.entries(constants.signals).map(([name, number]) => [128 + number, name]));

/**
 * Why the kernel, or the process itself, ended it.
 *
 * @param end the name of a signal, or the exit code by which a shell or bubblewrap passes one on
 */
export function reasonOfEnd(end: string | number): Reason {
  switch (typeof end === 'string' ? end : NAMES.get(end)) {
    case 'SIGXCPU':
      return 'time';
    case 'SIGXFSZ':
      return 'too-large';
    // The kernel ends by KILL who is out of memory; V8 and C++ end themselves by the others.
    case 'SIGKILL':
    case 'SIGABRT':
    case 'SIGTRAP':
      return 'memory';
    default:
      return 'damaged';
  }
}
