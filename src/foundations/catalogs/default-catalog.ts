/**
 * The areas and categories with which an institution starts, as plain constants. Its administrator can change
 * them later. The texts are for people: plain words, and no legal terms that a reporter would have to look
 * up.
 */

import type { Priority } from './priorities.js';

/** A federal body that gives housing subsidies, or a municipality. */
export type InstitutionKind = 'federal' | 'municipal';

export interface DefaultArea {
  code: string;
  label: string;
  labelEn: string | null;
}

export interface DefaultCategory {
  code: string;
  /**
   * Short code in expedientes, taken from its name in Spanish law or common use. When a file has none, it is
   * made from the label.
   */
  shortCode?: string;
  /**
   * At most 24 characters. `description` has at most 72. These are the limits of a row in a WhatsApp list,
   * and such a list has at most 10 rows.
   */
  label: string;
  labelEn: string;
  description: string;
  priority: Priority;
  /**
   * Related articles of the LGRA, written as in the catalogue of faults. They are a hint for triage, never a
   * legal qualification.
   */
  articles: readonly string[];
}

/** The area for reports that no rule matches. */
export const FALLBACK_AREA = 'MESA';
/** The category of a report when neither the reporter nor a rule gave one. */
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
    // A separate area from the police, so that no report goes to the officers that it is about.
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
