import { plainWords } from '../../platform/typed-text.js';
import { findMunicipality, municipalities, states, type Municipality } from './municipalities.js';

/** Ways in which people write a state, besides its name and the abbreviation of INEGI. */
const STATE_NAMES: Readonly<Record<string, readonly string[]>> = {
  '01': ['ags'],
  '02': ['bc', 'baja california norte'],
  '03': ['bcs'],
  '04': ['camp'],
  '05': ['coahuila', 'coah'],
  '06': ['col'],
  '07': ['chis'],
  '08': ['chih'],
  '09': ['cdmx', 'df', 'distrito federal', 'ciudad de mexico'],
  '10': ['dgo'],
  '11': ['gto'],
  '12': ['gro'],
  '13': ['hgo'],
  '14': ['jal'],
  '15': ['edomex', 'edo mex', 'estado de mexico', 'edo de mexico', 'mex'],
  '16': ['michoacan', 'mich'],
  '17': ['mor'],
  '18': ['nay'],
  '19': ['nl', 'n l'],
  '20': ['oax'],
  '21': ['pue'],
  '22': ['qro'],
  '23': ['qroo', 'q roo'],
  '24': ['slp', 's l p'],
  '25': ['sin'],
  '26': ['son'],
  '27': ['tab'],
  '28': ['tamps'],
  '29': ['tlax'],
  '30': ['veracruz', 'ver'],
  '31': ['yuc'],
  '32': ['zac'],
};
/** Abbreviations that are words too: they are a state only at the end. */
const ALSO_WORDS: ReadonlySet<string> = new Set([
  'col',
  'sin',
  'son',
  'ver',
  'mex',
  'mor',
  'tab',
  'camp',
  'bc',
  'n l',
]);
/** In front of a name these say that it is a street, a building or a person. */
const NO_MUNICIPALITY =
  /(?:^| )(?:calles?|c|av|ave|avenida|avenidas|calz|calzada|blvd|bulevar|boulevard|col|colonia|colonias|esq|esquina|plaza|plazuela|escuela|primaria|secundaria|prepa|preparatoria|kinder|hospital|clinica|mercado|jardin|parque|unidad|fracc|fraccionamiento|barrio|privada|priv|callejon|cerrada|andador|carretera|autopista|libramiento|periferico|metro|estacion|glorieta|edificio|oficina|banco|tienda|licenciado|licenciada|lic|ing|ingeniero|ingeniera|doctor|doctora|dr|dra|senor|senora|sr|sra|don|dona|director|directora|maestro|maestra|comandante|oficial|hotel|rancho|ejido|entre)(?: (?:de|del|la|el|los|las))*$/;
/** In front of a name these say that it is a municipality. */
const SAYS_SO =
  /(?:^| )(?:municipio|mpio|alcaldia|delegacion|ayuntamiento|presidencia municipal|cabecera)(?: (?:de|del))?$/;
/** In front of a name these say that it is a place. */
const IN = /(?:^| )(?:en|de|desde|aqui en|soy de|vivo en)$/;
/** Names that are also words, people or streets of any town: they need more than a preposition. */
const COMMON: ReadonlySet<string> = new Set(
  `abasolo aldama allende arteaga bravo camargo candela carmen castanos centro degollado dolores escobedo general guadalupe guerrero hidalgo
   jimenez juarez la paz lerdo libres lopez loreto madera madero mina morelos nava nogales ocampo parras progreso rayon reforma reyes rosales rosario
   sabinas salinas santiago soledad tala union victoria villa zaragoza matamoros galeana mariano carranza obregon rodeo tierra blanca el oro la perla
   el salto el llano el carmen el rosario el fuerte el arenal el grullo el limon la union la libertad la reforma la trinidad la compania benito juarez
   venustiano carranza miguel hidalgo cuauhtemoc emiliano zapata francisco i madero san juan san pedro san antonio san francisco santa maria santa cruz
   santo domingo san miguel san jose las margaritas los reyes los cabos cardenas ruiz rosamorada bella vista`
    .split('\n')
    .flatMap((line) => line.trim().split(' ')),
);
/** Common names of more than one word. */
const COMMON_PAIRS =
  /^(?:la paz|tierra blanca|el (?:oro|salto|llano|carmen|rosario|fuerte|arenal|grullo|limon)|la (?:union|libertad|reforma|trinidad|compania|perla)|benito juarez|venustiano carranza|miguel hidalgo|emiliano zapata|francisco i madero|(?:san|santa|santo) [a-z]+|las margaritas|los (?:reyes|cabos)|bella vista|general [a-z]+)$/;
/** Names that nobody writes in full. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  'ciudad juarez': '08037',
  'cd juarez': '08037',
  neza: '15058',
  'valle de chalco': '15122',
};
/** Ends of the full names of states, which are names of municipalities too. */
const OFFICIAL = /\b(veracruz) de ignacio de la llave|\b(coahuila) de zaragoza|\b(michoacan) de ocampo/g;
/** Beginnings of many names. */
const GENERIC =
  /^(?:ciudad|villa|valle|nueva|nuevo|puerto|puente|santa|santo|san|tierra|cerro|general|pueblo|salto|playa|mesa|piedras)(?: [a-z]+)?$/;
/** A short form of a name needs so many letters: "Ecatepec" for "Ecatepec de Morelos". */
const SHORT_FORM = 5;

interface Named {
  words: readonly string[];
  municipality: Municipality;
  common: boolean;
}

/** Names by their first word, and how often each name stands in the country. */
interface Names {
  byFirst: ReadonlyMap<string, readonly Named[]>;
  count: ReadonlyMap<string, number>;
}

let known: Names | undefined;

