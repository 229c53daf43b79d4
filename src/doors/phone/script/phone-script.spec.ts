import { describe, expect, it } from '@jest/globals';
import { DEFAULT_CATEGORIES } from '../../../foundations/catalogs/default-catalog.js';
import { SCRIPTED_CATEGORIES, scriptOf } from './phone-script.js';

describe('the script of a call', () => {
  const all = [undefined, ...SCRIPTED_CATEGORIES].flatMap((category) => scriptOf(category));

  it('says every step in both languages, and names each once', () => {
    for (const { id, say, note } of all) {
      for (const text of [say, note].filter((one) => one !== undefined)) {
        expect([id, text.es.trim() === text.es && text.es !== '']).toEqual([id, true]);
        expect([id, text.en.trim() === text.en && text.en !== text.es]).toEqual([id, true]);
      }
    }
    for (const category of [undefined, ...SCRIPTED_CATEGORIES]) {
      const ids = scriptOf(category).map(({ id }) => id);
      expect(new Set(ids).size).toBe(ids.length);
    }
  });

  it('asks about every category of the default catalogues but the open one', () => {
    const known = Object.values(DEFAULT_CATEGORIES).flatMap((list) => list.map(({ code }) => code));
    expect([...new Set(known)].filter((code) => code !== 'OTHER').sort()).toEqual(
      [...SCRIPTED_CATEGORIES].sort(),
    );
  });

  it('asks for data of the person only after the mode, and never before the account', () => {
    const fields = scriptOf().map(({ field }) => field);
    expect(fields.indexOf('mode')).toBeGreaterThan(-1);
    expect(fields.indexOf('reporter')).toBeGreaterThan(fields.indexOf('narrative'));
    expect(fields.indexOf('narrative')).toBeGreaterThan(fields.indexOf('mode'));
  });

  it('asks about the recording after the mode, and reads the notice before it asks for data', () => {
    const ids = scriptOf().map(({ id }) => id);
    expect(ids.indexOf('recording')).toBeGreaterThan(ids.indexOf('mode'));
    expect(ids.indexOf('recording')).toBeLessThan(ids.indexOf('narrative'));
    expect(ids.indexOf('privacy-notice')).toBe(ids.indexOf('reporter') - 1);
  });

  it('promises nothing that the service does not keep', () => {
    const say = (id: string) => scriptOf().find((one) => one.id === id)!.say;
    expect(say('call-number').es).toContain('en los próximos tres días');
    expect(say('call-number').en).toContain('within the next three days');
    expect(say('greeting').es).not.toContain('llamada no cuesta');
  });

  it('gives every field of a report a question, but those that a program fills', () => {
    const asked = new Set(all.map(({ field }) => field));
    for (const field of [
      'mode',
      'narrative',
      'occurred',
      'municipality',
      'place',
      'accused',
      'witnesses',
      'reporter',
      'privacyNotice',
      'interpreterNeeded',
      'recordingConsent',
    ])
      expect([field, asked.has(field as never)]).toEqual([field, true]);
  });
});
