import { isUtf8 } from 'node:buffer';
import { StartError } from './errors.js';

const HOW =
  'Save it as "CSV UTF-8" in Excel ("CSV UTF-8 (delimitado por comas)"), or as UTF-8 in a text editor.';
/** The sign in place of a letter that was lost when bytes of another encoding were read. */
const LOST = '\uFFFD';
/**
 * Finds `ñ` and similar letters that were written as UTF-8 and then read and saved as Windows-1252 (`Ã±`) or
 * as Mac Roman (`√±`).
 */
const TWICE = /[ÂÃ][\u0080-\u00bf]|â€|√[±≥≠©°∫]|¬ø/;

/**
 * Returns the text of a file from outside: UTF-8, or UTF-16 with the byte order mark that spreadsheets write
 * ("Unicode text"). Every other encoding is refused, because reading it as UTF-8 would change letters.
 * @throws StartError in one line, naming file and line and how to save it
 */
export function decodeText(bytes: Uint8Array, file: string): string {
  const encoding = encodingOf(bytes);
  const text = new TextDecoder(encoding).decode(bytes);
  const broken = encoding === 'utf-8' ? !isUtf8(bytes) : !isWhole(encoding, bytes);
  const at = text.includes('\0') ? text.indexOf('\0') : broken ? text.indexOf(LOST) : -1;
  if (at >= 0) throw new StartError(`${file}, line ${lineOf(text, at)}: it is not in UTF-8. ${HOW}`);
  return text;
}

/**
 * Decodes a file of words that will be shown or compared. Also refuses a file that lost letters before it was
 * saved as UTF-8.
 * @throws StartError as `decodeText` does
 */
export function decodeWords(bytes: Uint8Array, file: string): string {
  const text = decodeText(bytes, file);
  const twice = TWICE.exec(text);
  const at = text.includes(LOST) ? text.indexOf(LOST) : (twice?.index ?? -1);
  if (at < 0) return text;
  const what = text[at] === LOST ? 'a letter was lost' : `"${twice![0]}" was another letter`;
  throw new StartError(`${file}, line ${lineOf(text, at)}: ${what}. Write it again. ${HOW}`);
}

/** Tells whether a value that other code decoded lost a letter. */
export function lostLetters(text: string): boolean {
  return text.includes(LOST);
}

type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be';

function encodingOf([first, second]: Uint8Array): Encoding {
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  return first === 0xfe && second === 0xff ? 'utf-16be' : 'utf-8';
}

function isWhole(encoding: Encoding, bytes: Uint8Array): boolean {
  try {
    new TextDecoder(encoding, { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

/** Returns the line number, counted from 1. Recognises the line ends of every system. */
function lineOf(text: string, at: number): number {
  return text.slice(0, at).split(/\r\n|\r|\n/).length;
}
