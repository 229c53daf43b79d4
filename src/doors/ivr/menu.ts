import type { CatalogSnapshot } from '../../foundations/catalogs/catalogs.reader.js';
import type { Language } from '../../platform/http/language.js';
import type { IvrMenu, IvrPrompts } from './ivr.views.js';
import { LANGUAGES, MAIN, MODES, offer } from './speech/menus.js';
import { plainSpeech } from './speech/plain-speech.js';
import { PROMPTS, type Prompt } from './speech/prompts.js';

/** The question for the language, which is asked in both. */
export function languageMenu(): IvrMenu {
  const say = LANGUAGES.map((choice) => offer(choice, 'es'));
  return { language: null, say, options: [...LANGUAGES], prompts: null, noticeVersion: null };
}

/** The beginning of a call, with all that is said before a caller types or speaks. */
export function mainMenu({ institution, notice }: CatalogSnapshot, language: Language): IvrMenu {
  const greeting = language === 'es' ? 'Línea de denuncias.' : 'Line for reports.';
  return {
    language,
    say: [
      greeting,
      ...plainSpeech(`${institution.name}.`, language),
      PROMPTS.welcome[language],
      ...MAIN.map((choice) => offer(choice, language)),
    ],
    options: [...MAIN],
    prompts: promptsIn(language),
    noticeVersion: notice?.version ?? null,
  };
}

function promptsIn(language: Language): IvrPrompts {
  const prompt = (name: Prompt): string[] => [PROMPTS[name][language]];
  return {
    modes: [PROMPTS.number[language], ...MODES.map((choice) => offer(choice, language))],
    notice: prompt('notice'),
    phone: prompt('phone'),
    folio: prompt('folio'),
    accessCode: prompt('accessCode'),
    account: prompt('account'),
    message: prompt('message'),
  };
}
