import { describe, expect, it } from '@jest/globals';
import { nextState } from './next-state.js';

describe('the state of a number', () => {
  it('is what Meta answers, when it answers that something is wrong', () => {
    expect(nextState('connected', 'token_refused', 'connected')).toBe('token_refused');
    expect(nextState('payment_due', 'permission_missing', undefined)).toBe('permission_missing');
  });

  it('is good again by a look, where a look can see that', () => {
    expect(nextState('unchecked', 'connected', undefined)).toBe('connected');
    expect(nextState('token_refused', 'connected', undefined)).toBe('connected');
    // A message of half an hour ago met the token before it was repaired.
    expect(nextState('token_refused', 'connected', 'token_refused')).toBe('connected');
  });

  it.each(['payment_due', 'locked', 'unregistered'] as const)(
    'is %s until a message arrives: Meta answers for the number as if nothing were',
    (state) => {
      expect(nextState('connected', 'connected', state)).toBe(state);
      expect(nextState(state, 'connected', undefined)).toBe(state);
      expect(nextState(state, 'connected', 'connected')).toBe('connected');
    },
  );

  it('stays while nobody answers, unless messages said something', () => {
    expect(nextState('connected', 'unreachable', undefined)).toBe('connected');
    expect(nextState('unchecked', 'unreachable', undefined)).toBe('unchecked');
    expect(nextState('connected', 'unreachable', 'token_refused')).toBe('token_refused');
    expect(nextState('locked', 'unreachable', 'connected')).toBe('connected');
  });
});
