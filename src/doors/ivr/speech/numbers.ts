import type { Language } from '../../../platform/http/language.js';

const SPANISH =
  'cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis diecisiete ' +
  'dieciocho diecinueve veinte veintiuno veintidós veintitrés veinticuatro veinticinco veintiséis veintisiete ' +
  'veintiocho veintinueve';
const SPANISH_TENS = ' , , ,treinta,cuarenta,cincuenta,sesenta,setenta,ochenta,noventa'.split(',');
const SPANISH_HUNDREDS =
  ' ,ciento,doscientos,trescientos,cuatrocientos,quinientos,seiscientos,setecientos,ochocientos,novecientos'.split(
    ',',
  );
const ENGLISH =
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen ' +
  'eighteen nineteen';
const ENGLISH_TENS = ' , ,twenty,thirty,forty,fifty,sixty,seventy,eighty,ninety'.split(',');

const SMALL: Readonly<Record<Language, readonly string[]>> = {
  es: SPANISH.split(' '),
  en: ENGLISH.split(' '),
};

/**
 * A number in words, as a voice reads it: 'dos mil veintiséis', 'two thousand twenty-six'.
 * @param value a whole number from 0 to 9999
 */
export function spokenCount(value: number, language: Language): string {
  if (!Number.isInteger(value) || value < 0 || value > 9999) throw new RangeError('no number to be read');
  return language === 'es' ? inSpanish(value) : inEnglish(value);
}

/** Before a masculine noun: 'un día', 'veintiún días', 'tres días'. */
export function spokenQuantity(value: number, one: string, many: string, language: Language): string {
  const words = spokenCount(value, language);
  const before = language === 'es' ? words.replace(/veintiuno$/, 'veintiún').replace(/uno$/, 'un') : words;
  return `${before} ${value === 1 ? one : many}`;
}

function inSpanish(value: number): string {
  const small = SMALL.es[value];
  if (small !== undefined) return small;
  if (value === 100) return 'cien';
  if (value < 100) return joined(SPANISH_TENS[Math.floor(value / 10)]!, value % 10, ' y ', inSpanish);
  if (value < 1000) return joined(SPANISH_HUNDREDS[Math.floor(value / 100)]!, value % 100, ' ', inSpanish);
  const thousands = Math.floor(value / 1000);
  return joined(thousands === 1 ? 'mil' : `${inSpanish(thousands)} mil`, value % 1000, ' ', inSpanish);
}

function inEnglish(value: number): string {
  const small = SMALL.en[value];
  if (small !== undefined) return small;
  if (value < 100) return joined(ENGLISH_TENS[Math.floor(value / 10)]!, value % 10, '-', inEnglish);
  const size = value < 1000 ? 100 : 1000;
  const many = `${inEnglish(Math.floor(value / size))} ${size === 100 ? 'hundred' : 'thousand'}`;
  return joined(many, value % size, ' ', inEnglish);
}

function joined(first: string, rest: number, between: string, say: (value: number) => string): string {
  return rest === 0 ? first : `${first}${between}${say(rest)}`;
}
