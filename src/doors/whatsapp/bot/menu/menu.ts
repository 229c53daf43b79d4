/** The menu of an institution, in one or more languages. The first one is for people who named none. */
export interface Menu {
  languages: readonly [MenuLanguage, ...MenuLanguage[]];
}

export interface MenuLanguage {
  /** BCP 47, for example `es-MX`. */
  language: string;
  /** As its speakers write it. */
  name: string;
  /** Other words that ask for it. The first one is shown. */
  words: readonly string[];
  /** What stands above the options. Without it the bot uses its own text. */
  greeting?: string;
  options: readonly MenuOption[];
}

/** What an option starts: actions of the bot. */
export type Start =
  'report' | 'tracking' | 'person' | 'privacy' | 'delete_data' | 'anonymity' | 'scope' | 'contact' | 'exit';

export interface MenuOption {
  /** Stays when the title changes: counts go by it. Lower-case letters, digits and hyphens. */
  code: string;
  /** At most 24 characters. */
  title: string;
  /** At most 72 characters. */
  description?: string;
  /** Words and phrases by which people look for it. */
  keywords: readonly string[];
  does: { start: Start } | { answer: MenuAnswer } | { open: readonly MenuOption[] };
}

/** What an option says. At least one of these is given. */
export interface MenuAnswer {
  text?: string;
  link?: string;
  telephone?: string;
  document?: { url: string; name: string };
  place?: { name: string; address: string; latitude: number; longitude: number };
}

/** An option, and the language in which it was found. */
export interface FoundOption {
  language: MenuLanguage;
  option: MenuOption;
}
