import { Temporal } from 'temporal-polyfill';
import type { Language } from '../../../platform/http/language.js';
import { spokenCount, spokenQuantity } from './numbers.js';

const MONTHS: Readonly<Record<Language, readonly string[]>> = {
  es: 'enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre'.split(' '),
  en: 'January February March April May June July August September October November December'.split(' '),
};

const ORDINALS =
  'first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth ' +
  'sixteenth seventeenth eighteenth nineteenth twentieth twenty-first twenty-second twenty-third twenty-fourth ' +
  'twenty-fifth twenty-sixth twenty-seventh twenty-eighth twenty-ninth thirtieth thirty-first';
const ENGLISH_DAYS = ORDINALS.split(' ');

/**
 * A day in words: 'veinticinco de noviembre de dos mil veintiséis', 'November twenty-fifth, two thousand
 * twenty-six'.
 * @param day 'YYYY-MM-DD'
 */
export function spokenDay(day: string, language: Language): string {
  const [year, month, date] = day.split('-').map(Number) as [number, number, number];
  const name = MONTHS[language][month - 1]!;
  if (language === 'en') return `${name} ${ENGLISH_DAYS[date - 1]!}, ${spokenCount(year, 'en')}`;
  const first = date === 1 ? 'primero' : spokenCount(date, 'es');
  return `${first} de ${name} de ${spokenCount(year, 'es')}`;
}

/**
 * How long until a day: 'vence hoy', 'faltan tres días'. Of a past one that it is past: background work ends
 * what ends with a day, some time later.
 * @param today local day of the institution
 */
export function spokenUntil(day: string, today: string, language: Language): string {
  const days = daysUntil(day, today);
  const words = WORDS[language];
  if (days < 0) return words.past;
  if (days === 0) return words.today;
  if (days === 1) return words.tomorrow;
  return words.left(spokenQuantity(Math.min(days, 9999), words.day, words.days, language));
}

/** Calendar days from today until a day; negative for a day that is past. */
export function daysUntil(day: string, today: string): number {
  return Temporal.PlainDate.from(today).until(Temporal.PlainDate.from(day)).days;
}

const WORDS = {
  es: {
    day: 'día',
    days: 'días',
    past: 'ese día ya pasó',
    today: 'vence hoy',
    tomorrow: 'vence mañana',
    left: (days: string) => `faltan ${days}`,
  },
  en: {
    day: 'day',
    days: 'days',
    past: 'that day is over',
    today: 'it ends today',
    tomorrow: 'it ends tomorrow',
    left: (days: string) => `${days} are left`,
  },
} as const;
