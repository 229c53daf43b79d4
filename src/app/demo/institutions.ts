import type { MenuLanguageContent } from '../../doors/whatsapp/menus/menu.request.js';
import type { InstitutionKind } from '../../foundations/catalogs/default-catalog.js';
import type { Role } from '../../foundations/identity/permissions.js';
import { ACOLMAN_MENU } from './menus/acolman.js';
import { CONAVI_MENU } from './menus/conavi.js';

export interface DemoInstitution {
  code: string;
  name: string;
  prefix: string;
  kind: InstitutionKind;
  territory: string | null;
  timeZone: string;
  calendarRule: 'LFPA28' | 'LFT74';
  contactText: string;
  domain: string;
  /** Menu of its chat. */
  menu: MenuLanguageContent[];
  /** The area of `investigador@` and `titular@`, then the area of `investigador2@`. */
  areas: [string, string];
}

/**
 * The two institutions of the demo: one federal, one municipal. With two, people can see that institutions
 * are isolated.
 */
export const DEMO_INSTITUTIONS: DemoInstitution[] = [
  {
    code: 'CONAVI-DEMO',
    name: 'Comisión de Vivienda (demostración)',
    prefix: 'CNV',
    kind: 'federal',
    territory: null,
    timeZone: 'America/Mexico_City',
    calendarRule: 'LFPA28',
    contactText:
      'Para trámites y dudas del programa acude a la ventanilla de atención. En una emergencia llama al 911.',
    domain: 'conavi.demo',
    menu: CONAVI_MENU,
    areas: ['OIC', 'SUBSIDIOS'],
  },
  {
    code: 'ACOLMAN-DEMO',
    name: 'Municipio de Acolman (demostración)',
    prefix: 'ACO',
    kind: 'municipal',
    territory: '15002',
    timeZone: 'America/Mexico_City',
    calendarRule: 'LFT74',
    contactText:
      'Para baches, alumbrado y otros servicios acude a Atención Ciudadana. En una emergencia llama al 911.',
    domain: 'acolman.demo',
    menu: ACOLMAN_MENU,
    areas: ['CONTRALORIA', 'SERVICIOS'],
  },
];

export interface DemoAccount {
  user: string;
  name: string;
  role: Role;
  /** Index into the institution's `areas`. */
  area?: 0 | 1;
}

export const DEMO_ACCOUNTS: DemoAccount[] = [
  { user: 'operador', name: 'Operación telefónica (demostración)', role: 'operator' },
  { user: 'mesa', name: 'Mesa de control (demostración)', role: 'triage' },
  { user: 'investigador', name: 'Investigación (demostración)', role: 'investigator', area: 0 },
  { user: 'investigador2', name: 'Investigación de otra área (demostración)', role: 'investigator', area: 1 },
  { user: 'titular', name: 'Titular de área (demostración)', role: 'area_head', area: 0 },
  { user: 'auditor', name: 'Auditoría (demostración)', role: 'auditor' },
  { user: 'transparencia', name: 'Transparencia (demostración)', role: 'transparency' },
  { user: 'admin', name: 'Administración (demostración)', role: 'admin' },
];

/** Simplified privacy notice for the demo (LGPDPPSO 22). A real institution publishes its own. */
export const DEMO_NOTICE = {
  version: '2026-1',
  text:
    'Aviso de demostración: usaremos lo que escribas sólo para atender tu denuncia. ' +
    'Cada institución publica aquí su propio aviso de privacidad.',
  url: null,
};
