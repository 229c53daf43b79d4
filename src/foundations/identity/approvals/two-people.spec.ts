import { describe, expect, it } from '@jest/globals';
import { eligible, gained, type Approver, type Standing } from './two-people.js';

const standing = (roles: string[], areas: string[] = [], active = true): Standing => ({
  roles,
  areas,
  active,
});

describe('what an act gains', () => {
  const acts: [name: string, before: Standing | null, after: Standing, gains: unknown][] = [
    ['a new operator', null, standing(['operator']), null],
    ['a new administrator', null, standing(['admin']), null],
    ['a new transparency unit', null, standing(['transparency']), null],
    ['a new investigator', null, standing(['investigator'], ['OIC']), ['OIC']],
    ['a new auditor', null, standing(['auditor']), '*'],
    ['another name', standing(['investigator'], ['OIC']), standing(['investigator'], ['OIC']), null],
    [
      'one more area',
      standing(['investigator'], ['OIC']),
      standing(['investigator'], ['OIC', 'OBRA']),
      ['OBRA'],
    ],
    [
      'one area for another',
      standing(['investigator'], ['OIC']),
      standing(['investigator'], ['OBRA']),
      ['OBRA'],
    ],
    ['an area less', standing(['investigator'], ['OIC', 'OBRA']), standing(['investigator'], ['OIC']), null],
    ['areas of an operator', standing(['operator'], []), standing(['operator'], ['OIC']), null],
    [
      'an investigator made head',
      standing(['investigator'], ['OIC']),
      standing(['area_head'], ['OIC']),
      ['OIC'],
    ],
    ['a desk made auditor', standing(['triage']), standing(['auditor']), '*'],
    ['an operator made desk', standing(['operator']), standing(['operator', 'triage']), '*'],
    ['an administrator made investigator', standing(['admin']), standing(['investigator'], ['OIC']), ['OIC']],
    ['an investigator made administrator', standing(['investigator'], ['OIC']), standing(['admin']), null],
    ['a deactivation', standing(['auditor']), standing(['auditor'], [], false), null],
    ['a reactivation', standing(['auditor'], [], false), standing(['auditor']), '*'],
    ['a reactivation of an operator', standing(['operator'], [], false), standing(['operator']), null],
    ['areas of a desk, which sees all', standing(['triage']), standing(['triage'], ['OIC']), null],
    [
      'more areas while inactive',
      standing(['investigator'], [], false),
      standing(['investigator'], ['OIC'], false),
      null,
    ],
  ];
  it.each(acts)('is known of %s', (_, before, after, gains) => {
    expect(gained(before, after)).toEqual(gains);
  });
});

describe('the second person', () => {
  const auditor: Approver = { id: 'auditor', roles: ['auditor'], areas: [] };
  const head: Approver = { id: 'head', roles: ['area_head'], areas: ['OIC'] };
  const both: Approver = { id: 'both', roles: ['area_head'], areas: ['OIC', 'OBRA'] };
  const ids = (people: Approver[]): string[] => people.map(({ id }) => id);

  it('is an auditor, or a head who holds every area concerned', () => {
    expect(ids(eligible([auditor, head, both], ['OIC'], []))).toEqual(['auditor', 'head', 'both']);
    expect(ids(eligible([auditor, head, both], ['OIC', 'OBRA'], []))).toEqual(['auditor', 'both']);
    expect(ids(eligible([auditor, head, both], '*', []))).toEqual(['auditor']);
  });

  it('is never whoever asked nor whom it concerns', () => {
    expect(ids(eligible([auditor, head], ['OIC'], ['auditor', null]))).toEqual(['head']);
    expect(eligible([auditor], '*', ['somebody', 'auditor'])).toEqual([]);
  });

  it('is nobody where none of these is there: the request waits', () => {
    expect(eligible([head], ['OBRA'], [])).toEqual([]);
    expect(eligible([head, auditor], '*', ['auditor'])).toEqual([]);
  });
});
