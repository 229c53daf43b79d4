import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { DEFAULT_AREAS, DEFAULT_CATEGORIES } from '../src/foundations/catalogs/default-catalog.js';
import { createInstitution, type InstitutionSetup } from '../src/foundations/catalogs/institution-setup.js';
import { databaseUrl, Harness } from './setup/harness.js';

let h: Harness;
beforeAll(async () => {
  h = await Harness.start();
});
afterAll(() => h.stop());

interface Item {
  id: string;
  code: string;
  label: string;
  day: string;
  fallback: boolean;
  validTo: string | null;
}
interface Problem {
  code: string;
  errors: { field: string; code: string }[];
}

const admin = <T = Item>(method: string, path: string, body?: unknown) =>
  h.as<T>('admin@conavi.demo', method, `/admin${path}`, body);
const open = <T = Item[]>(path: string, headers?: Record<string, string>) =>
  h.call<T>('GET', `/public${path}`, { headers });
const itemsOf = async (path: string): Promise<Item[]> =>
  (await admin<{ items: Item[] }>('GET', path)).body.items;
const itemOf = async (path: string, code: string): Promise<Item> =>
  (await itemsOf(path)).find((item) => item.code === code)!;
const publicCodes = async (name: string): Promise<string[]> =>
  (await open(`/catalogs/${name}?institution=CONAVI-DEMO`)).body.map(({ code }) => code);
const audited = async (event: string): Promise<number> => {
  const rows = await h.sql<{ n: number }>(
    'owner',
    'select count(*)::int as n from audit_entries where event = $1',
    [event],
  );
  return rows[0]!.n;
};

describe('the public catalogues', () => {
  it('list the institutions with nothing internal', async () => {
    const { status, body } = await open<Record<string, unknown>[]>('/institutions');
    expect(status).toBe(200);
    expect(body.map(({ code, kind }) => `${String(code)} ${String(kind)}`)).toEqual(
      expect.arrayContaining(['CONAVI-DEMO federal', 'ACOLMAN-DEMO municipal']),
    );
    expect(Object.keys(body[0]!).sort()).toEqual([
      'code',
      'contactText',
      'demo',
      'kind',
      'kindLabel',
      'name',
      'territory',
      'territoryLabel',
      'webFormUrl',
    ]);
  });

  it('speak Spanish, and English to who asks for it', async () => {
    const path = '/catalogs/categories?institution=CONAVI-DEMO';
    const spanish = await open(path);
    const english = await open(path, { 'Accept-Language': 'en-GB, es;q=0.5' });
    const label = (body: Item[]) => body.find(({ code }) => code === 'FRAUD')?.label;
    expect([label(spanish.body), label(english.body)]).toEqual(['Fraude o engaño', 'Fraud']);
    expect([spanish.headers.get('content-language'), english.headers.get('content-language')]).toEqual([
      'es',
      'en',
    ]);
    expect(spanish.body.at(-1)?.code).toBe('OTHER');

    const areas = await open('/catalogs/areas?institution=CONAVI-DEMO', { 'Accept-Language': 'en' });
    expect(areas.body).toContainEqual({ code: 'OBRA', label: 'Works supervision' });
  });

  it('may be kept by anybody for five minutes, per language, and read from any site', async () => {
    for (const path of ['/institutions', '/catalogs/statuses', '/privacy-notice?institution=CONAVI-DEMO']) {
      const { headers } = await open(path, { Origin: 'https://otra.example' });
      expect([
        headers.get('cache-control'),
        headers.get('vary'),
        headers.get('access-control-allow-origin'),
      ]).toEqual([
        'public, max-age=300',
        expect.stringMatching(/^Accept-Language(, Accept-Encoding)?$/),
        '*',
      ]);
    }
  });

  it('answer an unknown institution with a refusal that nobody keeps', async () => {
    for (const name of ['categories', 'areas', 'municipalities', 'statuses', 'channels']) {
      const { status, headers, body } = await open<Problem>(`/catalogs/${name}?institution=NADIE`);
      expect([status, body.code, headers.get('cache-control')]).toEqual([
        404,
        'INSTITUTION_UNKNOWN',
        'no-store',
      ]);
    }
    expect((await open<Problem>('/catalogs/areas')).body.code).toBe('INVALID_REQUEST');
    expect((await open<Problem>('/catalogs/areas?institution=%00')).status).toBe(400);
  });

  it('hold every municipality, or those of one state', async () => {
    const all = await open<{ key: string }[]>('/catalogs/municipalities?institution=CONAVI-DEMO');
    expect(all.body).toHaveLength(2478);
    const state = await open<unknown[]>('/catalogs/municipalities?state=15');
    expect(state.body).toContainEqual({
      key: '15002',
      name: 'Acolman',
      state: { key: '15', name: 'México' },
    });
    expect(state.body).toHaveLength(125);
    expect((await open('/catalogs/municipalities?state=5')).status).toBe(400);
    expect((await open('/catalogs/municipalities?state=99')).status).toBe(400);
  });

  it('hold states of a report, channels and faults of the law', async () => {
    const statuses = await open('/catalogs/statuses');
    expect(statuses.body.map(({ code }) => code)).toEqual([
      'received',
      'in_triage',
      'assigned',
      'under_investigation',
      'awaiting_reporter',
      'resolved',
      'closed',
      'referred',
      'merged',
    ]);
    expect((await open('/catalogs/channels')).body.map(({ code }) => code)).toEqual([
      'web',
      'whatsapp',
      'phone',
    ]);
    expect((await open('/catalogs/faults')).body).toHaveLength(27);
  });
});

