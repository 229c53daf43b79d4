/**
 * The form of the internal file number, e.g. `{area}/{type}/{number}/{year}`. `{number}` counts without gaps within
 * everything else, so a template with `{area}` has one series per area, and `{year}` begins each at 1 in January.
 */
export const EXPEDIENTE_PLACEHOLDERS = ['year', 'area', 'municipality', 'type', 'number'] as const;

/** What public archives use most: area, kind of matter, consecutive number, year. */
export const DEFAULT_EXPEDIENTE_TEMPLATE = '{area}/{type}/{number}/{year}';

/** Numbers are typed, searched by their beginning and printed on folders. */
const LITERALS = /^[A-Za-z0-9\-/._ ]*$/;
const MAX_LENGTH = 80;

/** What is wrong with a template, in English for whoever sets an institution up; empty when it is right. */
export function templateFaults(template: string): string[] {
  const faults: string[] = [];
  const found = [...template.matchAll(/\{([^{}]*)\}/g)].map((match) => match[1] ?? '');
  for (const name of found) {
    if (!(EXPEDIENTE_PLACEHOLDERS as readonly string[]).includes(name)) faults.push(`it has no placeholder {${name}}`);
  }
  if (found.filter((name) => name === 'number').length !== 1) faults.push('{number} must stand in it once');
  // Without it a series would never begin again at 1.
  if (!found.includes('year')) faults.push('{year} must stand in it');
  if (!LITERALS.test(template.replace(/\{[^{}]*\}/g, ''))) {
    faults.push('between placeholders only letters, digits, spaces and - / . _ may stand');
  }
  if (template.length > MAX_LENGTH) faults.push(`it is longer than ${MAX_LENGTH} characters`);
  return faults;
}
