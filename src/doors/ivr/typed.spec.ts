import { describe, expect, it } from '@jest/globals';
import { keyed, typedLanguage, typedMode } from './typed.js';

describe('what is typed on a telephone', () => {
  it.each(['1', '1#', ' 1 ', 'es', 'ES', 'es-MX', 'español', 'Español', 'ESPANOL', 'Spanish'])(
    '%s is Spanish',
    (typed) => expect(typedLanguage(typed)).toBe('es'),
  );
  it.each(['2', '#2', 'en', 'en-US', 'English', 'inglés', 'Inglés '])('%s is English', (typed) =>
    expect(typedLanguage(typed)).toBe('en'),
  );
  it.each(['', '0', '3', '12', 'fr', 'náhuatl', 'constructor', '__proto__', 1, null, undefined, {}])(
    '%s is no language',
    (typed) => expect(typedLanguage(typed)).toBeNull(),
  );

  it.each([
    ['1', 'anonymous'],
    ['2*', 'confidential'],
    ['3#', 'identified'],
    ['Anónima', 'anonymous'],
    ['confidential', 'confidential'],
    ['con datos', 'identified'],
    ['4', null],
    ['toString', null],
  ])('%s is the mode %s', (typed, mode) => expect(typedMode(typed)).toBe(mode));

  it('is digits without the keys that end or separate', () => {
    expect(keyed(' 28*84 8343#')).toBe('28848343');
  });
});
