import { plainWords } from '../../../../platform/typed-text.js';

/** Signs that stand for a word. Others are decoration. */
const SIGNS: readonly [RegExp, string][] = [
  [/[\u{1F44D}\u{1F44C}\u2705\u2714\u2611\u{1F197}\u{1F919}\u{1F91D}\u{1FAE1}\u{1F4AF}]/gu, ' ok '],
  [/[\u{1F44E}\u274C\u2716\u{1F645}\u{1F6AB}\u26D4]/gu, ' no '],
  [/\u{1F64F}/gu, ' gracias '],
  [/\u{1F51A}/gu, ' fin '],
  [/[\u{1F4E8}\u{1F4E4}\u{1F4E9}]/gu, ' enviar '],
  [/\u{1F198}/gu, ' ayuda '],
];

/**
 * How letters sound in Mexican Spanish, so that "nesesito", "haver" and "aseptar" are the words that they
 * are meant to be. Each pair is read in this order. Letters written twice count once.
 */
const SOUNDS: readonly [RegExp, string][] = [
  [/ll/g, 'y'],
  [/([a-z])\1+/g, '$1'],
  [/ch/g, 'C'],
  [/q(?:u(?=[ei]))?|c(?![eiC])/g, 'k'],
  [/h/g, ''],
  [/gu(?=[ei])/g, 'g'],
  [/g(?=[ei])/g, 'j'],
  [/[zxc]/g, 's'],
  [/v/g, 'b'],
  [/w/g, 'gu'],
  [/y$/g, 'i'],
  [/m(?=b)/g, 'n'],
  [/([a-zC])\1+/g, '$1'],
];

/** @param text as a person typed it @returns the words of it, each by its sound */
export function soundsOf(text: string): string[] {
  const said = SIGNS.reduce((rest, [signs, word]) => rest.replace(signs, word), text);
  return plainWords(said).split(' ').filter(Boolean).map(soundOf);
}

/** A plain word as it sounds: "biolaron" and "violaron" are the same. */
export function soundOf(word: string): string {
  return SOUNDS.reduce((rest, [letters, sound]) => rest.replace(letters, sound), word) || word;
}
