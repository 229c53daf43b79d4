import { describe, expect, it } from '@jest/globals';
import {
  isUnderstood,
  readPhrases,
  STEPS_OF_LIST,
  takenFor,
  type SamplePhrase,
} from '../../../../test/support/whatsapp-phrases.js';

/** Written for this list as people write; no message of a real person is in it. */
const PHRASES = readPhrases('test/fixtures/whatsapp/said/answers.tsv').filter(({ step }) =>
  STEPS_OF_LIST.includes(step),
);
const GROUPS = new Map<string, SamplePhrase[]>();
for (const phrase of PHRASES) {
  const group = `${phrase.step}/${phrase.meaning}`;
  GROUPS.set(group, [...(GROUPS.get(group) ?? []), phrase]);
}

/** What must not follow from words that mean something else. */
const UNSAFE: Readonly<Record<string, string>> = {
  notice: 'yes',
  mode: 'identified',
  phone: 'yes',
  confirm: 'send',
};

function wrong(phrases: readonly SamplePhrase[]): string[] {
  return phrases.filter((one) => !isUnderstood(one)).map((one) => `${one.text} -> ${takenFor(one)}`);
}

describe('what people write in their own words', () => {
  it('is understood 95 times of 100', () => {
    const missed = [...GROUPS].flatMap(([group, phrases]) => wrong(phrases).map((one) => `${group}: ${one}`));
    expect(PHRASES.length).toBeGreaterThan(2_000);
    expect(1 - missed.length / PHRASES.length).toBeGreaterThanOrEqual(0.95);
  }, 60_000);

  it.each([...GROUPS.keys()])('%s is understood 80 times of 100', (group) => {
    const phrases = GROUPS.get(group)!;
    const missed = wrong(phrases);
    expect([group, missed.length <= phrases.length / 5 ? [] : missed]).toEqual([group, []]);
  });

  it.each(Object.entries(UNSAFE))('nothing else at the step %s is taken for %s', (step, forward) => {
    const others = PHRASES.filter((one) => one.step === step && one.meaning !== forward);
    expect(others.filter((one) => takenFor(one) === forward).map(({ text }) => text)).toEqual([]);
  });
});
