import { describe, expect, it } from '@jest/globals';
import { isOpen, STATUSES } from './lifecycle.js';
import { canMove, MOVE_NAMES, nextStatus } from './moves/moves.js';

describe('lifecycle', () => {
  it('never lets a referred or merged case move', () => {
    for (const move of MOVE_NAMES) {
      expect(canMove('referred', move)).toBe(false);
      expect(canMove('merged', move)).toBe(false);
    }
  });

  it('reaches every state but the two reserved ones from received', () => {
    const reached = new Set<string>(['received']);
    for (let changed = true; changed;) {
      changed = false;
      for (const status of STATUSES.filter((s) => reached.has(s))) {
        for (const move of MOVE_NAMES.filter((m) => canMove(status, m))) {
          const next = nextStatus(status, move);
          if (!reached.has(next)) changed = Boolean(reached.add(next));
        }
      }
    }
    expect(STATUSES.filter((status) => !reached.has(status))).toEqual(['referred', 'merged']);
  });

  it('lets every open case be dismissed and every ended one be reopened', () => {
    for (const status of STATUSES.filter(isOpen)) expect(canMove(status, 'dismiss')).toBe(true);
    for (const status of ['resolved', 'closed'] as const) {
      expect(canMove(status, 'reopen_investigation') && canMove(status, 'reopen_triage')).toBe(true);
    }
  });
});
