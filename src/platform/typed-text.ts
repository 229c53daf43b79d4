/**
 * What people type or paste contains characters that nobody sees: marks of direction around a telephone
 * number, a zero-width space behind an address, hyphens that look like the one on the keyboard. These
 * functions take them out of texts that a program compares or dials. They never change narratives and only
 * measure them. All functions are pure.
 */

/** Spaces of every width. U+2800 (blank of Braille) is not a space in Unicode, but it looks like one. */
const SPACE = /[\p{White_Space}\u2800]/u;
const SPACES = new RegExp(`${SPACE.source}+`, 'gu');
/**
 * Characters that show nothing and are no spaces: controls, format characters, fillers, private use,
 * characters that fonts leave out. U+0000 is not in this set, because it is refused everywhere.
 */
const UNSEEN =
  '(?![\\0\\p{White_Space}])[\\p{Cc}\\p{Cf}\\p{Default_Ignorable_Code_Point}\\p{Co}\\p{Noncharacter_Code_Point}\\ufffc]';
const UNSEEN_ALL = new RegExp(UNSEEN, 'gu');
/**
 * The same set without joiners, selectors of how a sign looks, and tags. These stay, because emoji and some
 * scripts are made of them.
 */
const NOT_JOINING = new RegExp(`(?![\\u200c\\u200d\\ufe00-\\ufe0f\\u{e0020}-\\u{e01ef}])${UNSEEN}`, 'gu');
/** Characters that show nothing. An accent without its letter also shows nothing. */
const NOT_SHOWN = new RegExp(`${UNSEEN}|\\p{M}`, 'u');
const EDGE = new RegExp(`^(?:${UNSEEN}|${SPACE.source})$`, 'u');
const MARK = /^\p{M}$/u;
/** Hyphens, dashes and the minus sign. */
const DASH = /\p{Dash}/gu;

/** Removes characters that show nothing. Spaces stay. */
export function withoutUnseen(text: string): string {
  return text.replace(UNSEEN_ALL, '');
}

/** Removes what nobody sees at the ends of a name or title. The inside does not change. */
export function trimmed(text: string): string {
  const characters = [...text];
  let from = 0;
  let to = characters.length;
  while (from < to && EDGE.test(characters[from]!)) from++;
  // A mark belongs to the letter before it. This is also true for a mark that chooses how an emoji looks.
  while (to > from && EDGE.test(characters[to - 1]!) && !MARK.test(characters[to - 1]!)) to--;
  return characters.slice(from, to).join('');
}

/**
 * Returns a name or title as one line without hidden parts: composed letters and single spaces. Of the unseen
 * characters only those that join emoji stay. Marks of direction could make the name look like another name.
 */
export function typedName(text: string): string {
  // Compose last, because an unseen character may have stood between a letter and its accent.
  return trimmed(text.replace(NOT_JOINING, '').normalize('NFC')).replace(SPACES, ' ');
}

/**
 * Returns a code, number or telephone number as a keyboard writes it: plain letters and digits for full-width
 * ones, one kind of hyphen, single spaces, nothing unseen. Also use it for a one-time password, but never for
 * a password that a person chose.
 */
export function typedCode(text: string): string {
  const seen = withoutUnseen(text.normalize('NFKC')).normalize('NFC');
  return seen.replace(DASH, '-').replace(SPACES, ' ').trim();
}

/**
 * Cleans an e-mail address like a code. Telephones write spaces around its signs, and these spaces are
 * removed. A space between letters stays, so that the address is refused.
 */
export function typedEmail(text: string): string {
  return typedCode(text).replace(/ ?([@.]) ?/g, '$1');
}

/**
 * Returns the words of a text in lower case, without accents (ñ counts as n) and signs, separated by single
 * spaces.
 */
export function plainWords(text: string): string {
  return withoutUnseen(text.replace(/[ªº]/g, ' ').normalize('NFKD'))
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, ' ')
    .trim();
}

/**
 * Counts the characters of a text that say something. Spaces between such characters count once. Unseen
 * characters and accents do not count.
 * @param enough where to stop counting
 */
export function visibleLength(text: string, enough = Infinity): number {
  let shown = 0;
  let gap = false;
  for (const character of text) {
    if (shown >= enough) break;
    if (SPACE.test(character)) gap = shown > 0;
    else if (!NOT_SHOWN.test(character)) {
      shown += gap ? 2 : 1;
      gap = false;
    }
  }
  return shown;
}
