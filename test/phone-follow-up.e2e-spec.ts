import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { addOperator } from './builders/accounts.js';
import { AUDITOR, HEAD, OPERATOR, type EntryBody } from './builders/cases.js';
import { PASSWORD } from './setup/constants.js';
import { Harness, type Answer, type Receipt } from './setup/harness.js';
import { dumpDatabase, linesWith } from './support/dump.js';
import { enoughOfTheWindow } from './support/windows.js';

const ELSEWHERE = 'operador@acolman.demo';
const SECOND = 'operador2@conavi.demo';
const START = new Date('2026-11-10T16:00:00Z');
const MINUTE = 60_000;

interface OwnCase {
  folio: string;
  status: string;
  messages: { from: string; text: string; day: string; byPhone: boolean }[];
  informationRequests: { id: string; answer: string | null; answeredByPhone: boolean; state: string }[];
}
interface FollowUp {
  token: string;
  expiresAt: string;
  case: OwnCase;
  code: string;
}
interface EntryOfCase extends EntryBody {
  byPhone: boolean;
  summary: string;
}
interface TrailItem {
  event: string;
  at: string | null;
  day: string;
  actor: { kind: string; email: string | null };
  data: Record<string, unknown>;
  summary: string;
  integrity: string;
}

let h: Harness;
beforeAll(async () => {
  h = await Harness.start({ at: START });
  await addOperator(h, SECOND);
});
afterAll(() => h.stop());
beforeEach(() => h.forgetTokens());

const open = (receipt: Pick<Receipt, 'folio' | 'accessCode'>, email = OPERATOR): Promise<Answer<FollowUp>> =>
  h.as<FollowUp>(email, 'POST', '/phone/follow-up', {
    folio: receipt.folio,
    accessCode: receipt.accessCode,
  });
const withToken = <T = { code: string }>(
  method: string,
  path: string,
  token: string,
  body?: unknown,
  email = OPERATOR,
): Promise<Answer<T>> =>
  h.as<T>(email, method, `/phone/follow-up${path}`, body, { 'Follow-Up-Token': token });
const write = (token: string, email = OPERATOR): Promise<Answer<{ code: string }>> =>
  withToken('POST', '/messages', token, { text: 'Recordó que fue un lunes.' }, email);
const own = async (receipt: Receipt): Promise<OwnCase> =>
  (await h.call<OwnCase>('GET', '/tracking/case', { token: await h.trackingToken(receipt) })).body;

function later(milliseconds: number): void {
  h.clock.set(new Date(h.clock.now().getTime() + milliseconds));
  h.forgetTokens();
}

