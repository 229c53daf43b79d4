import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  AREA,
  AUDITOR,
  CaseWork,
  closure,
  DESK,
  HEAD,
  INVESTIGATOR,
  moveTo,
  ok,
  OTHER_AREA,
  OTHER_INVESTIGATOR,
  type CaseBody,
} from './builders/cases.js';
import { START_TIME } from './setup/constants.js';
import { Harness, type Receipt } from './setup/harness.js';

let h: Harness;
let work: CaseWork;
async function start(): Promise<void> {
  h = await Harness.start();
  work = new CaseWork(h);
}
beforeAll(start);
afterAll(() => h.stop());

const REACHED = [
  'received',
  'in_triage',
  'assigned',
  'under_investigation',
  'awaiting_reporter',
  'resolved',
  'closed',
] as const;
/** Of later moves: no command leads there yet. */
const RESERVED = ['referred', 'merged'] as const;
const OPEN = REACHED.slice(0, 5);

/**
 * The contract's table, by hand: who moves, with what, from which states, where to ('same' = the state
 * stays).
 */
const MOVES: Record<
  string,
  { by: string; path: string; body: unknown; answers: number; to: Record<string, string> }
> = {
  triage: {
    by: DESK,
    path: 'triage',
    body: { reason: 'Confirmo.' },
    answers: 200,
    to: { received: 'assigned', in_triage: 'assigned', assigned: 'assigned' },
  },
  'assignment to the desk': {
    by: DESK,
    path: 'assignment',
    body: { assignee: DESK },
    answers: 200,
    to: { received: 'in_triage' },
  },
  'assignment to an investigator': {
    by: HEAD,
    path: 'assignment',
    body: { assignee: INVESTIGATOR },
    answers: 200,
    to: { assigned: 'assigned', under_investigation: 'under_investigation' },
  },
  transfer: {
    by: DESK,
    path: 'transfers',
    body: { area: 'JURIDICO', reason: 'Es de jurídico.' },
    answers: 200,
    to: { assigned: 'assigned', under_investigation: 'assigned', awaiting_reporter: 'assigned' },
  },
  investigation: {
    by: INVESTIGATOR,
    path: 'investigation',
    body: {},
    answers: 200,
    to: { assigned: 'under_investigation' },
  },
  'information request': {
    by: DESK,
    path: 'information-requests',
    body: { question: '¿Dónde fue?', businessDays: 5 },
    answers: 201,
    to: {
      in_triage: 'awaiting_reporter',
      assigned: 'awaiting_reporter',
      under_investigation: 'awaiting_reporter',
    },
  },
  message: {
    by: INVESTIGATOR,
    path: 'messages',
    body: { text: 'Seguimos trabajando.' },
    answers: 201,
    // Of ended ones only as long as the reporter may write: see after-the-end.e2e-spec.ts.
    to: Object.fromEntries([...OPEN, 'resolved', 'closed'].map((status) => [status, status])),
  },
  note: {
    by: INVESTIGATOR,
    path: 'notes',
    body: { text: 'Revisar con el archivo.' },
    answers: 201,
    to: Object.fromEntries(OPEN.map((status) => [status, status])),
  },
  conclusion: {
    by: INVESTIGATOR,
    path: 'closure',
    body: closure('no_elements'),
    answers: 200,
    to: { under_investigation: 'resolved' },
  },
  dismissal: {
    by: DESK,
    path: 'closure',
    body: closure('withdrawn'),
    answers: 200,
    to: Object.fromEntries(OPEN.map((status) => [status, 'closed'])),
  },
  reopening: {
    by: AUDITOR,
    path: 'reopening',
    body: { reason: 'Hay elementos nuevos.' },
    answers: 200,
    // The closed case of the builder was never investigated.
    to: { resolved: 'under_investigation', closed: 'in_triage' },
  },
};

const pairs = [...REACHED, ...RESERVED].flatMap((status) =>
  Object.keys(MOVES).map((move) => ({ status, move })),
);
const allowed = pairs.filter(({ status, move }) => MOVES[move]!.to[status] !== undefined);
const forbidden = pairs.filter(({ status, move }) => MOVES[move]!.to[status] === undefined);

