/**
 * The areas, categories and routing rules an institution starts with, as plain constants; its administrator changes them
 * afterwards. Texts are for people: plain words, no legal terms a reporter would have to look up.
 */

import type { Channel } from './channels.js';

/** A federal body that gives housing subsidies, or a municipality. */
export type InstitutionKind = 'federal' | 'municipal';
export const PRIORITIES = ['low', 'normal', 'high', 'urgent'] as const;
export type Priority = (typeof PRIORITIES)[number];

export interface DefaultArea {
  code: string;
  label: string;
  labelEn: string | null;
}

export interface DefaultCategory {
  code: string;
  /** In expedientes, from its name in Spanish law or use; absent in a file: made from the label. */
  shortCode?: string;
  /** At most 24 characters, and `description` at most 72: the limits of a row in a WhatsApp list, which has at most 10. */
  label: string;
  labelEn: string;
  description: string;
  priority: Priority;
  /** Related articles of the LGRA, written as in the catalogue of faults; a hint for triage, never a qualification. */
  articles: readonly string[];
}

/**
 * Rules are tried in order and the first that matches decides. It matches when every condition present in `when` does; one
 * of its `words` is enough. Words are lower case without accents and match the beginning of a word of the narrative.
 */
export interface DefaultRoutingRule {
  /** Spanish, for the administrator. */
  name: string;
  when: {
    category?: string;
    /** INEGI key. */
    municipality?: string;
    channel?: Channel;
    words?: readonly string[];
  };
  area: string;
  /** For reports that bring no category, or OTHER: the choice of the reporter is not overruled by a word. */
  category?: string;
  /** Takes the place of the category's priority. */
  priority?: Priority;
}

/** Where a report goes that no rule claims. */
export const FALLBACK_AREA = 'MESA';
/** What a report is when neither reporter nor rule said it. */
export const FALLBACK_CATEGORY = 'OTHER';

const MESA: DefaultArea = { code: FALLBACK_AREA, label: 'Mesa de control', labelEn: 'Triage desk' };

export const DEFAULT_AREAS: Readonly<Record<InstitutionKind, readonly DefaultArea[]>> = {
  federal: [
    MESA,
    { code: 'OIC', label: 'Órgano Interno de Control', labelEn: 'Internal control body' },
    { code: 'SUBSIDIOS', label: 'Operación de subsidios y atención', labelEn: 'Subsidies and beneficiaries' },
    { code: 'OBRA', label: 'Supervisión de obra', labelEn: 'Works supervision' },
    { code: 'JURIDICO', label: 'Asuntos jurídicos', labelEn: 'Legal affairs' },
  ],
  municipal: [
    MESA,
    { code: 'CONTRALORIA', label: 'Contraloría municipal', labelEn: 'Municipal comptroller' },
    { code: 'SERVICIOS', label: 'Servicios públicos', labelEn: 'Public services' },
    // Apart from the police, so that nobody's report lands with the officers it is about.
    { code: 'ASUNTOS_INTERNOS', label: 'Asuntos internos de seguridad', labelEn: 'Police internal affairs' },
    { code: 'URBANO', label: 'Desarrollo urbano y licencias', labelEn: 'Urban development and licences' },
  ],
};

const SHARED = {
  FRAUD: {
    code: 'FRAUD',
    shortCode: 'FRA',
    label: 'Fraude o engaño',
    labelEn: 'Fraud',
    description: 'Engaños para quedarse con dinero, apoyos o bienes públicos.',
    priority: 'high',
    articles: ['60 Bis', '69', '71'],
  },
  BRIBERY: {
    code: 'BRIBERY',
    shortCode: 'COH',
    label: 'Soborno o mordida',
    labelEn: 'Bribery',
    description: 'Te pidieron o alguien dio dinero, regalos o favores por un trámite.',
    priority: 'high',
    articles: ['52', '66'],
  },
  ABUSE_OF_POWER: {
    code: 'ABUSE_OF_POWER',
    shortCode: 'ABU',
    label: 'Abuso de autoridad',
    labelEn: 'Abuse of power',
    description: 'Alguien usó su cargo para perjudicar, presionar o sacar provecho.',
    priority: 'high',
    articles: ['57'],
  },
  FAVORITISM: {
    code: 'FAVORITISM',
    shortCode: 'FAV',
    label: 'Favoritismo',
    labelEn: 'Favouritism',
    description: 'Apoyos, contratos o puestos para familiares, amistades o conocidos.',
    priority: 'normal',
    articles: ['58', '59', '61', '63 Bis'],
  },
  BAD_SERVICE: {
    code: 'BAD_SERVICE',
    shortCode: 'SER',
    label: 'Mal servicio o mal trato',
    labelEn: 'Bad service',
    description: 'No te atendieron, te trataron mal o tu trámite no avanza.',
    priority: 'normal',
    articles: ['49'],
  },
  HARASSMENT: {
    code: 'HARASSMENT',
    shortCode: 'ACO',
    label: 'Acoso u hostigamiento',
    labelEn: 'Harassment',
    description: 'Acoso, hostigamiento o violencia de alguien del servicio público.',
    priority: 'urgent',
    articles: ['49', '57'],
  },
  OTHER: {
    code: FALLBACK_CATEGORY,
    shortCode: 'OTR',
    label: 'Otro asunto',
    labelEn: 'Something else',
    description: 'No sabes cuál elegir: cuéntanos y lo clasificamos.',
    priority: 'normal',
    articles: [],
  },
} as const satisfies Readonly<Record<string, DefaultCategory>>;

