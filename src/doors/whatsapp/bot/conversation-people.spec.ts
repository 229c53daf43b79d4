import { describe, expect, it } from '@jest/globals';
import { Reporter, type Visit } from '../../../../test/support/whatsapp-crowd.js';

/** People with habits of their own: who tap, type in their own words, speak, send albums, hurry, correct. */
const VISITS: Visit[] = Array.from({ length: 200 }, (_none, seed) => new Reporter(seed).report());

const middle = (numbers: readonly number[], part = 0.5): number =>
  [...numbers].sort((one, other) => one - other)[Math.floor(numbers.length * part)]!;

describe('two hundred people who report', () => {
  it('are all understood in the end, and nothing that they told or sent is missing', () => {
    for (const { submitted, told, files } of VISITS) {
      const kept = JSON.stringify(submitted);
      expect(told.filter((text) => !kept.includes(JSON.stringify(text).slice(1, -1)))).toEqual([]);
      expect(submitted?.files).toHaveLength(files);
      expect(submitted?.mode).toBe('anonymous');
    }
  });

  it('take less than three minutes, half of them', () => {
    expect(middle(VISITS.map(({ seconds }) => seconds))).toBeLessThan(180);
  });

  it('get eight messages of ours on the short path, the receipt among them', () => {
    const short = VISITS.filter(({ submitted, misread }) => misread === 0 && !submitted?.accused);
    expect(Math.min(...short.map(({ ours }) => ours))).toBeLessThanOrEqual(8);
    expect(middle(VISITS.map(({ ours }) => ours))).toBeLessThanOrEqual(11);
  });

  it('say what they want twice in few conversations', () => {
    const misread = VISITS.filter((visit) => visit.misread > 0).length;
    expect(misread / VISITS.length).toBeLessThan(0.25);
  });
});