describe('the administration of catalogues', () => {
  it.each([
    ['GET', '/areas'],
    ['POST', '/areas'],
    ['PATCH', '/areas/1'],
    ['GET', '/categories'],
    ['POST', '/categories'],
    ['PATCH', '/categories/1'],
    ['GET', '/calendars'],
    ['PATCH', '/calendars'],
    ['POST', '/calendars/closures'],
    ['DELETE', '/calendars/closures/1'],
    ['GET', '/privacy-notices'],
    ['POST', '/privacy-notices'],
  ])('is for administrators: %s %s', async (method, path) => {
    const body = method === 'GET' || method === 'DELETE' ? undefined : {};
    expect((await h.call(method, `/admin${path}`, { body })).status).toBe(401);
    expect((await h.as('mesa@conavi.demo', method, `/admin${path}`, body)).status).toBe(403);
  });

  it('reaches the own institution only', async () => {
    const area = await itemOf('/areas', 'OBRA');
    const category = await itemOf('/categories', 'FRAUD');
    for (const path of [`/admin/areas/${area.id}`, `/admin/categories/${category.id}`]) {
      const { status } = await h.as('admin@acolman.demo', 'PATCH', path, { label: 'Ajena' });
      expect(status).toBe(404);
    }
    expect((await itemOf('/areas', 'OBRA')).label).toBe('Supervisión de obra');
  });

  it('answers a path without an id like an unknown one', async () => {
    expect((await admin<Problem>('PATCH', '/areas/OBRA', { label: 'x' })).body.code).toBe('AREA_UNKNOWN');
    expect((await admin<Problem>('PATCH', '/categories/1', { label: 'x' })).body.code).toBe(
      'CATEGORY_UNKNOWN',
    );
    expect((await admin<Problem>('DELETE', '/calendars/closures/1')).body.code).toBe('CLOSURE_UNKNOWN');
  });
});

