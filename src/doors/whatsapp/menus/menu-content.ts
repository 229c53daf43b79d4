import { InvalidRequest, type FieldError } from '../../../platform/http/validation.js';
import { plainWords } from '../../../platform/typed-text.js';
import type { Menu, MenuLanguage, MenuOption, Start } from '../bot/menu/menu.js';
import type {
  MenuContent,
  MenuLanguageContent,
  MenuOptionContent,
  MenuStart,
  MenuSubOption,
} from './menu.request.js';

/** What the API calls a start, and the action of the bot. */
const ACTIONS: Readonly<Record<MenuStart, Start>> = {
  report: 'report',
  follow_up: 'tracking',
  person: 'person',
  privacy_notice: 'privacy',
  delete_data: 'delete_data',
  anonymity: 'anonymity',
  scope: 'scope',
  contact: 'contact',
};
const KINDS = ['start', 'answer', 'options'] as const;

/** The menu as the bot reads it. */
export function menuFrom({ languages }: Pick<MenuContent, 'languages'>): Menu {
  const [first, ...others] = languages.map(languageFrom);
  return { languages: [first!, ...others] };
}

/**
 * Check what the shape of each field alone cannot say.
 * @throws InvalidRequest with every fault
 */
export function assertMenu({ languages }: Pick<MenuContent, 'languages'>): void {
  const faults = languages.flatMap(faultsOfLanguage);
  const names = languages.map(({ language }) => language);
  names.forEach((name, index) => {
    if (names.indexOf(name) < index) faults.push(repeated(`languages.${index}.language`));
  });
  const words = languages.flatMap(({ name, words: more = [] }, index) =>
    [...new Set([name, ...more].map(plainWords))].map((word) => ({ word, index })),
  );
  for (const { word, index } of words) {
    if (words.some((other) => other.word === word && other.index < index))
      faults.push(repeated(`languages.${index}.words`));
    // Signs of other scripts are no words for the bot: nobody could ask for the language.
    if (word === '') faults.push(fault(`languages.${index}.words`, 'FORMAT', NO_LETTERS));
  }
  if (faults.length > 0) throw new InvalidRequest(faults);
}

function languageFrom({ options, words = [], ...language }: MenuLanguageContent): MenuLanguage {
  return { ...language, words, options: options.map(optionFrom) };
}

function optionFrom({ keywords = [], start, answer, options, ...row }: MenuOptionContent): MenuOption {
  if (start !== undefined) return { ...row, keywords, does: { start: ACTIONS[start] } };
  if (options !== undefined) return { ...row, keywords, does: { open: options.map(optionFrom) } };
  return { ...row, keywords, does: { answer: answer! } };
}

function faultsOfLanguage({ options }: MenuLanguageContent, index: number): FieldError[] {
  const path = `languages.${index}.options`;
  const rows = [
    ...options.map((option, at) => ({ option, at: `${path}.${at}` })),
    ...options.flatMap(({ options: behind = [] }, at) =>
      behind.map((option, below) => ({ option, at: `${path}.${at}.options.${below}` })),
    ),
  ];
  const codes = rows.map(({ option }) => option.code);
  return [
    ...rows.flatMap(({ option, at }) => faultsOfOption(option, at)),
    ...rows
      .filter(({ option }, at) => codes.indexOf(option.code) < at)
      .map(({ at }) => repeated(`${at}.code`)),
    ...repeatedTitles(options, path),
    ...options.flatMap(({ options: behind = [] }, at) => repeatedTitles(behind, `${path}.${at}.options`)),
  ];
}

/** The provider refuses a list with two equal titles. */
function repeatedTitles(options: readonly MenuSubOption[], path: string): FieldError[] {
  const titles = options.map(({ title }) => plainWords(title) || title);
  return titles.flatMap((title, at) => (titles.indexOf(title) < at ? [repeated(`${path}.${at}.title`)] : []));
}

function faultsOfOption(option: MenuOptionContent, path: string): FieldError[] {
  const given = KINDS.filter((kind) => option[kind] !== undefined && option[kind] !== null);
  if (given.length !== 1) return [fault(path, 'ONE_OF', ONE_OF)];
  const { answer } = option;
  const isEmpty = answer && Object.values(answer).every((value) => value === undefined || value === null);
  return isEmpty ? [fault(`${path}.answer`, 'EMPTY', EMPTY_ANSWER)] : [];
}

const ONE_OF = {
  es: 'Da exactamente uno: «start», «answer» u «options».',
  en: 'Give exactly one: "start", "answer" or "options".',
};
const EMPTY_ANSWER = {
  es: 'La respuesta necesita al menos un texto, enlace, teléfono, documento o lugar.',
  en: 'The answer needs at least a text, link, telephone, document or place.',
};
const NO_LETTERS = {
  es: 'Hace falta una palabra con letras latinas con la que se pida este idioma.',
  en: 'A word in Latin letters by which people ask for this language is needed.',
};

function repeated(field: string): FieldError {
  return fault(field, 'REPEATED', {
    es: 'Ya está en otro lugar de este menú.',
    en: 'It already stands elsewhere in this menu.',
  });
}

function fault(field: string, code: string, message: FieldError['message']): FieldError {
  return { field, code, message };
}
