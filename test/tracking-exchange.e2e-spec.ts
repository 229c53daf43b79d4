import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Log } from '../src/platform/logging.js';
import { AUDITOR, CaseWork, closure, DESK, INVESTIGATOR, moveTo, ok } from './builders/cases.js';
import { asSuperuser, Harness, type Receipt } from './setup/harness.js';
import { dumpDatabase, linesWith } from './support/dump.js';

let h: Harness;
let work: CaseWork;
const lines: string[] = [];
beforeAll(async () => {
  h = await Harness.start({ log: new Log('trace', { write: (line: string) => void lines.push(line) }) });
  work = new CaseWork(h);
});
afterAll(() => h.stop());

interface Exchanged {
  accessCode: string;
  token: string;
  expiresAt: string;
  code: string;
  retryAfter: number;
}
const exchange = (token: string) => h.call<Exchanged>('POST', '/tracking/access-code', { token });
const exchanged = async (token: string): Promise<Exchanged> => ok(await exchange(token));
const open = (folio: string, accessCode: string) =>
  h.call<{ token: string; code: string }>('POST', '/tracking/sessions', { body: { folio, accessCode } });
const reads = async (token: string) => (await h.call('GET', '/tracking/case', { token })).status;
const codeRow = async (folio: string) =>
  (
    await h.sql<{ digest: string; hardened: boolean; generation: number }>(
      'owner',
      `select k.digest, k.hardened, k.generation from case_access_codes k join cases c on c.id = k.case_id where c.folio = $1`,
      [folio],
    )
  )[0]!;
const FORM = /^\d{4}-\d{4}-\d{4}-\d{4}$/;