describe('an area', () => {
  it('is offered from its first day to its last', async () => {
    const made = await admin('POST', '/areas', {
      code: 'VINCULACION',
      label: 'Vinculación',
      validFrom: '2026-11-11',
    });
    expect([made.status, await publicCodes('areas')]).toEqual([
      201,
      expect.not.arrayContaining(['VINCULACION']),
    ]);
    await admin('PATCH', `/areas/${made.body.id}`, { validTo: '2026-11-12' });
    const before = h.clock.now();
    const offeredOn = async (instant: string): Promise<boolean> => {
      h.clock.set(new Date(instant));
      return (await publicCodes('areas')).includes('VINCULACION');
    };
    // Midnight in Mexico City is six in the morning UTC.
    expect(await offeredOn('2026-11-11T05:59:59.999Z')).toBe(false);
    expect(await offeredOn('2026-11-11T06:00:00Z')).toBe(true);
    expect(await offeredOn('2026-11-13T05:59:59.999Z')).toBe(true);
    expect(await offeredOn('2026-11-13T06:00:00Z')).toBe(false);
    h.clock.set(before);
  });

  it('keeps what a change does not name; null clears a day and is no value for a label', async () => {
    const { id } = await itemOf('/areas', 'JURIDICO');
    const change = async (body: unknown) => (await admin<Item & Problem>('PATCH', `/areas/${id}`, body)).body;
    expect(await change({ validTo: '2027-12-31' })).toMatchObject({
      label: 'Asuntos jurídicos',
      validTo: '2027-12-31',
    });
    expect(await change({ label: 'Jurídico' })).toMatchObject({ label: 'Jurídico', validTo: '2027-12-31' });
    expect(await change({ validTo: null })).toMatchObject({ label: 'Jurídico', validTo: null });
    expect(await change({ label: null })).toMatchObject({ errors: [{ field: 'label' }] });
    expect(await change({ code: 'OTRA' })).toMatchObject({
      errors: [{ field: 'code', code: 'UNKNOWN_FIELD' }],
    });
    expect(await change({ validTo: '2026-01-01' })).toMatchObject({
      errors: [{ code: 'BEFORE_VALID_FROM' }],
    });
  });

  it('is named in English to who reports in English, in Spanish where it has no English name', async () => {
    const { id } = await itemOf('/areas', 'OBRA');
    const told = async () => (await h.file({ category: 'WORKS_QUALITY', language: 'en' })).area.label;
    expect(await told()).toBe('Works supervision');
    await admin('PATCH', `/areas/${id}`, { labelEn: 'Building sites' });
    expect(await told()).toBe('Building sites');
    expect((await admin('PATCH', `/areas/${id}`, { labelEn: null })).body).toMatchObject({ labelEn: null });
    expect(await told()).toBe('Supervisión de obra');
    expect((await admin<Problem>('PATCH', `/areas/${id}`, { labelEn: '' })).status).toBe(400);
  });

  it('has a code of its own', async () => {
    const { status, body } = await admin<Problem>('POST', '/areas', { code: 'OIC', label: 'Otro' });
    expect([status, body.code]).toEqual([409, 'AREA_EXISTS']);
  });

  it('that is the fallback cannot end until another one takes its place', async () => {
    const mesa = await itemOf('/areas', 'MESA');
    const obra = await itemOf('/areas', 'OBRA');
    expect(mesa.fallback).toBe(true);
    const refused = await admin<Problem>('PATCH', `/areas/${mesa.id}`, { validTo: '2030-12-31' });
    expect([refused.status, refused.body.code]).toEqual([409, 'FALLBACK_AREA']);

    await admin('PATCH', `/areas/${obra.id}`, { validTo: '2026-12-31' });
    expect((await admin('PATCH', `/areas/${obra.id}`, { fallback: true })).status).toBe(409);
    expect((await admin('PATCH', `/areas/${obra.id}`, { fallback: true, validTo: null })).body.fallback).toBe(
      true,
    );
    expect((await admin('PATCH', `/areas/${mesa.id}`, { validTo: '2030-12-31' })).status).toBe(200);
    expect((await itemsOf('/areas')).filter(({ fallback }) => fallback).map(({ code }) => code)).toEqual([
      'OBRA',
    ]);

    await admin('PATCH', `/areas/${mesa.id}`, { fallback: true, validTo: null });
  });

  it('leaves one audit entry per change, none for a refusal or a change of nothing', async () => {
    const { id } = await itemOf('/areas', 'SUBSIDIOS');
    const before = await audited('AREA_CHANGED');
    await admin('PATCH', `/areas/${id}`, { label: 'Subsidios' });
    await admin('PATCH', `/areas/${id}`, { label: 'Subsidios' });
    await admin('PATCH', `/areas/${id}`, {});
    await admin('PATCH', `/areas/${id}`, { validTo: '2020-01-01' });
    expect(await audited('AREA_CHANGED')).toBe(before + 1);
  });
});

