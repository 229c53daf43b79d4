import { readdirSync, readFileSync } from 'node:fs';

/** A process of Linux. Pids are used again: the start time makes it one. */
export interface Seen {
  pid: number;
  name: string;
  startedAt: string;
}

interface Row extends Seen {
  parent: number;
}

function rowOf(pid: number): Row | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const end = stat.lastIndexOf(')');
    const fields = stat.slice(end + 2).split(' ');
    // A zombie has ended; only its parent has not heard of it.
    if (fields[0] === 'Z') return undefined;
    return {
      pid,
      name: stat.slice(stat.indexOf('(') + 1, end),
      parent: Number(fields[1]),
      startedAt: fields[19]!,
    };
  } catch {
    return undefined;
  }
}

/** Everything that a process started, and what those started. Namespaces hide nothing from outside. */
export function descendants(pid: number): Seen[] {
  const rows = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => rowOf(Number(name)) ?? []);
  const below = (parent: number): Row[] =>
    rows.filter((row) => row.parent === parent).flatMap((row) => [row, ...below(row.pid)]);
  return below(pid);
}

/** Those that still live. */
export function alive(seen: readonly Seen[]): Seen[] {
  return seen.filter(({ pid, startedAt }) => rowOf(pid)?.startedAt === startedAt);
}
