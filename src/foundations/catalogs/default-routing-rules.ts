import type { Channel } from './channels.js';
import { DEFAULT_CATEGORIES, FALLBACK_AREA, type InstitutionKind } from './default-catalog.js';
import type { Priority } from './priorities.js';

/**
 * Rules are tried in order, and the first rule that matches decides. A rule matches when every condition in
 * `when` matches. One of its `words` is enough. Words are lower case without accents, and match the beginning
 * of a word of the narrative.
 */
export interface DefaultRoutingRule {
  /** Name in Spanish, for the administrator. */
  name: string;
  when: {
    category?: string;
    /** INEGI key. */
    municipality?: string;
    channel?: Channel;
    words?: readonly string[];
  };
  area: string;
  /** For reports that bring no category, or OTHER. A word never overrules the choice of the reporter. */
  category?: string;
  /** Replaces the priority of the category. */
  priority?: Priority;
}

/**
 * Beginnings of words, chosen so that they do not match ordinary words: `acos` would match the surname
 * Acosta, `coyote` the town of Coyotepec, `estaf` the courier Estafeta, `arma` the steel of a building
 * (armado), `desvi` a detour on a road.
 */
const WORDS = {
  threats: ['amenaz', 'extors', 'pistola', 'golpearon', 'golpeo'],
  harassment: ['acoso', 'acosa', 'hostig', 'tocamiento', 'manose'],
  collapse: ['derrumb', 'desplom', 'colaps'],
  bribery: ['mordid', 'soborn', 'cohech', 'moche'],
  fraud: ['fraud', 'defraud', 'estafa', 'estafo', 'peculad', 'malvers'],
  intermediaries: ['gestor', 'coyotes', 'coyotaj', 'intermediari', 'suplant'],
  favoritism: ['nepot', 'favorit', 'compadr'],
  badService: ['groser', 'prepoten', 'maltrat', 'discrimin'],
} as const;

const byCategory = (
  kind: InstitutionKind,
  area: string,
  categories: readonly string[],
): DefaultRoutingRule[] =>
  DEFAULT_CATEGORIES[kind]
    .filter(({ code }) => categories.includes(code))
    .map(({ code, label }) => ({ name: `Categoría: ${label}`, when: { category: code }, area }));

const byWords = (
  name: string,
  words: readonly string[],
  area: string,
  category: string,
  priority?: Priority,
): DefaultRoutingRule => ({ name, when: { words }, area, category, ...(priority ? { priority } : {}) });

/**
 * The order of the rules: first danger, then the choice of the reporter, then words for reporters who chose
 * nothing, and last the desk.
 */
export const DEFAULT_ROUTING_RULES: Readonly<Record<InstitutionKind, readonly DefaultRoutingRule[]>> = {
  federal: [
    {
      // This rule stands before the rule on threats. A house can also "amenazar" to fall, and that is a
      // matter for engineers.
      name: 'Obra con riesgo de caer',
      when: { category: 'WORKS_QUALITY', words: [...WORDS.collapse, 'amenaz'] },
      area: 'OBRA',
      priority: 'urgent',
    },
    { name: 'Amenazas o violencia', when: { words: WORDS.threats }, area: 'OIC', priority: 'urgent' },
    ...byCategory('federal', 'OIC', ['FRAUD', 'BRIBERY', 'ABUSE_OF_POWER', 'FAVORITISM', 'HARASSMENT']),
    ...byCategory('federal', 'JURIDICO', ['IMPERSONATION']),
    ...byCategory('federal', 'SUBSIDIOS', ['SUBSIDY_DIVERSION', 'BAD_SERVICE']),
    ...byCategory('federal', 'OBRA', ['WORKS_QUALITY']),
    byWords('Palabras: acoso', WORDS.harassment, 'OIC', 'HARASSMENT'),
    byWords('Palabras: riesgo en la obra', WORDS.collapse, 'OBRA', 'WORKS_QUALITY', 'urgent'),
    byWords('Palabras: soborno', WORDS.bribery, 'OIC', 'BRIBERY'),
    byWords('Palabras: falsos gestores', WORDS.intermediaries, 'JURIDICO', 'IMPERSONATION'),
    byWords('Palabras: desvío de apoyos', ['desvio', 'desviar', 'desviad'], 'SUBSIDIOS', 'SUBSIDY_DIVERSION'),
    byWords('Palabras: fraude', WORDS.fraud, 'OIC', 'FRAUD'),
    byWords('Palabras: favoritismo', WORDS.favoritism, 'OIC', 'FAVORITISM'),
    byWords(
      'Palabras: obra',
      ['grieta', 'agriet', 'cuartead', 'goter', 'filtracion', 'humedad', 'cimient', 'varilla', 'inconclus'],
      'OBRA',
      'WORKS_QUALITY',
    ),
    byWords('Palabras: mal servicio', WORDS.badService, 'SUBSIDIOS', 'BAD_SERVICE'),
    { name: 'Todo lo demás', when: {}, area: FALLBACK_AREA },
  ],
  municipal: [
    {
      name: 'Policía con amenazas o violencia',
      when: { category: 'POLICE_CONDUCT', words: WORDS.threats },
      area: 'ASUNTOS_INTERNOS',
      priority: 'urgent',
    },
    { name: 'Amenazas o violencia', when: { words: WORDS.threats }, area: 'CONTRALORIA', priority: 'urgent' },
    {
      // Do not send it to the office that grants the permits: that office would investigate its own
      // inspectors.
      name: 'Permisos con soborno',
      when: { category: 'PERMITS', words: WORDS.bribery },
      area: 'CONTRALORIA',
      priority: 'high',
    },
    ...byCategory('municipal', 'SERVICIOS', ['PUBLIC_SERVICES']),
    ...byCategory('municipal', 'ASUNTOS_INTERNOS', ['POLICE_CONDUCT']),
    ...byCategory('municipal', 'URBANO', ['PERMITS']),
    ...byCategory('municipal', 'CONTRALORIA', [
      'FRAUD',
      'BRIBERY',
      'ABUSE_OF_POWER',
      'FAVORITISM',
      'HARASSMENT',
      'BAD_SERVICE',
    ]),
    byWords('Palabras: acoso', WORDS.harassment, 'CONTRALORIA', 'HARASSMENT'),
    byWords('Palabras: policía', ['polici', 'patrull'], 'ASUNTOS_INTERNOS', 'POLICE_CONDUCT'),
    byWords('Palabras: soborno', WORDS.bribery, 'CONTRALORIA', 'BRIBERY'),
    byWords('Palabras: fraude', WORDS.fraud, 'CONTRALORIA', 'FRAUD'),
    byWords('Palabras: favoritismo', WORDS.favoritism, 'CONTRALORIA', 'FAVORITISM'),
    byWords('Palabras: permisos', ['licencia', 'permiso', 'clausur', 'construccion'], 'URBANO', 'PERMITS'),
    byWords(
      'Palabras: servicios públicos',
      ['bache', 'basura', 'alumbrado', 'luminaria', 'drenaje', 'alcantarill', 'fuga', 'panteon', 'coladera'],
      'SERVICIOS',
      'PUBLIC_SERVICES',
    ),
    byWords('Palabras: mal servicio', WORDS.badService, 'CONTRALORIA', 'BAD_SERVICE'),
    { name: 'Todo lo demás', when: {}, area: FALLBACK_AREA },
  ],
};
