import { describe, expect, it } from '@jest/globals';
import { UntimedLines } from './untimed-lines.js';

const at = (time: string): Date => new Date(time);
/** Ten in the morning in Mexico City. */
const MORNING = at('2026-11-10T16:00:00Z');

function begun(now = MORNING): UntimedLines {
  const lines = new UntimedLines();
  expect(lines.due(now)).toEqual([]);
  return lines;
}

describe('faults and alarms', () => {
  it('wait for the next hour, are counted per set of fields and carry the day of their hour', () => {
    const lines = begun();
    for (let n = 0; n < 3; n++)
      lines.add('error', { event: 'x', errorName: 'Error', sqlState: '57014', where: 'at y' });
    lines.add('warn', { event: 'x', errorName: 'Error', sqlState: '57014', where: 'at y' });
    lines.add('error', { event: 'x', errorName: 'Error', sqlState: '53300', where: 'at y' });
    expect(lines.due(at('2026-11-10T16:59:59.999Z'))).toEqual([]);
    const fields = { event: 'x', errorName: 'Error', where: 'at y', day: '2026-11-10' };
    expect(lines.due(at('2026-11-10T17:00:00Z'))).toEqual([
      { level: 'error', fields: { ...fields, sqlState: '53300', count: 1 } },
      { level: 'error', fields: { ...fields, sqlState: '57014', count: 3 } },
      { level: 'warn', fields: { ...fields, sqlState: '57014', count: 1 } },
    ]);
    expect(lines.due(at('2026-11-10T18:00:00Z'))).toEqual([]);
  });

  it('of the last hour of a day carry that day', () => {
    const lines = begun(at('2026-11-11T05:59:00Z'));
    lines.add('warn', { event: 'x' });
    expect(lines.due(at('2026-11-11T06:00:00Z')).map(({ fields }) => fields.day)).toEqual(['2026-11-10']);
  });

  it('come in an order that does not tell which was first', () => {
    const events = ['c', 'a', 'b', 'e', 'd'];
    const told = [events, [...events].reverse()].map((order) => {
      const lines = begun();
      for (const event of order) lines.add('warn', { event });
      return lines.due(at('2026-11-10T17:00:00Z'));
    });
    expect(told[0]).toEqual(told[1]);
  });

  it('lose whatever tells of a request', () => {
    const lines = begun();
    const request = {
      method: 'POST',
      route: '/api/v1/reports',
      requestId: 'x',
      ms: 3,
      status: 500,
      url: '/x',
      ip: '::1',
    };
    lines.add('error', {
      event: 'x',
      ...request,
      level: 1,
      time: 'now',
      sweep: 's',
      code: 'c',
      process: 'api',
    });
    expect(lines.rest()).toEqual([
      {
        level: 'error',
        fields: { event: 'x', sweep: 's', code: 'c', process: 'api', day: '2026-11-10', count: 1 },
      },
    ]);
  });

  it('do not fill the memory when each is another one, and none is lost from the count', () => {
    const lines = begun();
    for (let n = 0; n < 5_000; n++) lines.add('warn', { event: 'x', code: n });
    const told = lines.due(at('2026-11-10T17:00:00Z'));
    expect(told.length).toBeLessThanOrEqual(501);
    expect(told.reduce((sum, { fields }) => sum + Number(fields.count), 0)).toBe(5_000);
  });
});

describe('refusals', () => {
  it('are told once their local day is over, as one count per code', () => {
    const lines = begun();
    for (const code of ['TRACKING_DENIED', 'INVALID_REQUEST', 'TRACKING_DENIED'])
      lines.refuse(code, '2026-11-10');
    expect(lines.due(at('2026-11-11T05:59:59.999Z'))).toEqual([]);
    // One that comes after midnight, before anybody looked at the clock, belongs to its own day.
    lines.refuse('TRACKING_DENIED', '2026-11-11');
    expect(lines.due(at('2026-11-11T06:00:03Z'))).toEqual([
      { level: 'warn', fields: { event: 'refused', day: '2026-11-10', code: 'INVALID_REQUEST', count: 1 } },
      { level: 'warn', fields: { event: 'refused', day: '2026-11-10', code: 'TRACKING_DENIED', count: 2 } },
    ]);
    expect(lines.due(at('2026-11-12T06:00:00Z')).map(({ fields }) => fields.count)).toEqual([1]);
  });

  it('of the day under way are dropped at the end, alarms are told', () => {
    const lines = begun();
    lines.refuse('TRACKING_DENIED', '2026-11-10');
    lines.add('warn', { event: 'x' });
    expect(lines.rest().map(({ fields }) => fields.event)).toEqual(['x']);
    expect(lines.rest()).toEqual([]);
    expect(lines.due(at('2026-11-12T06:00:00Z'))).toEqual([]);
  });
});
