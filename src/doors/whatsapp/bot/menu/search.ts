import { soundsOf } from '../language/sounds.js';
import type { FoundOption, MenuLanguage, MenuOption } from './menu.js';
import { allOptions } from './options.js';

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

/** Words of questions that tell nothing of their subject. */
const EMPTY = new Set(
  soundsOf(`a al algo alguien alguna alguno asi aun aqui ahi alla aca ahora ay bien buen buena buenas buenos buenisimo cada como con cosa cual cuales
   cuando cuanto cuanta cuantos cuantas d da dan dar de del desde dia dias dime donde dos e el ella ellos en entre era eres es esa ese eso esta estan
   estas este esto estoy estuve estaba favor fue ha habia hace hacen hacer hacerle hago han hasta hay hola hoy ir k la las le les lo los mas me
   mi mis mucha mucho muchas muchos muy nada ni no nos noches o oiga oye otra otro para pero poder podria podrian podre pa por porfa porfavor porque xq pq
   puede pueden puedes puedo pues ps q que quien quienes quiere quiero quisiera quisieramos saber se sea ser si sin sobre solo son soy somos su sus tal
   tambien tarde tardes te tengo ti tiene tienen tienes toda todas todo todos tu tus un una uno unas unos usted ustedes uds va van vas voy vine x xfa y ya
   yo deseo deseamos necesito necesitamos ocupo ocupamos gracias gusta gustaria informacion informacion informes info datos dudas duda pregunta preguntar
   ayuda ayudar ayuden ayudan hablar decir digan diga digame dicen dijo dijeron conocer disculpe disculpa disculpen molestia senor senora senorita joven estimados
   vez veces aver haber jaja jeje bueno buenas favor solicito interesa represento seria sera son
   the an of to in on for and or is are am i my you your we do does did can could would should what which who where when how much many please hi
   hello thanks want need know about there it this that with have has get some any information help tell me`),
);

interface Term {
  word: string;
  stem: string;
  grams: ReadonlySet<string>;
}

interface Indexed {
  option: MenuOption;
  /** The title and the keywords, each by its words. */
  phrases: Term[][];
  /** Every word of the option, with the most that it counts. */
  terms: Map<string, { term: Term; weight: number }>;
}

interface Index {
  options: Indexed[];
  /** How rare a word is among the options: words that many options have tell less. */
  rarity: Map<string, number>;
}

/** A menu does not change, so its index is made once. */
const INDEXES = new WeakMap<MenuLanguage, Index>();

/**
 * Find the options that free words may mean, best first. Accents, order and small faults of spelling do not
 * matter. Pure.
 * @param languages the first one counts where two are equally good
 */
export function search(text: string, languages: readonly MenuLanguage[]): Found[] {
  const words = contentWords(text);
  if (words.length === 0) return [];
  return languages
    .flatMap((language) => withoutOpeners(searchIn(words, language).filter(({ score }) => score >= LIKELY)))
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
  const codes = new Set<string>();
  return found.filter(({ option }) => !codes.has(option.code) && codes.add(option.code)).slice(0, OFFERED);
}

/** An option that opens others gives way to one of them that fits nearly as well. */
function withoutOpeners(found: readonly Found[]): Found[] {
  const isBehind = ({ option: { does } }: Found, code: string): boolean =>
    'open' in does && does.open.some((one) => one.code === code);
  return found.filter(
    (one) => !found.some(({ option, score }) => isBehind(one, option.code) && score >= one.score * NEARLY),
  );
}

function searchIn(words: readonly Term[], language: MenuLanguage): Found[] {
  const { options, rarity } = indexOf(language);
  return options.map(({ option, phrases, terms }) => {
    const best = Math.max(0, ...phrases.map((phrase) => presence(phrase, words, rarity)));
    let known = 0;
    let all = 0;
    for (const word of words) {
      const { likeness, weight, rare } = closest(word, terms, rarity);
      all += rare;
      known += likeness * weight * rare;
    }
    const explained = known / all;
    return { language, option, explained, score: KEYWORD_PART * best + (1 - KEYWORD_PART) * explained };
  });
}

/**
 * How much of a phrase stands in the message. A phrase that is there in part counts less, and so does one of
 * words that many options have.
 */
function presence(phrase: readonly Term[], words: readonly Term[], rarity: Index['rarity']): number {
  let found = 0;
  let all = 0;
  let rarest = 0;
  let whole = phrase.length > 0;
  for (const term of phrase) {
    const rare = rarity.get(term.word) ?? 1;
    const like = Math.max(0, ...words.map((word) => likeness(term, word)));
    all += rare;
    found += like * rare;
    if (like > 0) rarest = Math.max(rarest, rare);
    else whole = false;
  }
  if (found === 0) return 0;
  return (found / all) * (whole ? 1 : PART) * (COMMON + (1 - COMMON) * rarest);
}

function closest(
  word: Term,
  terms: Indexed['terms'],
  rarity: Index['rarity'],
): { likeness: number; weight: number; rare: number } {
  let best = { likeness: 0, weight: 0, rare: rarity.get(word.word) ?? 1 };
  for (const { term, weight } of terms.values()) {
    const like = likeness(term, word);
    if (like * weight <= best.likeness * best.weight) continue;
    best = { likeness: like, weight, rare: rarity.get(term.word) ?? 1 };
  }
  return best;
}

/** 1 for the same word, 0 for another one. Between them: the part of common pairs of letters (Dice). */
function likeness(one: Term, other: Term): number {
  if (one.word === other.word) return 1;
  const shorter = Math.min(one.word.length, other.word.length);
  // Short words differ in every letter: "luz" is not "paz". People get the beginning of a word right.
  if (shorter < 4 || one.word[0] !== other.word[0]) return 0;
  if (shorter >= LONG && one.stem === other.stem) return SAME_STEM;
  const [small, large] =
    one.grams.size < other.grams.size ? [one.grams, other.grams] : [other.grams, one.grams];
  let common = 0;
  for (const gram of small) if (large.has(gram)) common += 1;
  const dice = (2 * common) / (small.size + large.size);
  return dice >= (shorter >= LONG ? LIKE : LIKE_SHORT) ? dice : 0;
}

function indexOf(language: MenuLanguage): Index {
  const known = INDEXES.get(language);
  if (known) return known;
  const options = allOptions(language).map(indexed);
  const counts = new Map<string, number>();
  for (const { terms } of options)
    for (const word of terms.keys()) counts.set(word, (counts.get(word) ?? 0) + 1);
  const rarity = new Map([...counts].map(([word, count]) => [word, 1 / Math.sqrt(count)]));
  const index = { options, rarity };
  INDEXES.set(language, index);
  return index;
}

function indexed(option: MenuOption): Indexed {
  const { title, description = '', keywords, does } = option;
  const answer = 'answer' in does ? (does.answer.text ?? '') : '';
  const terms: Indexed['terms'] = new Map();
  const learn = (text: string, weight: number): void => {
    for (const term of contentWords(text)) {
      const known = terms.get(term.word);
      if (!known || known.weight < weight) terms.set(term.word, { term, weight });
    }
  };
  learn(answer, WEIGHTS.answer);
  learn(description, WEIGHTS.description);
  learn(keywords.join(' '), WEIGHTS.keywords);
  learn(title, WEIGHTS.title);
  const words = contentWords(title).map((term) => [term]);
  return { option, phrases: [...[title, ...keywords].map(contentWords), ...words], terms };
}

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
