import { describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { open, openJson, seal, sealPaddedJson } from './aead.js';

const key = randomBytes(32);
const place = { table: 'case_reports', row: 'a', field: 'content' };

describe('aead', () => {
  it('opens what it sealed, in the same place only', () => {
    const blob = seal(key, 'me pidieron dinero 😡', place);
    expect(open(key, blob, place).toString()).toBe('me pidieron dinero 😡');
    for (const other of [
      { ...place, row: 'b' },
      { ...place, field: 'identity' },
      { ...place, table: 'case_entries' },
      { ...place, keyVersion: 2 },
    ]) {
      expect(() => open(key, blob, other)).toThrow();
    }
    expect(() => open(randomBytes(32), blob, place)).toThrow();
  });

  it('refuses a blob with any byte changed', () => {
    const blob = seal(key, 'x', place);
    for (let i = 0; i < blob.length; i++) {
      const copy = Buffer.from(blob);
      copy[i] = copy[i]! ^ 1;
      expect(() => open(key, copy, place)).toThrow();
    }
  });

  it('gives an absent and a present reporter the same stored length', () => {
    const absent = sealPaddedJson(key, null, place);
    const present = sealPaddedJson(key, { name: 'Ana', phone: '5215512345678', email: 'a@b.mx' }, place);
    expect(present.length).toBe(absent.length);
    expect(openJson(key, absent, place)).toBeNull();
  });
});
