import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { ManualClock } from '../clock.js';
import { Log } from '../logging.js';
import { Sweeper } from './sweeper.js';

let sweeper: Sweeper;
/** What ran, as `name milliseconds`. */
let ran: string[];

beforeEach(() => {
  jest.useFakeTimers();
  ran = [];
  sweeper = new Sweeper(new Log('silent'), new ManualClock(new Date('2026-11-10T16:00:00Z')));
});
afterEach(async () => {
  await sweeper.onApplicationShutdown();
  jest.useRealTimers();
});

/** @param works what its runs count, one after the other; then 0 */
function register(
  name: string,
  works: number[],
  more: Partial<Parameters<Sweeper['register']>[0]> = {},
): void {
  const begun = Date.now();
  const left = [...works];
  const run = async (): Promise<number> => {
    ran.push(`${name} ${Date.now() - begun}`);
    return left.shift() ?? 0;
  };
  sweeper.register({ name, every: 10_000, run, ...more });
}

async function pass(milliseconds: number): Promise<void> {
  sweeper.start(async () => undefined);
  await jest.advanceTimersByTimeAsync(milliseconds);
}

describe('a sweep', () => {
  it('looks at its interval, and again at once while there is work', async () => {
    register('one', [0, 3, 2]);
    await pass(25_000);
    expect(ran).toEqual(['one 0', 'one 10000', 'one 10000', 'one 10000', 'one 20000']);
  });

  it('that worked wakes the next one in this process', async () => {
    register('first', [0, 1], { wakes: ['second'], every: 1_000 });
    register('second', []);
    await pass(1_500);
    expect(ran).toEqual(['first 0', 'second 0', 'first 1000', 'second 1000', 'first 1000']);
  });

  it('that fails looks again at its next time', async () => {
    register('one', [], {
      run: async () => {
        ran.push('one');
        throw new Error('broken');
      },
    });
    await pass(15_000);
    expect(ran).toEqual(['one', 'one']);
  });
});

describe('a steady sweep', () => {
  it('looks at its own times only, whatever there is to do and whoever would wake it', async () => {
    register('first', [1, 1, 1], { wakes: ['steady'], every: 700 });
    register('steady', [5, 5, 5], { steady: true });
    await pass(25_000);
    expect(ran.filter((line) => line.startsWith('steady'))).toEqual([
      'steady 0',
      'steady 10000',
      'steady 20000',
    ]);
  });

  it('is not moved by how long its runs take', async () => {
    const begun = Date.now();
    const run = async (): Promise<number> => {
      ran.push(`steady ${Date.now() - begun}`);
      await new Promise((done) => setTimeout(done, 3_000));
      return 1;
    };
    sweeper.register({ name: 'steady', every: 10_000, steady: true, run });
    await pass(25_000);
    expect(ran).toEqual(['steady 0', 'steady 10000', 'steady 20000']);
    await jest.advanceTimersByTimeAsync(3_000);
  });
});

describe('a sweep whose run does not end', () => {
  it('is late when its interval and ten minutes more are over, and not before', async () => {
    let end: () => void = () => undefined;
    sweeper.register({
      name: 'stuck',
      every: 60_000,
      run: () => new Promise((resolve) => (end = () => resolve(0))),
    });
    register('other', []);
    const late = (): string[] => sweeper.health().flatMap(({ name, late: is }) => (is ? [name] : []));
    await pass(660_000);
    expect(late()).toEqual([]);
    await jest.advanceTimersByTimeAsync(1);
    expect(late()).toEqual(['stuck']);
    end();
    await jest.advanceTimersByTimeAsync(1);
    expect(late()).toEqual([]);
    end();
  });
});