describe('a move', () => {
  it.each(allowed)('from $status: $move is made', async ({ status, move }) => {
    const { by, path, body, answers, to } = MOVES[move]!;
    const { folio } = await work.bring(status);
    const before = await work.read(folio);
    expect(before.status).toBe(status);
    const answer = await work.post(by, folio, path, body);
    expect([answer.status, answer.body.version]).toEqual([answers, before.version + 1]);
    const after = await work.read(folio);
    expect([after.status, after.version]).toEqual([to[status], before.version + 1]);
    if ('status' in answer.body) expect(answer.body.status).toBe(to[status]);
  });

  const resting = new Map<string, Promise<string>>();
  /** One case per state serves all refusals, for a refusal changes nothing. */
  function atRest(status: string): Promise<string> {
    const folio = resting.get(status) ?? makeAtRest(status);
    resting.set(status, folio);
    return folio;
  }
  async function makeAtRest(status: string): Promise<string> {
    if ((REACHED as readonly string[]).includes(status)) return (await work.bring(status)).folio;
    const { folio } = await work.bring('received');
    await h.sql('owner', 'update cases set status = $2 where folio = $1', [folio, status]);
    return folio;
  }

  it.each(forbidden)('from $status: $move is refused and changes nothing', async ({ status, move }) => {
    const { by, path, body } = MOVES[move]!;
    const folio = await atRest(status);
    const before = await work.read(folio);
    const answer = await work.post(by, folio, path, body);
    expect([answer.status, answer.body.code]).toEqual([409, 'ILLEGAL_MOVE']);
    const after = await work.read(folio);
    expect([after.status, after.version, after.entries.length, after.expediente]).toEqual([
      status,
      before.version,
      before.entries.length,
      before.expediente,
    ]);
  });

  it('stands in the detail among the moves that the state allows', async () => {
    const { folio } = await work.bring('assigned');
    expect((await work.read(folio)).moves.sort()).toEqual(
      [
        'ask_reporter',
        'assign_to_investigator',
        'dismiss',
        'start_investigation',
        'transfer',
        'triage',
      ].sort(),
    );
  });

  it.each(Object.entries(MOVES))(
    'of an unknown folio is answered 404: %s',
    async (_name, { by, path, body }) => {
      const answer = await work.post(by, 'CNV-2026-0000-0000-0', path, body);
      expect([answer.status, answer.body.code]).toEqual([404, 'CASE_NOT_FOUND']);
    },
  );
});

describe('closing', () => {
  it.each(['sanction_proceedings', 'measures_taken', 'no_elements'])(
    'with %s resolves an investigation, by investigator and area head, never by the desk',
    async (outcome) => {
      for (const email of [INVESTIGATOR, HEAD]) {
        const { folio } = await work.bring('under_investigation');
        const refused = await work.post(DESK, folio, 'closure', closure(outcome));
        expect([refused.status, refused.body.code]).toEqual([403, 'FORBIDDEN']);
        expect((await work.close(folio, outcome, email)).status).toBe('resolved');
        expect((await work.read(folio)).outcome).toBe(outcome);
      }
    },
  );

  it.each(['inadmissible', 'withdrawn'])('as %s is for all three, from any open state', async (outcome) => {
    for (const email of [DESK, INVESTIGATOR, HEAD]) {
      const { folio } = await work.bring('under_investigation');
      expect((await work.close(folio, outcome, email)).status).toBe('closed');
    }
  });

  it('is not for the auditor, and needs a known outcome, grounds and a text for the reporter', async () => {
    const { folio } = await work.bring('under_investigation');
    expect((await work.post(AUDITOR, folio, 'closure', closure('no_elements'))).status).toBe(403);
    for (const change of [{ outcome: 'solved' }, { grounds: undefined }, { publicText: '' }]) {
      const { status } = await work.post(INVESTIGATOR, folio, 'closure', {
        ...closure('no_elements'),
        ...change,
      });
      expect(status).toBe(400);
    }
  });

  it('leaves no question open', async () => {
    const receipt = await work.bring('awaiting_reporter');
    await work.close(receipt.folio, 'withdrawn', DESK);
    const { status, informationRequests } = await work.read(receipt.folio);
    expect([status, informationRequests.map(({ state }) => state)]).toEqual(['closed', ['withdrawn']]);
  });
});

