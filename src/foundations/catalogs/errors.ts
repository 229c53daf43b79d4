import { DomainError } from '../../platform/errors.js';

export const catalogErrors = {
  municipalityUnknown: () =>
    new DomainError('MUNICIPALITY_UNKNOWN', 422, {
      es: 'No hay un municipio con esa clave INEGI. Consulta /public/catalogs/municipalities.',
      en: 'There is no municipality with that INEGI key. See /public/catalogs/municipalities.',
    }),
  institutionUnknown: () =>
    new DomainError('INSTITUTION_UNKNOWN', 404, {
      es: 'No hay ninguna institución con esa clave. Consulta GET /public/institutions.',
      en: 'There is no institution with this code. See GET /public/institutions.',
    }),
  areaUnknown: () =>
    new DomainError('AREA_UNKNOWN', 404, {
      es: 'Esa área no existe en tu institución. Consulta GET /admin/areas.',
      en: 'This area does not exist in your institution. See GET /admin/areas.',
    }),
  /** 422, because the body names the area and the path is right. */
  areaNotInForce: () =>
    new DomainError('AREA_UNKNOWN', 422, {
      es: 'Esa área no está vigente en la institución. Consulta /public/catalogs/areas.',
      en: 'That area is not in force in the institution. See /public/catalogs/areas.',
    }),
  areaExists: (code: string) =>
    new DomainError('AREA_EXISTS', 409, {
      es: `Ya hay un área con la clave ${code}. Cámbiala con PATCH o usa otra clave.`,
      en: `There already is an area with the code ${code}. Change it with PATCH or use another code.`,
    }),
  fallbackArea: () =>
    new DomainError('FALLBACK_AREA', 409, {
      es: 'El área de respaldo recibe lo que ninguna regla reclama y no puede terminar. Nombra primero otra con {"fallback": true}.',
      en: 'The fallback area takes what no rule claims and cannot end. First name another one with {"fallback": true}.',
    }),
  shortCodeTaken: (code: string) =>
    new DomainError('SHORT_CODE_TAKEN', 409, {
      es: `Otra categoría ya tiene la clave corta ${code}. Usa otra, o cambia primero la de esa categoría.`,
      en: `Another category has the short code ${code} already. Use another one, or change that of the other category first.`,
    }),
  categoryUnknown: () =>
    new DomainError('CATEGORY_UNKNOWN', 404, {
      es: 'Esa categoría no existe en tu institución. Consulta GET /admin/categories.',
      en: 'This category does not exist in your institution. See GET /admin/categories.',
    }),
  /** 422, because the body names the category and the path is right. */
  categoryNotInForce: () =>
    new DomainError('CATEGORY_UNKNOWN', 422, {
      es: 'Esa categoría no está vigente en la institución. Consulta /public/catalogs/categories.',
      en: 'That category is not in force in the institution. See /public/catalogs/categories.',
    }),
  categoryExists: (code: string) =>
    new DomainError('CATEGORY_EXISTS', 409, {
      es: `Ya hay una categoría con la clave ${code}. Cámbiala con PATCH o usa otra clave.`,
      en: `There already is a category with the code ${code}. Change it with PATCH or use another code.`,
    }),
  closureUnknown: () =>
    new DomainError('CLOSURE_UNKNOWN', 404, {
      es: 'Ese día de cierre no existe o ya se retiró. Consulta GET /admin/calendars.',
      en: 'This closure does not exist or was withdrawn already. See GET /admin/calendars.',
    }),
  closurePast: () =>
    new DomainError('CLOSURE_PAST', 409, {
      es: 'Ese día ya pasó: lo que contó como inhábil sigue contando así.',
      en: 'This day is past: what counted as closed keeps counting so.',
    }),
  calendarTooClosed: (year: number) =>
    new DomainError('CALENDAR_TOO_CLOSED', 422, {
      es: `Con esos cierres, ${year} tendría tan pocos días hábiles que los plazos no avanzarían. Revisa los días.`,
      en: `With these closures ${year} would have so few business days that terms would not advance. Check the days.`,
    }),
  noticeMissing: () =>
    new DomainError('PRIVACY_NOTICE_MISSING', 404, {
      es: 'Esta institución aún no ha publicado su aviso de privacidad.',
      en: 'This institution has not published its privacy notice yet.',
    }),
  noticeExists: (version: string) =>
    new DomainError('PRIVACY_NOTICE_EXISTS', 409, {
      es: `La versión ${version} ya existe. Un aviso publicado no se cambia: publica otra versión.`,
      en: `Version ${version} exists already. A published notice is not changed: publish another version.`,
    }),
};
