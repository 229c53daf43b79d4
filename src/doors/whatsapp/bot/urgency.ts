import { plainWords } from '../../../platform/typed-text.js';
import { soundOf } from './language/sounds.js';
import { LineReader, Message, type Choice, type Found } from './urgent-lines.js';
import { URGENT_WORDS, type Urgency, type UrgentWords } from './urgent-words.js';

/** Words that are read. The narrative of a day has fewer; the cost grows faster than the text. */
const MOST_WORDS = 600;
/** Phrases of one line begin at most so many words apart. */
const NEAR = 10;
/** What makes a phrase harmless begins at most so many words behind it. */
const SOON = 6;

/** Whether a message tells of danger, and of which kind. */
export const urgencyOf: (text: string) => Urgency | undefined = urgencyBy(URGENT_WORDS);

/**
 * Make a function that looks for danger with a list of words. It rather says yes once too often: a negation
 * changes nothing, and violence of the past counts. It knows usual errors of spelling, and one wrong letter
 * in long words. Pure.
 */
export function urgencyBy({ lists, harmless, kinds }: UrgentWords): (text: string) => Urgency | undefined {
  // What calms is heard only when it is spelled right.
  const strict = new LineReader(lists, false);
  const generous = new LineReader(lists, true);
  const calming = harmless.map((line) => line.split(' > ').map((part) => strict.choice(part)));
  const known = kinds.map(({ kind, lines }) => ({
    kind,
    lines: lines.map((line) => line.split(' + ').map((part) => generous.choice(part))),
  }));
  return (text) => {
    const sounds = plainWords(text).split(' ').slice(0, MOST_WORDS).map(soundOf);
    const all = new Message(sounds);
    for (const { at, length } of calming.flatMap((line) => harmlessIn(line, all))) {
      sounds.fill('', at, at + length);
    }
    const message = new Message(sounds);
    return known.find(({ lines }) => lines.some((line) => isSaid(line, message)))?.kind;
  };
}

function harmlessIn([choice = [], other]: readonly Choice[], message: Message): Found[] {
  const found = message.find(choice);
  if (!other || found.length === 0) return found;
  const after = message.find(other);
  return found.filter(({ at }) => after.some((next) => next.at > at && next.at <= at + SOON));
}

/** Whether all phrases of a line stand near each other. */
function isSaid([first = [], ...others]: readonly Choice[], message: Message): boolean {
  const found = message.find(first);
  if (found.length === 0 || others.length === 0) return found.length > 0;
  const near = others.map((choice) => message.find(choice));
  return found.some((one) =>
    near.every((places) =>
      places.some((other) => Math.abs(other.at - one.at) <= NEAR && isApart(one, other)),
    ),
  );
}

/** One word is not two phrases: "menores" of a child and "menores" of "menores de edad". */
function isApart(one: Found, other: Found): boolean {
  return other.at >= one.at + one.length || one.at >= other.at + other.length;
}
