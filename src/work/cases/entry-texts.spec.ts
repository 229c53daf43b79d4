import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { CatalogSnapshot } from '../../foundations/catalogs/catalogs.reader.js';
import type { EntryBody } from './case-vault.js';
import { ENTRY_KINDS } from './case.entities.js';
import { factsOf, summaryOf } from './entry-texts.js';

const area = (code: string, label: string, labelEn: string | null) => ({
  id: code,
  code,
  label,
  labelEn,
  validFrom: '2026-01-01',
  validTo: null,
});
const catalog = {
  areas: [area('MESA', 'Mesa de control', 'Triage desk'), area('OIC', 'Órgano Interno de Control', null)],
  categories: [{ id: 'F', code: 'FRAUD', shortCode: 'FRA', labelEs: 'Fraude', labelEn: 'Fraud' }],
} as unknown as CatalogSnapshot;
const ID = '0b9c2f5e-6f0e-4f3c-9d39-3a4d0f2b8c11';

const read = (kind: (typeof ENTRY_KINDS)[number], body: EntryBody, names = new Map<string, string>()) =>
  summaryOf(kind, factsOf(body, catalog, names));

describe('the sentence of an entry', () => {
  it.each([
    ['MESA /  / normal', 'OIC / FRAUD / high'],
    [
      { area: 'MESA', category: null, priority: 'normal' },
      { area: 'OIC', category: 'FRAUD', priority: 'high' },
    ],
  ])('names places, also those that former versions stored as one string: %j', (from, to) => {
    expect(read('triaged', { from, to })).toEqual({
      es: 'La mesa cambió lo propuesto. Antes: Mesa de control, prioridad normal. Ahora: Órgano Interno de Control, Fraude, prioridad alta.',
      en: 'The desk changed what was proposed. Before: Triage desk, normal priority. Now: Órgano Interno de Control, Fraud, high priority.',
    });
    expect(read('triaged', { from: to, to }).es).toBe(
      'La mesa confirmó lo propuesto: Órgano Interno de Control, Fraude, prioridad alta.',
    );
  });

  it('names people: as they were, of former versions as they are, of nobody known without the id', () => {
    expect(read('assigned', { to: { id: ID, name: 'Lucía Méndez' } }).es).toBe('Se asignó a Lucía Méndez.');
    expect(read('assigned', { to: ID }, new Map([[ID, 'Lucía Ríos']])).es).toBe('Se asignó a Lucía Ríos.');
    expect(read('assigned', { to: ID }).es).toBe('Se asignó a otra persona.');
  });

  it('names deadlines and outcomes, and shows a code that has no name any more', () => {
    expect(read('deadline_breached', { metric: 'first_response' }).es).toBe(
      'Un plazo venció: Primera respuesta.',
    );
    expect(read('closed', { outcome: 'inadmissible', text: 'Gracias.' }).en).toBe(
      'It was closed: Inadmissible.',
    );
    expect(read('resolved', { outcome: 'formerly' }).es).toBe('Se concluyó: formerly.');
    expect(read('transferred', { from: 'GONE / GONE / odd', to: 'OIC /  / low' }).es).toBe(
      'Se turnó a otra área. Antes: GONE, GONE, prioridad odd. Ahora: Órgano Interno de Control, prioridad baja.',
    );
  });

  it('never has a gap, a separator without words or an id, whatever of it is there', () => {
    const place = fc.oneof(
      fc.constant(undefined),
      fc.constant('MESA /  / normal'),
      fc.record({
        area: fc.constantFrom('MESA', 'OIC'),
        category: fc.constantFrom(null, 'FRAUD'),
        priority: fc.constantFrom('low', 'urgent'),
      }),
    );
    const body = fc.record({ from: place, to: fc.oneof(place, fc.constant(ID)) });
    fc.assert(
      fc.property(fc.constantFrom(...ENTRY_KINDS), body, (kind, facts) => {
        for (const text of Object.values(read(kind, facts))) {
          expect(text).toMatch(/^\p{Lu}.*[^ ,:;/.]\.$/u);
          expect(text).not.toMatch(/ \/ | {2}|[,:;] ?[,:;.]|undefined|null|[0-9a-f]{8}-/);
        }
      }),
    );
  });
});