describe('a follow-up by phone', () => {
  it('shows what the reporter would see, to the letter', async () => {
    const receipt = await h.file();
    const { status, body } = await open(receipt);
    expect(status).toBe(201);
    expect(body.case).toEqual(await own(receipt));
    expect(Date.parse(body.expiresAt) - h.clock.now().getTime()).toBe(10 * MINUTE);
  });

  it('takes the code however it is said and typed', async () => {
    const { folio, accessCode } = await h.file();
    const digits = accessCode.replaceAll('-', '');
    for (const typed of [
      digits,
      accessCode.replaceAll('-', ' '),
      ` ${digits.slice(0, 8)}.${digits.slice(8)} `,
    ])
      expect(
        (await open({ folio: folio.toLowerCase().replaceAll('-', ' '), accessCode: typed })).status,
      ).toBe(201);
  });

  it('answers and writes for the reporter, and case and trail say so', async () => {
    const { folio, accessCode } = await h.file();
    const receipt = { folio, accessCode } as Receipt;
    await h.as('mesa@conavi.demo', 'POST', `/cases/${folio}/triage`, { area: 'OIC', reason: 'Es del área.' });
    await h.as(HEAD, 'POST', `/cases/${folio}/information-requests`, {
      question: '¿Qué día?',
      businessDays: 5,
    });
    const { body } = await open(receipt);
    const [asked] = body.case.informationRequests;
    const answer = { informationRequest: asked!.id, text: 'Fue el lunes dos.' };
    expect((await withToken('POST', '/answers', body.token, answer)).status).toBe(204);
    expect((await withToken<{ code: string }>('POST', '/answers', body.token, answer)).body.code).toBe(
      'INFORMATION_REQUEST_CLOSED',
    );
    expect((await write(body.token)).status).toBe(204);

    const seen = await own(receipt);
    expect(seen.informationRequests[0]).toMatchObject({ answer: 'Fue el lunes dos.', answeredByPhone: true });
    expect(seen.messages[0]).toMatchObject({ from: 'reporter', byPhone: true });
    const detail = (await h.as<{ entries: EntryOfCase[] }>(HEAD, 'GET', `/cases/${folio}`)).body;
    const byPhone = detail.entries.filter((entry) => entry.byPhone);
    expect(byPhone.map(({ kind, author, by, at }) => [kind, author, by, at])).toEqual([
      ['answered', 'reporter', null, null],
      ['message', 'reporter', null, null],
    ]);
    expect(byPhone[1]!.summary).toBe(
      'Mensaje. Lo escribió una operadora por teléfono, en nombre de quien denuncia.',
    );
    // What the reporter writes alone says nothing of a phone.
    const alone = await h.trackingToken(receipt);
    await h.call('POST', '/tracking/messages', { token: alone, body: { text: 'Escribo sin ayuda.' } });
    expect((await own(receipt)).messages[1]).toMatchObject({ byPhone: false });

    later(24 * 60 * MINUTE);
    const trail = (
      await h.as<{ items: TrailItem[]; integrity: string }>(AUDITOR, 'GET', `/cases/${folio}/audit`)
    ).body;
    expect(trail.integrity).toBe('ok');
    const told = trail.items.filter(({ data }) => 'operator' in data);
    expect(told.map(({ event, at, actor }) => [event, at, actor.kind, actor.email])).toEqual([
      ['REPORTER_ANSWERED', null, 'reporter', null],
      ['REPORTER_WROTE', null, 'reporter', null],
      ['REPORTER_READ', null, 'reporter', null],
    ]);
    expect(told[1]!.summary).toBe(
      'Quien denuncia escribió: por teléfono, con Operación telefónica (demostración).',
    );
  });
});

