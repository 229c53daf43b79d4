import type { ScanFault, Verdict } from './scanner.js';

/** Characters of the name of what was found. The name comes from the file of signatures. */
const MAX_NAME = 200;

/** clamd says this with `AlertExceedsMax yes` when it did not examine the whole file. */
const LIMITS = /^Heuristics\.Limits\.Exceeded\b/;

/** What clamd says of a stream, without the zero byte at its end. Whatever is not known is not clean. */
export function verdictOf(answer: string): Verdict {
  if (answer === '') return unavailable('empty');
  if (answer === 'stream: OK') return { verdict: 'clean' };
  const name = /^stream: (.+) FOUND$/.exec(answer)?.[1];
  if (name?.startsWith('Heuristics.Limits.Exceeded.MaxFileSize')) return unavailable('size-limit');
  if (name !== undefined && LIMITS.test(name)) return unavailable('scan-limit');
  if (name !== undefined) return { verdict: 'found', name: plain(name) };
  if (/size limit exceeded/i.test(answer)) return unavailable('size-limit');
  return unavailable(/ERROR$/.test(answer) ? 'error' : 'unknown-answer');
}

export function unavailable(reason: ScanFault): Verdict & { verdict: 'unavailable' } {
  return { verdict: 'unavailable', reason };
}

/**
 * Takes `ClamAV 1.4.6/27812/Sat Nov 28 09:26:11 2026` apart. Without official signatures only the first part
 * is there.
 */
export function versionOf(answer: string): { program?: string; signatures?: string; signaturesOf?: string } {
  const [, program, signatures, signaturesOf] =
    /^(ClamAV [\w.+~-]+)(?:\/(\d+)\/([\w :]+))?$/.exec(answer) ?? [];
  return { program, signatures, signaturesOf };
}

/** One line of visible signs. */
function plain(name: string): string {
  return name.replaceAll(/[^\p{L}\p{N}\p{P}\p{S} ]/gu, '').slice(0, MAX_NAME);
}
