import { describe, expect, it } from '@jest/globals';
import { personOf } from './incoming.js';

const SENDER = { phone: '5215512345678', bsuid: 'MX.13491208655302741918' };
const NUMBER = '0b9c2f5e-6f0e-4f3c-9d39-3a4d0f2b8c11';

describe('a person under a number', () => {
  it('of the environment is found as when there was no other: drafts outlive the upgrade', () => {
    expect(personOf(SENDER, 'env')).toEqual({
      identifiers: ['wa|MX.13491208655302741918', 'wa|525512345678'],
      hasAccount: true,
    });
  });

  it('shares no identifier with the same person under another number', () => {
    const other = 'f2b8c11e-6f0e-4f3c-9d39-3a4d0f2b8c11';
    const all = ['env', NUMBER, other].flatMap((number) => personOf(SENDER, number).identifiers);
    expect(new Set(all).size).toBe(6);
    // What somebody sends as their id cannot make them somebody under another number.
    expect(personOf({ phone: '52155' }, NUMBER).identifiers).toEqual([`${NUMBER}|wa|52155`]);
  });
});
