import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  ADMIN,
  AUDITOR,
  CaseWork,
  DESK,
  HEAD,
  INVESTIGATOR,
  moveTo,
  ok,
  OPERATOR,
  AREA,
  OTHER_AREA,
  OTHER_INVESTIGATOR,
} from './builders/cases.js';
import { withAgreement, type AccountBody } from './builders/accounts.js';
import { Harness, type Receipt } from './setup/harness.js';

interface Notice {
  id: string;
  kind: string;
  folio: string;
  metric: string | null;
  at: string;
  readAt: string | null;
}

const EVERYBODY = [
  DESK,
  INVESTIGATOR,
  OTHER_INVESTIGATOR,
  HEAD,
  AUDITOR,
  OPERATOR,
  ADMIN,
  'mesa@acolman.demo',
];

let h: Harness;
let work: CaseWork;
beforeEach(async () => {
  h = await Harness.start();
  work = new CaseWork(h);
});
afterEach(() => h.stop());

const notices = async (email: string): Promise<Notice[]> =>
  ok(await h.as<{ items: Notice[] }>(email, 'GET', '/notifications?limit=100')).items;
/** Who was told what of a case: `kind` by account, those who were told nothing left out. */
async function told(folio: string, people = EVERYBODY): Promise<Record<string, string[]>> {
  const all: Record<string, string[]> = {};
  for (const email of people) {
    const own = (await notices(email)).filter((notice) => notice.folio === folio);
    if (own.length > 0) all[email] = own.map(({ kind }) => kind).sort();
  }
  return all;
}
const writes = (receipt: Receipt, text = 'Un dato más.') =>
  work.asReporter(receipt, 'POST', 'messages', { text });
const answers = (receipt: Receipt, id: string) =>
  work.asReporter(receipt, 'POST', `information-requests/${id}/answer`, { text: 'El lunes.' });
const idOf = async (email: string): Promise<string> =>
  (await h.sql<{ id: string }>('owner', 'select id from accounts where email = $1', [email]))[0]!.id;
const change = async (email: string, body: object): Promise<unknown> => {
  const asked = await h.as<AccountBody>(ADMIN, 'PATCH', `/admin/accounts/${await idOf(email)}`, body);
  const done = await withAgreement(h, asked);
  h.forgetTokens();
  return done;
};
const setActive = async (email: string, active: boolean): Promise<unknown> => {
  return change(email, { active });
};