export const DEFAULT_CATEGORIES: Readonly<Record<InstitutionKind, readonly DefaultCategory[]>> = {
  federal: [
    SHARED.FRAUD,
    {
      code: 'IMPERSONATION',
      shortCode: 'GES',
      label: 'Falsos gestores',
      labelEn: 'Fake intermediaries',
      description: 'Personas ajenas que cobran por meterte o mantenerte en el programa.',
      priority: 'high',
      articles: ['68'],
    },
    SHARED.BRIBERY,
    {
      code: 'SUBSIDY_DIVERSION',
      shortCode: 'DES',
      label: 'Desvío de apoyos',
      labelEn: 'Diversion of subsidies',
      description: 'El apoyo no llegó, llegó incompleto o se usó para otra cosa.',
      priority: 'high',
      articles: ['53', '54', '71'],
    },
    {
      code: 'WORKS_QUALITY',
      shortCode: 'OBR',
      label: 'Obra mal hecha',
      labelEn: 'Poor building works',
      description: 'Vivienda con fallas, materiales malos u obra sin terminar.',
      priority: 'normal',
      articles: ['50', '71'],
    },
    SHARED.ABUSE_OF_POWER,
    SHARED.FAVORITISM,
    SHARED.HARASSMENT,
    SHARED.BAD_SERVICE,
    SHARED.OTHER,
  ],
  municipal: [
    {
      code: 'PUBLIC_SERVICES',
      shortCode: 'PUB',
      label: 'Servicios públicos',
      labelEn: 'Public services',
      description: 'Agua, basura, alumbrado, baches, drenaje, parques o panteones.',
      priority: 'normal',
      articles: ['49'],
    },
    {
      code: 'POLICE_CONDUCT',
      shortCode: 'POL',
      label: 'Actuación de la policía',
      labelEn: 'Police conduct',
      description: 'Abusos, golpes, cobros o detenciones injustas de la policía o tránsito.',
      priority: 'high',
      articles: ['49', '52', '57'],
    },
    {
      code: 'PERMITS',
      shortCode: 'PER',
      label: 'Permisos y licencias',
      labelEn: 'Permits and licences',
      description: 'Permisos irregulares, cobros de más o inspecciones indebidas.',
      priority: 'normal',
      articles: ['49', '52', '57'],
    },
    SHARED.BRIBERY,
    SHARED.FRAUD,
    SHARED.ABUSE_OF_POWER,
    SHARED.FAVORITISM,
    SHARED.HARASSMENT,
    SHARED.BAD_SERVICE,
    SHARED.OTHER,
  ],
};

/**
 * Beginnings of words, chosen so that ordinary ones stay out: `acos` would catch the surname Acosta, `coyote` the town of
 * Coyotepec, `estaf` the courier Estafeta, `arma` the steel of a building (armado), `desvi` a detour on a road.
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

const byCategory = (kind: InstitutionKind, area: string, categories: readonly string[]): DefaultRoutingRule[] =>
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

/** Danger first, then what the reporter chose, then words for those who chose nothing, last the desk. */
export const DEFAULT_ROUTING_RULES: Readonly<Record<InstitutionKind, readonly DefaultRoutingRule[]>> = {
  federal: [
    {
      // Before threats: a house, too, can "amenazar" to fall, and that is a matter for engineers.
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
      // Not to the office that grants the permits: it would investigate its own inspectors.
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
