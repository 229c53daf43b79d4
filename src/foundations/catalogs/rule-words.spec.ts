import { describe, expect, it } from '@jest/globals';
import { ruleWord } from './rule-words.js';

describe('a word of a routing rule', () => {
  it.each([
    ['Niñ', 'nin'],
    ['nin\u0303', 'nin'],
    [' MOR\u00adDIDA ', 'mordida'],
    ['se derrumb', 'se derrumb'],
    ['911', '911'],
  ])('%j is compared as %j', (typed, word) => {
    expect(ruleWord(typed)).toEqual({ word });
  });

  it.each([
    ['ni?', 'DAMAGED'],
    ['ni\ufffd', 'DAMAGED'],
    ['ni\uff1f', 'DAMAGED'],
    ['', 'TOO_SHORT'],
    ['\u2800\u3164', 'TOO_SHORT'],
    ['ñ', 'TOO_SHORT'],
    ['...', 'TOO_SHORT'],
    ['de la', 'TOO_SHORT'],
    ['中文字', 'TOO_SHORT'],
    ['x'.repeat(61), 'TOO_LONG'],
  ])('%j is refused: %s', (typed, fault) => {
    expect(ruleWord(typed)).toEqual({ fault });
  });
});
