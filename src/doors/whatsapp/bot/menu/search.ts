import { soundsOf } from '../language/sounds.js';
import type { FoundOption, MenuLanguage, MenuOption } from './menu.js';
import { allOptions } from './options.js';
import { EMPTY } from './empty-words.js';

/** What free words find in a menu. The scores are between 0 and 1. */
export interface Found extends FoundOption {
  /** How well its best title or keyword stands in the message, and how much of the message it explains. */
  score: number;
  /** Part of the message that the option explains. */
  explained: number;
}

/** With this score, and so far in front of the next option, it is the one. */
const SURE = 0.62;
const AHEAD = 0.1;
/** It must also explain this part of the message: one common word does not say what the others mean. */
const EXPLAINED = 0.34;
/** With this score it may be meant: "¿Quisiste decir…?". */
const LIKELY = 0.42;
/** So near to another score it is nearly as good. */
const NEARLY = 0.8;
/** At most so many are offered. */
const OFFERED = 3;
/** Two words of this likeness are the same word, spelled in two ways. */
const LIKE = 0.55;
/** A word of fewer letters must be more alike. */
const LONG = 5;
const LIKE_SHORT = 0.7;
/** The shorter of two such words has this part of the letters of the longer one: "expo" is not "esposo". */
const AS_LONG = 0.7;
/** Two forms of one word. */
const SAME_STEM = 0.95;
/** How much words count where they stand. */
const WEIGHTS = { title: 1, keywords: 1, description: 0.6, answer: 0.35 } as const;
/** The best keyword counts so much, the explained part of the message the rest. */
const KEYWORD_PART = 0.65;
/** What a keyword counts at least, however many options have its words. */
const COMMON = 0.5;
/** What a keyword counts that stands in the message only in part. */
const PART = 0.55;
/** A message of more characters, or of more words of its own, asks for nothing in the rest. */
const READ = 600;
const WORDS = 40;

interface Term {
  word: string;
  stem: string;
  grams: ReadonlySet<string>;
}

interface Indexed {
  option: MenuOption;
  /** The title, its words and the keywords, each by its words. */
  phrases: readonly (readonly string[])[];
  /** The most that each word of the option counts. */
  weights: ReadonlyMap<string, number>;
}

interface Index {
  options: readonly Indexed[];
  /** How rare a word is among the options: words that many options have tell less. */
  rarity: ReadonlyMap<string, number>;
  /** All words of the menu by their first letter. */
  byLetter: ReadonlyMap<string, readonly Term[]>;
}

/** The words of the menu that are like a word of the message, and how much. */
type Likes = ReadonlyMap<string, number>;

/** A menu does not change, so its index is made once. */
const INDEXES = new WeakMap<MenuLanguage, Index>();

/**
 * Find the options that free words may mean, best first. Accents, order and small faults of spelling do not
 * matter. Pure.
 * @param languages that of the person first; in the others a word must be spelled as it is there
 */
export function search(text: string, languages: readonly MenuLanguage[]): Found[] {
  const words = contentWords(text.slice(0, READ)).slice(0, WORDS);
  if (words.length === 0) return [];
  return languages
    .flatMap((language, place) =>
      withoutOpeners(
        searchIn(words, language, { exactly: place > 0 }).filter(({ score }) => score >= LIKELY),
      ),
    )
    .sort((one, other) => other.score - one.score);
}

/** The one option that is meant; undefined when none is, or when it could be another. */
export function sureOne(found: readonly Found[]): Found | undefined {
  const [first] = found;
  if (!first || first.score < SURE || first.explained < EXPLAINED) return undefined;
  const rival = found.find(({ option }) => option.code !== first.option.code);
  return rival && first.score - rival.score < AHEAD ? undefined : first;
}

/** Options that may be meant, each once. */
export function likelyOnes(found: readonly Found[]): Found[] {
  const seen = new Set<string>();
  return found
    .filter(({ option: { code, title } }) => {
      // The provider refuses a list with two equal titles.
      const isNew = !seen.has(`code ${code}`) && !seen.has(`title ${title}`);
      seen.add(`code ${code}`).add(`title ${title}`);
      return isNew;
    })
    .slice(0, OFFERED);
}

/** An option that opens others gives way to one of them that fits nearly as well. */
function withoutOpeners(found: readonly Found[]): Found[] {
  const isBehind = ({ option: { does } }: Found, code: string): boolean =>
    'open' in does && does.open.some((one) => one.code === code);
  return found.filter(
    (one) => !found.some(({ option, score }) => isBehind(one, option.code) && score >= one.score * NEARLY),
  );
}

function searchIn(words: readonly Term[], language: MenuLanguage, how: { exactly: boolean }): Found[] {
  const index = indexOf(language);
  const likes = words.map((word) => likesOf(word, index, how));
  const best = bestOf(likes);
  return index.options.map(({ option, phrases, weights }) => {
    const keyword = Math.max(0, ...phrases.map((phrase) => presence(phrase, best, index.rarity)));
    const explained = explainedBy(weights, likes, index.rarity);
    const score = KEYWORD_PART * keyword + (1 - KEYWORD_PART) * explained;
    return { language, option, explained, score };
  });
}

