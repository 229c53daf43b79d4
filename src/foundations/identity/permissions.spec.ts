import { describe, expect, it } from '@jest/globals';
import { areasOf, compatible, PERMISSIONS, permissionsOf, ROLES, type Role } from './permissions.js';

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

describe('compatible', () => {
  const sees = (role: Role): boolean => PERMISSIONS[role].some((one) => /^(cases|stats)\./.test(one));
  const together = (...roles: Role[]): boolean => compatible(roles) && compatible([...roles].reverse());

  it('lets each role stand alone, and an account without any', () => {
    for (const role of ROLES) expect([role, compatible([role])]).toEqual([role, true]);
    expect(compatible([])).toBe(true);
  });

  it('keeps whoever administers accounts from every case and every exact figure, also beside a third role', () => {
    for (const role of ROLES.filter((one) => one !== 'admin')) {
      expect([role, together('admin', role)]).toEqual([role, !sees(role)]);
      expect([role, together('operator', 'admin', role)]).toEqual([role, !sees(role)]);
    }
  });

  it('keeps desk, audit and the work in areas apart', () => {
    for (const [one, other] of [
      ['triage', 'auditor'],
      ['triage', 'investigator'],
      ['triage', 'area_head'],
      ['auditor', 'investigator'],
      ['auditor', 'area_head'],
    ] as const)
      expect([one, other, together(one, other), together(one, 'operator', other)]).toEqual([
        one,
        other,
        false,
        false,
      ]);
  });

  it('allows what one person does in a small office', () => {
    for (const roles of [
      ['operator', 'triage'],
      ['operator', 'admin'],
      ['investigator', 'area_head'],
      ['auditor', 'transparency'],
      ['operator', 'investigator', 'transparency'],
    ] as const)
      expect([roles, compatible(roles)]).toEqual([roles, true]);
  });
});