/** A name where it stands in a text, by its words. */
interface Found extends Named {
  from: number;
  to: number;
  /** Whether the words in front say that it is a municipality. */
  sure: boolean;
}

/**
 * Finds the municipality that a text names, as people write it: "en Ecatepec", "Juárez, Chihuahua". Pure.
 * @param territory INEGI key of a state or municipality: names in that state are meant. null: the country,
 * where a name that is there several times needs its state
 * @returns undefined when none is named, when it could be another, or when the name may be that of a street.
 * What is found can be wrong all the same, so it must be said back to the person.
 */
export function municipalityIn(text: string, territory: string | null): Municipality | undefined {
  const words = plainWords(text).replace(OFFICIAL, '$1$2$3').split(' ').filter(Boolean);
  const own = territory?.slice(0, 2);
  const named = stateIn(words);
  return (named === undefined ? undefined : inState(words, named)) ?? inState(words, own);
}

/** @param state key of the state that is meant; undefined: any */
function inState(words: readonly string[], state: string | undefined): Municipality | undefined {
  const found = withoutParts(
    standing(words).filter(
      (one) => (state === undefined || one.municipality.stateKey === state) && isMeant(one, words, state),
    ),
  );
  const [first, ...others] = found;
  if (!first || others.some(({ municipality }) => municipality.key !== first.municipality.key))
    return undefined;
  const isUnique = names().count.get(first.words.join(' ')) === 1;
  return state !== undefined || isUnique ? first.municipality : undefined;
}

function isMeant(
  { from, to, common, sure, words: name }: Found,
  words: readonly string[],
  state?: string,
): boolean {
  const before = words.slice(0, from).join(' ');
  const after = words[to];
  if (sure) return true;
  if (NO_MUNICIPALITY.test(before) || (after !== undefined && /^\d/.test(after))) return false;
  // "En Puebla" may be the state.
  if (isStateName(name.join(' ')) && !(state !== undefined && stateIn(words.slice(to)) === state))
    return false;
  if (!common) return true;
  if (state === undefined) return false;
  const named = stateIn(words.slice(to, to + 4)) === state;
  return named || (from === 0 && to === words.length) || (IN.test(before) && (to === words.length || named));
}

/** Every name that stands in the words. */
function standing(words: readonly string[]): Found[] {
  const { byFirst } = names();
  return words.flatMap((word, from) =>
    (byFirst.get(word) ?? [])
      .filter(({ words: name }) => name.every((part, index) => words[from + index] === part))
      .map((named) => ({
        ...named,
        from,
        to: from + named.words.length,
        sure: SAYS_SO.test(words.slice(0, from).join(' ')),
      })),
  );
}

/** A name inside a longer one is part of it: "Juárez" of "Naucalpan de Juárez". */
function withoutParts(found: readonly Found[]): Found[] {
  const isInside = (one: Found, other: Found): boolean =>
    other.from <= one.from && one.to <= other.to && other.to - other.from > one.to - one.from;
  return found.filter((one) => !found.some((other) => isInside(one, other)));
}

/** The state that is named last. */
function stateIn(words: readonly string[]): string | undefined {
  const text = ` ${words.join(' ')} `;
  const spans = states().flatMap(({ key, name }) =>
    [plainWords(name), ...(STATE_NAMES[key] ?? [])].flatMap((form) => {
      const from = text.lastIndexOf(` ${form} `);
      const to = from + form.length + 1;
      const isWord = ALSO_WORDS.has(form) && to + 1 < text.length;
      return from < 0 || isWord || NO_MUNICIPALITY.test(text.slice(0, from)) ? [] : [{ key, from, to }];
    }),
  );
  // "Ciudad de México" is not "México".
  const whole = spans.filter(
    (one) =>
      !spans.some(
        (other) => other.from <= one.from && one.to <= other.to && other.to - other.from > one.to - one.from,
      ),
  );
  return whole.sort((one, other) => other.from - one.from)[0]?.key;
}

function isStateName(name: string): boolean {
  return states().some(
    ({ key, name: full }) => plainWords(full) === name || STATE_NAMES[key]?.includes(name),
  );
}

function names(): Names {
  known ??= load();
  return known;
}

function load(): Names {
  const byFirst = new Map<string, Named[]>();
  const count = new Map<string, number>();
  const learn = (name: string, municipality: Municipality): void => {
    const words = name.split(' ');
    const common = COMMON_PAIRS.test(name) || (words.length === 1 && COMMON.has(name));
    const named = { words, municipality, common };
    const list = byFirst.get(words[0]!);
    if (list) list.push(named);
    else byFirst.set(words[0]!, [named]);
    count.set(name, (count.get(name) ?? 0) + 1);
  };
  const seats = new Map<string, number>();
  for (const { seat } of municipalities()) {
    const name = plainWords(seat);
    seats.set(name, (seats.get(name) ?? 0) + 1);
  }
  const all = municipalities().map((municipality) => ({ municipality, name: plainWords(municipality.name) }));
  for (const { municipality, name } of all) learn(name, municipality);
  for (const [name, key] of Object.entries(OTHER_NAMES)) learn(name, findMunicipality(key)!);
  for (const { municipality } of all) {
    const seat = plainWords(municipality.seat);
    if (seat !== '' && !count.has(seat) && seats.get(seat) === 1 && seat.length >= SHORT_FORM)
      learn(seat, municipality);
  }
  for (const { municipality, name } of all) {
    const [short] = name.split(/ (?:de|del) /);
    if (short === undefined || short === name || GENERIC.test(short)) continue;
    if (short.length >= SHORT_FORM && !count.has(short)) learn(short, municipality);
  }
  return { byFirst, count };
}
