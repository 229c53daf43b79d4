import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { newCallNumber } from '../src/doors/phone/calls/call-number.js';
import { system, type Actor } from '../src/platform/actor.js';
import { openJson } from '../src/platform/crypto/aead.js';
import { KeyRing } from '../src/platform/crypto/keyring.js';
import { addOperator } from './builders/accounts.js';
import { DESK, OPERATOR } from './builders/cases.js';
import { SECRETS } from './setup/constants.js';
import { asSuperuser, Harness, NOTICE, type Answer, type Receipt } from './setup/harness.js';
import { dumpDatabase, linesWith } from './support/dump.js';
import { enoughOfTheWindow } from './support/windows.js';

const ELSEWHERE = 'operador@acolman.demo';
/** Another operator of the first institution. */
const SECOND = 'operador2@conavi.demo';
const START = new Date('2026-11-10T16:00:00Z');
const DAY = 24 * 3_600_000;
const DRAFT = {
  mode: 'anonymous',
  narrative: 'En la ventanilla tres me pidieron dinero para inscribirme.',
  category: 'BRIBERY',
};

interface CallBody {
  number: string;
  spokenNumber: { es: string; en: string };
  filed: boolean;
  uncertain: boolean;
  language: string | null;
  interpreterNeeded: boolean | null;
  recordingConsent: boolean | null;
  startedAt: string | null;
  version: number | null;
  draft: Record<string, unknown> | null;
  readBack: string | null;
  missing: string[];
  missingLabels: string[];
  code: string;
  errors: { field: string; code: string }[];
}
type Spoken = { folio: string; folioDigits: string; accessCode: string };
interface PhoneReceipt extends Receipt {
  spoken: { es: Spoken; en: Spoken };
  code: string;
  errors: { field: string; code: string }[];
}

let h: Harness;
beforeAll(async () => {
  h = await Harness.start({ at: START });
  await addOperator(h, SECOND);
});
afterAll(() => h.stop());
/** Each test looks at its own calls. */
beforeEach(() => h.sql('owner', 'delete from phone_calls'));

async function begin(body: object = {}, email = OPERATOR): Promise<string> {
  const answer = await h.as<CallBody>(email, 'POST', '/phone/calls', { language: 'es', ...body });
  expect(answer.status).toBe(201);
  return answer.body.number;
}
const get = (number: string, email = OPERATOR): Promise<Answer<CallBody>> =>
  h.as<CallBody>(email, 'GET', `/phone/calls/${number}`);
const save = (number: string, draft: object = DRAFT, email = OPERATOR): Promise<Answer<CallBody>> =>
  h.as<CallBody>(email, 'PUT', `/phone/calls/${number}/draft`, draft);
const file = (number: string, email = OPERATOR): Promise<Answer<PhoneReceipt>> =>
  h.as<PhoneReceipt>(email, 'POST', `/phone/calls/${number}/report`);
const end = (number: string, body: object = {}, email = OPERATOR): Promise<Answer<CallBody>> =>
  h.as<CallBody>(email, 'POST', `/phone/calls/${number}/end`, body);
const rows = (): Promise<Record<string, unknown>[]> => h.sql('owner', 'select * from phone_calls');
const cases = async (): Promise<number> =>
  (await h.sql<{ n: number }>('owner', 'select count(*)::int as n from cases'))[0]!.n;

/** Moves the clock and signs in anew. */
function later(milliseconds: number): void {
  h.clock.set(new Date(h.clock.now().getTime() + milliseconds));
  h.forgetTokens();
}

