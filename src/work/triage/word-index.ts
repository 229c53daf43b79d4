import { plainWords } from '../../platform/typed-text.js';

/** One phrase, and the owners that have it. */
interface Phrase {
  owners: number[];
}

/**
 * Where the whole words of phrases lead: on to further words, or to the beginnings of words that end a phrase
 * here.
 */
interface WordNode {
  words: Map<string, WordNode>;
  ends: Map<string, Phrase>;
  /** Of the keys of `ends`, each once: only these many letters of a word are looked up. */
  lengths: Set<number>;
}

/**
 * Finds which of many lists of phrases a text has. All phrases are laid out once, and the text is walked
 * once: an administrator's 20,000 phrases cost a long report no more than ten, and a report made to repeat a
 * word costs no more than another of its length.
 */
export class WordIndex {
  private readonly root = newNode();

  /** @param lists phrases of each owner; a phrase without a letter or digit is never found */
  constructor(lists: readonly (readonly string[])[]) {
    for (const [owner, phrases] of lists.entries()) {
      for (const phrase of phrases) this.add(wordsOf(phrase), owner);
    }
  }

  /**
   * The owners with a phrase that the text has. The last word of a phrase may be the beginning of a longer
   * one ("amenaz" finds "amenazaron"), those before it are whole.
   */
  ownersIn(text: string): Set<number> {
    const words = wordsOf(text);
    const found = new Set<Phrase>();
    for (let from = 0; from < words.length; from++) {
      let node: WordNode | undefined = this.root;
      for (let at = from; node && at < words.length; at++) {
        const word: string = words[at]!;
        for (const length of node.lengths) {
          const phrase = length <= word.length ? node.ends.get(word.slice(0, length)) : undefined;
          if (phrase) found.add(phrase);
        }
        node = node.words.get(word);
      }
    }
    return new Set([...found].flatMap(({ owners }) => owners));
  }

  private add(words: readonly string[], owner: number): void {
    const last = words.at(-1);
    if (last === undefined) return;
    let node = this.root;
    for (const word of words.slice(0, -1)) {
      let next = node.words.get(word);
      if (!next) node.words.set(word, (next = newNode()));
      node = next;
    }
    const phrase = node.ends.get(last);
    if (phrase) phrase.owners.push(owner);
    else node.ends.set(last, { owners: [owner] });
    node.lengths.add(last.length);
  }
}

function newNode(): WordNode {
  return { words: new Map(), ends: new Map(), lengths: new Set() };
}

/** Words in lower case without accents or tildes (ñ counts as n), the form in which rules give theirs. */
export function wordsOf(text: string): string[] {
  const plain = plainWords(text);
  return plain === '' ? [] : plain.split(' ');
}
