import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { ADMIN, AUDITOR, CaseWork, DESK, HEAD, INVESTIGATOR, ok, OPERATOR } from './builders/cases.js';
import { CHANNEL_KEY } from './setup/constants.js';
import { Harness, NOTICE, type Answer, type CallOptions, type Receipt } from './setup/harness.js';
import { enoughOfTheWindow } from './support/windows.js';

const PHONE = `${CHANNEL_KEY}-cnv-phone`;
const WEB = `${CHANNEL_KEY}-cnv-web`;
const ELSEWHERE = `${CHANNEL_KEY}-aco-phone`;
const REFERENCE = 'LLAMADA-REFERENCIA-00017';
const DAY = 24 * 3_600_000;

let h: Harness;
let work: CaseWork;
beforeAll(async () => {
  h = await Harness.start();
  work = new CaseWork(h);
});
afterAll(() => h.stop());

type Sent = Receipt & { code: string; errors: { field: string; code: string }[] };
interface Reference {
  externalReference: string | null;
  code: string;
  errors: { field: string; code: string }[];
}

const send = (externalReference: unknown, as: CallOptions = { key: PHONE }, more: object = {}) =>
  h.call<Sent>('POST', '/reports', {
    ...as,
    body: {
      mode: 'anonymous',
      narrative: 'Me pidieron dinero en la ventanilla.',
      externalReference,
      ...more,
    },
  });
const file = async (externalReference: unknown = REFERENCE, key = PHONE): Promise<Receipt> =>
  ok(await send(externalReference, { key }));
const ask = (body: object, key = PHONE): Promise<Answer<Reference>> =>
  h.call<Reference>('POST', '/tracking/external-reference', { key, body });
const askFor = ({ folio, accessCode }: Receipt, key = PHONE) => ask({ folio, accessCode }, key);
const count = async (): Promise<number> =>
  (await h.sql<{ n: number }>('owner', 'select count(*)::int as n from cases'))[0]!.n;

describe('the reference of a channel system', () => {
  it.each([
    '1',
    REFERENCE,
    'Línea 3 · folio 0017/«B»',
    '通話 17',
    'x'.repeat(100),
    '😀'.repeat(100),
    'e\u0301',
  ])('comes back to the letter with folio and access code: %s', async (reference) => {
    const { status, body } = await askFor(await file(reference));
    expect([status, body]).toEqual([200, { externalReference: reference }]);
  });

  it('goes with a report in every mode, also by voice, and with none: then there is none', async () => {
    const data = { reporter: { name: 'Ana' }, ...NOTICE };
    for (const more of [
      { mode: 'confidential', ...data },
      { mode: 'identified', ...data },
      { voice: true },
    ]) {
      const receipt = ok(await send(REFERENCE, { key: WEB }, more));
      expect((await askFor(receipt, WEB)).body.externalReference).toBe(REFERENCE);
    }
    for (const nothing of [undefined, null])
      expect((await askFor(ok(await send(nothing)))).body).toEqual({ externalReference: null });
  });

  it('is not there for another key, which hears the same as when there is none', async () => {
    const receipt = await file();
    const second = ok(
      await h.as<{ key: string }>(ADMIN, 'POST', '/admin/channels', {
        channel: 'phone',
        label: 'Otro centro',
      }),
    );
    const none = await askFor(ok(await send(undefined)));
    for (const key of [WEB, second.key]) {
      const answer = await askFor(receipt, key);
      expect([answer.status, answer.body]).toEqual([none.status, none.body]);
    }
    // A system that never sent a report learns nothing of those of others.
    expect((await askFor(receipt)).body.externalReference).toBe(REFERENCE);
  });

  it('is lost with its key: neither the next key nor a new value of the same one opens it', async () => {
    const { key, id } = ok(
      await h.as<{ key: string; id: string }>(ADMIN, 'POST', '/admin/channels', {
        channel: 'web',
        label: 'Formulario',
      }),
    );
    const receipt = await file(REFERENCE, key);
    expect((await askFor(receipt, key)).body.externalReference).toBe(REFERENCE);
    await h.as(ADMIN, 'DELETE', `/admin/channels/${id}`);
    const { status, body } = await askFor(receipt, key);
    expect([status, body.code]).toEqual([401, 'UNAUTHENTICATED']);
    expect((await askFor(receipt, WEB)).body.externalReference).toBeNull();
  });
});