describe('a follow-up opens nothing', () => {
  it('for an operator of another institution, who hears what a wrong code is told', async () => {
    const receipt = await h.file();
    const wrong = await open({ ...receipt, accessCode: '0000-0000-0000-0000' });
    const foreign = await open(receipt, ELSEWHERE);
    const unknown = await open({ ...receipt, folio: 'CNV-2026-0000-0000-0' });
    for (const { status, body } of [wrong, foreign, unknown]) {
      expect([status, body.code]).toEqual([401, 'TRACKING_DENIED']);
      expect({ ...body, requestId: '' }).toEqual({ ...wrong.body, requestId: '' });
    }
    expect((await open(receipt)).status).toBe(201);
  });

  it('after wrong codes in a row: they count together with those of the web, and the right one still works', async () => {
    await enoughOfTheWindow(20);
    const { folio, accessCode } = await h.file();
    const wrong = { folio, accessCode: '0000-0000-0000-0000' };
    const byWeb = () => h.call<{ code: string }>('POST', '/tracking/sessions', { body: wrong });
    // A right code of another institution is a try as well.
    for (let n = 0; n < 4; n++) await open({ folio, accessCode }, ELSEWHERE);
    for (let n = 0; n < 4; n++) await byWeb();
    const answers: number[] = [];
    for (let n = 0; n < 8; n++) answers.push((await open(wrong)).status);
    expect([answers[0], answers.at(-1)]).toEqual([401, 429]);
    expect((await byWeb()).status).toBe(429);
    expect((await open({ folio, accessCode })).status).toBe(201);
    await h.sql('owner', 'delete from rate_limits');
  });

  it('to another operator or another sign-in that holds the token', async () => {
    const { body } = await open(await h.file());
    const over = [410, 'FOLLOW_UP_OVER'];
    const answer = ({ status, body: { code } }: Answer<{ code: string }>) => [status, code];
    expect(answer(await write(body.token, SECOND))).toEqual(over);
    expect(answer(await write(body.token, ELSEWHERE))).toEqual(over);
    expect((await write(body.token)).status).toBe(204);
    h.forgetTokens();
    expect(answer(await write(body.token))).toEqual(over);
  });

  it('before it is refreshed, and goes on after: a session lasts longer than its tokens', async () => {
    const { body: session } = await h.call<Session>('POST', '/auth/sessions', {
      body: { email: OPERATOR, password: PASSWORD },
    });
    const { folio, accessCode } = await h.file();
    const body = { folio, accessCode };
    const follow = await h.call<FollowUp>('POST', '/phone/follow-up', { token: session.accessToken, body });
    const { body: next } = await h.call<Session>('POST', '/auth/sessions/refresh', {
      body: { refreshToken: session.refreshToken },
    });
    const headers = { 'Follow-Up-Token': follow.body.token };
    const text = { text: 'Sigue siendo la misma operadora.' };
    const say = (token: string) =>
      h.call<{ code: string }>('POST', '/phone/follow-up/messages', { token, headers, body: text });
    expect((await say(next.accessToken)).status).toBe(204);
    await h.call('DELETE', '/auth/sessions/current', { token: next.accessToken });
    expect((await say(next.accessToken)).status).toBe(401);
    expect((await say(await h.token(OPERATOR))).status).toBe(410);
  });

  it('once it ended: by hand, by time, by the code', async () => {
    const receipt = await h.file();
    const ended = (await open(receipt)).body.token;
    expect((await withToken('DELETE', '', ended)).status).toBe(204);
    for (const answer of [await write(ended), await withToken('DELETE', '', ended)])
      expect([answer.status, answer.body.code]).toEqual([410, 'FOLLOW_UP_OVER']);

    // The reporter exchanged the code meanwhile.
    const outdated = (await open(receipt)).body.token;
    const token = await h.trackingToken(receipt);
    const { body: changed } = await h.call<{ accessCode: string }>('POST', '/tracking/access-code', {
      token,
    });
    expect((await write(outdated)).status).toBe(410);

    const { token: late } = (await open({ ...receipt, ...changed })).body;
    h.clock.set(new Date(h.clock.now().getTime() + 10 * MINUTE - 1));
    expect((await write(late)).status).toBe(204);
    h.clock.set(new Date(h.clock.now().getTime() + 1));
    expect((await write(late)).status).toBe(410);
  });

  it('in place of a tracking token, nor a tracking token in place of it', async () => {
    const receipt = await h.file();
    const follow = (await open(receipt)).body.token;
    const tracking = await h.trackingToken(receipt);
    const asReporter = (token: string) => h.call('GET', '/tracking/case', { token });
    expect((await asReporter(tracking)).status).toBe(200);
    for (const token of [follow, follow.replace(/^daf_/, 'dat_')])
      expect((await asReporter(token)).status).toBe(401);
    for (const token of [tracking, tracking.replace(/^dat_/, 'daf_'), 'daf_', 'x', await h.token(OPERATOR)])
      expect((await write(token)).status).toBe(410);
    const without = await h.as<{ code: string }>(OPERATOR, 'POST', '/phone/follow-up/messages', {
      text: 'Hola.',
    });
    expect(without.body.code).toBe('FOLLOW_UP_OVER');
    // The operator's own session is needed as well.
    const headers = { 'Follow-Up-Token': follow };
    const body = { text: 'Un dato más.' };
    for (const token of [undefined, tracking])
      expect((await h.call('POST', '/phone/follow-up/messages', { token, headers, body })).status).toBe(401);
  });

  it('of the case by the routes of staff', async () => {
    const { folio, accessCode } = await h.file();
    await open({ folio, accessCode });
    for (const path of [`/cases/${folio}`, '/cases', `/cases/${folio}/audit`])
      expect((await h.as(OPERATOR, 'GET', path)).status).toBe(403);
  });
});

