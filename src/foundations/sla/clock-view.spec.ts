import { describe, expect, it } from '@jest/globals';
import { inOrder, summarise, viewOf, type ClockView, type StoredClock } from './clock-view.js';
import type { Stage } from './deadline.js';

const clock = (changes: Partial<StoredClock>): StoredClock => ({
  metric: 'resolution',
  startedOn: '2026-11-02',
  warnOn: '2026-11-11',
  dueOn: '2026-11-13',
  businessDays: 9,
  source: 'propuesta',
  stoppedAt: null,
  cancelled: false,
  ...changes,
});

const view = (changes: Partial<StoredClock>, now: string): ClockView =>
  viewOf(clock(changes), 'America/Mexico_City', new Date(now));
const staged = (stage: Stage, dueOn: string): ClockView => ({
  ...view({ dueOn }, '2026-11-03T12:00:00Z'),
  stage,
});

describe('the view of a clock', () => {
  it('shows a clock as overdue that no sweep has seen', () => {
    expect(view({}, '2026-11-14T05:59:59Z').stage).toBe('warning');
    expect(view({}, '2026-11-14T06:00:00Z').stage).toBe('overdue');
  });

  it('does not carry the mark of cancelling beside its stage', () => {
    expect(view({ cancelled: true }, '2026-11-03T12:00:00Z')).toEqual({
      metric: 'resolution',
      startedOn: '2026-11-02',
      warnOn: '2026-11-11',
      dueOn: '2026-11-13',
      businessDays: 9,
      source: 'propuesta',
      stoppedAt: null,
      stage: 'cancelled',
    });
  });

  it('stands in the order of the metrics, an ended clock before the one a reopening started', () => {
    const reopened = view({}, '2026-11-03T12:00:00Z');
    const ended = view({ stoppedAt: new Date('2026-11-04T12:00:00Z') }, '2026-11-05T12:00:00Z');
    const first = view({ metric: 'acknowledgement' }, '2026-11-03T12:00:00Z');
    expect([reopened, first, ended].sort(inOrder)).toEqual([first, ended, reopened]);
  });
});

describe('the summary of a subject', () => {
  it('is the worst stage and the nearest due day of the clocks that nobody stopped', () => {
    expect(summarise([staged('on_time', '2026-11-10'), staged('warning', '2026-11-20')])).toEqual({
      stage: 1,
      nextDueOn: '2026-11-10',
    });
    expect(summarise([staged('overdue', '2026-11-01'), staged('on_time', '2026-11-20')])).toEqual({
      stage: 2,
      nextDueOn: '2026-11-01',
    });
  });

  it('forgets clocks that ended, late ones too', () => {
    const ended = [
      staged('met', '2026-11-01'),
      staged('late', '2026-11-02'),
      staged('cancelled', '2026-11-03'),
    ];
    expect(summarise(ended)).toEqual({ stage: 0, nextDueOn: null });
    expect(summarise([...ended, staged('on_time', '2026-11-20')])).toEqual({
      stage: 0,
      nextDueOn: '2026-11-20',
    });
  });
});