describe('a category', () => {
  it('that ended is not offered and stays with the cases it was given to', async () => {
    const receipt = await h.file({ category: 'WORKS_QUALITY' });
    const { id } = await itemOf('/categories', 'WORKS_QUALITY');
    await admin('PATCH', `/categories/${id}`, { validTo: '2026-11-09' });
    expect(await publicCodes('categories')).not.toContain('WORKS_QUALITY');
    const { body } = await h.as<{ category: Item }>('mesa@conavi.demo', 'GET', `/cases/${receipt.folio}`);
    expect(body.category).toEqual({ code: 'WORKS_QUALITY', label: 'Obra mal hecha' });
  });

  it('gives its priority to reports that come later', async () => {
    const made = await admin('POST', '/categories', {
      code: 'CONFLICT_OF_INTEREST',
      label: 'Conflicto de interés',
      labelEn: 'Conflict of interest',
      description: 'Alguien decidió sobre un asunto propio.',
    });
    expect(made.status).toBe(201);
    const first = await h.file({ category: 'CONFLICT_OF_INTEREST' });
    await admin('PATCH', `/categories/${made.body.id}`, { priority: 'high' });
    const second = await h.file({ category: 'CONFLICT_OF_INTEREST' });
    expect([first.priority, second.priority]).toEqual(['normal', 'high']);
    expect((await admin<Problem>('POST', '/categories', { code: 'FRAUD' })).status).toBe(400);
  });
});

describe('the calendar', () => {
  it('names the non-working days of a year', async () => {
    const { body } = await admin<{ rule: string; nonWorkingDays: unknown[] }>('GET', '/calendars?year=2027');
    expect(body.rule).toBe('LFPA28');
    expect(body.nonWorkingDays).toContainEqual({ day: '2027-09-16', label: 'Día de la Independencia' });
    expect((await admin('GET', '/calendars?year=1')).status).toBe(400);
  });

  it('with a closure moves the deadlines of later reports, never those of earlier ones', async () => {
    const due = async (folio: string): Promise<string | undefined> => {
      const path = `/cases/${folio}/deadlines`;
      const { body } = await h.as<{ metric: string; dueOn: string }[]>('mesa@conavi.demo', 'GET', path);
      return body.find(({ metric }) => metric === 'triage')?.dueOn;
    };
    const earlier = await h.file();
    const days = [{ day: '2026-11-12', label: 'Suspensión de labores' }];
    const added = await admin<{ items: Item[] }>('POST', '/calendars/closures', { days });
    const later = await h.file();
    expect([await due(earlier.folio), await due(later.folio)]).toEqual(['2026-11-13', '2026-11-16']);

    const path = `/calendars/closures/${added.body.items[0]!.id}`;
    expect((await admin('DELETE', path)).status).toBe(204);
    expect((await admin('DELETE', path)).status).toBe(404);
    expect(await due((await h.file()).folio)).toBe('2026-11-13');
    expect([await due(earlier.folio), await due(later.folio)]).toEqual(['2026-11-13', '2026-11-16']);
  });

  it('takes a list of closures again without doubling it', async () => {
    const days = ['2026-12-21', '2026-12-22'].map((day) => ({ day, label: 'Vacaciones' }));
    const first = await admin<{ items: Item[] }>('POST', '/calendars/closures', { days });
    const again = await admin<{ items: Item[] }>('POST', '/calendars/closures', { days });
    expect(again.body).toEqual(first.body);
    const { body } = await admin<{ closures: Item[]; nonWorkingDays: Item[] }>('GET', '/calendars');
    expect(body.closures.map(({ day }) => day)).toEqual(['2026-12-21', '2026-12-22']);
    expect(body.nonWorkingDays).toContainEqual({ day: '2026-12-21', label: 'Vacaciones' });
  });

  it('refuses to close a day that is over, to reopen it, and a year without business days', async () => {
    const close = (...days: string[]) =>
      admin<Problem & { items: Item[] }>('POST', '/calendars/closures', {
        days: days.map((day) => ({ day, label: 'Cierre' })),
      });
    expect((await close('2026-11-09')).body.errors[0]).toMatchObject({
      field: 'days.0.day',
      code: 'PAST_DAY',
    });
    expect((await close('2026-11-24', '2026-11-24')).body.errors[0]).toMatchObject({ code: 'REPEATED' });

    const [today] = (await close('2026-11-10')).body.items;
    const before = h.clock.now();
    h.clock.set(new Date('2026-11-11T06:00:00Z'));
    h.forgetTokens();
    expect((await admin<Problem>('DELETE', `/calendars/closures/${today!.id}`)).body.code).toBe(
      'CLOSURE_PAST',
    );
    h.clock.set(before);
    h.forgetTokens();

    const from = (day: string) =>
      Array.from({ length: 100 }, (_, n) =>
        new Date(Date.parse(day) + n * 86_400_000).toISOString().slice(0, 10),
      );
    expect((await close(...from('2028-01-01'))).status).toBe(201);
    const refused = await close(...from('2028-04-10'));
    expect([refused.status, refused.body.code]).toEqual([422, 'CALENDAR_TOO_CLOSED']);
  });

  it('follows the law the institution names', async () => {
    const { body } = await admin<{ rule: string; nonWorkingDays: Item[] }>('PATCH', '/calendars', {
      rule: 'LFT74',
    });
    expect(body.rule).toBe('LFT74');
    expect(body.nonWorkingDays.map(({ day }) => day)).toContain('2026-11-16');
    await admin('PATCH', '/calendars', { rule: 'LFPA28' });
    expect(await audited('CALENDAR_RULE_CHANGED')).toBe(2);
    expect((await admin('PATCH', '/calendars', { rule: 'OTRA' })).status).toBe(400);
  });
});

