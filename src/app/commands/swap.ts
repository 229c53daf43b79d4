import { readFile } from 'node:fs/promises';

/** Swap that the kernel may use. What conversions hold in memory may then reach a disk (ADR 0041). */
export interface Swap {
  /** MiB; null on a system that does not tell. */
  mib: number | null;
}

/** @param file the list of the kernel: a line of titles, then a line for each swap with its size in KiB */
export async function swapInUse(file = '/proc/swaps'): Promise<Swap> {
  try {
    const [, ...lines] = (await readFile(file, 'utf8')).trim().split('\n');
    const sizes = lines.map((line) => Number(line.split(/\s+/)[2]));
    return { mib: Math.ceil(sizes.reduce((sum, size) => sum + size, 0) / 1024) };
  } catch {
    return { mib: null };
  }
}
