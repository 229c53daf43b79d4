import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { municipalities } from './municipalities.js';
import { municipalityIn } from './municipality-in-words.js';

const nameIn = (text: string, territory: string | null = null): string | undefined => {
  const found = municipalityIn(text, territory);
  return found && `${found.name}, ${found.stateName}`;
};

describe('the municipality that words name', () => {
  it.each([
    ['en la ventanilla de acolman', 'Acolman, México'],
    ['Ecatepec', 'Ecatepec de Morelos, México'],
    ['ecatepec de morelos edomex', 'Ecatepec de Morelos, México'],
    ['en Juárez, Chihuahua', 'Juárez, Chihuahua'],
    ['Ciudad Juarez', 'Juárez, Chihuahua'],
    ['naucalpan', 'Naucalpan de Juárez, México'],
    ['puebla, puebla', 'Puebla, Puebla'],
    ['municipio de puebla', 'Puebla, Puebla'],
    ['avenida morelos esquina hidalgo en Tecámac', 'Tecámac, México'],
    ['Benito Juárez CDMX', 'Benito Juárez, Ciudad de México'],
    ['villahermosa tabasco', 'Centro, Tabasco'],
    ['san juan del rio qro', 'San Juan del Río, Querétaro'],
    ['escuela primaria benito juarez en texcoco', 'Texcoco, México'],
    ['la paz bcs', 'La Paz, Baja California Sur'],
    ['neza', 'Nezahualcóyotl, México'],
  ])('%j: %s', (text, name) => {
    expect(nameIn(text)).toBe(name);
  });

  it.each([
    '',
    'no se',
    'en mi casa',
    'calle juarez 12 col centro',
    'entre juarez y morelos',
    'en puebla',
    'en durango',
    'oficina de la licenciada Guadalupe',
    'me lo pidió en la paz',
    'Cuautla',
    'tequila',
    'centro',
    'en la plaza de Coyoacán',
    'unas veces en Acolman y otras en Texcoco',
  ])('%j names none for sure', (text) => {
    expect(nameIn(text)).toBeUndefined();
  });

  it('is looked for in the state of the institution first', () => {
    expect(nameIn('en hidalgo', '13')).toBeUndefined();
    expect(nameIn('la paz', '15002')).toBe('La Paz, México');
    expect(nameIn('la paz', '03')).toBe('La Paz, Baja California Sur');
    expect(nameIn('Juárez, Chihuahua', '15')).toBe('Juárez, Chihuahua');
  });

  it('is found by its own name with its state, whatever it is, or not at all, and never as another', () => {
    fc.assert(
      fc.property(fc.constantFrom(...municipalities()), fc.boolean(), ({ key, name, stateName }, loud) => {
        const text = `en el municipio de ${name}, ${stateName}`;
        const found = municipalityIn(loud ? text.toUpperCase() : text, null);
        expect([undefined, key]).toContain(found?.key);
      }),
      { numRuns: 2000 },
    );
  });

  it('finds nearly all of them so', () => {
    const missed = municipalities().filter(
      ({ key, name, stateName }) => municipalityIn(`municipio de ${name}, ${stateName}`, null)?.key !== key,
    );
    expect(missed.length).toBeLessThan(25);
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => void municipalityIn(text, '15')),
    );
  });
});
