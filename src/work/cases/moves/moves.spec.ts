import { describe, expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PERMISSIONS } from '../../../foundations/identity/permissions.js';
import { METRICS } from '../../../foundations/sla/deadline.js';
import { MOVE_LABELS } from '../labels.js';
import { isOpen, STATUSES } from '../lifecycle.js';
import { MOVE_NAMES, MOVES } from './moves.js';

describe('the row of a move', () => {
  it.each(MOVE_NAMES)('%s can be made by somebody, or by time alone', (move) => {
    const { permission } = MOVES[move];
    const holders = Object.values(PERMISSIONS).filter(
      (held) => permission === null || held.includes(permission),
    );
    expect(holders.length).toBeGreaterThan(0);
  });

  it.each(MOVE_NAMES)('%s stops no clock twice and starts none that it stops', (move) => {
    const { stops, restarts = [] } = MOVES[move];
    expect(new Set([...stops, ...restarts]).size).toBe(stops.length + restarts.length);
  });

  it.each(MOVE_NAMES)(
    '%s leaves no clock behind when it ends a case, and starts one when it opens a case again',
    (move) => {
      const { from, to, stops, restarts = [] } = MOVES[move];
      if (to === 'stays') return;
      const ends = from.some(isOpen) && !isOpen(to);
      if (ends) expect([...stops].sort()).toEqual([...METRICS].sort());
      const opens = !from.some(isOpen) && isOpen(to);
      expect(restarts).toEqual(opens ? ['resolution'] : []);
    },
  );

  it('stops the acknowledgement only where the reporter sees that something happened', () => {
    for (const move of MOVE_NAMES) {
      const { visible, to, stops } = MOVES[move];
      if (stops.includes('acknowledgement')) expect(visible || to !== 'stays').toBe(true);
    }
  });

  it('has its words', () => {
    for (const move of MOVE_NAMES) expect(MOVE_LABELS[move].es).not.toBe(MOVE_LABELS[move].en);
    expect(MOVE_NAMES.flatMap((move) => MOVES[move].from).every((status) => STATUSES.includes(status))).toBe(
      true,
    );
  });

  it('is made by some file beside the table', () => {
    const files = readdirSync(import.meta.dirname).filter(
      (name) => name.endsWith('.ts') && !name.startsWith('moves'),
    );
    const sources = files.map((name) => readFileSync(join(import.meta.dirname, name), 'utf8')).join('\n');
    const byTime = readFileSync(join(import.meta.dirname, '../case-sweeps.ts'), 'utf8');
    const assigned = readFileSync(join(import.meta.dirname, '../assignees.ts'), 'utf8');
    for (const move of MOVE_NAMES) expect(`${sources}${byTime}${assigned}`).toContain(`'${move}'`);
  });
});