describe('a reporter who writes', () => {
  it('is noticed by who works the case, once until it is read', async () => {
    const receipt = await work.bring('under_investigation');
    for (let n = 0; n < 3; n++) ok(await writes(receipt));
    expect(await told(receipt.folio)).toEqual({ [INVESTIGATOR]: ['reporter_wrote'] });
    const [notice] = await notices(INVESTIGATOR);
    expect(notice).toEqual({
      id: expect.any(String),
      kind: 'reporter_wrote',
      kindLabel: 'Quien denuncia escribió',
      folio: receipt.folio,
      metric: null,
      metricLabel: null,
      approval: null,
      account: null,
      at: '2026-11-10T00:00:00-06:00',
      readAt: null,
      summary: `Quien denuncia escribió en el caso ${receipt.folio}.`,
    });
    ok(await h.as(INVESTIGATOR, 'POST', `/notifications/${notice!.id}/read`));
    const id = await work.ask(receipt.folio, 5, INVESTIGATOR);
    ok(await answers(receipt, id));
    ok(await writes(receipt));
    expect(await told(receipt.folio)).toEqual({ [INVESTIGATOR]: ['reporter_wrote', 'reporter_wrote'] });
    expect((await notices(INVESTIGATOR)).filter(({ readAt }) => readAt === null)).toHaveLength(1);
  });

  it('of another case is another notice', async () => {
    for (const receipt of [await work.bring('under_investigation'), await work.bring('under_investigation')])
      ok(await writes(receipt));
    expect(await notices(INVESTIGATOR)).toHaveLength(2);
  });

  it('is noticed by the heads of the area while nobody works the case, by the desk where there is no head', async () => {
    const headed = await work.bring('assigned');
    ok(await writes(headed));
    expect(await told(headed.folio)).toEqual({ [HEAD]: ['reporter_wrote'] });
    const headless = await work.file({ category: 'BAD_SERVICE' });
    expect(headless.area.code).toBe(OTHER_AREA);
    ok(await writes(headless));
    expect(await told(headless.folio)).toEqual({ [DESK]: ['reporter_wrote'] });
    const atTheDesk = await work.bring('in_triage');
    ok(await writes(atTheDesk));
    expect(await told(atTheDesk.folio)).toEqual({ [DESK]: ['reporter_wrote'] });
  });

  it('is noticed by the heads when the assignee left, or left the area', async () => {
    const receipt = await work.bring('under_investigation');
    await h.sql('owner', 'update accounts set active = false where email = $1', [INVESTIGATOR]);
    ok(await writes(receipt));
    expect(await told(receipt.folio, [HEAD, DESK])).toEqual({ [HEAD]: ['reporter_wrote'] });
    await h.sql('owner', 'update accounts set active = true where email = $1', [INVESTIGATOR]);
    expect(await notices(INVESTIGATOR)).toEqual([]);

    const moved = await work.bring('under_investigation');
    await change(INVESTIGATOR, { areas: [OTHER_AREA] });
    ok(await writes(moved));
    expect(await told(moved.folio, [HEAD, DESK])).toEqual({ [HEAD]: ['assignee_left', 'reporter_wrote'] });
    await change(INVESTIGATOR, { areas: ['OIC'] });
    expect(await notices(INVESTIGATOR)).toEqual([]);
  });

  it('leaves no time in the row, whatever the hour and whatever stands beside it', async () => {
    moveTo(h, '2026-11-11T02:34:56.789Z');
    const receipt = await work.bring('assigned');
    ok(await work.post(HEAD, receipt.folio, 'assignment', { assignee: INVESTIGATOR }));
    moveTo(h, '2026-11-11T03:45:06.789Z');
    ok(await writes(receipt));
    const rows = await h.sql<{ row: Record<string, unknown> }>(
      'owner',
      `select to_jsonb(n) - 'id' - 'institution_id' - 'account_id' - 'case_id' as row from notices n order by kind`,
    );
    // Still the tenth where the institution is.
    const of = { approval_id: null, about_account_id: null };
    const day = { metric: null, at: '2026-11-10T06:00:00.000Z', read_at: null, ...of };
    expect(rows.map(({ row }) => ({ ...row, at: new Date(String(row.at)).toISOString() }))).toEqual([
      { ...day, kind: 'case_assigned' },
      { ...day, kind: 'reporter_wrote' },
    ]);
  });

  it('is not heard without the notice: both are one transaction', async () => {
    const receipt = await work.bring('under_investigation');
    await h.sql('owner', 'revoke insert on notices from denuncia_app');
    expect((await writes(receipt)).status).toBe(500);
    await h.sql('owner', 'grant insert on notices to denuncia_app');
    const { entries, awaitingAnswer } = await work.read(receipt.folio);
    expect([entries.filter(({ kind }) => kind === 'message'), awaitingAnswer]).toEqual([[], false]);
  });

  it('at the same time as others reads them loses no notice', async () => {
    const receipt = await work.bring('under_investigation');
    ok(await writes(receipt));
    for (let n = 0; n < 5; n++) {
      const unread = (await notices(INVESTIGATOR)).find(({ readAt }) => readAt === null)!;
      const token = await h.trackingToken(receipt);
      const both = await Promise.all([
        h.as(INVESTIGATOR, 'POST', `/notifications/${unread.id}/read`),
        h.call('POST', '/tracking/messages', { token, body: { text: 'Otro dato.' } }),
      ]);
      expect(both.map(({ status }) => status)).toEqual([204, 204]);
      // Written before the reading, it was read with the notice that stood; written after, it has one of its
      // own.
      ok(await writes(receipt));
      expect((await notices(INVESTIGATOR)).filter(({ readAt }) => readAt === null)).toHaveLength(1);
    }
  });
});