describe('a call', () => {
  it('goes from its number over a draft to a receipt that can be read aloud', async () => {
    const number = await begin({ interpreterNeeded: true, recordingConsent: false });
    expect(number).toMatch(/^\d{4}-\d{4}-\d{4}$/);
    const begun = await get(number);
    expect(begun.body).toMatchObject({
      filed: false,
      language: 'es',
      interpreterNeeded: true,
      recordingConsent: false,
      startedAt: '2026-11-10T10:00:00-06:00',
      draft: null,
      readBack: null,
      missing: ['mode', 'narrative'],
    });
    const half = await save(number, { narrative: 'Me pid' });
    expect([half.status, half.body.missing]).toEqual([200, ['mode', 'narrative']]);
    expect(half.body.readBack).toContain('«Me pid»');
    const whole = await save(number);
    expect(whole.body).toMatchObject({ draft: DRAFT, missing: [] });
    expect(whole.body.readBack).toContain('La denuncia es anónima');
    expect(whole.body.readBack).toContain('Trata de: Soborno o mordida.');

    const { status, body } = await file(number);
    expect(status).toBe(201);
    expect(body).toMatchObject({ channel: 'phone', mode: 'anonymous', receivedOn: '2026-11-10' });
    expect(body.spoken.es.accessCode.split(', ')).toHaveLength(4);
    expect(body.spoken.en.folio).toContain('C as in Charlie');
    expect(body.spoken.en.folioDigits.split(/,? /)).toHaveLength(15);
    const report = (await h.as<{ report: object }>(DESK, 'GET', `/cases/${body.folio}`)).body.report;
    expect(report).toMatchObject({
      narrative: DRAFT.narrative,
      interpreterNeeded: true,
      recordingConsent: false,
    });
    expect((await end(number)).status).toBe(204);
    expect((await get(number)).status).toBe(404);
    expect(await rows()).toEqual([]);
  });

  it('is resumed by another operator of the institution, however the number is typed', async () => {
    const number = await begin({ language: 'en' });
    await save(number, { narrative: 'They asked me for money.' });
    const digits = number.replaceAll('-', '');
    for (const typed of [digits, number.replaceAll('-', '%20'), number.replaceAll('-', '.')])
      expect((await get(typed)).body.number).toBe(number);
    // The shift changes.
    const other = SECOND;
    const resumed = await get(number, other);
    expect(resumed.body.readBack).toBe(
      'I will read to you what I wrote down. You told us this: "They asked me for money." Is that right? Would you like to change or add anything?',
    );
    await save(number, { ...DRAFT, narrative: 'They asked me for money at window three.' }, other);
    const { body } = await file(number, other);
    expect(body.acknowledgement).toContain('received your report');
    await end(number);
  });

  it('is not overwritten by who has not read what another operator wrote', async () => {
    const number = await begin();
    const { version } = (await save(number, { narrative: 'Uno.' })).body;
    const match = (read: unknown, draft: object, email = OPERATOR): Promise<Answer<CallBody>> =>
      h.as<CallBody>(email, 'PUT', `/phone/calls/${number}/draft`, draft, {
        'If-Match': `"${String(read)}"`,
      });
    expect((await match(version, { narrative: 'Uno, dos.' }, SECOND)).status).toBe(200);
    const stale = await match(version, { narrative: 'Uno y ya.' });
    expect([stale.status, stale.body.code, stale.body.version]).toEqual([412, 'STALE_VERSION', 2]);
    expect((await get(number)).body.draft).toEqual({ narrative: 'Uno, dos.' });
    expect((await match('x', {})).status).toBe(400);
    await end(number, { discard: true });
  });

  it('takes a change of mind about the recording', async () => {
    const number = await begin({ recordingConsent: true });
    const { body } = await save(number, {
      ...DRAFT,
      call: { recordingConsent: false, interpreterNeeded: true },
    });
    expect(body).toMatchObject({ recordingConsent: false, interpreterNeeded: true });
    const { folio } = (await file(number)).body;
    const { report } = (await h.as<{ report: object }>(DESK, 'GET', `/cases/${folio}`)).body;
    expect(report).toMatchObject({ recordingConsent: false, interpreterNeeded: true });
    await end(number);
  });

  it('counts deadlines from its start, also when it is filed another day with the reason', async () => {
    const number = await begin({ startedAt: '2026-11-10T09:50:00-06:00' });
    await save(number);
    later(2 * DAY);
    const refused = await file(number);
    expect([refused.status, refused.body.errors[0]]).toMatchObject([
      400,
      { field: 'call.reason', code: 'REQUIRED' },
    ]);
    // A refusal leaves the draft as it was, and it may change.
    expect((await save(number, { ...DRAFT, call: { reason: 'La línea se cortó.' } })).status).toBe(200);
    expect((await file(number)).body.receivedOn).toBe('2026-11-10');
    await end(number);
  });

  it('keeps no data of a person who chose to be anonymous, also when they were noted before', async () => {
    const number = await begin();
    const reporter = { name: 'Nombre de prueba', phone: '55 5555 0101' };
    const named = await save(number, { ...DRAFT, mode: 'identified', reporter });
    expect(named.body.draft).toMatchObject({ reporter });
    const anonymous = await save(number, { ...DRAFT, reporter });
    expect(anonymous.body).toMatchObject({ draft: DRAFT, missing: [] });
    expect((await get(number)).body.draft).toEqual(DRAFT);
    expect(anonymous.body.readBack).not.toContain('Nombre de prueba');
    expect((await file(number)).status).toBe(201);
    await end(number);
  });

  it('says beforehand what intake would refuse, and reads no code aloud', async () => {
    const number = await begin();
    const { body } = await save(number, { ...DRAFT, category: 'NO_SUCH' });
    expect([body.missing, body.readBack!.includes('NO_SUCH')]).toEqual([['category'], false]);
    expect((await file(number)).body.code).toBe('CATEGORY_UNKNOWN');
    await save(number);
    later(1.5 * DAY);
    expect((await get(number)).body.missing).toEqual(['callReason']);
    await end(number, { discard: true });
  });

  it('that began almost thirty days ago can be filed as long as its draft is kept', async () => {
    const startedAt = new Date(h.clock.now().getTime() - 29.5 * DAY).toISOString();
    const number = await begin({ startedAt });
    await save(number, { ...DRAFT, call: { reason: 'Se tomó en papel.' } });
    later(3 * DAY);
    expect((await get(number)).body.missing).toEqual([]);
    expect((await file(number)).status).toBe(201);
    await end(number);
  });

  it('goes on in another language when the draft says so, and ends without a body', async () => {
    const number = await begin({ language: 'es' });
    const { body } = await save(number, { ...DRAFT, language: 'en' });
    expect([body.language, body.readBack!.startsWith('I will read')]).toEqual(['en', true]);
    expect((await file(number)).body.acknowledgement).toContain('received your report');
    const ended = await h.as(OPERATOR, 'POST', `/phone/calls/${number}/end`);
    expect(ended.status).toBe(204);
  });

  it('begins neither in the future nor long ago', async () => {
    for (const [startedAt, code] of [
      [new Date(h.clock.now().getTime() + DAY).toISOString(), 'IN_THE_FUTURE'],
      ['2026-08-01T10:00:00-06:00', 'TOO_OLD'],
    ]) {
      const answer = await h.as<CallBody>(OPERATOR, 'POST', '/phone/calls', { language: 'es', startedAt });
      expect([answer.status, answer.body.errors[0]]).toMatchObject([400, { field: 'startedAt', code }]);
    }
  });

  it('is not ended over a draft that nobody filed, unless the person gave up', async () => {
    const number = await begin();
    await save(number, { narrative: 'Me pidieron' });
    expect((await end(number)).body.code).toBe('DRAFT_UNFILED');
    expect((await get(number)).status).toBe(200);
    expect((await end(number, { discard: true })).status).toBe(204);
    expect((await end(number)).status).toBe(404);
    const empty = await begin();
    expect((await file(empty)).body.code).toBe('DRAFT_EMPTY');
    expect((await end(empty)).status).toBe(204);
  });

  it('checks a draft for its shape only, and a report as POST /reports does', async () => {
    const number = await begin();
    for (const draft of [
      { mode: 'secret' },
      { narrative: 7 },
      { unknown: 1 },
      { institution: 'CONAVI-DEMO' },
    ])
      expect((await save(number, draft)).status).toBe(400);
    await save(number, { ...DRAFT, mode: undefined });
    expect((await file(number)).body.errors.map(({ field }) => field)).toEqual(['mode']);
    await save(number, { ...DRAFT, mode: 'identified', reporter: { name: 'Nombre de prueba' } });
    expect((await get(number)).body.missing).toEqual(['privacyNotice']);
    const named = { ...DRAFT, mode: 'identified', reporter: { name: 'Nombre de prueba' }, ...NOTICE };
    expect((await save(number, named)).body.readBack).toContain('Sus datos: Nombre de prueba.');
    expect((await file(number)).status).toBe(201);
    await end(number);
  });
});

