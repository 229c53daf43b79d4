/**
 * What people type or paste carries characters that nobody sees: marks of direction around a telephone
 * number, a zero-width space behind an address, hyphens that look like the one on the keyboard. These
 * functions take them out where a program compares or dials a text. Accounts of facts are never changed: they
 * are only measured. Pure.
 */

/** Spaces of every width. U+2800 (blank of Braille) is no space to Unicode, and looks like one. */
const SPACE = /[\p{White_Space}\u2800]/u;
const SPACES = new RegExp(`${SPACE.source}+`, 'gu');
/**
 * Shows nothing and is no space: controls, format characters, fillers, private use, what fonts leave out. Not
 * U+0000, which is refused wherever it stands.
 */
const UNSEEN =
  '(?![\\0\\p{White_Space}])[\\p{Cc}\\p{Cf}\\p{Default_Ignorable_Code_Point}\\p{Co}\\p{Noncharacter_Code_Point}\\ufffc]';
const UNSEEN_ALL = new RegExp(UNSEEN, 'gu');
/** Joiners, selectors of how a sign looks, and tags stay: emoji and some scripts are made of them. */
const NOT_JOINING = new RegExp(`(?![\\u200c\\u200d\\ufe00-\\ufe0f\\u{e0020}-\\u{e01ef}])${UNSEEN}`, 'gu');
/** An accent without its letter shows nothing either. */
const NOT_SHOWN = new RegExp(`${UNSEEN}|\\p{M}`, 'u');
const EDGE = new RegExp(`^(?:${UNSEEN}|${SPACE.source})$`, 'u');
const MARK = /^\p{M}$/u;
/** Hyphens, dashes and the minus sign. */
const DASH = /\p{Dash}/gu;

/** Without characters that show nothing; spaces stay. */
export function withoutUnseen(text: string): string {
  return text.replace(UNSEEN_ALL, '');
}

/** A name or title without what nobody sees at its ends; its inside stays as it is. */
export function trimmed(text: string): string {
  const characters = [...text];
  let from = 0;
  let to = characters.length;
  while (from < to && EDGE.test(characters[from]!)) from++;
  // A mark belongs to the letter before it, also one that chooses how an emoji looks.
  while (to > from && EDGE.test(characters[to - 1]!) && !MARK.test(characters[to - 1]!)) to--;
  return characters.slice(from, to).join('');
}

/**
 * A name or title as one line that shows what it is: composed letters, single spaces, and of what nobody sees
 * only what joins emoji. Marks of direction could make it read as another one.
 */
export function typedName(text: string): string {
  // Composed last: something unseen may have stood between a letter and its accent.
  return trimmed(text.replace(NOT_JOINING, '').normalize('NFC')).replace(SPACES, ' ');
}

/**
 * A code, number or telephone as a keyboard would have written it: plain letters and digits for full-width
 * ones, one kind of hyphen, single spaces, nothing unseen. Also right for a one-time password, never for one
 * that a person chose.
 */
export function typedCode(text: string): string {
  const seen = withoutUnseen(text.normalize('NFKC')).normalize('NFC');
  return seen.replace(DASH, '-').replace(SPACES, ' ').trim();
}

/**
 * An e-mail address: a code that telephones write with spaces around its signs. A space between letters is
 * left, to be refused.
 */
export function typedEmail(text: string): string {
  return typedCode(text).replace(/ ?([@.]) ?/g, '$1');
}

/**
 * The words of a text, in lower case without accents (ñ counts as n) and signs, separated by single spaces.
 */
export function plainWords(text: string): string {
  return withoutUnseen(text.replace(/[ªº]/g, ' ').normalize('NFKD'))
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, ' ')
    .trim();
}

/**
 * How many characters of a text say something. Spaces count once between what is said; unseen characters and
 * accents do not.
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
