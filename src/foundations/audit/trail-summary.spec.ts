import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { summaryOf, type Vocabulary } from './trail-summary.js';

const AREA = '0b9c2f5e-6f0e-4f3c-9d39-3a4d0f2b8c11';
const PERSON = '0b8f6c1e-53a4-4f0e-9c57-2f1b6a1d9e34';
const words: Vocabulary = {
  things: new Map([[AREA, { es: 'Contraloría', en: 'Comptroller' }]]),
  codes: {
    priority: { high: { es: 'Alta', en: 'High' } },
    roles: { auditor: { es: 'Auditoría', en: 'Auditor' } },
  },
};
const of = (event: string, data: Record<string, unknown>, names: Record<string, string> = {}) =>
  summaryOf({ event, data, names }, words);

describe('the sentence of an entry of the trail', () => {
  it('puts names for areas, people, codes and days', () => {
    const data = { area: AREA, category: null, priority: 'high', reason: 'Así es.', assignee: PERSON };
    expect(of('CASE_TRIAGED', data, { [PERSON]: 'Lucía Méndez <lucia@conavi.demo>' })).toEqual({
      es: 'Confirmó o cambió área, categoría y prioridad: área Contraloría; prioridad Alta; a cargo de Lucía Méndez; motivo: Así es.',
      en: 'Confirmed or changed area, category, priority: area Comptroller; priority High; assigned to Lucía Méndez; reason: Así es.',
    });
    expect(of('INFORMATION_REQUESTED', { entry: PERSON, dueOn: '2026-12-01' }).es).toBe(
      'Pidió información a quien denuncia: vence el 1 de diciembre de 2026.',
    );
    expect(of('ACCOUNT_CHANGED', { roles: ['auditor', 'former'], active: false }).en).toBe(
      'Changed an account: roles Auditor, former.',
    );
  });

  it('leaves out what cannot be named, with its word', () => {
    expect(of('CASE_ASSIGNED', { assignee: PERSON }).es).toBe('Asignó el caso.');
    expect(of('CASES_LISTED', { filter: { area: AREA }, folios: [] }).es).toBe('Consultó la lista de casos.');
    expect(of('OF_A_FORMER_VERSION', {}).es).toBe('OF_A_FORMER_VERSION.');
  });

  it('shows no id, no gap and no object, whatever an entry holds', () => {
    const value = fc.oneof(
      fc.constantFrom(
        AREA,
        PERSON,
        null,
        undefined,
        '',
        [],
        ['', PERSON],
        {},
        { id: PERSON },
        true,
        3,
        '2026-12-01',
      ),
    );
    const member = fc.constantFrom(
      'from',
      'to',
      'area',
      'category',
      'priority',
      'assignee',
      'accountId',
      'roles',
      'reason',
    );
    fc.assert(
      fc.property(fc.dictionary(member, value), (data) => {
        for (const text of Object.values(of('CASE_TRANSFERRED', data))) {
          expect(text).toMatch(/[^ ;:,]\.$/);
          expect(text).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}|\[object|undefined|null| {2}|[;:,] ?[;:.]/);
        }
      }),
    );
  });
});
