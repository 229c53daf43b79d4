import type { Language } from '../../../platform/http/language.js';

/** Characters of one piece: voice services stop at some thousand, and a caller cannot skip inside of one. */
const PIECE = 400;

/** Signs that a voice service may take for markup or orders, and that no voice reads. */
const MARKUP = /[<>{}[\]\\^`|~*_#=]/g;
/** Controls, marks of direction and pictures. */
const UNSPEAKABLE = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Extended_Pictographic}]/gu;
const AND = { es: ' y ', en: ' and ' } as const;

/**
 * A text of staff for a voice: without markup, in pieces that end with a sentence where that is possible. The
 * words and figures stay as they were written.
 */
export function plainSpeech(text: string, language: Language): string[] {
  const plain = text
    .replace(UNSPEAKABLE, ' ')
    .replace(MARKUP, ' ')
    .replaceAll('&', AND[language])
    .replace(/\s+/g, ' ')
    .trim();
  const sentences = plain.match(/[^.!?…]+[.!?…]*\s*|[.!?…]+\s*/g) ?? [];
  const pieces: string[] = [];
  for (const part of sentences.flatMap(cut)) {
    const last = pieces.at(-1);
    if (last !== undefined && last.length + part.length <= PIECE) pieces[pieces.length - 1] = last + part;
    else pieces.push(part);
  }
  return pieces.map((piece) => piece.trim()).filter((piece) => /[\p{L}\p{N}]/u.test(piece));
}

/** Cuts a sentence that is too long between words, or inside of a word that is too long itself. */
function cut(sentence: string): string[] {
  return sentence.match(/.{1,400}(?:\s|$)|.{1,400}/gu) ?? [];
}
