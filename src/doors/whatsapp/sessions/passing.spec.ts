import { describe, expect, it } from '@jest/globals';
import { ManualClock } from '../../../platform/clock.js';
import { initialState } from '../bot/state.js';
import { Passing } from './passing.js';

const alias = (n: number): Buffer => Buffer.from(String(n));
const state = { ...initialState(), misses: 2 };

describe('what is remembered of people without a draft', () => {
  it('ends an hour after their last message', () => {
    const clock = new ManualClock(new Date('2026-11-10T16:00:00Z'));
    const passing = new Passing(clock);
    const pass = (minutes: number): void => clock.set(new Date(clock.now().getTime() + minutes * 60_000));
    passing.remember(alias(1), state);
    pass(40);
    expect(passing.recall(alias(1))).toEqual(state);
    passing.remember(alias(1), state);
    pass(59);
    expect(passing.recall(alias(1))).toEqual(state);
    pass(1);
    expect(passing.recall(alias(1))).toBeUndefined();
  });

  it('is dropped for whoever wrote longest ago when there are too many', () => {
    const passing = new Passing(new ManualClock(new Date('2026-11-10T16:00:00Z')));
    for (let n = 0; n < 10_000; n++) passing.remember(alias(n), state);
    passing.remember(alias(0), state);
    passing.remember(alias(10_000), state);
    expect(passing.recall(alias(0))).toEqual(state);
    expect(passing.recall(alias(1))).toBeUndefined();
    passing.forget(alias(0));
    expect(passing.recall(alias(0))).toBeUndefined();
  });
});
