import { ADDRESSES, GLUE, LEXICON, VERBS, type Meaning } from './lexicon.js';
import { oneLetterOff } from './one-letter.js';
import { soundsOf } from './sounds.js';

/** A meaning, or its contrary: "no la manden". */
export type Said = Meaning | `not ${Meaning}`;

/** A message of more words is a narrative, whatever its words are. */
const MOST_WORDS = 40;
/** Words of more sounds than this are known with one letter wrong. */
const SURE = 4;
/** Words that a "no" still reaches: "no la quiero mandar todavía". */
const REACH = 6;
/** What a "no" before it turns into its contrary. */
const DENIABLE: ReadonlySet<Meaning> = new Set([
  'send it',
  'yes',
  'send',
  'change',
  'cancel',
  'identified',
  'anonymous',
]);
const DENIERS = new Set(
  ['no', 'ni', 'sin', 'nadie', 'miedo', 'nunca', 'nel', 'nop'].flatMap((word) => soundsOf(word)),
);

const ENDINGS = ['ar', 'a', 'e', 'en', 'emos', 'o', 'amos', 'ado', 'ada', 'ando', 'es', 'as', 'adas', 'ados'];
const PRONOUNS = ['la', 'lo', 'las', 'los', 'le', 'les', 'me', 'mela', 'melo', 'sela', 'selo', 'nosla'];
const WITH_PRONOUN = ['ar', 'a', 'e', 'en', 'emos', 'ando', 'e'];

/** Phrases by their words. The keys of a map are the sounds, separated by spaces. */
const PHRASES = new Map<string, Set<Meaning>>();
const LONGEST_BY_START = new Map<string, number>();
const ADDRESS_SOUNDS = new Set(ADDRESSES.flatMap((word) => soundsOf(word)));
const GLUE_SOUNDS = new Set([...GLUE.flatMap((word) => soundsOf(word)), ...ADDRESS_SOUNDS]);
/** The longer words of all phrases, by their length. */
const LONG_WORDS = new Map<number, Set<string>>();
const NOTHING: ReadonlySet<Meaning> = new Set();
const NONE: ReadonlySet<Said> = new Set();

for (const [meaning, lines] of Object.entries(LEXICON) as [Meaning, readonly string[]][])
  for (const line of lines) for (const phrase of written(line)) learn(phrase, meaning);
for (const [meaning, stems] of Object.entries(VERBS) as [Meaning, string][])
  for (const stem of stems.split(' ')) {
    for (const ending of ENDINGS) learn(stem + ending, meaning);
    for (const form of withPronouns(stem)) learn(form, meaning === 'send' ? 'send it' : meaning);
  }

function written(line: string): string[] {
  return line
    .split(' ')
    .map((place) => place.split('|'))
    .reduce<string[]>((begun, words) => begun.flatMap((one) => words.map((word) => `${one} ${word}`)), ['']);
}

function withPronouns(stem: string): string[] {
  return WITH_PRONOUN.flatMap((ending) => PRONOUNS.map((pronoun) => stem + ending + pronoun));
}

function learn(phrase: string, meaning: Meaning): void {
  const sounds = soundsOf(phrase);
  const key = sounds.join(' ');
  const known = PHRASES.get(key);
  if (known) known.add(meaning);
  else PHRASES.set(key, new Set([meaning]));
  const [first = ''] = sounds;
  LONGEST_BY_START.set(first, Math.max(LONGEST_BY_START.get(first) ?? 0, sounds.length));
  for (const sound of sounds) {
    if (sound.length <= SURE) continue;
    LONG_WORDS.set(sound.length, (LONG_WORDS.get(sound.length) ?? new Set()).add(sound));
  }
}

/** What was read out of a message. */
export interface Reading {
  said: ReadonlySet<Said>;
  /** What its first words mean, behind greetings. */
  starts: ReadonlySet<Said>;
  /** What its last words mean, in front of thanks. */
  ends: ReadonlySet<Said>;
  /** Words that answer no question of the bot. With one of them the message tells something more. */
  strange: number;
  words: number;
  /** It has a word by which people address somebody: "licenciada". */
  addresses: boolean;
  /** It has a question mark. */
  question: boolean;
}

/**
 * Reads what the parts of a message mean.
 * @param exact no letter may be wrong, as in a name
 */
export function read(text: string, exact = false): Reading {
  const clauses = text.split(/[,.;:!?¡¿\n()…]+/).map(soundsOf);
  const count = clauses.flat().length;
  const question = /[?¿]/.test(text);
  if (count > MOST_WORDS)
    return { said: NONE, starts: NONE, ends: NONE, strange: count, words: count, addresses: false, question };
  const message = new Message();
  for (const clause of clauses)
    if (clause.length > 0) message.readClause(exact ? clause : clause.map(corrected));
  const addresses = clauses.flat().some((word) => ADDRESS_SOUNDS.has(word));
  const { said, starts, ends, strange } = message;
  return { said, starts, ends, strange, words: count, addresses, question };
}

/** What was read of a message so far. */
class Message {
  readonly said = new Set<Said>();
  readonly starts = new Set<Said>();
  readonly ends = new Set<Said>();
  strange = 0;
  private begun = false;

  readClause(words: readonly string[]): void {
    let told = false;
    /** The word until which a "no" reaches. */
    let denied = 0;
    for (let at = 0; at < words.length;) {
      const phrase = phraseAt(words, at);
      const length = Math.max(1, phrase.length);
      const isWord = phrase.length === 0;
      const isGlue = isWord && GLUE_SOUNDS.has(words[at]!);
      if (isWord && !isGlue) this.strange += 1;
      const carries = !isGlue && !phrase.meanings.has('courtesy');
      if (carries) this.ends.clear();
      for (const meaning of phrase.meanings)
        this.add(inPlace(meaning, { told, denied: at < denied }), carries);
      if (carries) this.begun = told = true;
      if (denies(words[at]!, phrase)) denied = at + length + REACH;
      at += length;
    }
  }

  private add(one: Said, carries: boolean): void {
    this.said.add(one);
    if (!this.begun) this.starts.add(one);
    if (carries) this.ends.add(one);
  }
}

/** A question begins a clause. What stands behind a "no" is denied. */
function inPlace(meaning: Meaning, { told, denied }: { told: boolean; denied: boolean }): Said {
  if (meaning === 'question') return told ? 'question' : 'asks';
  return denied && DENIABLE.has(meaning) ? `not ${meaning}` : meaning;
}

function denies(word: string, { length, meanings }: Phrase): boolean {
  return DENIERS.has(word) && (length <= 1 || meanings.has('skip') || meanings.has('no'));
}

/** A phrase of so many words. None: a word that is in no phrase. */
interface Phrase {
  length: number;
  meanings: ReadonlySet<Meaning>;
}

/** The longest phrase that begins here. */
function phraseAt(words: readonly string[], at: number): Phrase {
  const longest = Math.min(LONGEST_BY_START.get(words[at]!) ?? 0, words.length - at);
  for (let length = longest; length > 0; length--) {
    const meanings = PHRASES.get(words.slice(at, at + length).join(' '));
    if (meanings) return { length, meanings };
  }
  return { length: 0, meanings: NOTHING };
}

function corrected(sound: string): string {
  const { length } = sound;
  if (length <= SURE || GLUE_SOUNDS.has(sound) || LONG_WORDS.get(length)?.has(sound)) return sound;
  const wide = length > SURE + 1;
  for (const near of [length, length - 1, length + 1])
    for (const known of LONG_WORDS.get(near) ?? [])
      if ((wide || known[0] === sound[0]) && oneLetterOff(sound, known)) return known;
  return sound;
}
