import type { Text } from '../../platform/errors.js';

/**
 * The form of the internal file number, e.g. `{area}/{type}/{number}/{year}`. `{number}` counts without gaps
 * within everything else, so a template with `{area}` has one series per area, and `{year}` begins each at 1
 * in January.
 */
export const EXPEDIENTE_PLACEHOLDERS = ['year', 'area', 'municipality', 'type', 'number'] as const;

/** What public archives use most: area, kind of matter, consecutive number, year. */
export const DEFAULT_EXPEDIENTE_TEMPLATE = '{area}/{type}/{number}/{year}';

/** In place of {type} for a case without a category ("sin clasificar"); no category may have it. */
export const NO_TYPE = 'SC';
const NO_MUNICIPALITY = '00000';

/** Numbers are typed, searched by their beginning and printed on folders. */
const LITERALS = /^[A-Za-z0-9\-/._ ]*$/;
const MAX_LENGTH = 80;
/** Beside digits, letters or another placeholder two numbers of different series could look the same. */
const NUMBER_STANDS_APART = /(^|[-/._ ])\{number\}($|[-/._ ])/;

/** What is wrong with a template; empty when it is right. */
export function templateFaults(template: string): Text[] {
  const faults: Text[] = [];
  const found = [...template.matchAll(/\{([^{}]*)\}/g)].map((match) => match[1] ?? '');
  for (const name of found) {
    if (!(EXPEDIENTE_PLACEHOLDERS as readonly string[]).includes(name)) {
      faults.push({
        es: `{${name}} no existe; se pueden usar ${EXPEDIENTE_PLACEHOLDERS.map((one) => `{${one}}`).join(', ')}`,
        en: `it has no placeholder {${name}}`,
      });
    }
  }
  if (found.filter((name) => name === 'number').length !== 1) {
    faults.push({ es: '{number} debe aparecer una vez', en: '{number} must stand in it once' });
  } else if (!NUMBER_STANDS_APART.test(template)) {
    faults.push({
      es: 'antes y después de {number} debe ir un separador: - / . _ o espacio',
      en: 'before and after {number} there must be a separator: - / . _ or a space',
    });
  }
  // Without it a series would never begin again at 1.
  if (!found.includes('year')) faults.push({ es: 'debe aparecer {year}', en: '{year} must stand in it' });
  if (!LITERALS.test(template.replace(/\{[^{}]*\}/g, ''))) {
    faults.push({
      es: 'fuera de los nombres entre llaves sólo puede haber letras sin acento, cifras, espacios y - / . _',
      en: 'between placeholders only letters, digits, spaces and - / . _ may stand',
    });
  }
  if (template !== template.trim()) {
    faults.push({
      es: 'no puede empezar ni terminar con un espacio',
      en: 'it may not begin or end with a space',
    });
  }
  if (template.length > MAX_LENGTH) {
    faults.push({
      es: `tiene más de ${MAX_LENGTH} caracteres`,
      en: `it is longer than ${MAX_LENGTH} characters`,
    });
  }
  return faults;
}

/**
 * Renders everything of an expediente but its consecutive number: the series within which numbers are
 * gapless.
 */
export function seriesOf(
  template: string,
  values: { year: string; area: string; municipality: string | null; type: string | null },
): string {
  return template
    .replaceAll('{year}', values.year)
    .replaceAll('{area}', values.area)
    .replaceAll('{municipality}', values.municipality ?? NO_MUNICIPALITY)
    .replaceAll('{type}', values.type ?? NO_TYPE);
}

/** The expediente with this consecutive number in its series. */
export function inSeries(series: string, number: number): string {
  return series.replaceAll('{number}', String(number).padStart(4, '0'));
}
