import { InvalidRequest, type FieldError } from '../../../platform/http/validation.js';
import { plainWords } from '../../../platform/typed-text.js';
import { WORDS_EVERYWHERE } from '../bot/flows/flows.js';
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
  // A search looks at every word of a menu.
  if (JSON.stringify(languages).length > SIZE) faults.push(fault('languages', 'TOO_LONG', TOO_LONG));
  const names = languages.map(({ language }) => language);
  names.forEach((name, index) => {
    if (names.indexOf(name) < index) faults.push(repeated(`languages.${index}.language`));
  });
  const words = languages.flatMap(({ name, words: more = [] }, index) =>
    [...new Set([name, ...more].map(plainWords))].filter(Boolean).map((word) => ({ word, index })),
  );
  for (const { word, index } of words) {
    if (words.some((other) => other.word === word && other.index < index))
      faults.push(repeated(`languages.${index}.words`));
    if (RESERVED.has(word)) faults.push(fault(`languages.${index}.words`, 'RESERVED', RESERVED_WORD));
  }
  for (const index of languages.keys()) {
    // Signs of other scripts are no words for the bot: nobody could ask for the language.
    if (!words.some((one) => one.index === index))
      faults.push(fault(`languages.${index}.words`, 'FORMAT', NO_LETTERS));
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
    ...repeatedTitles(rows),
  ];
}

/** Rows of different levels may stand in one list, and the provider refuses a list with two equal titles. */
function repeatedTitles(rows: readonly { option: MenuSubOption; at: string }[]): FieldError[] {
  const titles = rows.map(({ option: { title } }) => plainWords(title) || title);
  return rows.flatMap(({ at }, place) =>
    titles.indexOf(titles[place]!) < place ? [repeated(`${at}.title`)] : [],
  );
}

function faultsOfOption(option: MenuOptionContent, path: string): FieldError[] {
  const given = KINDS.filter((kind) => option[kind] !== undefined && option[kind] !== null);
  if (given.length !== 1) return [fault(path, 'ONE_OF', ONE_OF)];
  const { answer, start, title } = option;
  // Whoever types this word wants what it always does.
  const action = RESERVED.get(plainWords(title));
  if (action !== undefined && (start === undefined || ACTIONS[start] !== action))
    return [fault(`${path}.title`, 'RESERVED', RESERVED_WORD)];
  const isEmpty = answer && Object.values(answer).every((value) => value === undefined || value === null);
  return isEmpty ? [fault(`${path}.answer`, 'EMPTY', EMPTY_ANSWER)] : [];
}

/** Characters of a whole menu, as JSON. */
const SIZE = 200_000;
/** Words that always do the same, and what they do. */
const RESERVED: ReadonlyMap<string, string> = new Map([
  ...WORDS_EVERYWHERE,
  ...['denuncia', 'denunciar', 'quiero denunciar', 'presentar denuncia', 'queja', 'reporte', 'reportar'].map(
    (word) => [word, 'report'] as const,
  ),
  ...['si', 'no', 'ok', 'gracias', 'hola'].map((word) => [word, 'none'] as const),
]);
const RESERVED_WORD = {
  es: 'Esa palabra ya hace otra cosa en todo el chat.',
  en: 'That word already does something else in the whole chat.',
};
const TOO_LONG = {
  es: 'El menú entero pasa de 200,000 caracteres.',
  en: 'The whole menu has more than 200,000 characters.',
};
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