describe('an assignment', () => {
  it('is by e-mail or id, to the desk or to who works in the area of the case', async () => {
    const { folio } = await work.bring('assigned');
    const { body: me } = await h.as<{ id: string; name: string }>(INVESTIGATOR, 'GET', '/auth/me');
    for (const assignee of [me.id, me.id.toUpperCase(), 'Investigador@CONAVI.demo']) {
      expect((await work.post(HEAD, folio, 'assignment', { assignee })).status).toBe(200);
      expect((await work.read(folio)).assignee).toEqual({ id: me.id, name: me.name, active: true });
    }
    expect((await work.post(HEAD, folio, 'assignment', { assignee: HEAD })).status).toBe(200);
    for (const assignee of [
      OTHER_INVESTIGATOR,
      AUDITOR,
      'admin@conavi.demo',
      'investigador@acolman.demo',
      'nadie@conavi.demo',
    ]) {
      const answer = await work.post(HEAD, folio, 'assignment', { assignee });
      expect([answer.status, answer.body.code]).toEqual([422, 'ASSIGNEE_UNSUITABLE']);
    }
  });

  it.each([
    ['received', [`${DESK} true`]],
    ['in_triage', []],
    ['assigned', [`${INVESTIGATOR} false`, `${HEAD} false`]],
    ['under_investigation', [`${INVESTIGATOR} false`, `${HEAD} false`]],
    ['awaiting_reporter', []],
    ['resolved', []],
    ['closed', []],
  ])('of a case that is %s is offered to %j: to whom it can be given now', async (status, offered) => {
    const { folio } = await work.bring(status);
    const choice = await h.as<{ email: string; desk: boolean }[]>(DESK, 'GET', `/cases/${folio}/assignable`);
    expect(choice.body.map(({ email, desk }) => `${email} ${desk}`)).toEqual(offered);
    const takers: string[] = [];
    for (const assignee of [INVESTIGATOR, DESK, HEAD, OTHER_INVESTIGATOR]) {
      // Each on its own copy: the first assignment may change the state.
      const { folio: copy } = await work.bring(status);
      const answer = await work.post(DESK, copy, 'assignment', { assignee });
      if (answer.status === 200) takers.push(`${assignee} ${assignee === DESK}`);
    }
    expect(takers).toEqual(offered);
  });

  it('to somebody deactivated is refused', async () => {
    const { folio } = await work.bring('assigned');
    await h.sql('owner', 'update accounts set active = false where email = $1', [INVESTIGATOR]);
    const answer = await work.post(HEAD, folio, 'assignment', { assignee: INVESTIGATOR });
    await h.sql('owner', 'update accounts set active = true where email = $1', [INVESTIGATOR]);
    expect([answer.status, answer.body.code]).toEqual([422, 'ASSIGNEE_UNSUITABLE']);
  });

  it('to the desk ends with triage, so that the area sees a case nobody works', async () => {
    const { folio } = await work.bring('in_triage');
    expect((await work.read(folio)).assignee?.name).toContain('Mesa');
    await work.triage(folio);
    expect((await work.read(folio)).assignee).toBeNull();
    await work.investigate(folio);
    expect((await work.read(folio)).assignee?.name).toContain('Investigación');
  });
});