describe('the exchange of the code by phone', () => {
  it('gives one that can be read aloud, and ends the old one and the follow-up', async () => {
    const receipt = await h.file();
    const { token } = (await open(receipt)).body;
    type Code = { accessCode: string; spoken: { es: { folio: string; accessCode: string } } };
    const { status, body } = await withToken<Code>('POST', '/access-code', token);
    expect([status, body.spoken.es.accessCode.split(', ').length]).toEqual([201, 4]);
    expect(body.spoken.es.folio).toMatch(/^C de Carlos, N de Norma/);
    expect((await write(token)).status).toBe(410);
    expect((await open(receipt)).status).toBe(401);
    expect((await open({ ...receipt, accessCode: body.accessCode })).status).toBe(201);
  });
});

describe('an exchange by phone whose answer was lost', () => {
  type Code = { accessCode: string; code: string };
  const exchange = (token: string, email = OPERATOR) =>
    withToken<Code>('POST', '/access-code', token, undefined, email);

  it('gives the same new code again, also to requests that come at once, and counts as one', async () => {
    const receipt = await h.file();
    const { token } = (await open(receipt)).body;
    const answers = await Promise.all([exchange(token), exchange(token), exchange(token)]);
    for (let n = 0; n < 6; n++) answers.push(await exchange(token));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 201));
    expect(new Set(answers.map(({ body }) => body.accessCode)).size).toBe(1);
    expect((await open({ ...receipt, accessCode: answers[0]!.body.accessCode })).status).toBe(201);
    const exchanged = await h.sql(
      'owner',
      `select 1 from audit_entries e join cases c on c.id = e.case_id
        where c.folio = $1 and e.event = 'ACCESS_CODE_EXCHANGED'`,
      [receipt.folio],
    );
    expect(exchanged).toHaveLength(1);
  });

  it('gives it to nobody else, and not after the follow-up ended or the reporter made another one', async () => {
    const over = [410, 'FOLLOW_UP_OVER'];
    const answer = ({ status, body: { code } }: Answer<{ code: string }>) => [status, code];
    const receipt = await h.file();
    const { token } = (await open(receipt)).body;
    const { accessCode } = (await exchange(token)).body;
    expect(answer(await exchange(token, SECOND))).toEqual(over);
    expect(answer(await write(token))).toEqual(over);
    expect((await withToken('DELETE', '', token)).status).toBe(204);
    expect(answer(await exchange(token))).toEqual(over);

    const { token: next } = (await open({ ...receipt, accessCode })).body;
    const { body } = await exchange(next);
    expect(body.accessCode).not.toBe(accessCode);
    await h.call('POST', '/tracking/access-code', { token: await h.trackingToken({ ...receipt, ...body }) });
    expect(answer(await exchange(next))).toEqual(over);

    const late = (await open(await h.file())).body.token;
    await exchange(late);
    h.clock.set(new Date(h.clock.now().getTime() + 10 * MINUTE));
    expect(answer(await exchange(late))).toEqual(over);
  });
});

