import type { Text } from '../errors.js';

/**
 * The words that people read for the names of the API. The modules above add their words, because this storey
 * knows no word of the domain.
 */
const fields = new Map<string, Text>();
const permissions = new Map<string, Text>();

/**
 * @param names by member of a request, with the article: `{ narrative: { es: 'el relato', en: 'the narrative'
 *   } }`
 */
export function nameFields(names: Readonly<Record<string, Text>>): void {
  for (const [field, name] of Object.entries(names)) fields.set(field, name);
}

/** @param names by permission: `{ 'cases.reopen': { es: 'reabrir casos', en: 'reopen cases' } }` */
export function namePermissions(names: Readonly<Record<string, Text>>): void {
  for (const [permission, name] of Object.entries(names)) permissions.set(permission, name);
}

/** @param path with points between the levels, as in `accused.0.name` */
export function missing(path: string): Text {
  const name = fields.get(path.split('.').at(-1) ?? path);
  if (!name) return { es: `Falta este campo (${path}).`, en: `This field is missing (${path}).` };
  const many = /^(l[oa]s|tus) /.test(name.es);
  return {
    es: `${many ? 'Faltan' : 'Falta'} ${name.es} (${path}).`,
    en: `${capital(name.en)} ${many ? 'are' : 'is'} missing (${path}).`,
  };
}

/** Tells whether `missing` has a word for this field. */
export function fieldIsNamed(field: string): boolean {
  return fields.has(field);
}

export function nameOfPermission(permission: string): Text | undefined {
  return permissions.get(permission);
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