describe('a reporter who waits for an answer', () => {
  interface Item {
    folio: string;
    awaitingAnswer: boolean;
  }
  const listed = async (query = ''): Promise<string[]> =>
    ok(await h.as<{ items: Item[] }>(HEAD, 'GET', `/cases?${query}`)).items.map(
      ({ folio, awaitingAnswer }) => `${folio} ${awaitingAnswer}`,
    );
  /** What detail, list and both sides of the filter say; they must agree. */
  async function waits({ folio }: Receipt): Promise<boolean> {
    const { awaitingAnswer } = await work.read(folio);
    expect(await listed()).toContain(`${folio} ${awaitingAnswer}`);
    expect(await listed(`awaitingAnswer=${awaitingAnswer}`)).toContain(`${folio} ${awaitingAnswer}`);
    expect((await listed(`awaitingAnswer=${!awaitingAnswer}`)).some((line) => line.startsWith(folio))).toBe(
      false,
    );
    return awaitingAnswer;
  }

  it('is marked until a message or a question answers, not by a note or a move', async () => {
    const receipt = await work.file();
    expect(await waits(receipt)).toBe(false);
    ok(await writes(receipt));
    expect(await waits(receipt)).toBe(true);
    await work.triage(receipt.folio);
    await work.investigate(receipt.folio);
    ok(await work.post(INVESTIGATOR, receipt.folio, 'notes', { text: 'Contestar mañana.' }));
    expect(await waits(receipt)).toBe(true);
    ok(await work.post(INVESTIGATOR, receipt.folio, 'messages', { text: 'Gracias, lo revisamos.' }));
    expect(await waits(receipt)).toBe(false);

    ok(await writes(receipt));
    const id = await work.ask(receipt.folio);
    expect(await waits(receipt)).toBe(false);
    ok(await answers(receipt, id));
    expect(await waits(receipt)).toBe(true);
  });

  it('is answered by the closing text; an objection to it waits until it is answered, also in the archive', async () => {
    const receipt = await work.bring('under_investigation');
    ok(await writes(receipt));
    await work.close(receipt.folio, 'no_elements');
    expect(await waits(receipt)).toBe(false);
    ok(await writes(receipt, 'No estoy de acuerdo.'));
    expect(await waits(receipt)).toBe(true);
    moveTo(h, '2026-11-27T16:00:00Z');
    await h.sweep();
    expect((await work.read(receipt.folio)).status).toBe('closed');
    expect(await waits(receipt)).toBe(true);
    ok(await work.post(HEAD, receipt.folio, 'messages', { text: 'Lo revisamos: no hay elementos nuevos.' }));
    expect(await waits(receipt)).toBe(false);

    const dismissed = await work.file();
    ok(await writes(dismissed));
    await work.close(dismissed.folio, 'inadmissible', DESK);
    expect(await waits(dismissed)).toBe(false);
  });
});

describe('a case that is given to somebody', () => {
  it('is a notice to that person, not to oneself nor a second time', async () => {
    const { folio } = await work.bring('assigned');
    const give = (from: string, to: string) => work.post(from, folio, 'assignment', { assignee: to });
    ok(await give(HEAD, INVESTIGATOR));
    ok(await give(HEAD, INVESTIGATOR));
    expect(await told(folio)).toEqual({ [INVESTIGATOR]: ['case_assigned'] });
    ok(await give(HEAD, HEAD));
    expect(await told(folio)).toEqual({ [INVESTIGATOR]: ['case_assigned'] });
    ok(await give(DESK, INVESTIGATOR));
    expect(await told(folio)).toEqual({ [INVESTIGATOR]: ['case_assigned', 'case_assigned'] });
    const [notice] = await notices(INVESTIGATOR);
    expect(notice).toMatchObject({ folio, metric: null, at: '2026-11-10T00:00:00-06:00', readAt: null });

    const taken = await work.bring('in_triage');
    const begun = await work.bring('under_investigation');
    for (const receipt of [taken, begun]) expect(await told(receipt.folio)).toEqual({});
  });
});

