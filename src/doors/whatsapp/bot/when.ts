import { Temporal } from 'temporal-polyfill';
import type { Day } from './when/calendar.js';
import { endsClause, noDayEnd } from './when/expressions.js';
import { daysInWords } from './when/in-words.js';
import { phraseAt, type Phrase } from './when/phrases.js';
import { FIRST_YEAR } from './when/spans.js';
import { BESIDE_UNKNOWN, unknownEnd } from './when/unknown.js';
import { pattern } from './when/words/pattern.js';
import { withoutTimes } from './when/words/times.js';
import type { Token } from './when/words/token.js';
import { tokensOf } from './when/words/tokens.js';

/**
 * Days 'YYYY-MM-DD', both inclusive. Without `to` it goes on; without `from` it was on `to` or earlier.
 */
export interface When {
  from?: string;
  to?: string;
}

/** Words that say nothing about days. An answer of one expression and these words is only this expression. */
const FILLER = new Set(
  (
    ', fue fueron es paso ocurrio sucedio eso esto todo creo pienso que como mas o menos pues este ' +
    'aproximadamente aprox alrededor de del el la los las en por a al dia dias fecha mes ano exactamente ' +
    'justo apenas ya si hola buenos buenas gracias parece me seguro quizas quiza tal vez probablemente mismo ' +
    'tipo ahi alli casi cerca aun recuerdo bien hechos hace pasado pasada mmm eh ay sr senor senorita ' +
    'apenitas propio mero lo largo transcurso - /'
  ).split(' '),
);

/** Words before a phrase that turn it into something else: "no fue el lunes", "para el lunes". */
const TURNING = new Set('no ni para cada todos todas tampoco hasta proximo proxima desde'.split(' '));
const BEFORE_PHRASE = new Set('el la los las fue paso ocurrio sucedio es en a dia'.split(' '));

/** How many words "antes" may stand before a phrase and still change it. */
const NEAR = 5;

/** Days to come. */
const TO_COME = [
  'manana',
  'proximo|proxima|proximos|proximas|siguiente|siguientes',
  'que viene|vienen|entra',
  'dentro de {n}',
  'dentro de un|una|unos|unas',
  'vuelva|volviera|regresara',
].map(pattern);
const NOW = [pattern('hoy'), pattern('ahorita [mismo]')];
const UNSURE_WHETHER = 'si';

/**
 * Read when something happened from an answer in the Spanish of Mexico. Pure.
 * @param today 'YYYY-MM-DD' in the institution's zone; nothing is read as later than this day
 * @returns the days that hold every reading of the words; 'unknown' when the person does not remember or
 * does not want to say; undefined when the words are not understood or contradict each other
 * @throws RangeError when `today` is no day
 */
export function whenOf(text: string, today: string): When | 'unknown' | undefined {
  const day = Temporal.PlainDate.from(today);
  const tokens = withoutTimes(tokensOf(text));
  const { phrases, unknown, rest } = scan(tokens, day);
  const isWhole = rest.every((at) => FILLER.has(tokens[at]!.word));
  const counting = phrases.filter((phrase) => counts(phrase, tokens, isWhole));
  const isOnlyNow = counting.every((phrase) => isNow(tokens, phrase));
  if (unknown !== undefined && isOnlyNow) return isUnknown(tokens, rest) ? 'unknown' : undefined;
  if (unknown !== undefined && tokens[unknown]?.word === UNSURE_WHETHER) {
    if (!counting.some(({ alternatives }) => alternatives)) return undefined;
  }
  if (rest.some((at) => TO_COME.some((matches) => matches(tokens, at)))) return undefined;
  return agreed(counting, tokens);
}

/** Say the days of an answer in Spanish: "el martes 24 de noviembre de 2026", "en marzo de 2025". */
export function whenInWords(when: When): string {
  return daysInWords(when);
}

interface Scan {
  phrases: Phrase[];
  /** The place behind "no recuerdo". */
  unknown?: number;
  /** Places of words that belong to nothing. */
  rest: number[];
}

function scan(tokens: readonly Token[], today: Day): Scan {
  const found: Scan = { phrases: [], rest: [] };
  for (let at = 0; at < tokens.length;) {
    const unknown = unknownEnd(tokens, at);
    const noDay = noDayEnd(tokens, at);
    const phrase = unknown === undefined ? phraseAt(tokens, at, today) : undefined;
    if (unknown !== undefined) {
      found.unknown = unknown;
      at = unknown;
    } else if (phrase && phrase.end > noDay) {
      found.phrases.push(phrase);
      at = phrase.end;
    } else {
      found.rest.push(at);
      at = Math.max(at + 1, noDay);
    }
  }
  return found;
}

/** Whether a phrase is about the day of the facts, and not a part of another sentence. */
function counts({ start, end, strength }: Phrase, tokens: readonly Token[], isWhole: boolean): boolean {
  if (isWhole || strength === 'anywhere') return true;
  if (strength === 'alone' || !endsClause(tokens, end)) return false;
  return strength === 'clause' || tokens.slice(0, start).every(({ word }) => FILLER.has(word));
}

/** The days of all phrases, when they are the same. */
function agreed(phrases: readonly Phrase[], tokens: readonly Token[]): When | undefined {
  const whens = phrases.map((phrase) => (isTurned(phrase, tokens) ? undefined : whenOfPhrase(phrase)));
  const [first] = whens;
  return whens.every((when) => when?.from === first?.from && when?.to === first?.to) ? first : undefined;
}

function whenOfPhrase({ meaning }: Phrase): When | undefined {
  const { from, to } = meaning ?? {};
  const first = from ?? to;
  if (!first || first.year < FIRST_YEAR) return undefined;
  return { ...(from ? { from: from.toString() } : {}), ...(to ? { to: to.toString() } : {}) };
}

function isTurned({ start }: Phrase, tokens: readonly Token[]): boolean {
  // "antes de las vacaciones de semana santa"
  const before = tokens.slice(Math.max(0, start - NEAR), start);
  if (before.some(({ word }) => word === 'antes' || word === 'despues')) return true;
  let at = start - 1;
  while (at >= 0 && BEFORE_PHRASE.has(tokens[at]!.word)) at--;
  return at >= 0 && TURNING.has(tokens[at]!.word);
}

function isNow(tokens: readonly Token[], { start, end }: Phrase): boolean {
  return NOW.some((matches) => matches(tokens, start)?.end === end);
}

/** Whether nothing else is said: "no recuerdo cómo se llama" is about something else. */
function isUnknown(tokens: readonly Token[], rest: readonly number[]): boolean {
  return rest.every((at) => FILLER.has(tokens[at]!.word) || BESIDE_UNKNOWN.has(tokens[at]!.word));
}
