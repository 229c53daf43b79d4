import { describe, expect, it } from '@jest/globals';
import type { CatalogSnapshot } from '../../../foundations/catalogs/catalogs.reader.js';
import type { PhoneDraft } from './call.request.js';
import { readBack } from './read-back.js';

const CATALOG = {
  categories: [{ code: 'BRIBERY', labelEs: 'Soborno o mordida', labelEn: 'Bribery' }],
  noticeVersions: ['2026-1'],
} as unknown as CatalogSnapshot;

const FULL: PhoneDraft = {
  mode: 'identified',
  category: 'BRIBERY',
  narrative: 'Me pidieron dinero.',
  municipality: '15002',
  place: { description: 'La ventanilla tres', latitude: 19.6, longitude: -98.9 },
  occurred: { from: '2026-11-01', to: '2026-11-03' },
  accused: [{ position: 'Ventanilla', description: 'Alto, con lentes.' }, { name: 'Otra persona' }],
  witnesses: [{ name: 'Una vecina', contact: '55 5555 0100' }],
  reporter: { name: 'Nombre de prueba', phone: '55 5555 0101' },
  privacyNotice: { version: '2026-1', accepted: true },
};

describe('what the operator reads back', () => {
  it('is all that was written down, in order', () => {
    expect(readBack(FULL, CATALOG, 'es')).toBe(
      'Le leo lo que anoté. La denuncia lleva sus datos: el área que la atiende puede verlos. ' +
        'Trata de: Soborno o mordida. Usted contó lo siguiente: «Me pidieron dinero.» Ocurrió en Acolman. ' +
        'Lugar: La ventanilla tres. Punto en el mapa: 19.6, -98.9. ' +
        'Fue entre el 1 de noviembre de 2026 y el 3 de noviembre de 2026. ' +
        'Señala a: Ventanilla, Alto, con lentes. Señala a: Otra persona. ' +
        'Testigo: Una vecina, 55 5555 0100. Sus datos: Nombre de prueba, 55 5555 0101. ' +
        'Aceptó el aviso de privacidad. ¿Es correcto? ¿Quiere cambiar o agregar algo?',
    );
  });

  it('is no code that has no name', () => {
    const read = readBack({ category: 'NO_SUCH', municipality: '99999', narrative: 'Algo.' }, CATALOG, 'es')!;
    expect(read).toBe(
      'Le leo lo que anoté. Usted contó lo siguiente: «Algo.» ¿Es correcto? ¿Quiere cambiar o agregar algo?',
    );
  });

  it('promises of an anonymous report only what the report itself keeps', () => {
    const read = readBack({ mode: 'anonymous' }, CATALOG, 'es')!;
    expect(read).toContain('en ella no van su nombre ni su teléfono');
    expect(read).not.toContain('guardamos');
  });

  it('is in English for whoever speaks it, with the words of the caller as they are', () => {
    const read = readBack(FULL, CATALOG, 'en')!;
    expect(read).toContain('It is about: Bribery. You told us this: "Me pidieron dinero."');
    expect(read).toContain('It was between 1 November 2026 and 3 November 2026.');
  });

  it('leaves out no text of a draft, whatever was filled', () => {
    for (const language of ['es', 'en'] as const) {
      const read = readBack(FULL, CATALOG, language)!;
      for (const text of [
        'La ventanilla tres',
        'Alto, con lentes',
        'Otra persona',
        'Una vecina',
        '55 5555 0101',
      ])
        expect([language, text, read.includes(text)]).toEqual([language, text, true]);
    }
  });

  it('speaks of one day, a beginning or an end as such, and of nothing where nothing is', () => {
    const when = (occurred: object): string => readBack({ occurred }, CATALOG, 'es')!;
    expect(when({ from: '2026-11-01', to: '2026-11-01' })).toContain('Fue el 1 de noviembre');
    expect(when({ from: '2026-11-01' })).toContain('Fue desde el 1 de noviembre');
    expect(when({ to: '2026-11-01' })).toContain('Fue hasta el 1 de noviembre');
    expect(readBack({}, CATALOG, 'es')).toBeNull();
    expect(readBack({ accused: [{}], reporter: {} }, CATALOG, 'es')).toBeNull();
  });
});