describe('the institution', () => {
  interface Told {
    code: string;
    name: string;
    contactText: string;
    webFormUrl: string | null;
  }
  const told = async (code: string): Promise<Told> =>
    (await open<Told[]>('/institutions')).body.find((one) => one.code === code)!;

  it('says of itself what its administrator writes, everywhere at once, and the trail keeps what it said before', async () => {
    const before = await told('CONAVI-DEMO');
    const other = await told('ACOLMAN-DEMO');
    const change = { contactText: 'Llama al 55 0000 0000.', webFormUrl: 'https://ejemplo.gob.mx/denuncias' };
    const changed = await admin<Told>('PATCH', '/institution', change);
    expect([changed.status, changed.body]).toEqual([
      200,
      expect.objectContaining({ ...change, name: before.name }),
    ]);
    expect(await told('CONAVI-DEMO')).toEqual({ ...before, ...change });
    expect(await told('ACOLMAN-DEMO')).toEqual(other);
    expect((await admin<Told>('GET', '/institution')).body).toEqual(changed.body);
    await admin('PATCH', '/institution', change);
    expect(await audited('INSTITUTION_CHANGED')).toBe(1);
    await admin('PATCH', '/institution', { contactText: before.contactText, webFormUrl: null });
    expect(await told('CONAVI-DEMO')).toEqual(before);
  });

  it.each([
    ['another prefix', { prefix: 'XXX' }],
    ['another zone', { timeZone: 'UTC' }],
    ['a name that is null', { name: null }],
    ['an empty contact', { contactText: ' ' }],
    ['an address without https', { webFormUrl: 'http://ejemplo.gob.mx' }],
  ])('refuses %s', async (_, body) => {
    expect((await admin('PATCH', '/institution', body)).status).toBe(400);
  });
});

describe('a privacy notice', () => {
  const current = async () =>
    (await open<{ version: string }>('/privacy-notice?institution=CONAVI-DEMO')).body.version;

  it('comes into force on its day and is never changed', async () => {
    const before = await current();
    const notice = { version: '2026-9', text: 'Aviso nuevo.', validFrom: '2026-11-11' };
    const published = await admin<{ inForce: boolean }>('POST', '/privacy-notices', notice);
    expect([published.status, published.body.inForce, await current()]).toEqual([201, false, before]);
    const now = h.clock.now();
    h.clock.set(new Date('2026-11-11T06:00:00Z'));
    expect(await current()).toBe('2026-9');
    h.clock.set(now);
    const again = await admin<Problem>('POST', '/privacy-notices', { ...notice, text: 'Otro texto.' });
    expect([again.status, again.body.code]).toEqual([409, 'PRIVACY_NOTICE_EXISTS']);
  });

  it('links to the full text over https only', async () => {
    for (const url of ['http://x.mx/aviso', 'javascript:alert(1)', 'https:///']) {
      expect((await admin('POST', '/privacy-notices', { version: '2027-1', text: 'x', url })).status).toBe(
        400,
      );
    }
  });
});