describe('a transfer', () => {
  it('clears the assignee and keeps expediente, history and clocks', async () => {
    const { folio } = await work.bring('under_investigation');
    const before = await work.read(folio);
    expect(before.expediente).toMatch(/^OIC\/FRA\/\d{4}\/2026$/);
    const moved = await work.transfer(folio, OTHER_AREA);
    expect(moved).toMatchObject({
      status: 'assigned',
      area: { code: OTHER_AREA },
      expediente: before.expediente,
    });
    const after = await work.read(folio);
    expect([after.assignee, after.expediente]).toEqual([null, before.expediente]);
    expect(after.entries.slice(0, before.entries.length)).toEqual(before.entries);
    expect(after.deadlines).toEqual(before.deadlines);
    const again = await work.investigate(folio, OTHER_INVESTIGATOR);
    expect(again.expediente).toBe(before.expediente);
  });

  it('by the head of the area carries the case out of its reach and is answered 200', async () => {
    const { folio } = await work.bring('under_investigation');
    const moved = await work.post(HEAD, folio, 'transfers', { area: OTHER_AREA, reason: 'Es de subsidios.' });
    expect([moved.status, moved.body.area.code]).toEqual([200, OTHER_AREA]);
    for (const email of [HEAD, INVESTIGATOR]) {
      expect((await h.as<CaseBody>(email, 'GET', `/cases/${folio}`)).status).toBe(404);
      expect((await work.post(email, folio, 'messages', { text: 'Hola' })).status).toBe(404);
    }
    expect((await h.as(OTHER_INVESTIGATOR, 'GET', `/cases/${folio}`)).status).toBe(200);
  });

  it.each([
    ['the same area', AREA, 409, 'SAME_AREA'],
    ['an area that does not exist', 'NADA', 422, 'AREA_UNKNOWN'],
    ['an area of another institution', 'CONTRALORIA', 422, 'AREA_UNKNOWN'],
  ])('to %s is refused', async (_name, area, status, code) => {
    const { folio } = await work.bring('assigned');
    const answer = await work.post(DESK, folio, 'transfers', { area, reason: 'Por probar.' });
    expect([answer.status, answer.body.code]).toEqual([status, code]);
    expect((await work.read(folio)).area.code).toBe(AREA);
  });
});

describe('an information request', () => {
  it.each(['in_triage', 'assigned', 'under_investigation'])(
    'returns with the answer to %s',
    async (status) => {
      const receipt = await work.bring(status);
      const id = await work.ask(receipt.folio);
      const answered = await work.asReporter(receipt, 'POST', `information-requests/${id}/answer`, {
        text: 'El lunes.',
      });
      expect(answered.status).toBe(204);
      const { status: now, informationRequests } = await work.read(receipt.folio);
      expect(now).toBe(status);
      expect(informationRequests).toMatchObject([{ id, answer: 'El lunes.', state: 'answered' }]);
      // And may be asked again.
      await work.ask(receipt.folio);
    },
  );

  it('stays open through a transfer: the answer arrives and moves nothing', async () => {
    const receipt = await work.bring('under_investigation');
    const id = await work.ask(receipt.folio);
    await work.transfer(receipt.folio, OTHER_AREA);
    expect(
      (await work.asReporter(receipt, 'POST', `information-requests/${id}/answer`, { text: 'El martes.' }))
        .status,
    ).toBe(204);
    const after = await work.read(receipt.folio);
    expect([after.status, after.informationRequests[0]?.answer]).toEqual(['assigned', 'El martes.']);
  });

  it('is withdrawn by a question of the new area, and with the end of the case: it did not expire', async () => {
    const receipt = await work.bring('under_investigation');
    const first = await work.ask(receipt.folio);
    await work.transfer(receipt.folio, OTHER_AREA);
    const second = await work.ask(receipt.folio);
    const states = async () => (await work.read(receipt.folio)).informationRequests.map(({ state }) => state);
    expect(await states()).toEqual(['withdrawn', 'open']);
    const late = await work.asReporter<{ code: string }>(
      receipt,
      'POST',
      `information-requests/${first}/answer`,
      {
        text: 'El martes.',
      },
    );
    expect([late.status, late.body.code]).toEqual([409, 'INFORMATION_REQUEST_CLOSED']);
    await work.close(receipt.folio, 'inadmissible', DESK);
    expect(await states()).toEqual(['withdrawn', 'withdrawn']);
    expect(second).not.toBe(first);
  });
});

