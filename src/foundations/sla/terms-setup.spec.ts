import { describe, expect, it } from '@jest/globals';
import { parseTerms } from './terms-setup.js';

const categories = new Set(['FRAUD']);

describe('sla_terms.csv', () => {
  it('gives terms; an empty cell means all categories, all priorities, a proposal', () => {
    const text =
      'metric,business_days,category,priority,source\ntriage,2,FRAUD,urgent,ley\nresolution,40,,,\n';
    expect(parseTerms(text, categories)).toEqual([
      { metric: 'triage', businessDays: 2, category: 'FRAUD', priority: 'urgent', source: 'ley' },
      { metric: 'resolution', businessDays: 40, category: null, priority: null, source: 'propuesta' },
    ]);
  });

  it('needs no more than metric and days', () => {
    expect(parseTerms('metric,business_days\ntriage,2\n', categories)).toHaveLength(1);
  });

  it.each([
    [',3,,,', 'line 2: the metric is missing'],
    ['closing,3,,,', 'line 2: metric must be one of acknowledgement, triage, first_response, resolution'],
    ['triage,0,,,', 'line 2: business_days must be a whole number from 1 to 2000'],
    ['triage,2.5,,,', 'line 2: business_days must be a whole number from 1 to 2000'],
    ['triage,2001,,,', 'line 2: business_days must be a whole number from 1 to 2000'],
    ['triage,3,OTHER,,', 'line 2: category "OTHER" is not in the catalogue'],
    ['triage,3,,alta,', 'line 2: priority must be one of low, normal, high, urgent'],
    ['triage,3,,,costumbre', 'line 2: source must be one of ley,'],
  ])('refuses %j', (line, message) => {
    expect(() => parseTerms(`metric,business_days,category,priority,source\n${line}\n`, categories)).toThrow(
      `sla_terms.csv, ${message}`,
    );
  });
});
