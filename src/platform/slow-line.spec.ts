import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { SlowLine } from './slow-line.js';
import { Waits } from './waits.js';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

const REFUSED = new Error('refused');

/** Sends callers of these keys at once. @returns what became of each, with the milliseconds */
async function send(line: SlowLine, keys: readonly string[]): Promise<string[]> {
  const begun = performance.now();
  const at = (word: string): string => `${word} ${performance.now() - begun}`;
  const callers = keys.map((key) =>
    line
      .run(
        key,
        async () => undefined,
        () => REFUSED,
      )
      .then(
        () => at(key),
        () => at('refused'),
      ),
  );
  await jest.advanceTimersByTimeAsync(60_000);
  return Promise.all(callers);
}

describe('a slow line', () => {
  const options = { wait: 1_000, pause: 500, perKey: 3, places: 5 };

  it('lets callers of all keys go on one after the other', async () => {
    expect(await send(new SlowLine({ ...options, lines: 'one' }, new Waits()), ['a', 'b', 'a'])).toEqual([
      'a 1500',
      'b 2000',
      'a 2500',
    ]);
  });

  it('of each key holds up no other key', async () => {
    expect(await send(new SlowLine({ ...options, lines: 'each' }, new Waits()), ['a', 'b', 'a'])).toEqual([
      'a 1500',
      'b 1500',
      'a 2000',
    ]);
  });

  it('refuses who finds no place, after the same wait as all: of its key, or of all keys', async () => {
    const line = new SlowLine({ ...options, lines: 'each' }, new Waits());
    expect(await send(line, ['a', 'a', 'a', 'a', 'b', 'b', 'b'])).toEqual([
      'a 1500',
      'a 2000',
      'a 2500',
      'refused 1000',
      'b 1500',
      'b 2000',
      'refused 1000',
    ]);
    // All places are free again.
    expect(await send(line, ['a', 'a', 'a', 'b', 'b'])).not.toContain('refused 1000');
  });
});