describe('reopening', () => {
  it('leads to investigation with an expediente, to triage without one', async () => {
    const investigated = await work.bring('under_investigation');
    await work.close(investigated.folio, 'withdrawn');
    const again = await work.post(HEAD, investigated.folio, 'reopening', { reason: 'Volvió a denunciar.' });
    expect(again.body).toMatchObject({ status: 'under_investigation', expediente: expect.any(String) });

    const never = await work.bring('closed');
    const back = await work.post(AUDITOR, never.folio, 'reopening', { reason: 'Se cerró por error.' });
    expect(back.body).toMatchObject({ status: 'in_triage', expediente: null });
  });

  it('keeps the expediente and forgets the outcome', async () => {
    const { folio } = await work.bring('resolved');
    const { expediente } = await work.read(folio);
    ok(await work.post(AUDITOR, folio, 'reopening', { reason: 'Hay elementos nuevos.' }));
    const reopened = await work.read(folio);
    expect([reopened.expediente, reopened.outcome]).toEqual([expediente, null]);
    await work.close(folio, 'sanction_proceedings');
    expect((await work.read(folio)).expediente).toBe(expediente);
  });

  it('is not for the desk nor for investigators', async () => {
    const { folio } = await work.bring('resolved');
    for (const email of [DESK, INVESTIGATOR]) {
      expect((await work.post(email, folio, 'reopening', { reason: 'Porque sí.' })).status).toBe(403);
    }
  });
});

describe('If-Match', () => {
  it('lets the version pass that GET answered as ETag, once', async () => {
    const { folio } = await work.bring('assigned');
    const read = await h.as<CaseBody>(INVESTIGATOR, 'GET', `/cases/${folio}`);
    const etag = read.headers.get('etag')!;
    expect(etag).toBe(`"${read.body.version}"`);
    const first = await work.post(INVESTIGATOR, folio, 'investigation', {}, { 'If-Match': etag });
    expect([first.status, first.body.version]).toEqual([200, read.body.version + 1]);
    const stale = await work.post(INVESTIGATOR, folio, 'messages', { text: 'Hola' }, { 'If-Match': etag });
    expect([stale.status, stale.body.code, stale.body.version]).toEqual([
      412,
      'STALE_VERSION',
      read.body.version + 1,
    ]);
    expect((await work.read(folio)).version).toBe(read.body.version + 1);
  });

  it('tells of a stale version before of a forbidden move', async () => {
    const { folio } = await work.bring('resolved');
    const answer = await work.post(INVESTIGATOR, folio, 'investigation', {}, { 'If-Match': '"1"' });
    expect(answer.status).toBe(412);
  });

  it.each(['"x"', 'W/"3"', '"3", "4"', '-1', '"99999999999999999999"'])('%s is malformed', async (header) => {
    const { folio } = await work.bring('assigned');
    const answer = await work.post(INVESTIGATOR, folio, 'investigation', {}, { 'If-Match': header });
    expect([answer.status, answer.body.code]).toEqual([400, 'INVALID_REQUEST']);
    expect((await work.read(folio)).status).toBe('assigned');
  });

  it('with an asterisk asks only that the case exists', async () => {
    const { folio } = await work.bring('assigned');
    expect((await work.post(INVESTIGATOR, folio, 'investigation', {}, { 'If-Match': '*' })).status).toBe(200);
  });
});

describe('two moves at the same time', () => {
  it('never both succeed on one version', async () => {
    for (let n = 0; n < 5; n++) {
      const { folio } = await work.bring('assigned');
      const { version } = await work.read(folio);
      const headers = { 'If-Match': `"${version}"` };
      const answers = await Promise.all([
        work.post(INVESTIGATOR, folio, 'investigation', {}, headers),
        work.post(DESK, folio, 'transfers', { area: OTHER_AREA, reason: 'Es de subsidios.' }, headers),
        work.post(DESK, folio, 'closure', closure('inadmissible'), headers),
      ]);
      const statuses = answers.map(({ status }) => status).sort();
      expect(statuses[0]).toBe(200);
      // 404: the transfer won and took the case out of the investigator's area.
      expect(statuses.slice(1).every((status) => [404, 412].includes(status))).toBe(true);
      expect((await work.read(folio)).version).toBe(version + 1);
    }
  });

  it('never both succeed when the first leaves no way for the second', async () => {
    for (let n = 0; n < 5; n++) {
      const { folio } = await work.bring('under_investigation');
      const answers = await Promise.all(
        [INVESTIGATOR, HEAD].map((email) => work.post(email, folio, 'closure', closure('no_elements'))),
      );
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
    }
  });
});

