import { describe, expect, it } from '@jest/globals';
import { DEFAULT_AREAS, DEFAULT_CATEGORIES } from './default-catalog.js';
import { setupFaults, type InstitutionSetup } from './institution-setup.js';

const acolman: InstitutionSetup = {
  code: 'ACOLMAN',
  name: 'Municipio de Acolman',
  prefix: 'ACO',
  kind: 'municipal',
  territory: '15002',
  timeZone: 'America/Mexico_City',
  calendarRule: 'LFT74',
  contactText: 'Llama al 070.',
  demo: false,
  areas: DEFAULT_AREAS.municipal,
  categories: DEFAULT_CATEGORIES.municipal,
  notice: null,
  now: new Date('2026-11-20T18:00:00Z'),
};

describe('setting an institution up', () => {
  it('takes a municipality, a state and a federal body', () => {
    expect(setupFaults(acolman)).toEqual([]);
    expect(setupFaults({ ...acolman, kind: 'state', territory: '15' })).toEqual([]);
    expect(setupFaults({ ...acolman, kind: 'federal', territory: null })).toEqual([]);
  });

  it.each<[string, Partial<InstitutionSetup>]>([
    ['a code in lower case', { code: 'acolman' }],
    ['a prefix with digits', { prefix: 'AC0' }],
    ['no name', { name: ' ' }],
    ['a municipality without territory', { territory: null }],
    ['a municipality that does not exist', { territory: '15999' }],
    ['a federal body with a territory', { kind: 'federal' }],
    ['a state with the key of a municipality', { kind: 'state' }],
    ['a zone that does not exist', { timeZone: 'America/Acolman' }],
    ['a template without number', { expedienteTemplate: '{year}' }],
    ['no area', { areas: [] }],
    ['a fallback area that is not among the areas', { fallbackArea: 'OIC' }],
  ])('refuses %s', (_, change) => {
    expect(setupFaults({ ...acolman, ...change })).toHaveLength(1);
  });

  it('takes the first area as fallback when none is called MESA', () => {
    expect(
      setupFaults({ ...acolman, areas: [{ code: 'CONTRALORIA', label: 'Contraloría', labelEn: null }] }),
    ).toEqual([]);
  });
});
