import { plainWords } from '../../platform/typed-text.js';

/** One phrase, and the owners that have it. */
interface Phrase {
  owners: number[];
}

/** A step in phrases. Leads to further whole words, or to word beginnings that end a phrase here. */
interface WordNode {
  words: Map<string, WordNode>;
  ends: Map<string, Phrase>;
  /** Lengths of the keys of `ends`, each once. Only beginnings of these lengths are looked up for a word. */
  lengths: Set<number>;
}

/**
 * Find which of many lists of phrases occur in a text. The index of all phrases is built once, and each text
 * is read once. Therefore 20,000 phrases of an administrator cost a long report no more than ten. A report
 * that repeats one word on purpose costs no more than another report of its length.
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
   * The owners that have a phrase in the text. The last word of a phrase may be the beginning of a longer
   * word ("amenaz" finds "amenazaron"). The words before it must be whole.
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

/**
 * Split a text into words in lower case without accents or tildes (ñ counts as n). Rules give their words in
 * the same form.
 */
export function wordsOf(text: string): string[] {
  const plain = plainWords(text);
  return plain === '' ? [] : plain.split(' ');
}
