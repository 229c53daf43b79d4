import { readFileSync } from 'node:fs';
import { ACOLMAN_MENU } from '../../src/app/demo/menus/acolman.js';
import { CONAVI_MENU } from '../../src/app/demo/menus/conavi.js';
import { TEXTS } from '../../src/doors/whatsapp/bot/texts.js';
import { menuFrom } from '../../src/doors/whatsapp/menus/menu-content.js';
import { CONTEXT, Talk } from './whatsapp-talk.js';

export const MENUS = {
  conavi: menuFrom({ languages: CONAVI_MENU }),
  acolman: menuFrom({ languages: ACOLMAN_MENU }),
} as const;

/** What a person asks in free words, and the option that a reader of the menu would choose; '-' for none. */
export interface MenuQuestion {
  menu: keyof typeof MENUS;
  option: string;
  text: string;
}

export const MENU_QUESTIONS: readonly MenuQuestion[] = readFileSync(
  new URL('../fixtures/menu-questions.tsv', import.meta.url),
  'utf8',
)
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => {
    const [menu, option, text] = line.split('\t') as [keyof typeof MENUS, string, string];
    return { menu, option, text };
  });

/** What the bot did with a question: it answered one option, offered some, or found none. */
export interface Heard {
  answered?: string;
  offered: string[];
}

export function ask({ menu, text }: MenuQuestion): Heard {
  const talk = new Talk({ ...CONTEXT, menu: MENUS[menu] });
  talk.text(text);
  // Who tells of danger is shown first who helps.
  const [said] = talk.messages.filter(({ body }) => body !== TEXTS.danger(CONTEXT));
  const offered = said?.kind === 'list' ? said.rows.map(({ id }) => codeOf(id)) : [];
  if (talk.state?.draft) return { answered: 'denuncia', offered: [] };
  if (talk.noted?.what === 'answered') return { answered: talk.noted.option, offered: [] };
  if (said?.body === TEXTS.telling) return { offered: ['denuncia'] };
  if (said?.body.startsWith(TEXTS.tracking(CONTEXT))) return { answered: 'seguimiento', offered: [] };
  if (said?.body.startsWith(TEXTS.person(CONTEXT))) return { answered: 'persona', offered: [] };
  if (said?.kind === 'list' && said.body.startsWith('¿Quisiste decir')) return { offered };
  const opened = Object.values(MENUS[menu].languages).flatMap(({ options }) =>
    options.filter(({ title }) => said?.body.startsWith(`*${title}*\n`)),
  );
  return opened[0] ? { answered: opened[0].code, offered } : { offered: [] };
}

function codeOf(id: string): string {
  if (id.endsWith(':report')) return 'denuncia';
  if (id.endsWith(':tracking')) return 'seguimiento';
  if (id.endsWith(':person')) return 'persona';
  return id.replace(/^option:/, '');
}
