import { describe, expect, it } from '@jest/globals';
import type { CatalogSnapshot } from '../../../foundations/catalogs/catalogs.reader.js';
import type { StaffActor } from '../../../platform/actor.js';
import { DomainError } from '../../../platform/errors.js';
import { admit } from '../../../work/intake/admission.js';
import type { PhoneDraft } from './call.request.js';
import type { Call } from './calls.js';
import { missingOf, submissionOf } from './draft-report.js';

const NOW = new Date('2026-11-10T16:00:00Z');
const DAY = 24 * 3_600_000;
const CATALOG = {
  institution: { code: 'CONAVI-DEMO', timeZone: 'America/Mexico_City' },
  categories: [{ code: 'BRIBERY', validFrom: '2026-01-01', validUntil: null }],
  noticeVersions: ['2026-1'],
} as unknown as CatalogSnapshot;
const ACCOUNT = 'Me pidieron dinero.';
const DATA: PhoneDraft = {
  mode: 'identified',
  narrative: ACCOUNT,
  reporter: { name: 'Nombre de prueba' },
  privacyNotice: { version: '2026-1', accepted: true },
};

const callOf = (draft: PhoneDraft | undefined, begunAt = NOW): Call => ({
  startedAt: begunAt.toISOString(),
  begunAt: begunAt.toISOString(),
  language: 'es',
  version: 1,
  ...(draft ? { draft } : {}),
});
const missing = (draft: PhoneDraft | undefined, catalog = CATALOG, now = NOW): Promise<string[]> =>
  missingOf(callOf(draft), catalog, now);

describe('what is missing', () => {
  it('is mode and account; data and notice only where data are given', async () => {
    for (const draft of [undefined, {}, { reporter: { name: 'Nombre de prueba' } }])
      expect(await missing(draft)).toEqual(['mode', 'narrative']);
    expect(await missing({ mode: 'anonymous', narrative: ACCOUNT })).toEqual([]);
    expect(await missing({ mode: 'confidential', narrative: ACCOUNT })).toEqual([
      'reporter',
      'privacyNotice',
    ]);
    expect(await missing(DATA)).toEqual([]);
  });

  it('is no account where a recording tells it, and no notice where none is published', async () => {
    expect(await missing({ mode: 'anonymous', voice: true })).toEqual([]);
    expect(await missing({ mode: 'anonymous', narrative: '          corto' })).toEqual(['narrative']);
    const { privacyNotice: _, ...without } = DATA;
    expect(await missing(without, { ...CATALOG, noticeVersions: [] } as CatalogSnapshot)).toEqual([]);
  });

  it('is all that intake refuses, at once', async () => {
    const wrong: PhoneDraft = {
      ...DATA,
      privacyNotice: { version: '2019-1', accepted: true },
      category: 'NO_SUCH',
      municipality: '99999',
      place: { latitude: 19.6 },
      occurred: { from: '2026-11-09', to: '2026-11-01' },
    };
    expect(await missing(wrong, CATALOG, new Date(NOW.getTime() + 2 * DAY))).toEqual([
      'privacyNotice',
      'callReason',
      'category',
      'municipality',
      'place',
      'occurred',
    ]);
  });

  it('is nothing exactly when intake takes the draft', async () => {
    const drafts: PhoneDraft[] = [
      {},
      DATA,
      { ...DATA, category: 'BRIBERY' },
      { ...DATA, category: 'OLD' },
      { ...DATA, mode: 'anonymous' },
      { mode: 'anonymous', narrative: ACCOUNT, municipality: '15002' },
      { mode: 'anonymous', narrative: ACCOUNT, occurred: { from: '2027-01-01' } },
      { mode: 'anonymous', narrative: ACCOUNT, call: { reason: 'La línea se cortó.' } },
    ];
    for (const draft of drafts) {
      for (const now of [NOW, new Date(NOW.getTime() + 2 * DAY)]) {
        const nothing = (await missing(draft, CATALOG, now)).length === 0;
        expect([draft, now, nothing]).toEqual([draft, now, await taken(callOf(draft), now)]);
      }
    }
  });
});

it('a draft stays fileable when its call becomes older than a call may begin', async () => {
  const call = {
    ...callOf({ mode: 'anonymous', narrative: ACCOUNT, call: { reason: 'En papel.' } }),
    startedAt: new Date(NOW.getTime() - 29.5 * DAY).toISOString(),
  };
  const later = new Date(NOW.getTime() + 3 * DAY);
  expect(await missingOf(call, CATALOG, later)).toEqual([]);
  expect(await taken(call, later)).toBe(true);
});

async function taken(call: Call, now: Date): Promise<boolean> {
  try {
    admit(await submissionOf(call, {} as StaffActor), CATALOG, now);
    return true;
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    return false;
  }
}