describe('whoever has the number of a call', () => {
  it('and works at another institution finds nothing and changes nothing', async () => {
    const number = await begin();
    await save(number);
    const before = await rows();
    for (const answer of [
      await get(number, ELSEWHERE),
      await save(number, { narrative: 'Otra cosa muy distinta.' }, ELSEWHERE),
      await file(number, ELSEWHERE),
      await end(number, { discard: true }, ELSEWHERE),
    ])
      expect([answer.status, answer.body.code]).toEqual([404, 'CALL_NOT_FOUND']);
    expect(await rows()).toEqual(before);
    await end(number, { discard: true });
  });

  it('and is no operator finds no row, whatever the program asks', async () => {
    await save(await begin());
    const [{ id: institutionId }] = (await h.sql<{ id: string }>(
      'owner',
      `select id from institutions where code = 'CONAVI-DEMO'`,
    )) as [{ id: string }];
    const seen = (actor: Actor): Promise<number> =>
      h.database.tx(actor, async (tx) => (await tx.query('select 1 from phone_calls')).length);
    expect(await seen(system('test', institutionId))).toBeGreaterThan(0);
    const caseId = randomUUID();
    for (const actor of [
      { kind: 'reporter', institutionId, caseId, codeGeneration: 0 },
      { kind: 'channel', institutionId, keyId: randomUUID(), channel: 'web', permissions: new Set<string>() },
      { kind: 'nobody' },
      system('test', randomUUID()),
    ] as const)
      expect([actor.kind, await seen(actor)]).toEqual([actor.kind, 0]);
  });

  it('cannot be guessed: after twenty unknown numbers an account has to wait', async () => {
    await enoughOfTheWindow(10);
    const answers: number[] = [];
    for (let n = 0; n < 21; n++) answers.push((await get(newCallNumber(), ELSEWHERE)).status);
    expect([...new Set(answers)]).toEqual([404, 429]);
    const refused = await get(newCallNumber(), ELSEWHERE);
    expect([refused.status, Number(refused.headers.get('retry-after')) > 0]).toEqual([429, true]);
    // The window stands at a fixed time: its end does not tell when the first number was tried.
    const [{ expire }] = (await h.sql<{ expire: string }>('owner', 'select expire from rate_limits')) as [
      { expire: string },
    ];
    const off = Number(expire) % 900_000;
    expect(Math.min(off, 900_000 - off)).toBeLessThan(2_000);
    await h.sql('owner', 'delete from rate_limits');
  });

  it('goes on with it after many mistakes: numbers that are none do not count, and the others only slow it', async () => {
    await enoughOfTheWindow(20);
    const begun = await begin();
    for (let n = 0; n < 30; n++) expect((await get('4821-0937-55')).status).toBe(404);
    expect(await h.sql('owner', 'select 1 from rate_limits')).toEqual([]);
    for (let n = 0; n < 21; n++) await get(newCallNumber());
    expect((await get(newCallNumber())).status).toBe(429);
    expect((await save(begun)).status).toBe(200);
    const other = await begin();
    expect((await save(other)).status).toBe(200);
    for (const number of [begun, other]) {
      expect((await file(number)).status).toBe(201);
      expect((await end(number)).status).toBe(204);
    }
    await h.sql('owner', 'delete from rate_limits');
  });
});

