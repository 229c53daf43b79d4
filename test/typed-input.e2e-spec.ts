import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CaseWork, DESK, HEAD, INVESTIGATOR, ADMIN } from './builders/cases.js';
import { PASSWORD } from './setup/constants.js';
import { Harness, NOTICE, type Receipt } from './setup/harness.js';

let h: Harness;
let work: CaseWork;
beforeAll(async () => {
  h = await Harness.start();
  work = new CaseWork(h);
});
afterAll(() => h.stop());

type Refusal = { code: string; errors?: { field: string; code: string }[] };
const NARRATIVE = 'Me pidieron dinero en la ventanilla tres.';
const base = { institution: 'CONAVI-DEMO', mode: 'anonymous', narrative: NARRATIVE };
const count = async (): Promise<number> =>
  Number((await h.sql<{ n: string }>('owner', 'select count(*) n from cases'))[0]!.n);

/**
 * A text as a chat or a contact gives it: marks of direction around it, another hyphen, a zero-width space in
 * it.
 */
const pasted = (text: string): string =>
  `\u202a${text.slice(0, 2)}\u200b${text.slice(2).replaceAll('-', '\u2011')}\u202c\u00a0`;
const wide = (text: string): string =>
  text.replace(/[!-~]/g, (one) => String.fromCodePoint(one.codePointAt(0)! + 0xfee0));

describe('a pasted text with characters that nobody sees', () => {
  it.each([
    ['pasted', pasted],
    ['typed with full-width characters', wide],
  ])('opens the tracking of a report when folio and code are %s', async (_, as) => {
    const { folio, accessCode } = await h.file();
    const body = { folio: as(folio), accessCode: as(accessCode) };
    expect((await h.call('POST', '/tracking/sessions', { body })).status).toBe(201);
    expect((await h.as(DESK, 'GET', `/cases/${encodeURIComponent(as(folio))}`)).status).toBe(200);
    const list = `/cases?q=${encodeURIComponent(as(folio))}`;
    const found = await h.as<{ items: { folio: string }[] }>(DESK, 'GET', list);
    expect(found.body.items.map((item) => item.folio)).toEqual([folio]);
  });

  it('is the plain telephone, address and name of a reporter', async () => {
    const reporter = {
      name: '\u200e Ana  Pérez\u00a0\u200b',
      email: '\u202aana.perez @ejemplo.mx\u200b',
      phone: '\u202a+52\u00a055\u20111234\u20135678\u202c',
    };
    const { folio } = await work.file({ mode: 'identified', reporter, ...NOTICE });
    await work.triage(folio);
    const { body } = await h.as<{ reporter: unknown }>(HEAD, 'GET', `/cases/${folio}`);
    expect(body.reporter).toEqual({
      name: 'Ana Pérez',
      email: 'ana.perez@ejemplo.mx',
      phone: '+52 55-1234-5678',
    });
  });

  it('is the plain name of an account, which nothing can make read as another one', async () => {
    const names = ['Ana \u202eoiratilpmoc', 'Ana\u200b\u00a0Pe\u0301rez\u202ex', 'Ana\nPérez\tx'];
    const shown = [];
    for (const [n, name] of names.entries()) {
      const body = { email: `nueva${n}@conavi.demo`, name, roles: ['admin'] };
      shown.push((await h.as<{ name: string }>(ADMIN, 'POST', '/admin/accounts', body)).body.name);
    }
    expect(shown).toEqual(['Ana oiratilpmoc', 'Ana Pérezx', 'Ana Pérez x']);
  });

  it.each([
    [
      'a space between letters of an address',
      { email: 'ana perez@ejemplo.mx' },
      'reporter.email',
      'NOT_EMAIL',
    ],
    [
      'six digits among unseen characters',
      { phone: '55\u200b55\u200b01\u202c' },
      'reporter.phone',
      'NOT_PHONE',
    ],
    ['a name of nothing', { name: '\u3164\u2800' }, 'reporter.name', 'LENGTH'],
  ])('is refused where it would be another one: %s', async (_, reporter, field, code) => {
    const before = await count();
    const report = { ...base, mode: 'identified', reporter, ...NOTICE };
    const { status, body } = await h.call<Refusal>('POST', '/reports', { body: report });
    expect([status, body.errors?.map((error) => [error.field, error.code])]).toEqual([400, [[field, code]]]);
    expect(await count()).toBe(before);
  });

  it('names institution, category, municipality and days as written', async () => {
    const receipt = await h.file({
      institution: pasted('CONAVI-DEMO'),
      category: ' FRAUD\u200b',
      municipality: '１５００２',
      occurred: { from: pasted('2026-11-01') },
    });
    expect(receipt.category?.code).toBe('FRAUD');
    const list = await h.call<unknown[]>(
      'GET',
      `/public/catalogs/categories?institution=${encodeURIComponent(pasted('CONAVI-DEMO'))}`,
    );
    expect(list.status).toBe(200);
  });

  it('signs a person in, and never touches a password', async () => {
    const open = (email: string, password: string) =>
      h.call('POST', '/auth/sessions', { body: { email, password, institution: pasted('CONAVI-DEMO') } });
    expect((await open(pasted('Mesa@conavi.demo').replace('@', ' @'), PASSWORD)).status).toBe(201);
    expect((await open(DESK, `${PASSWORD}\u200b`)).status).toBe(401);
    expect((await open(DESK, `\u00a0${PASSWORD}`)).status).toBe(401);
  });

  it('makes no second account for an address that is there, and no name of nothing', async () => {
    const create = (email: string, name: string) =>
      h.as<Refusal & { email: string; name: string }>(ADMIN, 'POST', '/admin/accounts', {
        email,
        name,
        roles: ['operator'],
      });
    const made = await create(' tel\u00adefonos\u2011norte@conavi.demo\u200b', '\u200bNorte\u00a0');
    expect([made.status, made.body.email, made.body.name]).toEqual([
      201,
      'telefonos-norte@conavi.demo',
      'Norte',
    ]);
    expect((await create('telefonos\u2013norte@conavi.demo', 'Otra')).status).toBe(409);
    expect((await create('nadie@conavi.demo', '\u3164')).body.errors).toMatchObject([
      { field: 'name', code: 'LENGTH' },
    ]);
  });

  it('finds the account to which a case is given, and is the code and label of a new area', async () => {
    const { folio } = await work.file();
    await work.triage(folio);
    const given = await work.post(DESK, folio, 'assignment', { assignee: pasted(INVESTIGATOR) });
    expect(given.status).toBe(200);
    expect((await work.read(folio)).assignee?.name).toBe('Investigación (demostración)');
    const area = await h.as<{ code: string; label: string }>(ADMIN, 'POST', '/admin/areas', {
      code: '\u200bARCHIVO\u00a0',
      label: '\u2800Archivo general\u3164',
    });
    expect([area.status, area.body.code, area.body.label]).toEqual([201, 'ARCHIVO', 'Archivo general']);
  });
});

