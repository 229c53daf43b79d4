import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  asOneTimePassword,
  MAX_PASSWORD,
  MIN_PASSWORD,
  oneTimePassword,
  passwordFault,
} from './password-rules.js';

const EMAIL = 'lucia.mendez@conavi.demo';

describe('passwordFault', () => {
  it('accepts a phrase with spaces and accents', () => {
    expect(passwordFault('mi canción de los sábados', EMAIL)).toBeNull();
  });

  it('refuses eleven characters and accepts twelve', () => {
    expect(passwordFault('abcdefgh1jk', EMAIL)).toBe('TOO_SHORT');
    expect(passwordFault('abcdefgh1jkm', EMAIL)).toBeNull();
  });

  it('counts code points, not UTF-16 units', () => {
    expect(passwordFault('🐢🦎🐍🦖🦕🐙🦑🦐🦞🦀🐡', EMAIL)).toBe('TOO_SHORT');
    expect(passwordFault('🐢🦎🐍🦖🦕🐙🦑🦐🦞🦀🐡🐠', EMAIL)).toBeNull();
  });

  it('counts an accent the same however the keyboard composes it', () => {
    const composed = 'cancióncitas';
    expect(passwordFault(composed.normalize('NFC'), EMAIL)).toBeNull();
    expect(passwordFault(composed.slice(0, -1).normalize('NFD'), EMAIL)).toBe('TOO_SHORT');
  });

  it('refuses more than 128 characters', () => {
    const long = 'abcdefghij'.repeat(13);
    expect(passwordFault(long.slice(0, MAX_PASSWORD), EMAIL)).toBeNull();
    expect(passwordFault(long.slice(0, MAX_PASSWORD + 1), EMAIL)).toBe('TOO_LONG');
  });

  it('refuses the e-mail address in any spelling', () => {
    expect(passwordFault('Lucia.Mendez@CONAVI.demo', EMAIL)).toBe('IS_EMAIL');
  });

  it('refuses common passwords, also with capitals and spaces', () => {
    expect(passwordFault('contraseña123', EMAIL)).toBe('COMMON');
    expect(passwordFault('Password 1234', EMAIL)).toBe('COMMON');
  });

  it('refuses a key held down and short patterns', () => {
    expect(passwordFault('aaaaaaaaaaaaaaaa', EMAIL)).toBe('COMMON');
    expect(passwordFault('121212121212', EMAIL)).toBe('COMMON');
  });

  it('asks for no kinds of characters', () => {
    const letters = fc.stringMatching(/^[a-z]{20,60}$/).filter((text) => new Set(text).size >= 5);
    fc.assert(fc.property(letters, (text) => passwordFault(text, EMAIL) === null));
  });
});

describe('oneTimePassword', () => {
  it('is sixteen readable characters in fours, 80 bits', () => {
    const group = '[0-9abcdefghjkmnpqrstvwxyz]{4}';
    expect(oneTimePassword()).toMatch(new RegExp(`^${group}-${group}-${group}-${group}$`));
  });

  it('keeps the rules of passwords and never repeats', () => {
    const made = Array.from({ length: 200 }, oneTimePassword);
    expect(new Set(made).size).toBe(200);
    for (const password of made) {
      expect(password.length).toBeGreaterThanOrEqual(MIN_PASSWORD);
      expect(passwordFault(password, EMAIL)).toBeNull();
    }
  });
});

describe('asOneTimePassword', () => {
  const made = '0a1b-2c3d-4e5f-6g7h';

  it.each([
    ['capitals', '0A1B-2C3D-4E5F-6G7H'],
    ['no dashes', '0a1b2c3d4e5f6g7h'],
    ['spaces around and between', '  0a1b 2c3d\t4e5f 6g7h \n'],
    ['dashes of a word processor', '0a1b–2c3d—4e5f−6g7h'],
    [
      'dashes that do not break and invisible marks',
      '\u200b0a1b\u20112c3d\u00ad-4e5f\u00a0-\u202a6g7h\ufeff',
    ],
    ['letters that look like digits', 'OaIb-2c3d-4e5f-6g7h'],
    ['wide characters', '０ａ１ｂ－２ｃ３ｄ－４ｅ５ｆ－６ｇ７ｈ'],
  ])('reads one with %s', (_, typed) => {
    expect(asOneTimePassword(typed)).toBe(made);
  });

  it('reads every one that is made, however its groups are set apart', () => {
    const apart = fc.constantFrom('', ' ', '-', ' - ', '–');
    fc.assert(
      fc.property(apart, fc.boolean(), (between, capitals) => {
        const password = oneTimePassword();
        const typed = password.replaceAll('-', between);
        return asOneTimePassword(capitals ? typed.toUpperCase() : typed) === password;
      }),
    );
  });

  it('leaves what is none as it is', () => {
    for (const typed of [
      'Mi Canción De Los Sábados',
      '0a1b-2c3d-4e5f-6g7',
      '0a1b-2c3d-4e5f-6g7u',
      '',
      '- - -',
    ])
      expect(asOneTimePassword(typed)).toBe(typed);
  });
});