describe('a draft that is filed', () => {
  it('twice at once, in one process and in two, opens one case and gives one receipt', async () => {
    const twin = await Harness.start({ share: h });
    try {
      for (let n = 0; n < 5; n++) {
        const number = await begin();
        await save(number);
        const before = await cases();
        const path = `/phone/calls/${number}/report`;
        const answers = await Promise.all([
          file(number),
          file(number),
          twin.as<PhoneReceipt>(OPERATOR, 'POST', path),
          twin.as<PhoneReceipt>(OPERATOR, 'POST', path),
        ]);
        expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201]);
        expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1);
        expect(await cases()).toBe(before + 1);
        await end(number);
      }
    } finally {
      await twin.stop();
    }
  });

  it('gives its receipt again when the line drops while it is read, until the call ends', async () => {
    const number = await begin();
    await save(number);
    const first = await file(number);
    expect(await rows()).toEqual([]);
    expect((await get(number, SECOND)).body).toMatchObject({ filed: true, draft: null, startedAt: null });
    expect((await save(number)).body.code).toBe('CALL_FILED');
    const again = await file(number, SECOND);
    expect([again.status, again.body]).toEqual([201, first.body]);
    expect((await end(number, {}, SECOND)).status).toBe(204);
    for (const answer of [await file(number), await get(number), await end(number)])
      expect(answer.status).toBe(404);
  });

  it('opens one case when the work stops between the case and the end of the draft', async () => {
    const number = await begin();
    await save(number);
    const before = await cases();
    await stoppedAfterTheCase(number);
    expect(await cases()).toBe(before + 1);
    const changed = await save(number, { ...DRAFT, narrative: 'Otra cosa muy distinta.' });
    expect(changed.body.code).toBe('CALL_FILED');
    const repeated = await file(number, SECOND);
    expect([repeated.status, (await file(number)).body]).toEqual([201, repeated.body]);
    expect([await cases(), await rows()]).toEqual([before + 1, []]);
    await end(number);
  });

  it('is not lost when the process dies before the case is stored', async () => {
    const number = await begin();
    await save(number);
    await h.sql('owner', `update phone_calls set filing_on = day`);
    const before = await cases();
    expect((await file(number)).status).toBe(201);
    expect(await cases()).toBe(before + 1);
    await end(number);
  });

  it('opens no second case when nobody knows any more whether it was stored, however often it stopped', async () => {
    const number = await begin();
    await save(number);
    const before = await cases();
    await stoppedAfterTheCase(number);
    const [first] = await rows();
    for (let day = 1; day <= 3; day++) {
      later(DAY);
      await h.run('forget-answers');
      await stoppedAfterTheCase(number);
      // A later try does not give the call more time than the receipt has.
      expect((await rows())[0]!.day).toEqual(first!.day);
      expect((await get(number)).body.filed).toBe(true);
    }
    later(DAY);
    await h.run('forget-answers');
    expect((await file(number)).status).toBe(404);
    expect(await cases()).toBe(before + 1);
    await h.run('phone-forget');
    expect(await rows()).toEqual([]);
  });

  it('is neither lost nor locked when the server refuses to store it: it changes, and waits over the weekend', async () => {
    const number = await begin();
    await save(number);
    await h.sql('owner', 'revoke insert on cases from denuncia_app');
    const failed = await file(number);
    await h.sql('owner', 'grant insert on cases to denuncia_app');
    expect(failed.status).toBe(500);
    expect((await get(number)).body).toMatchObject({ filed: false, uncertain: false, draft: DRAFT });
    expect((await end(number)).body.code).toBe('DRAFT_UNFILED');
    const changed = { ...DRAFT, narrative: 'En la ventanilla tres me pidieron dos mil pesos.' };
    expect((await save(number, changed)).status).toBe(200);
    later(3 * DAY);
    await Promise.all([h.run('forget-answers'), h.run('phone-forget')]);
    await save(number, { ...changed, call: { reason: 'El sistema falló el viernes.' } });
    const before = await cases();
    const { folio } = (await file(number)).body;
    const { report } = (await h.as<{ report: object }>(DESK, 'GET', `/cases/${folio}`)).body;
    expect(report).toMatchObject({ narrative: changed.narrative });
    expect(await cases()).toBe(before + 1);
    await end(number);
  });

  it('is kept three days when nobody knows whether it was stored, says so, and is filed once', async () => {
    const number = await begin();
    const draft = { ...DRAFT, call: { reason: 'El sistema falló.' } };
    await save(number, draft);
    const before = await cases();
    later(3 * DAY);
    const failed = await withoutConnection(() => file(number));
    expect([failed.status, failed.body.code]).toEqual([503, 'FILING_UNCERTAIN']);
    expect((await get(number)).body).toMatchObject({ filed: false, uncertain: true, draft });
    for (const answer of [
      await save(number, { ...draft, narrative: 'Otra cosa muy distinta.' }),
      await end(number),
      await end(number, { discard: true }),
    ])
      expect([answer.status, answer.body.code]).toEqual([409, 'FILING_UNCERTAIN']);
    // The first try was on the last day of the draft, and gives it three days more.
    later(3 * DAY);
    await Promise.all([h.run('forget-answers'), h.run('phone-forget')]);
    expect((await file(number)).status).toBe(201);
    expect(await cases()).toBe(before + 1);
    await end(number);
  });

  it('may change again when it failed without an answer and the day is over', async () => {
    const number = await begin();
    await save(number, { ...DRAFT, call: { reason: 'El sistema falló.' } });
    await withoutConnection(() => file(number));
    later(DAY);
    expect((await get(number)).body).toMatchObject({ uncertain: false, missing: [] });
    const changed = { ...DRAFT, call: { reason: 'El sistema falló ayer.' } };
    expect((await save(number, changed)).status).toBe(200);
    const before = await cases();
    expect((await file(number)).status).toBe(201);
    expect(await cases()).toBe(before + 1);
    await end(number);
  });

  it('is not discarded any more, whether the end of its call knows it or not', async () => {
    for (const stopped of [false, true]) {
      const number = await begin();
      await save(number);
      await (stopped ? stoppedAfterTheCase(number) : file(number));
      const discarded = await end(number, { discard: true });
      expect([discarded.status, discarded.body.code]).toEqual([409, 'CALL_FILED']);
      expect((await file(number)).status).toBe(201);
      expect((await end(number)).status).toBe(204);
    }
  });

  /** Runs work while the database loses the connection of whoever stores a case. */
  async function withoutConnection<T>(work: () => Promise<T>): Promise<T> {
    const superuser = (sql: string) =>
      asSuperuser(async (client) => void (await client.query(sql)), h.databaseName);
    await superuser(
      `create function lose_connection() returns trigger language plpgsql as
       $$ begin raise exception 'lost' using errcode = '08006'; end $$;
       create trigger lose_connection before insert on cases execute function lose_connection()`,
    );
    try {
      return await work();
    } finally {
      await superuser('drop trigger lose_connection on cases; drop function lose_connection()');
    }
  }

  /** Files a call whose row cannot be deleted then: it stays as a crash would leave it. */
  async function stoppedAfterTheCase(number: string): Promise<void> {
    await h.sql('owner', 'revoke delete on phone_calls from denuncia_app');
    expect((await file(number)).status).toBe(500);
    await h.sql('owner', 'grant delete on phone_calls to denuncia_app');
  }
});