describe('an access code that the reporter exchanges', () => {
  it('gives a new code and a token for it, and the old code and every token opened with it are dead at once', async () => {
    const receipt = await h.file();
    const [ofReporter, ofOperator] = [await h.trackingToken(receipt), await h.trackingToken(receipt)];
    const answer = await exchange(ofReporter);
    expect([answer.status, answer.headers.get('cache-control'), Object.keys(answer.body).sort()]).toEqual([
      201,
      'no-store',
      ['accessCode', 'expiresAt', 'token'],
    ]);
    const { accessCode, token, expiresAt } = answer.body;
    expect(accessCode).toMatch(FORM);
    expect(accessCode).not.toBe(receipt.accessCode);
    expect(new Date(expiresAt).getTime() - h.clock.now().getTime()).toBe(30 * 60_000);

    for (const dead of [ofReporter, ofOperator]) {
      expect(await reads(dead)).toBe(401);
      expect(
        (await h.call('POST', '/tracking/messages', { token: dead, body: { text: 'Soy yo.' } })).status,
      ).toBe(401);
      expect((await exchange(dead)).status).toBe(401);
      // A dead token is nobody's: it opens no public entrance either.
      expect((await h.call('POST', '/reports', { token: dead, body: {} })).status).toBe(401);
    }
    expect(await reads(token)).toBe(200);
    const second = ok(await open(receipt.folio, accessCode)).token;
    expect(await reads(second)).toBe(200);
  });

  it('refuses the old code with the bytes of any wrong one', async () => {
    const receipt = await h.file();
    await exchanged(await h.trackingToken(receipt));
    const [old, wrong, unknown] = [
      await open(receipt.folio, receipt.accessCode),
      await open(receipt.folio, '0000-0000-0000-0000'),
      await open('CNV-2026-0000-0000-0', '0000-0000-0000-0000'),
    ];
    const told = ({ status, body }: typeof old) => [status, JSON.stringify({ ...body, requestId: '' })];
    expect(told(old)).toEqual(told(wrong));
    expect(told(old)).toEqual(told(unknown));
  });

  it('is exchanged once when two ask at once, and the other is told', async () => {
    for (let n = 0; n < 5; n++) {
      const receipt = await h.file();
      const [one, other] = [await h.trackingToken(receipt), await h.trackingToken(receipt)];
      const answers = await Promise.all([exchange(one), exchange(other)]);
      const [won] = answers.filter(({ status }) => status === 201);
      const [lost] = answers.filter(({ status }) => status !== 201);
      // Told at the update, or already at the door when the first was that much faster.
      expect(['ACCESS_CODE_ALREADY_EXCHANGED', 'UNAUTHENTICATED']).toContain(lost!.body.code);
      expect([
        await reads(won!.body.token),
        (await open(receipt.folio, won!.body.accessCode)).status,
      ]).toEqual([200, 201]);
      expect((await codeRow(receipt.folio)).generation).toBe(2);
    }
  });

  it('is not overwritten by a sweep that was hardening the old one', async () => {
    const receipts = await Promise.all(Array.from({ length: 8 }, () => h.file()));
    const tokens = await Promise.all(receipts.map((receipt) => h.trackingToken(receipt)));
    // The sweep has read all eight codes; the later ones are exchanged while it hashes the first.
    const [, ...answers] = await Promise.all([h.run('harden-access-codes'), ...tokens.map(exchange)]);
    await h.sweep();
    for (const [n, { status, body }] of answers.entries()) {
      expect(status).toBe(201);
      const { folio, accessCode } = receipts[n]!;
      expect((await open(folio, body.accessCode)).status).toBe(201);
      expect((await open(folio, accessCode)).status).toBe(401);
    }
  });

  it('is never written by a sweep over a digest that it did not read', async () => {
    await h.sweep();
    await Promise.all(Array.from({ length: 8 }, () => h.file()));
    const waiting = async () =>
      (
        await h.sql<{ n: number }>(
          'owner',
          'select count(*)::int as n from case_access_codes where not hardened',
        )
      )[0]!.n;
    const sweeping = h.run('harden-access-codes');
    while ((await waiting()) === 8);
    // As another code that waits to be hardened would stand there.
    const changed = await h.sql(
      'owner',
      `with changed as (update case_access_codes set digest = 'of the next code' where not hardened returning 1) select * from changed`,
    );
    await sweeping;
    expect(changed.length).toBeGreaterThan(0);
    const kept = await h.sql(
      'owner',
      `select hardened from case_access_codes where digest = 'of the next code'`,
    );
    expect(kept).toEqual(changed.map(() => ({ hardened: false })));
  });

  it('stands hardened at once: no row tells for a moment that its reporter was here', async () => {
    const receipt = await h.file();
    await h.sweep();
    await exchanged(await h.trackingToken(receipt));
    expect(await codeRow(receipt.folio)).toEqual({
      digest: expect.stringMatching(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/),
      hardened: true,
      generation: 2,
    });
  });

  it('works for a case that is closed', async () => {
    const receipt = await h.file({ category: 'FRAUD' });
    ok(await work.post(DESK, receipt.folio, 'triage', { area: 'OIC', reason: 'Procede.' }));
    await work.investigate(receipt.folio, INVESTIGATOR);
    ok(await work.post(INVESTIGATOR, receipt.folio, 'closure', closure('no_elements')));
    await h.sql('owner', `update cases set status = 'closed' where folio = $1`, [receipt.folio]);
    const { accessCode } = await exchanged(await h.trackingToken(receipt));
    const { token } = ok(await open(receipt.folio, accessCode));
    expect(await reads(token)).toBe(200);
  });

  it('is bounded per case and day: five, then 429 until the local day ends, and the last code still works', async () => {
    const receipt = await h.file();
    let last = await exchanged(await h.trackingToken(receipt));
    for (let n = 1; n < 5; n++) last = await exchanged(last.token);
    const refused = await exchange(last.token);
    expect([refused.status, refused.body.code]).toEqual([429, 'TOO_MANY_EXCHANGES']);
    // Ten in the morning in Mexico City: fourteen hours.
    expect([refused.body.retryAfter, refused.headers.get('retry-after')]).toEqual([
      14 * 3600,
      String(14 * 3600),
    ]);
    expect([await reads(last.token), (await open(receipt.folio, last.accessCode)).status]).toEqual([
      200, 201,
    ]);
    const bystander = await h.file();
    expect((await exchange(await h.trackingToken(bystander))).status).toBe(201);

    const before = h.clock.now();
    moveTo(h, '2026-11-11T06:00:00Z');
    expect((await exchange(ok(await open(receipt.folio, last.accessCode)).token)).status).toBe(201);
    h.clock.set(before);
  });
});