describe('the trail of a follow-up', () => {
  it('names the operator in the case from the next day on, and in no row beside it', async () => {
    const { folio, accessCode } = await h.file();
    await h.as('mesa@conavi.demo', 'POST', `/cases/${folio}/triage`, { area: 'OIC', reason: 'Es del área.' });
    const account = await accountOf(SECOND);
    const acts = () =>
      h.sql<{ event: string }>(
        'owner',
        `select event from audit_entries where account_id = $1 and event <> 'SESSION_OPENED'`,
        [account],
      );
    const before = await acts();
    const { token } = (await open({ folio, accessCode }, SECOND)).body;
    await write(token, SECOND);
    // A clear row of the account would join operator and case by the order of transactions.
    expect(await acts()).toEqual(before);
    const trail = async (email: string) => {
      const { body } = await h.as<{ items: TrailItem[]; integrity: string }>(
        email,
        'GET',
        `/cases/${folio}/audit`,
      );
      expect(body.integrity).toBe('ok');
      return body.items;
    };
    // Whoever knows who takes calls at this minute would know who called.
    for (const email of [HEAD, AUDITOR]) {
      const items = await trail(email);
      expect(items.find(({ event }) => event === 'REPORTER_WROTE')).toMatchObject({
        summary: 'Quien denuncia escribió.',
      });
      for (const text of [account, SECOND])
        expect([email, JSON.stringify(items).includes(text)]).toEqual([email, false]);
    }
    later(24 * 60 * MINUTE);
    const told = (await trail(AUDITOR)).filter(({ data }) => data.operator === account);
    expect(told.map(({ event }) => event)).toEqual(['REPORTER_WROTE', 'REPORTER_READ']);
    await h.run('verify-trail');
    expect(await h.sql('owner', 'select * from audit_faults')).toEqual([]);
  });

  it('keeps no time of what was looked for in vain', async () => {
    const { token } = (await open(await h.file())).body;
    const answer = { informationRequest: randomUUID(), text: 'Fue el lunes.' };
    expect((await withToken('POST', '/answers', token, answer)).status).toBe(404);
    const account = await accountOf(OPERATOR);
    const refused = await h.sql(
      'owner',
      `select 1 from audit_entries where account_id = $1 and event = 'ACCESS_DENIED'
       and at >= $2`,
      [account, h.clock.now()],
    );
    expect(refused).toEqual([]);
  });
});

describe('what a follow-up leaves in the tables', () => {
  it('is a hash and a day while it goes on, and nothing after', async () => {
    await h.sql('owner', 'delete from phone_follow_ups');
    const receipt = await h.file();
    const { token } = (await open(receipt)).body;
    const [row] = await h.sql('owner', 'select * from phone_follow_ups');
    expect(Object.keys(row!).sort()).toEqual(['day', 'institution_id', 'token_hash']);
    const dump = await dumpDatabase(h);
    expect(linesWith(dump, token.slice(4))).toEqual([]);
    await withToken('DELETE', '', token);
    expect(await h.sql('owner', 'select 1 from phone_follow_ups')).toEqual([]);
    await open(receipt);
    later(2 * 24 * 60 * MINUTE);
    await h.run('phone-forget');
    expect(await h.sql('owner', 'select 1 from phone_follow_ups')).toEqual([]);
  });

  it('never names the operator beside an act of the reporter, but in the sealed trail', async () => {
    const receipt = await h.file();
    const { token } = (await open(receipt)).body;
    await write(token);
    const [{ id }] = (await h.sql<{ id: string }>('owner', 'select id from cases where folio = $1', [
      receipt.folio,
    ])) as [{ id: string }];
    const account = await accountOf(OPERATOR);
    const beside = (await dumpDatabase(h)).filter((line) => line.includes(id) && line.includes(account));
    expect(beside).toEqual([]);
    const timed = await h.sql(
      'owner',
      `select 1 from audit_entries where case_id = $1 and at is not null union all
       select 1 from case_entries where case_id = $1 and at is not null`,
      [id],
    );
    expect(timed).toEqual([]);
  });
});

interface Session {
  accessToken: string;
  refreshToken: string;
}
const accountOf = async (email: string): Promise<string> =>
  (await h.sql<{ id: string }>('owner', 'select id from accounts where email = $1', [email]))[0]!.id;