describe('whoever stole a channel key', () => {
  it('cannot get from a reference to a folio, nor learn whether there is one', async () => {
    const { folio } = await file();
    const bodies = [
      { externalReference: REFERENCE },
      { externalReference: REFERENCE, accessCode: '0000-0000-0000-0000' },
      { folio },
      { folio, externalReference: REFERENCE },
    ];
    for (const body of bodies) {
      const answer = await ask(body);
      expect([answer.status, answer.body.code]).toEqual([400, 'INVALID_REQUEST']);
    }
    // The same reference may be sent again: no answer tells that it was used before.
    expect((await send(REFERENCE)).status).toBe(201);
    const routes = ['/reports', `/cases?q=${REFERENCE}`, '/cases', `/cases/${folio}`, '/tracking/case'];
    for (const path of routes)
      expect([401, 404]).toContain((await h.call('GET', path, { key: PHONE })).status);
  });

  it('hears the one refusal of tracking, and its tries count with those of the web', async () => {
    await enoughOfTheWindow(20);
    const receipt = await file();
    const { folio, accessCode } = receipt;
    const wrong = await ask({ folio, accessCode: '0000-0000-0000-0000' });
    const unknown = await ask({ folio: 'CNV-2026-0000-0000-0', accessCode });
    const foreign = await askFor(receipt, ELSEWHERE);
    for (const { status, body } of [wrong, unknown, foreign]) {
      expect([status, body.code]).toEqual([401, 'TRACKING_DENIED']);
      expect({ ...body, requestId: '' }).toEqual({ ...wrong.body, requestId: '' });
    }
    const answers: number[] = [];
    for (let n = 0; n < 14; n++)
      answers.push((await ask({ folio, accessCode: '0000-0000-0000-0000' })).status);
    expect(answers.at(-1)).toBe(429);
    const byWeb = { body: { folio, accessCode: '0000-0000-0000-0000' } };
    expect((await h.call('POST', '/tracking/sessions', byWeb)).status).toBe(429);
    expect((await askFor(receipt)).status).toBe(200);
    await h.sql('owner', 'delete from rate_limits');
  });

  it('leaves no trace of when: a wrong code is an act of a reporter', async () => {
    const trail = () => h.sql('owner', `select 1 from audit_entries where event = 'CREDENTIAL_REFUSED'`);
    const before = (await trail()).length;
    await ask({ folio: 'CNV-2026-0000-0000-0', accessCode: '1111222233334444' });
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(await trail()).toHaveLength(before);
  });
});

