import type { Token } from './token.js';

/**
 * Numbers as people write them, with usual errors. "un" and "una" are missing: they are articles, and only an
 * amount counts them.
 */
const NUMBERS: Readonly<Record<number, string>> = {
  1: 'uno',
  2: 'dos',
  3: 'tres trez',
  4: 'cuatro kuatro cuato',
  5: 'cinco sinco cinko sinko',
  6: 'seis seiz ceis',
  7: 'siete ciete ziete',
  8: 'ocho hocho',
  9: 'nueve nuebe nuve',
  10: 'diez dies',
  11: 'once onse',
  12: 'doce dose doze',
  13: 'trece trese treze',
  14: 'catorce catorse catorze',
  15: 'quince quinse kince quinze',
  16: 'dieciseis diesiseis dieziseis',
  17: 'diecisiete diesisiete',
  18: 'dieciocho diesiocho',
  19: 'diecinueve diesinueve diecinuebe',
  20: 'veinte beinte vente viente',
  21: 'veintiuno veintiun ventiuno',
  22: 'veintidos ventidos',
  23: 'veintitres ventitres',
  24: 'veinticuatro venticuatro',
  25: 'veinticinco venticinco veintisinco',
  26: 'veintiseis ventiseis',
  27: 'veintisiete ventisiete',
  28: 'veintiocho ventiocho',
  29: 'veintinueve ventinueve',
  30: 'treinta trenta treita',
  40: 'cuarenta',
  50: 'cincuenta',
  60: 'sesenta',
  90: 'noventa',
};

const VALUES = new Map(
  Object.entries(NUMBERS).flatMap(([value, words]) =>
    words.split(' ').map((word) => [word, Number(value)] as const),
  ),
);

/** Put numbers in the place of their words: "treinta y uno", "dos mil veinticinco". */
export function withNumberWords(tokens: readonly Token[]): Token[] {
  const found: Token[] = [];
  for (let at = 0; at < tokens.length;) {
    const { value, end } = numberAt(tokens, at);
    found.push(value === undefined ? tokens[at]! : numberOf(value));
    at = end;
  }
  return found;
}

function numberAt(tokens: readonly Token[], at: number): { value: number | undefined; end: number } {
  const first = small(tokens, at);
  const thousands = first.value === 2 && tokens[first.end]?.word === 'mil';
  if (!thousands) return first;
  const rest = small(tokens, first.end + 1);
  return rest.value === undefined
    ? { value: 2000, end: first.end + 1 }
    : { value: 2000 + rest.value, end: rest.end };
}

function small(tokens: readonly Token[], at: number): { value: number | undefined; end: number } {
  const value = VALUES.get(tokens[at]?.word ?? '');
  const tens = value !== undefined && value >= 10 && value % 10 === 0 && tokens[at + 1]?.word === 'y';
  const ones = tens ? (VALUES.get(tokens[at + 2]?.word ?? '') ?? oneOf(tokens[at + 2])) : undefined;
  return ones !== undefined && ones < 10 ? { value: value! + ones, end: at + 3 } : { value, end: at + 1 };
}

/** "treinta y un" */
function oneOf(token: Token | undefined): number | undefined {
  return token?.word === 'un' ? 1 : undefined;
}

function numberOf(value: number): Token {
  return { word: '#', number: value, digits: String(value).length };
}
