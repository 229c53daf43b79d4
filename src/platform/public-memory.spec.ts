import { describe, expect, it } from '@jest/globals';
import { setTimeout as pass } from 'node:timers/promises';
import { ManualClock } from './clock.js';
import { PublicMemory } from './public-memory.js';

const clock = new ManualClock(new Date('2026-11-10T16:00:00Z'));

/** Counts its loads; each gives its number. */
function source(): { load: () => Promise<{ n: number }>; loads: () => number } {
  let n = 0;
  return {
    load: async () => {
      n += 1;
      await pass(5);
      return { n };
    },
    loads: () => n,
  };
}

describe('what public routes keep', () => {
  it('has no age while it is being loaded: who asks after more than a second waits for the same load', async () => {
    let loads = 0;
    const load = async (): Promise<{ n: number }> => {
      loads += 1;
      await pass(1_300);
      return { n: loads };
    };
    const shelf = new PublicMemory(clock).shelf<{ n: number }>(10);
    const first = shelf.get('a', load);
    await pass(1_150);
    const others = [await shelf.get('a', load), await shelf.get('a', load)];
    // Its second begins when it is there.
    expect([(await first).n, ...others.map(({ n }) => n), loads]).toEqual([1, 1, 1, 1]);
  });

  it('is loaded once for all who ask at the same time', async () => {
    const { load, loads } = source();
    const shelf = new PublicMemory(clock).shelf<{ n: number }>(10);
    const answers = await Promise.all(Array.from({ length: 50 }, () => shelf.get('a', load)));
    expect([new Set(answers).size, loads()]).toEqual([1, 1]);
  });

  it('is loaded again when it was cleared, also when it was cleared while it was being loaded', async () => {
    const { load } = source();
    const memory = new PublicMemory(clock);
    const shelf = memory.shelf<{ n: number }>(10);
    const first = shelf.get('a', load);
    memory.clear();
    expect([(await first).n, (await shelf.get('a', load)).n]).toEqual([1, 2]);
    memory.clear();
    expect((await shelf.get('a', load)).n).toBe(3);
  });

  it('is loaded again when the service’s clock was moved, in either direction', async () => {
    const { load } = source();
    const shelf = new PublicMemory(clock).shelf<{ n: number }>(10);
    const noon = clock.now();
    expect([(await shelf.get('a', load)).n, (await shelf.get('a', load)).n]).toEqual([1, 1]);
    clock.set(new Date(noon.getTime() + 24 * 3600_000));
    expect((await shelf.get('a', load)).n).toBe(2);
    clock.set(noon);
    expect((await shelf.get('a', load)).n).toBe(3);
  });

  it('is not a failure', async () => {
    const shelf = new PublicMemory(clock).shelf<{ n: number }>(10);
    const failing = Promise.all(
      [1, 2].map(() => shelf.get('a', () => Promise.reject(new Error('away'))).catch(String)),
    );
    expect(await failing).toEqual(['Error: away', 'Error: away']);
    expect((await shelf.get('a', source().load)).n).toBe(1);
  });

  it('takes no more room than it has, and what is larger than that is not kept at all', async () => {
    const shelf = new PublicMemory(clock).shelf<{ size: number; loads: number }>(10, ({ size }) => size);
    const loads = new Map<string, number>();
    const get = async (name: string, size: number): Promise<number> => {
      const load = async (): Promise<{ size: number; loads: number }> => {
        loads.set(name, (loads.get(name) ?? 0) + 1);
        return { size, loads: loads.get(name)! };
      };
      return (await shelf.get(name, load)).loads;
    };
    expect([await get('a', 6), await get('b', 6), await get('a', 6)]).toEqual([1, 1, 2]);
    expect([await get('huge', 11), await get('huge', 11)]).toEqual([1, 2]);
  });

  it('takes room with its name, which a stranger can make long', async () => {
    const shelf = new PublicMemory(clock).shelf<{ n: number }>(10, (_thing, name) => name.length);
    const { load } = source();
    const first = await shelf.get('123456', load);
    await shelf.get('abcdef', load);
    expect((await shelf.get('123456', load)).n).toBe(first.n + 2);
  });
});
