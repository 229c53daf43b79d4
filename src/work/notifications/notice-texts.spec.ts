import { describe, expect, it } from '@jest/globals';
import { NOTICE_LABELS, noticeText, type NoticeKind } from './notice-texts.js';

const FOLIO = 'CNV-2026-7K3M-Q9TX-4';

describe('the sentence of a notice', () => {
  it('names the case, the deadline and the account', () => {
    const of = (kind: NoticeKind, more: object = {}) =>
      noticeText({ kind, folio: FOLIO, metric: null, account: null, ...more }).es;
    expect(of('deadline_warning', { metric: 'first_response' })).toBe(
      `Está por vencer el plazo de primera respuesta del caso ${FOLIO}.`,
    );
    expect(of('reporter_wrote')).toBe(`Quien denuncia escribió en el caso ${FOLIO}.`);
    expect(of('approval_requested', { folio: null, account: { name: 'Lucía Méndez' } })).toBe(
      'Te piden tu acuerdo sobre la cuenta de Lucía Méndez.',
    );
  });

  it.each(Object.keys(NOTICE_LABELS) as NoticeKind[])('of %s has no gap, whatever is absent', (kind) => {
    for (const folio of [FOLIO, null]) {
      for (const metric of ['triage', 'former', null]) {
        for (const account of [{ name: 'Lucía' }, null]) {
          for (const text of Object.values(noticeText({ kind, folio, metric, account }))) {
            expect(text).toMatch(/^\p{Lu}.*[^ ,:]\.$/u);
            expect(text).not.toMatch(/ {2}| [.,:]|null|undefined/);
          }
        }
      }
    }
  });
});
