import { describe, expect, it } from '@jest/globals';
import { plainWords } from '../../../../platform/typed-text.js';
import { ACTIONS, STEPS, type Action } from '../state.js';
import { TITLES } from '../texts.js';
import { choiceOf, isOfferedAt, stepOf, wordsAt, WORDS_EVERYWHERE } from './flows.js';
import { REPORT_FLOW } from './report/report.flow.js';

/** What each word can mean at a step, also the words that another meaning hides. */
function meaningsAt(step: (typeof STEPS)[number]): Map<string, Set<Action>> {
  const meanings = new Map<string, Set<Action>>();
  const add = (word: string, action: Action): void => {
    meanings.set(word, (meanings.get(word) ?? new Set()).add(action));
  };
  for (const action of ACTIONS) {
    if (isOfferedAt(step, action)) for (const word of choiceOf(action).words ?? []) add(word, action);
  }
  for (const [word, action] of Object.entries(stepOf(step).words ?? {})) add(word, action);
  return meanings;
}

describe('words that choose', () => {
  it.each(STEPS)('mean one thing at the step %s', (step) => {
    const meanings = [...meaningsAt(step)];
    expect(meanings.filter(([, actions]) => actions.size > 1)).toEqual([]);
    const known = new Set([...WORDS_EVERYWHERE.keys(), ...wordsAt(step).keys()]);
    expect(meanings.map(([word]) => word).filter((word) => !known.has(word))).toEqual([]);
  });

  it('are written as typed words are read: in small letters, without accents', () => {
    const words = [...WORDS_EVERYWHERE.keys(), ...STEPS.flatMap((step) => [...wordsAt(step).keys()])];
    expect(words.filter((word) => plainWords(word) !== word)).toEqual([]);
  });

  it('“continuar” is no part of what is told once the account is closed', () => {
    const steps = Object.keys(REPORT_FLOW.steps) as (typeof STEPS)[number][];
    const behind = steps.slice(steps.indexOf('narrative') + 1);
    expect(behind.length).toBeGreaterThan(0);
    for (const step of behind) {
      const action = step === 'evidence' ? 'files_done' : 'continue';
      expect([step, wordsAt(step).get('continuar')]).toEqual([step, action]);
    }
  });

  it('and titles are told apart when they are typed', () => {
    expect(new Set(ACTIONS.map((action) => plainWords(TITLES[action]))).size).toBe(ACTIONS.length);
  });
});