describe('an exchange in the trail', () => {
  const entries = (folio: string) =>
    h.sql(
      'owner',
      `select e.case_seq, e.at, e.day::text as day, e.actor_kind, e.account_id, e.reading from audit_entries e
                      join cases c on c.id = e.case_id where c.folio = $1 and e.event = 'ACCESS_CODE_EXCHANGED'`,
      [folio],
    );

  it('is one act of the reporter, by day only and without a place among the acts of staff', async () => {
    const receipt = await h.file();
    await exchanged(await h.trackingToken(receipt));
    expect(await entries(receipt.folio)).toEqual([
      {
        case_seq: null,
        at: null,
        day: '2026-11-10',
        actor_kind: 'reporter',
        account_id: null,
        reading: false,
      },
    ]);
  });

  it('stands there only if the code was exchanged, and the code only if the entry stands', async () => {
    const receipt = await h.file();
    const token = await h.trackingToken(receipt);
    const before = await codeRow(receipt.folio);
    const ruin = (sql: string) => asSuperuser((client) => client.query(sql), h.databaseName);
    await ruin(
      `create function broken() returns trigger language plpgsql as $$ begin raise exception 'no'; end $$;
       create trigger broken before insert on audit_pending for each row execute function broken()`,
    );
    expect((await exchange(token)).status).toBe(500);
    await ruin('drop trigger broken on audit_pending; drop function broken()');
    expect([await entries(receipt.folio), await codeRow(receipt.folio)]).toEqual([[], before]);
    expect((await exchange(token)).status).toBe(201);
  });

  it('shows from the next day on, at the end of its day: whoever polls the trail does not learn its minute', async () => {
    const receipt = await h.file({ category: 'FRAUD' });
    const before = h.clock.now();
    const shown = async () =>
      ok(
        await h.as<{ items: { event: string; at: string | null; data: object }[] }>(
          AUDITOR,
          'GET',
          `/cases/${receipt.folio}/audit?limit=100`,
        ),
      ).items;
    await exchanged(await h.trackingToken(receipt));
    await h.as(DESK, 'POST', `/cases/${receipt.folio}/notes`, { text: 'Revisar.' });
    expect((await shown()).map(({ event }) => event)).not.toContain('ACCESS_CODE_EXCHANGED');
    moveTo(h, '2026-11-11T16:00:00Z');
    h.forgetTokens();
    const items = await shown();
    const at = items.findIndex(({ event }) => event === 'ACCESS_CODE_EXCHANGED');
    expect(at).toBeGreaterThan(items.findIndex(({ event }) => event === 'NOTE_WRITTEN'));
    expect(items[at]).toMatchObject({ at: null, data: {} });
    h.clock.set(before);
    h.forgetTokens();
  });

  it('leaves neither code nor token in the database, the log or an URL', async () => {
    const receipt: Receipt = await h.file();
    const old = await h.trackingToken(receipt);
    const { accessCode, token } = await exchanged(old);
    await exchange(old);
    await open(receipt.folio, receipt.accessCode);
    const dump = [...(await dumpDatabase(h)), ...lines];
    const digits = accessCode.replaceAll('-', '');
    for (const secret of [
      accessCode,
      digits,
      accessCode.replaceAll('-', ' '),
      `${receipt.folio}|${digits}`,
      token,
    ])
      expect([secret, linesWith(dump, secret)]).toEqual([secret, []]);
  });
});

describe('the function that checks a token before anybody is known', () => {
  const ask = (login: 'app' | 'public', caseId: string, generation: number | null) =>
    h.sql(login, 'select * from auth_tracking_token($1, $2)', [caseId, generation]);

  it('tells the application one column, for the code that works only, and the public login nothing', async () => {
    const { folio } = await h.file();
    const [row] = await h.sql<{ id: string; institution_id: string }>(
      'owner',
      'select id, institution_id from cases where folio = $1',
      [folio],
    );
    expect(await ask('app', row!.id, 1)).toEqual([{ institution_id: row!.institution_id }]);
    for (const generation of [0, 2, null]) expect(await ask('app', row!.id, generation)).toEqual([]);
    await expect(ask('public', row!.id, 1)).rejects.toThrow(/permission denied/);
  });
});
