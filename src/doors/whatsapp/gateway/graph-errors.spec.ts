import { describe, expect, it } from '@jest/globals';
import { decisionFor } from './graph-errors.js';

describe('what is done for an error code of Meta', () => {
  it.each([
    [[0, 190], 'channel_down', 'number', 'token_refused'],
    [[3, 10, 200, 250, 299, 131005], 'channel_down', 'number', 'permission_missing'],
    [[131042], 'channel_down', 'number', 'payment_due'],
    [[131031, 368, 130497], 'channel_down', 'number', 'locked'],
    [[133010, 133016], 'channel_down', 'number', 'unregistered'],
    [[4, 80007, 130429], 'retry', 'number', undefined],
    [[131056], 'retry', undefined, undefined],
    [[1, 2, 131000, 131016, 131057, 133004], 'unknown', undefined, undefined],
    [[131026], 'rejected', 'person', undefined],
    [[131047, 131048, 131049, 131050, 130472, 131030, 131021], 'rejected', undefined, undefined],
    [[33, 100, 131008, 131009, 131051, 131052, 131053, 131060], 'rejected', undefined, undefined],
    [[131062, 132000, 132001, 132012, 132015, 132016], 'rejected', undefined, undefined],
    [[132068, 132069, 137000], 'rejected', undefined, undefined],
    // No table knows them. Nothing is repeated on a guess.
    [[199, 300, 424242, -1], 'rejected', undefined, undefined],
  ] as const)('is decided, with its reason: %j', (codes, outcome, reach, state) => {
    for (const code of codes) {
      const { why, ...decision } = decisionFor(code);
      expect([code, decision.outcome, decision.reach, decision.state]).toEqual([code, outcome, reach, state]);
      expect(why).toMatch(/^[A-Z].{10,}\.$/);
    }
  });

  it('leaves no state red for a code that concerns one message', () => {
    for (let code = 130_000; code < 138_000; code++) {
      const { state, outcome } = decisionFor(code);
      expect([code, state !== undefined]).toEqual([code, outcome === 'channel_down']);
    }
  });
});
