import { plainWords } from '../../../../platform/typed-text.js';
import type { Choosable, ConversationContext, ConversationState } from '../state.js';
import { TITLES } from '../texts.js';
import type { FoundOption, Menu, MenuLanguage, MenuOption, Start } from './menu.js';

/** The menu of an institution that has published none. */
const STANDARD_STARTS = [
  'report',
  'anonymity',
  'scope',
  'tracking',
  'contact',
  'privacy',
  'exit',
] as const satisfies readonly Start[];
export const STANDARD_MENU: Menu = {
  languages: [
    {
      language: 'es-MX',
      name: 'Español',
      words: ['español'],
      options: STANDARD_STARTS.map((start) => ({
        code: start.replaceAll('_', '-'),
        title: TITLES[start],
        keywords: [],
        does: { start },
      })),
    },
  ],
};

/** The menu in the language of the person. */
export function menuOf(context: ConversationContext, state: ConversationState): MenuLanguage {
  const { languages } = context.menu ?? STANDARD_MENU;
  return languages.find(({ language }) => language === state.language) ?? languages[0];
}

/** The languages of the menu, that of the person first. */
export function languagesFor(context: ConversationContext, state: ConversationState): MenuLanguage[] {
  const own = menuOf(context, state);
  return [own, ...(context.menu ?? STANDARD_MENU).languages.filter((one) => one !== own)];
}

/**
 * All options of a menu, those behind other options last. By its place here an option is typed, in every
 * list: so a number needs no memory of the list that somebody saw.
 */
export function allOptions({ options }: MenuLanguage): MenuOption[] {
  return [...options, ...options.flatMap(({ does }) => ('open' in does ? does.open : []))];
}

/** The option with this code, in the language of the person if that has it. */
export function findOption(
  context: ConversationContext,
  state: ConversationState,
  code: string,
): FoundOption | undefined {
  for (const language of languagesFor(context, state)) {
    const option = allOptions(language).find((one) => one.code === code);
    if (option) return { language, option };
  }
  return undefined;
}

/** What may stand around the name of a language. */
const POLITE = /^(?:in|en|menu en|the) | (?:please|por favor|porfa|menu)$/g;

/** The language that these words ask for. */
export function languageNamed(
  words: string,
  context: ConversationContext,
  state: ConversationState,
): MenuLanguage | undefined {
  const asked = words.replace(POLITE, '');
  const all = languagesFor(context, state);
  if (all.length === 1) return undefined;
  return all.find(({ name, words: more }) =>
    [name, ...more].some((one) => plainWords(one) === asked && asked !== ''),
  );
}

/** How an option is chosen. Whoever chooses what an action does chooses the action. */
export function choiceOfOption({ code, does }: MenuOption): Choosable {
  return 'start' in does ? does.start : `option:${code}`;
}
