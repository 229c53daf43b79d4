/** A word, a number or a sign of an answer. */
export interface Token {
  /** Plain letters; '#' for a number; the sign itself. Each end of a sentence and each comma is ','. */
  word: string;
  number?: number;
  /** How many digits were typed. "05" has two. For a number in words, the digits that it would have. */
  digits?: number;
}
