import type { Language } from './http/language.js';

const SPELLED = {
  es: new Intl.DateTimeFormat('es-MX', { dateStyle: 'long', timeZone: 'UTC' }),
  en: new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' }),
};

/**
 * Writes a day for people: '24 de noviembre de 2026', '24 November 2026'.
 * @param day 'YYYY-MM-DD'
 */
export function spelledDay(day: string, language: Language): string {
  return SPELLED[language].format(new Date(`${day}T00:00:00Z`));
}