describe('setting an institution up', () => {
  const setup: InstitutionSetup = {
    code: 'PUEBLA',
    name: 'Estado de Puebla',
    prefix: 'PUE',
    kind: 'state',
    territory: '21',
    timeZone: 'America/Mexico_City',
    calendarRule: 'LFT74',
    contactText: 'Llama al 070.',
    demo: false,
    areas: DEFAULT_AREAS.federal,
    categories: DEFAULT_CATEGORIES.federal,
    notice: { version: '2026-1', text: 'Aviso.', url: null },
    now: new Date('2026-11-10T16:00:00Z'),
  };
  let owner: pg.Client;
  beforeAll(async () => {
    owner = new pg.Client({ connectionString: databaseUrl(h.databaseName, 'owner') });
    await owner.connect();
  });
  afterAll(() => owner.end());

  it('makes it ready for the public, and a repeat adds what is missing and changes nothing', async () => {
    const first = await createInstitution(owner, { ...setup, areas: setup.areas.slice(0, 2) });
    expect([first.created, first.added.areas, first.differs]).toEqual([true, ['MESA', 'OIC'], []]);
    const again = await createInstitution(owner, { ...setup, name: 'Otro nombre' });
    expect(again).toMatchObject({ id: first.id, created: false, differs: ['name'] });
    expect(again.added).toEqual({ areas: ['SUBSIDIOS', 'OBRA', 'JURIDICO'], categories: [], notice: false });
    const { body } = await open('/catalogs/areas?institution=PUEBLA');
    expect(body.map(({ code }) => code)).toEqual(['JURIDICO', 'MESA', 'OBRA', 'OIC', 'SUBSIDIOS']);
    const known = await open<{ code: string; name: string }[]>('/institutions');
    expect(known.body.find(({ code }) => code === 'PUEBLA')?.name).toBe('Estado de Puebla');
  });

  it('gives each category a short code: the one it asks for, or one that nobody has or asks for', async () => {
    const category = (code: string, label: string, shortCode?: string) => ({
      ...{ code, label, labelEn: label, description: 'x', priority: 'normal' as const },
      ...(shortCode === undefined ? {} : { shortCode }),
    });
    const place = { ...setup, code: 'SONORA', prefix: 'SON', name: 'Estado de Sonora', territory: '26' };
    const first = [
      category('ONE', 'Cohecho'),
      category('TWO', 'Soborno', 'COH'),
      category('THREE', 'Cohechos'),
    ];
    await createInstitution(owner, { ...place, categories: first });
    await createInstitution(owner, { ...place, categories: [...first, category('ZERO', 'Otro', 'COHE')] });
    const codes = await h.sql<{ code: string; short: string }>(
      'owner',
      `select c.code, c.short_code as short from categories c join institutions i on i.id = c.institution_id
        where i.code = 'SONORA' order by c.code`,
    );
    expect(codes.map(({ code, short }) => `${code} ${short}`)).toEqual([
      'ONE COHE',
      'THREE COHEC',
      'TWO COH',
      'ZERO OTR',
    ]);
  });

  it('refuses the prefix of another institution', async () => {
    await expect(createInstitution(owner, { ...setup, code: 'OTRA' })).rejects.toThrow(
      'The prefix PUE belongs to another institution.',
    );
  });

  it('needs the owner: the login of the application may not insert institutions', async () => {
    const app = new pg.Client({ connectionString: databaseUrl(h.databaseName, 'app') });
    await app.connect();
    await expect(createInstitution(app, { ...setup, code: 'OTRA', prefix: 'OTR' })).rejects.toThrow(
      'permission denied',
    );
    await app.end();
  });
});