describe('expedientes', () => {
  const numbers = async (series: string): Promise<number[]> => {
    const rows = await h.sql<{ expediente: string }>(
      'owner',
      'select expediente from cases where expediente like $1 order by 1',
      [series],
    );
    return rows.map(({ expediente }) => Number(expediente.split('/')[2]));
  };

  it('are gapless in each series, however many investigations start at once and however many are refused', async () => {
    const reports: Receipt[] = [];
    for (let n = 0; n < 20; n++) {
      const receipt = await work.file({ category: n < 12 ? 'BRIBERY' : 'ABUSE_OF_POWER' });
      await work.triage(receipt.folio);
      reports.push(receipt);
    }
    const second = await Harness.start({ share: h });
    try {
      const answers = await Promise.all(
        [h, second].flatMap((process) => {
          const there = new CaseWork(process);
          return reports.map(({ folio }) => there.post(INVESTIGATOR, folio, 'investigation', {}));
        }),
      );
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(20);
      expect(answers.filter(({ status }) => status === 409)).toHaveLength(20);
    } finally {
      await second.stop();
    }
    expect(await numbers('OIC/COH/%')).toEqual(Array.from({ length: 12 }, (_, i) => i + 1));
    expect(await numbers('OIC/ABU/%')).toEqual(Array.from({ length: 8 }, (_, i) => i + 1));
  });

  it('count on in the same series after a transfer to another area and begin anew there', async () => {
    const [first, second] = [
      await work.file({ category: 'HARASSMENT' }),
      await work.file({ category: 'HARASSMENT' }),
    ];
    await work.triage(first.folio);
    await work.investigate(first.folio);
    await work.transfer(first.folio, OTHER_AREA);
    await work.triage(second.folio, { area: OTHER_AREA });
    expect((await work.investigate(second.folio, OTHER_INVESTIGATOR)).expediente).toBe(
      'SUBSIDIOS/ACO/0001/2026',
    );
    expect((await work.investigate(first.folio, OTHER_INVESTIGATOR)).expediente).toBe('OIC/ACO/0001/2026');
  });

  it('begin at one each year, that of the day on which the investigation starts', async () => {
    const { folio } = await work.file({ category: 'FAVORITISM' });
    await work.triage(folio);
    const next = await work.file({ category: 'FAVORITISM' });
    await work.triage(next.folio);
    expect((await work.investigate(folio)).expediente).toBe('OIC/FAV/0001/2026');
    moveTo(h, '2027-01-01T06:00:00Z');
    expect((await work.investigate(next.folio)).expediente).toBe('OIC/FAV/0001/2027');
    moveTo(h, START_TIME.toISOString());
  });
});