describe('an account that is deactivated', () => {
  it('leaves each open case to the heads of its area, which are told of each once', async () => {
    const mine = [await work.bring('under_investigation'), await work.bring('under_investigation')];
    const asked = await work.bring('under_investigation');
    await work.ask(asked.folio, 5, INVESTIGATOR);
    const ended = await work.bring('resolved');
    const others = await work.bring('assigned');
    ok(await work.post(HEAD, others.folio, 'assignment', { assignee: HEAD }));

    const answer = await setActive(INVESTIGATOR, false);
    // Who keeps accounts learns nothing of cases.
    expect(Object.keys(answer as object).sort()).toEqual(
      [
        'active',
        'areas',
        'createdAt',
        'email',
        'id',
        'mustChangePassword',
        'name',
        'roleLabels',
        'roles',
        'signInSlowedUntil',
      ].sort(),
    );
    const people = [DESK, HEAD, ADMIN, OTHER_INVESTIGATOR, AUDITOR];
    for (const { folio } of [...mine, asked])
      expect(await told(folio, people)).toEqual({ [HEAD]: ['assignee_left'] });
    for (const { folio } of [ended, others]) expect(await told(folio, people)).toEqual({});
    const [notice] = await notices(HEAD);
    expect(notice).toMatchObject({ metric: null, at: '2026-11-10T00:00:00-06:00', readAt: null });

    // Nothing happens by saying it again, nor by another change.
    await setActive(INVESTIGATOR, false);
    ok(await h.as(ADMIN, 'PATCH', `/admin/accounts/${await idOf(INVESTIGATOR)}`, { name: 'Se fue' }));
    await setActive(INVESTIGATOR, true);
    const left = (await notices(HEAD)).filter(({ kind }) => kind === 'assignee_left');
    expect(left).toHaveLength(3);
  });

  it('leaves the cases of an area without a head, or whose head it was, to the desk', async () => {
    const headless = await work.bring('assigned', { category: 'BAD_SERVICE' });
    ok(await work.post(DESK, headless.folio, 'assignment', { assignee: OTHER_INVESTIGATOR }));
    await setActive(OTHER_INVESTIGATOR, false);
    expect(await told(headless.folio, [DESK, HEAD, AUDITOR])).toEqual({ [DESK]: ['assignee_left'] });

    const own = await work.bring('assigned');
    ok(await work.post(HEAD, own.folio, 'assignment', { assignee: HEAD }));
    await setActive(HEAD, false);
    expect(await told(own.folio, [DESK, INVESTIGATOR, AUDITOR])).toEqual({ [DESK]: ['assignee_left'] });
  });

  it('or lost the area of its cases leaves them to the head; those it still reaches stay with it', async () => {
    const lost = await work.bring('under_investigation');
    await change(INVESTIGATOR, { areas: [AREA, OTHER_AREA] });
    expect(await told(lost.folio, [HEAD])).toEqual({});
    await change(INVESTIGATOR, { areas: [OTHER_AREA] });
    expect(await told(lost.folio, [HEAD, DESK])).toEqual({ [HEAD]: ['assignee_left'] });
    await change(INVESTIGATOR, { areas: [AREA] });
  });

  it('is told of no deadline any more', async () => {
    const { folio } = await work.bring('under_investigation');
    await setActive(INVESTIGATOR, false);
    moveTo(h, '2026-11-23T16:00:00Z');
    await h.sweep();
    expect(await told(folio, [HEAD])).toEqual({ [HEAD]: ['assignee_left', 'deadline_warning'] });
    expect(
      await h.sql('owner', 'select 1 from notices where account_id = $1', [await idOf(INVESTIGATOR)]),
    ).toEqual([]);
  });

  it('is shown as such beside the cases it still holds, which are found by it', async () => {
    const { folio } = await work.bring('under_investigation');
    const id = await idOf(INVESTIGATOR);
    const shown = async () => {
      type Page = { items: { folio: string; assignee: unknown }[] };
      const { items } = ok(await h.as<Page>(HEAD, 'GET', `/cases?assignee=${id}`));
      return [items.map((item) => item.folio), items[0]?.assignee, (await work.read(folio, HEAD)).assignee];
    };
    const assignee = { id, name: 'Investigación (demostración)', active: true };
    expect(await shown()).toEqual([[folio], assignee, assignee]);
    await setActive(INVESTIGATOR, false);
    expect(await shown()).toEqual([[folio], { ...assignee, active: false }, { ...assignee, active: false }]);
  });

  it('stays active when the notices cannot be written: both are one transaction', async () => {
    await work.bring('under_investigation');
    await h.sql('owner', 'revoke insert on notices from denuncia_app');
    const id = await idOf(INVESTIGATOR);
    expect((await h.as(ADMIN, 'PATCH', `/admin/accounts/${id}`, { active: false })).status).toBe(500);
    expect(await h.sql('owner', 'select active from accounts where id = $1', [id])).toEqual([
      { active: true },
    ]);
  });
});