describe('who may send a reference', () => {
  it('is a channel system alone; of anybody else the report is refused, and stored nowhere', async () => {
    const before = await count();
    const others: [CallOptions, object][] = [
      [{}, { institution: 'CONAVI-DEMO' }],
      [{ token: await h.token(OPERATOR) }, {}],
    ];
    for (const [as, more] of others) {
      const { status, body } = await send(REFERENCE, as, more);
      expect([status, body.errors]).toEqual([
        400,
        [{ field: 'externalReference', code: 'CHANNEL_ONLY', message: expect.any(String) }],
      ]);
    }
    const { number } = ok(
      await h.as<{ number: string }>(OPERATOR, 'POST', '/phone/calls', { language: 'es' }),
    );
    const draft = { externalReference: REFERENCE };
    expect((await h.as(OPERATOR, 'PUT', `/phone/calls/${number}/draft`, draft)).status).toBe(400);
    for (const token of [undefined, await h.token(DESK), await h.trackingToken(await h.file())])
      expect((await h.call('POST', '/tracking/external-reference', { token, body: {} })).status).toBe(401);
    expect(await count()).toBe(before + 1);
  });

  it.each([
    ['nothing', ''],
    ['101 characters', 'x'.repeat(101)],
    ['a line end', 'LLAMADA\n17'],
    ['a tab', 'LLAMADA\t17'],
    ['NUL', 'LLAMADA\u000017'],
    ['a space at the end', 'LLAMADA 17 '],
    ['two spaces', 'LLAMADA  17'],
    ['a wide space', 'LLAMADA\u200317'],
    ['a character without width', 'LLAMADA\u200b17'],
    ['a change of direction', 'LLAMADA\u202e17'],
    ['half a character', 'LLAMADA\ud800'],
    ['an accent alone', '\u0301'],
    ['a number', 17],
    ['a list', ['LLAMADA-17']],
  ])('sends no %s', async (_name, reference) => {
    const before = await count();
    const { status, body } = await send(reference);
    expect([status, body.errors.map(({ field, code }) => `${field} ${code}`)]).toEqual([
      400,
      ['externalReference NOT_VISIBLE'],
    ]);
    expect(await count()).toBe(before);
  });

  it('repeats with its Idempotency-Key and gets one report; with another reference it is another request', async () => {
    const headers = { 'Idempotency-Key': randomUUID() };
    const as = { key: PHONE, headers };
    const [first, again] = [await send(REFERENCE, as), await send(REFERENCE, as)];
    expect([first.status, again.body]).toEqual([201, first.body]);
    const other = await send('LLAMADA-OTRA', as);
    expect([other.status, other.body.code]).toEqual([422, 'IDEMPOTENCY_MISMATCH']);
    expect((await askFor(first.body)).body.externalReference).toBe(REFERENCE);
  });

  it('sends many at once, and each report keeps its own', async () => {
    const names = Array.from({ length: 40 }, (_, n) => `LLAMADA-DE-MUCHAS-${n}`);
    const receipts = await Promise.all(names.map((name) => file(name)));
    const found: (string | null)[] = [];
    for (const receipt of receipts.slice(0, 8)) found.push((await askFor(receipt)).body.externalReference);
    expect(found).toEqual(names.slice(0, 8));
  });
});

describe('staff', () => {
  it('see a reference nowhere: not in the case, lists, trail, files, or what the reporter reads', async () => {
    const receipt = await file();
    const { folio } = receipt;
    await work.triage(folio, { area: 'OIC' });
    await askFor(receipt);
    h.clock.set(new Date(h.clock.now().getTime() + DAY));
    h.forgetTokens();
    const reads: [string, string][] = [
      [DESK, `/cases?q=${folio}`],
      [HEAD, `/cases/${folio}`],
      [INVESTIGATOR, `/cases/${folio}`],
      [INVESTIGATOR, `/cases/${folio}/evidence`],
      [AUDITOR, `/cases/${folio}/audit?limit=100`],
      [AUDITOR, '/audit?limit=100'],
      [ADMIN, '/admin/channels'],
    ];
    for (const [email, path] of reads) {
      const { status, body } = await h.as<object>(email, 'GET', path);
      expect([path, status]).toEqual([path, 200]);
      expect(JSON.stringify(body)).not.toMatch(/LLAMADA|[rR]eference/);
    }
    expect(JSON.stringify((await work.asReporter(receipt, 'GET', 'case')).body)).not.toMatch(/LLAMADA/);
  });

  it('read in the trail that a system looked, from the next day on, and not whether it found anything', async () => {
    const [one, none] = [await file(), ok(await send(undefined))];
    for (const receipt of [one, none]) await askFor(receipt);
    const visits = async (folio: string) =>
      (await work.trail(folio)).filter(({ event }) => event === 'REPORTER_READ');
    expect(await visits(one.folio)).toEqual([]);
    h.clock.set(new Date(h.clock.now().getTime() + DAY));
    h.forgetTokens();
    const [seen] = await visits(one.folio);
    expect(seen).toMatchObject({
      at: null,
      actor: { kind: 'reporter' },
      data: { machine: 'channel', channelKey: expect.any(String) },
      summary: 'Quien denuncia consultó su denuncia: por un sistema de canal.',
      integrity: 'ok',
    });
    expect((await visits(none.folio)).map(({ data }) => data)).toEqual([seen!.data]);
  });
});
