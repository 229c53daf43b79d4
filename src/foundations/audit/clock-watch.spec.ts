import { describe, expect, it } from '@jest/globals';
import { judge } from './clock-watch.js';

const at = (text: string): Date => new Date(`2026-11-${text}Z`);
const NOTHING = { beat: null, entry: null, confirmed: null };

describe('a clock', () => {
  it.each([
    ['of a database in which nothing happened yet is believed', '10T16:00:00', {}, null],
    ['that goes on is believed', '10T16:00:10', { beat: at('10T16:00:00'), entry: at('10T15:59:00') }, null],
    ['after a night without a worker is believed', '11T15:59:00', { beat: at('10T16:00:00') }, null],
    ['of a machine a little behind another is believed', '10T15:57:00', { beat: at('10T16:00:00') }, null],
    ['more than a day after the last heartbeat is not', '11T16:00:01', { beat: at('10T16:00:00') }, 'jumped'],
    ['before the last heartbeat is not', '10T15:54:00', { beat: at('10T16:00:00') }, 'behind'],
    [
      'before the newest entry is not',
      '10T16:00:10',
      { beat: at('10T16:00:00'), entry: at('12T16:00:00') },
      'behind',
    ],
    [
      'before entries that an operator knows of is believed',
      '10T16:00:10',
      { beat: at('10T16:00:00'), entry: at('12T16:00:00'), confirmed: at('12T16:00:00') },
      null,
    ],
    [
      'before an entry that came after that is not',
      '10T16:00:10',
      { beat: at('10T16:00:00'), entry: at('12T16:00:01'), confirmed: at('12T16:00:00') },
      'behind',
    ],
  ] as const)('%s', (_, now, known, fault) => {
    expect(judge(at(now), { ...NOTHING, ...known })).toBe(fault);
  });
});
