import { describe, expect, it } from '@jest/globals';
import { areasOf, PERMISSIONS, permissionsOf, ROLES } from './permissions.js';

describe('permissionsOf', () => {
  it('joins the permissions of all roles', () => {
    const both = permissionsOf(['operator', 'auditor']);
    expect([...both].sort()).toEqual([...PERMISSIONS.operator, ...PERMISSIONS.auditor].sort());
  });

  it('gives nothing to no role and to an unknown one', () => {
    expect(permissionsOf([]).size).toBe(0);
    expect(permissionsOf(['root']).size).toBe(0);
  });

  it('gives no permission over cases to operator, transparency and admin', () => {
    for (const role of ['operator', 'transparency', 'admin']) {
      expect([...permissionsOf([role])].filter((permission) => permission.startsWith('cases.'))).toEqual([]);
    }
  });
});

describe('areasOf', () => {
  const AREAS = ['a1', 'a2'];

  it('shows the whole institution to triage and auditor', () => {
    expect(areasOf(['triage'], [])).toBe('*');
    expect(areasOf(['auditor'], AREAS)).toBe('*');
  });

  it('shows investigators and area heads the areas they hold', () => {
    expect(areasOf(['investigator'], AREAS)).toEqual(AREAS);
    expect(areasOf(['area_head'], AREAS)).toEqual(AREAS);
    expect(areasOf(['investigator'], [])).toEqual([]);
  });

  it('shows the other roles no area, even if the account holds some', () => {
    for (const role of ['operator', 'transparency', 'admin']) expect(areasOf([role], AREAS)).toEqual([]);
  });

  it('gives the widest reach of several roles', () => {
    expect(areasOf(['admin', 'investigator', 'triage'], AREAS)).toBe('*');
    expect(areasOf(['admin', 'investigator'], AREAS)).toEqual(AREAS);
  });

  it('knows every role', () => {
    expect(Object.keys(PERMISSIONS).sort()).toEqual([...ROLES].sort());
  });
});