describe('a text that shows nothing', () => {
  const NOTHING = [
    ['blanks of Braille', '\u2800'],
    ['fillers of Hangul', '\u3164'],
    ['half-width fillers', '\uffa0'],
    ['no-break spaces', '\u00a0'],
    ['ideographic spaces', '\u3000'],
    ['joiners', '\u2060'],
    ['soft hyphens', '\u00ad'],
    ['accents without letters', '\u0301'],
    ['selectors', '\ufe0f'],
    ['tags', '\u{e0041}'],
    ['controls', '\u0007'],
    ['line ends', '\n'],
    ['all of them', '\u2800\u3164\uffa0\u00a0\u3000\u2060\u00ad\u0301\ufe0f\u{e0041}\u0007\n'],
  ] as const;

  it.each(NOTHING)('is no narrative: %s', async (_, character) => {
    const before = await count();
    for (const narrative of [character.repeat(40), `123456789${character.repeat(40)}`]) {
      const { status, body } = await h.call<Refusal>('POST', '/reports', { body: { ...base, narrative } });
      expect([status, body.errors]).toMatchObject([400, [{ field: 'narrative', code: 'LENGTH' }]]);
    }
    expect(await count()).toBe(before);
  });

  it('is no message, note, ground or reason either', async () => {
    const { folio, accessCode } = await work.bring('under_investigation');
    const nothing = '\u3164\u2800\u0301'.repeat(5);
    const token = await h.trackingToken({ folio, accessCode });
    const answers = [
      await h.call('POST', '/tracking/messages', { token, body: { text: nothing } }),
      await work.post(INVESTIGATOR, folio, 'messages', { text: nothing }),
      await work.post(INVESTIGATOR, folio, 'notes', { text: nothing }),
      await work.post(INVESTIGATOR, folio, 'information-requests', { question: nothing, businessDays: 5 }),
      await work.post(INVESTIGATOR, folio, 'closure', {
        outcome: 'no_elements',
        grounds: nothing,
        publicText: 'Gracias.',
      }),
      await work.post(INVESTIGATOR, folio, 'closure', {
        outcome: 'no_elements',
        grounds: 'Motivo.',
        publicText: nothing,
      }),
      await work.post(DESK, folio, 'transfers', { area: 'SUBSIDIOS', reason: nothing }),
    ];
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 400));
  });

  it('does not change a narrative that shows something: it is kept as it was typed', async () => {
    const narrative = '\u200bMe\u00a0pidieron «dine\u00adro»\u2800 ２００ pesos \ufffd.\u3164 ';
    const { folio } = await work.file({ narrative });
    const { body } = await h.as<{ report: { narrative: string } }>(INVESTIGATOR, 'GET', `/cases/${folio}`);
    expect(body.report.narrative).toBe(narrative);
  });

  it('hides no word from the rules: they look for what a reader sees', async () => {
    const { area } = await h
      .call<Receipt>('POST', '/reports', {
        body: { ...base, narrative: 'Me pidieron una mor\u00addi\u200bda por el trámite.' },
      })
      .then(({ body }) => body);
    const plain = await h.file({ narrative: 'Me pidieron una mordida por el trámite.' });
    expect(area).toEqual(plain.area);
  });
});
