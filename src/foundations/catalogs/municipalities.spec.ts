import { describe, expect, it } from '@jest/globals';
import { findFault, faults } from './faults.js';
import { findMunicipality, municipalities, states } from './municipalities.js';

describe('the catalogue of municipalities', () => {
  it('holds 2,478 municipalities in 32 states, each key once', () => {
    expect(municipalities()).toHaveLength(2478);
    expect(new Set(municipalities().map(({ key }) => key)).size).toBe(2478);
    expect(states()).toHaveLength(32);
  });

  it('keeps keys as five characters that begin with the state, leading zeros included', () => {
    for (const { key, stateKey } of municipalities()) {
      expect(key).toMatch(/^\d{5}$/);
      expect(key.slice(0, 2)).toBe(stateKey);
    }
    expect(findMunicipality('01001')?.name).toBe('Aguascalientes');
    expect(findMunicipality('1001')).toBeUndefined();
  });

  it('finds a municipality with its state and zone', () => {
    expect(findMunicipality('15002')).toEqual({
      key: '15002',
      name: 'Acolman',
      seat: 'Acolman de Nezahualcóyotl',
      stateKey: '15',
      stateName: 'México',
      timeZone: 'America/Mexico_City',
    });
  });

  it('gives border and coast municipalities the zone of their own, not of their state', () => {
    expect(findMunicipality('18020')?.timeZone).toBe('America/Bahia_Banderas');
    expect(findMunicipality('18017')?.timeZone).toBe('America/Mazatlan');
    expect(findMunicipality('08037')?.timeZone).toBe('America/Ciudad_Juarez');
    expect(findMunicipality('28022')?.timeZone).toBe('America/Matamoros');
    expect(findMunicipality('02004')?.timeZone).toBe('America/Tijuana');
    expect(findMunicipality('23005')?.timeZone).toBe('America/Cancun');
  });

  it('names only zones this runtime knows', () => {
    const zones = new Set(municipalities().map(({ timeZone }) => timeZone));
    for (const timeZone of zones) expect(() => new Intl.DateTimeFormat('es-MX', { timeZone })).not.toThrow();
  });

  it('lists states and their municipalities in the order of their keys', () => {
    expect(states()[0]).toEqual({ key: '01', name: 'Aguascalientes' });
    expect(states()[31]).toEqual({ key: '32', name: 'Zacatecas' });
    expect(municipalities('20')).toHaveLength(570);
    expect(municipalities('15')[1]?.name).toBe('Acolman');
    expect(states().reduce((sum, { key }) => sum + municipalities(key).length, 0)).toBe(2478);
  });

  it('tells municipalities of one name within a state apart', () => {
    const names = ['20208', '20209', '20318', '20319'].map((key) => findMunicipality(key)?.name);
    expect(names).toEqual([
      'San Juan Mixtepec (Distrito 08)',
      'San Juan Mixtepec (Distrito 26)',
      'San Pedro Mixtepec (Distrito 22)',
      'San Pedro Mixtepec (Distrito 26)',
    ]);
    const spoken = municipalities().map(
      ({ stateKey, name }) => `${stateKey} ${name.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase()}`,
    );
    expect(new Set(spoken).size).toBe(2478);
    expect(municipalities().filter(({ name }) => name.includes('('))).toHaveLength(4);
  });

  it('has no municipalities for a state that does not exist', () => {
    expect(municipalities('33')).toEqual([]);
  });
});

describe('the catalogue of faults', () => {
  it('holds the 27 faults of LGRA 49 to 73 by kind', () => {
    const count = (kind: string) => faults().filter((fault) => fault.kind === kind).length;
    expect([count('no_grave'), count('grave'), count('particulares')]).toEqual([2, 17, 8]);
    expect(new Set(faults().map(({ article }) => article)).size).toBe(27);
  });

  it('finds a fault by its article', () => {
    expect(findFault('52')).toEqual({ article: '52', kind: 'grave', name: 'Cohecho' });
    expect(findFault('63 Bis')?.name).toBe('Nepotismo');
    expect(findFault('51')).toBeUndefined();
  });
});
