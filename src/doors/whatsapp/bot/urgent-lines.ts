import { oneLetterOff } from './language/one-letter.js';
import { soundOf } from './language/sounds.js';

/** Shorter words become other words when one letter is wrong. */
const LONG = 8;

/** A word of the list by its sound. */
interface Stem {
  sound: string;
  /** Only the beginning of the word is given. */
  open: boolean;
  /** One letter may be wrong. */
  fuzzy: boolean;
}

/** One place of a phrase: the words of which one must stand there. */
type Slot = readonly Stem[];
/** Words that follow each other. */
type Phrase = readonly Slot[];
/** Phrases of which one is enough. */
export type Choice = readonly Phrase[];

/** Where in a message a phrase begins, and how many words it has. */
export interface Found {
  at: number;
  length: number;
}

/**
 * Reads the lines of `urgent-words.ts`. Equal places of phrases become one object, so that a message is
 * searched for it once.
 */
export class LineReader {
  private readonly slots = new Map<string, Slot>();

  /** @param generous hear long words also with one wrong letter */
  constructor(
    private readonly lists: Readonly<Record<string, string>>,
    private readonly generous: boolean,
  ) {}

  /** "no puedo respirar, se ahoga" */
  choice(text: string): Choice {
    return text.split(', ').map((phrase) => phrase.split(' ').map((place) => this.slot(place)));
  }

  private slot(place: string): Slot {
    const known = this.slots.get(place);
    if (known) return known;
    const slot = place.split('|').flatMap((word) => this.stems(word));
    this.slots.set(place, slot);
    return slot;
  }

  private stems(word: string): readonly Stem[] {
    if (word.startsWith('@')) {
      const list = this.lists[word.slice(1)];
      if (list === undefined) throw new Error(`no list ${word}`);
      return this.slot(list);
    }
    const open = word.endsWith('*');
    const exact = word.endsWith('!');
    const sound = soundOf(open || exact ? word.slice(0, -1) : word);
    return [{ sound, open, fuzzy: this.generous && !exact && sound.length >= LONG }];
  }
}

/** The words of a message by their sound. What was looked for once is remembered. */
export class Message {
  private readonly words = new Map<string, number[]>();
  private readonly places = new Map<Slot, ReadonlySet<number>>();

  constructor(sounds: readonly string[]) {
    sounds.forEach((sound, at) => {
      const places = this.words.get(sound);
      if (places) places.push(at);
      else this.words.set(sound, [at]);
    });
  }

  find(choice: Choice): Found[] {
    const found: Found[] = [];
    for (const phrase of choice) {
      const [first = [], ...rest] = phrase;
      for (const at of this.placesOf(first)) {
        const isWhole = rest.every((slot, index) => this.placesOf(slot).has(at + index + 1));
        if (isWhole) found.push({ at, length: phrase.length });
      }
    }
    return found;
  }

  private placesOf(slot: Slot): ReadonlySet<number> {
    const known = this.places.get(slot);
    if (known) return known;
    const places = new Set<number>();
    for (const [sound, all] of this.words) {
      if (slot.some((stem) => isMeant(stem, sound))) for (const at of all) places.add(at);
    }
    this.places.set(slot, places);
    return places;
  }
}

/**
 * Whether a word of a message is meant by a stem. The first letter is seldom wrong, and to ask for it first
 * saves most of the time.
 */
function isMeant({ sound, open, fuzzy }: Stem, heard: string): boolean {
  if (heard[0] !== sound[0]) return false;
  if (open ? heard.startsWith(sound) : heard === sound) return true;
  if (!fuzzy) return false;
  if (!open) return oneLetterOff(sound, heard);
  return [-1, 0, 1].some((more) => oneLetterOff(sound, heard.slice(0, sound.length + more)));
}
