import { plainWords, typedCode } from '../../platform/typed-text.js';

/** Shorter beginnings of words match half the dictionary. */
const MIN_WORD = 3;
/** More is a sentence, and never found. */
const MAX_WORD = 60;

/** What is wrong with a word of a routing rule. */
export type RuleWordFault = 'DAMAGED' | 'TOO_SHORT' | 'TOO_LONG';

/**
 * A word as a rule compares it: without accents, capitals and signs (`plainWords`).
 * @returns the word, or what is wrong with it. A question mark stands where another encoding lost a letter:
 *   `ni?` would be `ni`, the beginning of every "ninguno".
 */
export function ruleWord(typed: string): { word: string } | { fault: RuleWordFault } {
  const text = typedCode(typed);
  const word = plainWords(text);
  if (/[?\uFFFD]/.test(text)) return { fault: 'DAMAGED' };
  // One of the words must be long enough: "a la" would find every "a las".
  if (Math.max(...word.split(' ').map(({ length }) => length)) < MIN_WORD) return { fault: 'TOO_SHORT' };
  return word.length > MAX_WORD ? { fault: 'TOO_LONG' } : { word };
}
