import { plainWords, typedCode } from '../../platform/typed-text.js';

/** Minimum length, because shorter beginnings of words match too many words. */
const MIN_WORD = 3;
/** Maximum length. A longer text is a sentence and would never match. */
const MAX_WORD = 60;

/** What is wrong with a word of a routing rule. */
export type RuleWordFault = 'DAMAGED' | 'TOO_SHORT' | 'TOO_LONG';

/**
 * Returns a word in the form in which a rule compares it: without accents, capitals and signs (`plainWords`).
 * @returns the word, or what is wrong with it. A question mark stands where another encoding lost a letter:
 *   `ni?` would be `ni`, the beginning of every "ninguno".
 */
export function ruleWord(typed: string): { word: string } | { fault: RuleWordFault } {
  const text = typedCode(typed);
  const word = plainWords(text);
  if (/[?\uFFFD]/.test(text)) return { fault: 'DAMAGED' };
  // At least one of the words must be long enough: "a la" would match every "a las".
  if (Math.max(...word.split(' ').map(({ length }) => length)) < MIN_WORD) return { fault: 'TOO_SHORT' };
  return word.length > MAX_WORD ? { fault: 'TOO_LONG' } : { word };
}