describe('what a call leaves behind', () => {
  it('while it goes on, is a row that tells neither what was said, nor how much, nor when', async () => {
    const empty = await begin();
    const full = await begin();
    const canary = 'CANARIO-RELATO del licenciado Fuentes';
    await save(full, { ...DRAFT, narrative: canary.repeat(20), witnesses: [{ name: 'CANARIO-TESTIGO' }] });
    const dump = await dumpDatabase(h);
    for (const text of ['CANARIO', full, full.replaceAll('-', ''), empty.replaceAll('-', '')])
      expect([text, linesWith(dump, text)]).toEqual([text, []]);
    const kept = await rows();
    expect(new Set(kept.map(({ sealed }) => (sealed as Buffer).length)).size).toBe(1);
    expect(Object.keys(kept[0]!).sort()).toEqual([
      'day',
      'filing_on',
      'institution_id',
      'number_hash',
      'sealed',
    ]);
    // Not even all the secrets open it without the number.
    const keys = new KeyRing(SECRETS);
    const [row] = kept as [{ number_hash: Buffer; sealed: Buffer }];
    const context = { table: 'phone_calls', row: row.number_hash.toString('hex'), field: 'sealed' };
    for (const key of [keys.session, keys.inbox, SECRETS.keyEncryption, keys.derive('phone-call', '')])
      expect(() => openJson(key, row.sealed, context)).toThrow();
    await Promise.all([end(empty), end(full, { discard: true })]);
  });

  it('after its end, is nothing: no row, no receipt, no line in the trail, no time', async () => {
    const account = await accountOf(OPERATOR);
    const acts = () =>
      h.sql(
        'owner',
        `select event, at from audit_entries where account_id = $1 and event <> 'SESSION_OPENED'`,
        [account],
      );
    const [before, answers] = [await acts(), await count('idempotency_answers')];
    const number = await begin();
    await save(number);
    await get(newCallNumber());
    await get(number, SECOND);
    const { body } = await file(number);
    await end(number);
    expect(await rows()).toEqual([]);
    expect(await count('idempotency_answers')).toBe(answers);
    // The trail of the case says who filed, as of every report by phone, with the day.
    expect((await acts()).slice(before.length)).toEqual([{ event: 'CASE_OPENED', at: null }]);
    const dump = await dumpDatabase(h);
    expect(linesWith(dump, number.replaceAll('-', ''))).toEqual([]);
    expect(linesWith(dump, body.accessCode)).toEqual([]);
  });

  it('when it was never resumed, ends with the third day after its last change', async () => {
    const number = await begin();
    later(DAY);
    await save(number, { narrative: 'Me pidieron' });
    later(3 * DAY);
    await h.run('phone-forget');
    expect((await get(number)).status).toBe(200);
    later(DAY);
    // Also before the sweep has come.
    expect((await get(number)).status).toBe(404);
    expect((await rows()).length).toBeGreaterThan(0);
    await h.run('phone-forget');
    expect(await rows()).toEqual([]);
  });

  const count = async (table: string): Promise<number> =>
    (await h.sql<{ n: number }>('owner', `select count(*)::int as n from ${table}`))[0]!.n;
  const accountOf = async (email: string): Promise<string> =>
    (await h.sql<{ id: string }>('owner', 'select id from accounts where email = $1', [email]))[0]!.id;
});