describe('time', () => {
  // Sweeps go over every case: these tests begin without those of the others.
  beforeEach(async () => {
    await h.stop();
    await start();
  });

  it('closes a resolved case when ten business days are over, not a moment before', async () => {
    const resolved = await work.bring('resolved');
    const reopened = await work.bring('resolved');
    ok(await work.post(AUDITOR, reopened.folio, 'reopening', { reason: 'Hay elementos nuevos.' }));
    moveTo(h, '2026-11-26T05:59:59.999Z');
    await h.sweep();
    expect((await work.read(resolved.folio)).status).toBe('resolved');
    moveTo(h, '2026-11-26T06:00:00Z');
    await h.sweep();
    await h.sweep();
    const archived = await work.read(resolved.folio);
    expect([archived.status, archived.outcome]).toEqual(['closed', 'measures_taken']);
    expect(archived.entries.filter(({ kind }) => kind === 'archived')).toMatchObject([
      { author: 'system', by: null },
    ]);
    expect((await work.trail(resolved.folio)).map(({ event }) => event)).toContain('CASE_ARCHIVED');
    expect((await work.read(reopened.folio)).status).toBe('under_investigation');
  });

  it('ends a question unanswered: back to the earlier state, also after a transfer', async () => {
    const waiting = new Map<string, Receipt>();
    for (const status of ['in_triage', 'assigned', 'under_investigation']) {
      const receipt = await work.bring(status);
      await work.ask(receipt.folio, 2);
      waiting.set(status, receipt);
    }
    const transferred = await work.bring('under_investigation');
    const id = await work.ask(transferred.folio, 2);
    await work.transfer(transferred.folio);
    const answered = await work.bring('assigned');
    const kept = await work.ask(answered.folio, 2);

    // The last day is whole.
    moveTo(h, '2026-11-13T05:59:59Z');
    await h.sweep();
    expect(
      (await work.asReporter(answered, 'POST', `information-requests/${kept}/answer`, { text: 'A tiempo.' }))
        .status,
    ).toBe(204);
    for (const { folio } of waiting.values())
      expect((await work.read(folio)).status).toBe('awaiting_reporter');

    moveTo(h, '2026-11-13T06:00:00Z');
    await h.sweep();
    await h.sweep();
    for (const [status, receipt] of waiting) {
      const after = await work.read(receipt.folio);
      expect([after.status, after.informationRequests[0]?.state]).toEqual([status, 'expired']);
      expect(after.entries.filter(({ kind }) => kind === 'information_request_expired')).toHaveLength(1);
    }
    const elsewhere = await work.read(transferred.folio);
    expect([elsewhere.status, elsewhere.informationRequests[0]?.state]).toEqual(['assigned', 'expired']);
    expect((await work.read(answered.folio)).informationRequests[0]?.state).toBe('answered');
    const late = await work.asReporter(transferred, 'POST', `information-requests/${id}/answer`, {
      text: 'Tarde.',
    });
    expect([late.status, late.body.code]).toEqual([409, 'INFORMATION_REQUEST_CLOSED']);
  });

  it('and people at work on the same cases block each other never', async () => {
    const [resolved, waiting, overdue]: Receipt[][] = [[], [], []];
    for (let n = 0; n < 4; n++) {
      resolved!.push(await work.bring('resolved'));
      const asked = await work.bring('under_investigation');
      await work.ask(asked.folio, 2);
      waiting!.push(asked);
      overdue!.push(await work.bring('received'));
    }
    moveTo(h, '2027-01-20T16:00:00Z');
    for (const email of [INVESTIGATOR, HEAD, DESK, AUDITOR]) await h.token(email);
    const second = await Harness.start({ share: h });
    try {
      const moves = [
        ...resolved!.map(({ folio }) => work.post(AUDITOR, folio, 'reopening', { reason: 'Otra vez.' })),
        ...waiting!.map(({ folio }) =>
          work.post(HEAD, folio, 'transfers', { area: OTHER_AREA, reason: 'Es suyo.' }),
        ),
        ...waiting!.map(({ folio }) => work.post(DESK, folio, 'messages', { text: 'Seguimos.' })),
        ...overdue!.map(({ folio }) => work.post(DESK, folio, 'triage', { reason: 'Confirmo.' })),
      ];
      const [answers] = await Promise.all([Promise.all(moves), h.sweep(), second.sweep()]);
      expect([...new Set(answers.map(({ status }) => status))].every((s) => [200, 201].includes(s))).toBe(
        true,
      );
    } finally {
      await second.stop();
    }
    await h.sweep();
    for (const { folio } of resolved!) expect((await work.read(folio)).status).toBe('under_investigation');
    for (const { folio } of waiting!) expect((await work.read(folio)).status).toBe('assigned');
    for (const { folio } of overdue!) {
      const { entries } = await work.read(folio);
      expect(entries.map(({ seq }) => seq)).toEqual(entries.map((_, i) => i + 1));
    }
  });
});
