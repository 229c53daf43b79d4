import { describe, expect, it } from '@jest/globals';
import type { CatalogSnapshot } from '../../../foundations/catalogs/catalogs.reader.js';
import { publicLabels } from './labels.js';

type Known = Parameters<typeof publicLabels>[0];
const catalog = (kind: CatalogSnapshot['institution']['kind']): Known => ({
  institution: { kind } as CatalogSnapshot['institution'],
  categories: [
    {
      id: 'x',
      code: 'FRAUD',
      shortCode: 'FRA',
      labelEs: 'Fraude',
      labelEn: 'Fraud',
      description: '',
      priority: 'high',
      validFrom: '2026-01-01',
      validTo: '2026-02-01',
    },
  ],
});

describe('names of published rows', () => {
  it('name states, municipalities and categories, ended ones too, in the language asked for', () => {
    const es = publicLabels(catalog('federal'), 'es');
    expect(es({ territory: '15', category: 'FRAUD', period: '2026-10' })).toEqual({
      territory: '15',
      territoryLabel: 'México',
      category: 'FRAUD',
      categoryLabel: 'Fraude',
      period: '2026-10',
    });
    expect(publicLabels(catalog('municipal'), 'en')({ territory: '15002', category: 'FRAUD' })).toMatchObject(
      {
        territoryLabel: 'Acolman',
        categoryLabel: 'Fraud',
      },
    );
  });

  it('name what lies outside, was not stated or was added later', () => {
    const label = (kind: CatalogSnapshot['institution']['kind'], territory: string, category: string) => {
      const { territoryLabel, categoryLabel } = publicLabels(catalog(kind), 'es')({ territory, category });
      return [territoryLabel, categoryLabel];
    };
    expect(label('municipal', 'other', 'not_listed')).toEqual([
      'Otro municipio',
      'Categoría agregada después',
    ]);
    expect(label('state', 'other', 'not_stated')).toEqual(['Otra entidad', 'Sin especificar']);
    expect(label('federal', 'not_stated', 'GONE')).toEqual(['Sin especificar', 'GONE']);
  });

  it('leave out what a row is not grouped by', () => {
    expect(publicLabels(catalog('federal'), 'es')({})).toEqual({});
  });
});