function likesOf(word: Term, { byLetter }: Index, { exactly }: { exactly: boolean }): Likes {
  const likes = new Map<string, number>();
  // People get the beginning of a word right: "solar" is not "dólar".
  for (const term of byLetter.get(word.word[0]!) ?? []) {
    const like = likeness(term, word);
    if (like >= (exactly ? SAME_STEM : LIKE)) likes.set(term.word, like);
  }
  return likes;
}

/** Of each word of the menu the most that a word of the message is like it. */
function bestOf(likes: readonly Likes[]): Likes {
  const best = new Map<string, number>();
  for (const one of likes)
    for (const [word, like] of one) if (like > (best.get(word) ?? 0)) best.set(word, like);
  return best;
}

/**
 * How much of a phrase stands in the message. A phrase that is there in part counts less, and so does one of
 * words that many options have.
 */
function presence(phrase: readonly string[], best: Likes, rarity: Index['rarity']): number {
  let found = 0;
  let all = 0;
  let rarest = 0;
  let whole = phrase.length > 0;
  for (const word of phrase) {
    const rare = rarity.get(word) ?? 1;
    const like = best.get(word) ?? 0;
    all += rare;
    found += like * rare;
    if (like > 0) rarest = Math.max(rarest, rare);
    else whole = false;
  }
  if (found === 0) return 0;
  return (found / all) * (whole ? 1 : PART) * (COMMON + (1 - COMMON) * rarest);
}

/** How much of the message the words of an option explain. */
function explainedBy(weights: Indexed['weights'], likes: readonly Likes[], rarity: Index['rarity']): number {
  let known = 0;
  let all = 0;
  for (const one of likes) {
    let best = { value: 0, rare: 1 };
    for (const [word, like] of one) {
      const value = like * (weights.get(word) ?? 0);
      if (value > best.value) best = { value, rare: rarity.get(word) ?? 1 };
    }
    all += best.rare;
    known += best.value * best.rare;
  }
  return known / all;
}

/** 1 for the same word, 0 for another one. Between them: the part of common pairs of letters (Dice). */
function likeness(one: Term, other: Term): number {
  if (one.word === other.word) return 1;
  const [shorter, longer] = [one.word.length, other.word.length].sort((a, b) => a - b) as [number, number];
  // Short words differ in every letter: "luz" is not "paz".
  if (shorter < 4) return 0;
  if (shorter >= LONG && one.stem === other.stem) return SAME_STEM;
  if (shorter < longer * AS_LONG) return 0;
  let common = 0;
  for (const gram of one.grams) if (other.grams.has(gram)) common += 1;
  const dice = (2 * common) / (one.grams.size + other.grams.size);
  return dice >= (shorter >= LONG ? LIKE : LIKE_SHORT) ? dice : 0;
}

function indexOf(language: MenuLanguage): Index {
  const known = INDEXES.get(language);
  if (known) return known;
  const terms = new Map<string, Term>();
  const options = allOptions(language).map((option) => indexed(option, terms));
  const counts = new Map<string, number>();
  for (const { weights } of options)
    for (const word of weights.keys()) counts.set(word, (counts.get(word) ?? 0) + 1);
  const byLetter = new Map<string, Term[]>();
  for (const term of terms.values()) {
    const list = byLetter.get(term.word[0]!);
    if (list) list.push(term);
    else byLetter.set(term.word[0]!, [term]);
  }
  const rarity = new Map([...counts].map(([word, count]) => [word, 1 / Math.sqrt(count)]));
  const index = { options, rarity, byLetter };
  INDEXES.set(language, index);
  return index;
}

/** @param terms all words so far; those of the option are added */
function indexed(option: MenuOption, terms: Map<string, Term>): Indexed {
  const { title, description = '', keywords, does } = option;
  const answer = 'answer' in does ? (does.answer.text ?? '') : '';
  const weights = new Map<string, number>();
  const learn = (text: string, weight: number): string[] =>
    contentWords(text).map((term) => {
      terms.set(term.word, term);
      weights.set(term.word, Math.max(weight, weights.get(term.word) ?? 0));
      return term.word;
    });
  learn(answer, WEIGHTS.answer);
  learn(description, WEIGHTS.description);
  const titleWords = learn(title, WEIGHTS.title);
  const phrases = keywords.map((keyword) => learn(keyword, WEIGHTS.keywords));
  return { option, phrases: [titleWords, ...titleWords.map((word) => [word]), ...phrases], weights };
}

/** The words of a text that tell something of its subject, each once. */
function contentWords(text: string): Term[] {
  const words = soundsOf(text).filter((word) => word.length > 1 && !EMPTY.has(word));
  return [...new Set(words)].map((word) => ({ word, stem: stemOf(word), grams: gramsOf(word) }));
}

/** Pairs of letters of a word, with marks at its ends. */
function gramsOf(word: string): Set<string> {
  const marked = `^${word}$`;
  return new Set(Array.from({ length: marked.length - 1 }, (_, at) => marked.slice(at, at + 2)));
}

/** Without the ending of number and gender, in which most forms of a word differ. */
function stemOf(word: string): string {
  return word.length > 3 ? word.replace(/(?:es|[oae]s?|s)$/, '') : word;
}
