import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { EmbeddedError } from './embedded-error.js';
import type { Postmaster } from './pid-file.js';
import { ownProcess } from './processes.js';
import { Watch, type Revive } from './watch.js';

const RUNS: Postmaster = { ...ownProcess(), port: 1, status: 'ready' };
/** The number of our own process, and not its start: a process that has ended. */
const ENDED: Postmaster = { ...RUNS, started: 'another time' };

let told: string[];
let watch: Watch | undefined;
beforeEach(() => {
  jest.useFakeTimers();
  told = [];
});
afterEach(() => {
  watch?.stop();
  jest.useRealTimers();
});

function start(revive: Revive): void {
  const begun = performance.now();
  const tell = (line: string): void => void told.push(`${line} ${performance.now() - begun}`);
  watch = new Watch(ENDED, revive, {
    back: (tries) => tell(`back ${tries}`),
    failed: (_, full) => tell(full ? 'full' : 'failed'),
    lost: ({ message }) => tell(`lost: ${message}`),
  });
}
const gone: Revive = () => Promise.reject(new EmbeddedError('gone'));

describe('a database that ended', () => {
  it('is given up after six tries in vain, each later than the one before', async () => {
    const revive = jest.fn(gone);
    start(revive);
    await jest.advanceTimersByTimeAsync(60_000);
    expect(revive).toHaveBeenCalledTimes(6);
    expect(told).toEqual(['failed 0', 'lost: gone 15500']);
  });

  it('and ends again after each start is given up as well', async () => {
    start(async () => ({ server: ENDED, started: true }));
    await jest.advanceTimersByTimeAsync(120_000);
    expect(told.map((line) => line.replace(/ \d+$/, ''))).toEqual([
      ...[1, 2, 3, 4, 5, 6].map((tries) => `back ${tries}`),
      'lost: PostgreSQL ends again and again, soon after each start.',
    ]);
  });

  it('has all its tries again once it ran for a minute', async () => {
    let alive = true;
    const server = {
      ...RUNS,
      get started() {
        return alive ? RUNS.started : 'another time';
      },
    };
    start(async () => {
      alive = true;
      return { server, started: true };
    });
    for (const _ of [1, 2, 3]) {
      await jest.advanceTimersByTimeAsync(61_000);
      alive = false;
    }
    await jest.advanceTimersByTimeAsync(1_000);
    expect(told.map((line) => line.split(' ', 2).join(' '))).toEqual([
      'back 1',
      'back 1',
      'back 1',
      'back 1',
    ]);
  });

  it('is tried for as long as the disk is full, and told of once', async () => {
    let room = false;
    const full = Object.assign(new Error('no space'), { code: 'ENOSPC' });
    start(async () => {
      if (!room) throw new EmbeddedError('full', { cause: full });
      return { server: RUNS, started: true };
    });
    await jest.advanceTimersByTimeAsync(300_000);
    room = true;
    await jest.advanceTimersByTimeAsync(10_000);
    expect(told[0]).toBe('full 0');
    expect(told.slice(1).map((line) => line.split(' ')[0])).toEqual(['back']);
  });
});
