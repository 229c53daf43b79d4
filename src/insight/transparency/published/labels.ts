import { findCategory, type CatalogSnapshot } from '../../../foundations/catalogs/catalogs.reader.js';
import { categoryLabel } from '../../../foundations/catalogs/labels.js';
import { findMunicipality, states } from '../../../foundations/catalogs/municipalities.js';
import type { Text } from '../../../platform/errors.js';
import type { Language } from '../../../platform/http/language.js';
import type { Dimension } from '../margins.js';
import { NOT_LISTED, NOT_STATED, OTHER } from '../release-domain.js';

export interface LabelledDimensions {
  category?: string;
  categoryLabel?: string;
  territory?: string;
  territoryLabel?: string;
  period?: string;
}

const NOT_STATED_TEXT: Text = { es: 'Sin especificar', en: 'Not stated' };
const NOT_LISTED_TEXT: Text = { es: 'Categoría agregada después', en: 'Category added later' };
/** Texts for what lies outside an institution's own territory. */
const OTHER_TEXT: Record<CatalogSnapshot['institution']['kind'], Text> = {
  federal: { es: 'Otra entidad', en: 'Another state' },
  state: { es: 'Otra entidad', en: 'Another state' },
  municipal: { es: 'Otro municipio', en: 'Another municipality' },
};

/** Add names to the codes of a published row. A code without a name is shown itself. */
export function publicLabels(
  catalog: Pick<CatalogSnapshot, 'institution' | 'categories'>,
  language: Language,
): (dimensions: Readonly<Partial<Record<Dimension, string>>>) => LabelledDimensions {
  const categoryOf = remembered((code) => publishedCategory(catalog, code, language));
  const territoryOf = remembered((key) => territoryLabel(catalog.institution.kind, key, language));
  return ({ category, territory, period }) => ({
    ...(category === undefined ? {} : { category, categoryLabel: categoryOf(category) }),
    ...(territory === undefined ? {} : { territory, territoryLabel: territoryOf(territory) }),
    ...(period === undefined ? {} : { period }),
  });
}

/** Remember the name of each code, because thousands of rows share a few names. */
function remembered(name: (code: string) => string): (code: string) => string {
  const known = new Map<string, string>();
  return (code) => {
    let found = known.get(code);
    if (found === undefined) known.set(code, (found = name(code)));
    return found;
  };
}

function publishedCategory(
  catalog: Pick<CatalogSnapshot, 'categories'>,
  code: string,
  language: Language,
): string {
  if (code === NOT_STATED) return NOT_STATED_TEXT[language];
  if (code === NOT_LISTED) return NOT_LISTED_TEXT[language];
  const category = findCategory(catalog, { code });
  return category ? categoryLabel(category, language) : code;
}

function territoryLabel(
  kind: CatalogSnapshot['institution']['kind'],
  key: string,
  language: Language,
): string {
  if (key === NOT_STATED) return NOT_STATED_TEXT[language];
  if (key === OTHER) return OTHER_TEXT[kind][language];
  const name =
    key.length === 2 ? states().find((state) => state.key === key)?.name : findMunicipality(key)?.name;
  return name ?? key;
}
