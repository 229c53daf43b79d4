import type { Language } from '../../platform/http/language.js';
import { plainWords } from '../../platform/typed-text.js';
import type { Mode } from '../../work/cases/case.entities.js';
import { ivrErrors } from './errors.js';

/** What a caller types or a program sends for each language. The digits are those of the menu. */
const LANGUAGES = new Map<string, Language>([
  ...meaning<Language>('es', '1', 'es', 'es mx', 'spa', 'espanol', 'castellano', 'spanish'),
  ...meaning<Language>('en', '2', 'en', 'en us', 'en gb', 'eng', 'ingles', 'english'),
]);

const MODES = new Map<string, Mode>([
  ...meaning<Mode>('anonymous', '1', 'anonymous', 'anonima'),
  ...meaning<Mode>('confidential', '2', 'confidential', 'confidencial'),
  ...meaning<Mode>('identified', '3', 'identified', 'con datos'),
]);

function meaning<T>(value: T, ...typed: string[]): [string, T][] {
  return typed.map((one) => [one, value]);
}

/** The language of a digit, a code or a name; null for anything else. */
export function typedLanguage(typed: unknown): Language | null {
  return typeof typed === 'string' ? (LANGUAGES.get(plainWords(typed)) ?? null) : null;
}

/** The mode of a digit or a name; null for anything else. */
export function typedMode(typed: string): Mode | null {
  return MODES.get(plainWords(typed)) ?? null;
}

/** What was typed on a telephone, without the keys that end or separate. */
export function keyed(typed: string): string {
  return typed.replace(/[#*\s]/g, '');
}

/** The language of a call; Spanish when none was said. @throws InvalidRequest */
export function languageIn(typed: string | null | undefined): Language {
  if (typed === undefined || typed === null) return 'es';
  const language = typedLanguage(typed);
  if (language === null) throw ivrErrors.language();
  return language;
}