describe('the script', () => {
  interface Script {
    version: string;
    steps: { id: string; say: string; field: string | null; note: string | null }[];
    code: string;
  }
  const script = (query = '', language = 'es'): Promise<Answer<Script>> =>
    h.as<Script>(OPERATOR, 'GET', `/catalogs/phone-script${query}`, undefined, {
      'Accept-Language': language,
    });

  it('leads through a call in order, in the language of the screen, with the questions of a category', async () => {
    const [plain, bribery] = [(await script()).body, (await script('?category=BRIBERY', 'en')).body];
    const ids = plain.steps.map(({ id }) => id);
    expect(ids.indexOf('danger')).toBeLessThan(ids.indexOf('mode'));
    expect(ids.indexOf('mode')).toBeLessThan(ids.indexOf('narrative'));
    expect(ids.indexOf('read-back')).toBeLessThan(ids.indexOf('receipt'));
    expect(plain.steps[0]!.say).toMatch(/^Buenos días/);
    expect(bribery.steps[0]!.say).toMatch(/^Good morning/);
    const added = bribery.steps.filter(({ id }) => !ids.includes(id));
    expect(added.map(({ id }) => id)).toEqual(['bribery-asked', 'bribery-paid']);
    expect(bribery.version).toBe(plain.version);
  });

  it('knows the categories of each institution, and refuses another', async () => {
    expect((await script('?category=WORKS_QUALITY')).status).toBe(200);
    // Of the municipal institution.
    expect((await script('?category=POLICE_CONDUCT')).body.code).toBe('CATEGORY_UNKNOWN');
    for (const { code } of (
      await h.call<{ code: string }[]>('GET', '/public/catalogs/categories?institution=CONAVI-DEMO')
    ).body)
      expect([code, (await script(`?category=${code}`)).status]).toEqual([code, 200]);
  });
});
