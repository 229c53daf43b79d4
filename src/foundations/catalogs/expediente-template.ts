import type { Text } from '../../platform/errors.js';

/**
 * The form of the internal file number, e.g. `{area}/{type}/{number}/{year}`. `{number}` counts without gaps
 * within all other parts. So a template with `{area}` has one series for each area, and `{year}` starts each
 * series again at 1 in January.
 */
export const EXPEDIENTE_PLACEHOLDERS = ['year', 'area', 'municipality', 'type', 'number'] as const;

/** The most common form in public archives: area, kind of matter, consecutive number, year. */
export const DEFAULT_EXPEDIENTE_TEMPLATE = '{area}/{type}/{number}/{year}';

/** Replaces {type} for a case without a category ("sin clasificar"). No category may have this code. */
export const NO_TYPE = 'SC';
const NO_MUNICIPALITY = '00000';

/**
 * Only these characters: people type the numbers, search them by their beginning and print them on folders.
 */
const LITERALS = /^[A-Za-z0-9\-/._ ]*$/;
const MAX_LENGTH = 80;
/**
 * `{number}` must stand apart. Beside digits, letters or another placeholder, two numbers of different series
 * could look the same.
 */
const NUMBER_STANDS_APART = /(^|[-/._ ])\{number\}($|[-/._ ])/;

/** Lists the faults of a template. The list is empty when the template is right. */
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
  // Without {year}, a series would never start again at 1.
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
 * Fills in everything of an expediente except its consecutive number. The result is the series, and numbers
 * have no gaps within it.
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

/** Returns the expediente with this consecutive number in its series. */
export function inSeries(series: string, number: number): string {
  return series.replaceAll('{number}', String(number).padStart(4, '0'));
}
