import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { encodeCursor } from '../src/platform/http/paging.js';
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
  OTHER_AREA,
  OTHER_INVESTIGATOR,
} from './builders/cases.js';
import { START_TIME } from './setup/constants.js';
import { Harness, type Receipt } from './setup/harness.js';

/**
 * Terms from the standing start of Tuesday 10 November 2026, with the holiday of 20 November: acknowledgement
 * and triage until Friday 13, first response until 25 November, resolution until 8 February (5 February is a
 * holiday).
 */
let h: Harness;
let work: CaseWork;
const others: Harness[] = [];
async function start(): Promise<void> {
  h = await Harness.start();
  work = new CaseWork(h);
}
/** The sweep of clocks alone: the others have their own tests. */
const sweep = (harness = h): Promise<number> => harness.run('sla');
async function stop(): Promise<void> {
  for (const other of others.splice(0)) await other.stop();
  await h.stop();
}

const RUNNING = {
  acknowledgement: 'on_time',
  triage: 'on_time',
  first_response: 'on_time',
  resolution: 'on_time',
};
/** The first instant after the last day of acknowledgement and triage. */
const AFTER_THREE_DAYS = '2026-11-14T06:00:00Z';

interface Notice {
  id: string;
  kind: string;
  folio: string;
  metric: string;
  at: string;
  readAt: string | null;
}
const notices = async (email: string, query = ''): Promise<Notice[]> =>
  ok(await h.as<{ items: Notice[] }>(email, 'GET', `/notifications?limit=100${query}`)).items;
/** `kind metric` of each notice about a case, sorted. */
const told = async (email: string, folio: string): Promise<string[]> =>
  (await notices(email))
    .filter((notice) => notice.folio === folio)
    .map(({ kind, metric }) => `${kind} ${metric}`)
    .sort();
/** What history and trail say of deadlines: both must tell the same, each once. */
async function recorded(folio: string): Promise<string[]> {
  const { entries } = await work.read(folio);
  const history = entries
    .filter(({ kind }) => kind.startsWith('deadline_'))
    .map(({ kind, body }) => `${kind} ${body.metric}`)
    .sort();
  const trail = (await work.trail(folio))
    .filter(({ event }) => /^DEADLINE_(WARNING|BREACHED)$/.test(event))
    .map(({ event, data }) => `${event.toLowerCase()} ${String(data.metric)}`)
    .sort();
  expect(trail).toEqual(history);
  return history;
}

describe('a clock starts', () => {
  beforeAll(start);
  afterAll(stop);

  it.each([
    ['during a working day', '2026-11-10T16:00:00Z', '2026-11-10', '2026-11-13'],
    ['in the last moment of a Friday', '2026-11-14T05:59:59.999Z', '2026-11-13', '2026-11-18'],
    ['in the first moment of a Saturday', '2026-11-14T06:00:00Z', '2026-11-14', '2026-11-18'],
    ['on a Sunday', '2026-11-15T18:00:00Z', '2026-11-15', '2026-11-18'],
    ['the evening before a holiday', '2026-11-20T05:59:59Z', '2026-11-19', '2026-11-25'],
    ['on a holiday', '2026-11-20T18:00:00Z', '2026-11-20', '2026-11-25'],
    ['in the last moment of a year', '2027-01-01T05:59:59.999Z', '2026-12-31', '2027-01-06'],
  ])('with the day and counts from the next business day: %s', async (_name, instant, receivedOn, dueOn) => {
    moveTo(h, instant);
    const receipt = await work.file();
    expect([receipt.receivedOn, receipt.deadlines[0]?.dueOn, receipt.folio.slice(4, 8)]).toEqual([
      receivedOn,
      dueOn,
      '2026',
    ]);
  });
});

describe('a clock stops', () => {
  beforeAll(start);
  afterAll(stop);
  afterEach(() => moveTo(h, START_TIME.toISOString()));

  /** Acts in the states they need, and the clocks each must have stopped. */
  const ACTS: [string, string, (folio: string) => Promise<unknown>, string[]][] = [
    ['not at a note', 'received', (folio) => work.post(DESK, folio, 'notes', { text: 'Revisar.' }), []],
    [
      'at an assignment to the desk, which the reporter sees as a first review',
      'received',
      (folio) => work.post(DESK, folio, 'assignment', { assignee: DESK }),
      ['acknowledgement'],
    ],
    ['at triage', 'received', (folio) => work.triage(folio), ['acknowledgement', 'triage']],
    [
      'at a message',
      'received',
      (folio) => work.post(DESK, folio, 'messages', { text: 'La recibimos.' }),
      ['acknowledgement', 'first_response'],
    ],
    ['at a question', 'in_triage', (folio) => work.ask(folio), ['acknowledgement', 'first_response']],
    [
      'at a dismissal',
      'received',
      (folio) => work.close(folio, 'inadmissible', DESK),
      ['acknowledgement', 'triage', 'first_response', 'resolution'],
    ],
    [
      'not at an assignment to an investigator',
      'assigned',
      (folio) => work.post(HEAD, folio, 'assignment', { assignee: INVESTIGATOR }),
      ['acknowledgement', 'triage'],
    ],
    [
      'at a transfer: nothing further',
      'assigned',
      (folio) => work.transfer(folio),
      ['acknowledgement', 'triage'],
    ],
    [
      'at the start of an investigation: nothing further',
      'assigned',
      (folio) => work.investigate(folio),
      ['acknowledgement', 'triage'],
    ],
    [
      'at a conclusion',
      'under_investigation',
      (folio) => work.close(folio, 'no_elements'),
      ['acknowledgement', 'triage', 'first_response', 'resolution'],
    ],
  ];

  it.each(ACTS)('%s', async (_name, status, act, stopped) => {
    const { folio } = await work.bring(status);
    await act(folio);
    const expected = Object.fromEntries(
      Object.keys(RUNNING).map((metric) => [metric, stopped.includes(metric) ? 'met' : 'on_time']),
    );
    expect(await work.stages(folio)).toEqual(expected);
  });

  it('never at an act of the reporter, of the automatic kind, or by reading', async () => {
    const receipt = await work.file();
    await work.asReporter(receipt, 'POST', 'messages', { text: 'Tengo más datos.' });
    await work.asReporter(receipt, 'GET', 'case');
    await work.read(receipt.folio, DESK);
    await sweep();
    expect(await work.stages(receipt.folio)).toEqual(RUNNING);
  });

  it('at its own act although the case took a way around triage', async () => {
    const { folio } = await work.bring('in_triage');
    await work.ask(folio);
    await work.transfer(folio);
    expect((await work.stages(folio)).triage).toBe('on_time');
    await work.investigate(folio, OTHER_INVESTIGATOR);
    expect((await work.stages(folio)).triage).toBe('met');
  });

  it('once: a later act, a change of category, priority or area moves nothing', async () => {
    const { folio } = await work.file();
    ok(await work.post(DESK, folio, 'messages', { text: 'La recibimos.' }));
    const before = await work.deadlines(folio);
    const stopped = before.find(({ metric }) => metric === 'first_response')!.stoppedAt;
    expect(stopped).toBe('2026-11-10T10:00:00-06:00');
    moveTo(h, '2026-11-12T18:30:00Z');
    ok(await work.post(DESK, folio, 'messages', { text: 'Seguimos.' }));
    await work.triage(folio, { category: 'BAD_SERVICE', priority: 'low', area: OTHER_AREA });
    const after = await work.deadlines(folio);
    expect(after.map(({ metric, dueOn, startedOn }) => [metric, startedOn, dueOn])).toEqual(
      before.map(({ metric, dueOn, startedOn }) => [metric, startedOn, dueOn]),
    );
    expect(after.find(({ metric }) => metric === 'first_response')?.stoppedAt).toBe(stopped);
    expect(after.find(({ metric }) => metric === 'triage')?.stoppedAt).toBe('2026-11-12T12:30:00-06:00');
  });

  it('not by the answer or the end of a question: waiting for the reporter is no pause', async () => {
    const receipt = await work.bring('under_investigation');
    const before = (await work.deadlines(receipt.folio)).map(({ metric, dueOn }) => [metric, dueOn]);
    await work.ask(receipt.folio, 10);
    moveTo(h, '2026-11-19T16:00:00Z');
    const [request] = (await work.read(receipt.folio)).informationRequests;
    await work.asReporter(receipt, 'POST', `information-requests/${request!.id}/answer`, {
      text: 'Aquí está.',
    });
    expect((await work.deadlines(receipt.folio)).map(({ metric, dueOn }) => [metric, dueOn])).toEqual(before);
  });
});

describe('a late act', () => {
  beforeAll(start);
  afterAll(stop);
  beforeEach(() => moveTo(h, START_TIME.toISOString()));

  it.each([
    ['the desk', DESK],
    ['an investigator of the area', INVESTIGATOR],
  ])('between two sweeps is a breach, told like any other: by %s', async (_name, email) => {
    const { folio } = await work.file();
    moveTo(h, AFTER_THREE_DAYS);
    ok(await work.post(email, folio, 'messages', { text: 'Una disculpa por la demora.' }));
    expect(await work.stages(folio)).toEqual({
      ...RUNNING,
      acknowledgement: 'late',
      triage: 'overdue',
      first_response: 'met',
    });
    expect(await recorded(folio)).toEqual(['deadline_breached acknowledgement']);
    await sweep();
    await sweep();
    expect(await recorded(folio)).toEqual(['deadline_breached acknowledgement', 'deadline_breached triage']);
    expect(await told(HEAD, folio)).toEqual([
      'deadline_breached acknowledgement',
      'deadline_breached triage',
    ]);
  });

  it('after the breach was swept ends it as late and tells nothing again', async () => {
    const { folio } = await work.file();
    moveTo(h, AFTER_THREE_DAYS);
    await sweep();
    expect(await work.stages(folio)).toMatchObject({ acknowledgement: 'overdue', triage: 'overdue' });
    const before = await recorded(folio);
    await work.triage(folio);
    await sweep();
    expect(await work.stages(folio)).toEqual({ ...RUNNING, acknowledgement: 'late', triage: 'late' });
    expect(await recorded(folio)).toEqual(before);
  });

  it('in the last moment of the last day is in time, one moment later it is not', async () => {
    const [early, late] = [await work.file(), await work.file()];
    moveTo(h, '2026-11-14T05:59:59.999Z');
    await work.triage(early.folio);
    moveTo(h, AFTER_THREE_DAYS);
    await work.triage(late.folio);
    expect([(await work.stages(early.folio)).triage, (await work.stages(late.folio)).triage]).toEqual([
      'met',
      'late',
    ]);
  });

  it('closing late leaves the breach of each clock it ends', async () => {
    const { folio } = await work.file();
    moveTo(h, '2027-02-09T06:00:00Z');
    await work.close(folio, 'withdrawn', DESK);
    expect(await work.stages(folio)).toEqual({
      acknowledgement: 'late',
      triage: 'late',
      first_response: 'late',
      resolution: 'late',
    });
    await sweep();
    expect(await recorded(folio)).toHaveLength(4);
    // An ended case raises no alarm in the list.
    const { body } = await h.as<{ items: { sla: { stage: string } }[] }>(AUDITOR, 'GET', `/cases?q=${folio}`);
    expect(body.items[0]?.sla.stage).toBe('ended');
  });
});

describe('the sweep', () => {
  beforeEach(start);
  afterEach(stop);

  it('marks each warning and breach once, with several workers at the same time', async () => {
    const folios: string[] = [];
    for (let n = 0; n < 4; n++) folios.push((await work.file()).folio);
    const second = await Harness.start({ share: h });
    others.push(second);
    const both = async () => {
      for (let n = 0; n < 5; n++) await Promise.all([sweep(), sweep(second)]);
    };
    moveTo(h, '2026-11-12T06:00:00Z');
    await both();
    for (const folio of folios)
      expect(await recorded(folio)).toEqual(['deadline_warning acknowledgement', 'deadline_warning triage']);
    moveTo(h, AFTER_THREE_DAYS);
    await both();
    for (const folio of folios) {
      const all = [
        'deadline_breached acknowledgement',
        'deadline_breached triage',
        'deadline_warning acknowledgement',
        'deadline_warning triage',
      ];
      expect(await recorded(folio)).toEqual(all);
      expect(await told(HEAD, folio)).toEqual(all);
    }
  });

  it('raises a breach to the top of the list, with the case in its detail, deadlines and trail', async () => {
    const late = await work.file();
    moveTo(h, '2026-11-12T16:00:00Z');
    const fresh = await work.file();
    moveTo(h, AFTER_THREE_DAYS);
    await sweep();
    const { body } = await h.as<{ items: { folio: string; sla: { stage: string; nextDueOn: string } }[] }>(
      HEAD,
      'GET',
      '/cases',
    );
    expect(body.items.map(({ folio, sla }) => [folio, sla.stage, sla.nextDueOn])).toEqual([
      [late.folio, 'breached', '2026-11-13'],
      [fresh.folio, 'on_time', '2026-11-17'],
    ]);
    const { deadlines, entries } = await work.read(late.folio);
    expect(deadlines.map(({ metric, stage }) => `${metric} ${stage}`)).toEqual([
      'acknowledgement overdue',
      'triage overdue',
      'first_response on_time',
      'resolution on_time',
    ]);
    expect(entries.at(-1)).toMatchObject({ author: 'system', by: null, day: '2026-11-14' });
    await work.triage(late.folio);
    ok(await work.post(DESK, late.folio, 'messages', { text: 'Una disculpa.' }));
    const again = await h.as<{ items: { folio: string }[] }>(HEAD, 'GET', '/cases?sla=breached');
    expect(again.body.items).toEqual([]);
  });

  it('that was down for forty days records what one that ran every day records', async () => {
    const asleep = await Harness.start();
    others.push(asleep);
    const receipts = new Map<Harness, Receipt[]>();
    for (const harness of [h, asleep]) {
      const there = new CaseWork(harness);
      const filed = [await there.file(), await there.file({ category: 'BAD_SERVICE' })];
      ok(await there.post(DESK, filed[1]!.folio, 'messages', { text: 'La recibimos.' }));
      receipts.set(harness, filed);
    }
    for (let day = 1; day <= 40; day++) {
      h.clock.set(new Date(Date.UTC(2026, 10, 10 + day, 12)));
      await sweep();
    }
    asleep.clock.set(h.clock.now());
    await sweep(asleep);
    for (const harness of [h, asleep]) {
      harness.forgetTokens();
      const there = new CaseWork(harness);
      const breaches = async ({ folio }: Receipt) => {
        const { entries } = await there.read(folio);
        return entries.filter(({ kind }) => kind === 'deadline_breached').map(({ body }) => body.metric);
      };
      const [first, second] = receipts.get(harness)!;
      expect((await breaches(first!)).sort()).toEqual(['acknowledgement', 'first_response', 'triage']);
      expect(await breaches(second!)).toEqual(['triage']);
      expect((await there.stages(first!.folio)).resolution).toBe('on_time');
    }
  });

  it('finds a call of twenty business days ago breached at once', async () => {
    const call = { startedAt: '2026-10-13T11:00:00-06:00', reason: 'La línea capturó en papel.' };
    const { body, status } = await h.as<Receipt>(OPERATOR, 'POST', '/reports', {
      mode: 'anonymous',
      narrative: 'Llamó para contar que le pidieron dinero.',
      category: 'FRAUD',
      call,
    });
    expect([status, body.receivedOn]).toEqual([201, '2026-10-13']);
    expect(body.deadlines).toMatchObject([
      { metric: 'acknowledgement', dueOn: '2026-10-16' },
      { metric: 'triage', dueOn: '2026-10-16' },
      { metric: 'first_response', dueOn: '2026-10-27' },
      { metric: 'resolution' },
    ]);
    await sweep();
    expect(await recorded(body.folio)).toEqual([
      'deadline_breached acknowledgement',
      'deadline_breached first_response',
      'deadline_breached triage',
    ]);
    const { body: page } = await h.as<{ items: { sla: { stage: string } }[] }>(HEAD, 'GET', '/cases');
    expect(page.items[0]?.sla.stage).toBe('breached');
  });
});

describe('an ended case', () => {
  beforeAll(start);
  afterAll(stop);
  beforeEach(() => moveTo(h, START_TIME.toISOString()));

  it('reopened starts a clock of resolution from that day, and no other', async () => {
    const { folio } = await work.bring('resolved');
    moveTo(h, '2026-11-23T16:00:00Z');
    const before = await work.deadlines(folio);
    ok(await work.post(AUDITOR, folio, 'reopening', { reason: 'Hay elementos nuevos.' }));
    const after = await work.deadlines(folio);
    expect(after.filter(({ stage }) => stage === 'met')).toEqual(before);
    expect(after.filter(({ stage }) => stage !== 'met')).toMatchObject([
      { metric: 'resolution', startedOn: '2026-11-23', dueOn: '2027-02-18', stage: 'on_time' },
    ]);
    ok(await work.post(INVESTIGATOR, folio, 'messages', { text: 'La reabrimos.' }));
    await work.close(folio, 'sanction_proceedings');
    const ended = await work.deadlines(folio);
    expect(ended.map(({ metric, stage }) => `${metric} ${stage}`)).toEqual([
      'acknowledgement met',
      'triage met',
      'first_response met',
      'resolution met',
      'resolution met',
    ]);
  });

  it('reopened after a breach keeps it and starts anew', async () => {
    const { folio } = await work.file();
    moveTo(h, '2027-02-09T16:00:00Z');
    await work.close(folio, 'inadmissible', DESK);
    ok(await work.post(AUDITOR, folio, 'reopening', { reason: 'Se cerró por error.' }));
    const resolution = (await work.deadlines(folio)).filter(({ metric }) => metric === 'resolution');
    expect(resolution.map(({ stage }) => stage)).toEqual(['late', 'on_time']);
  });

  it('shows its reporter the present clock of each metric and whether it was met, no word of stages', async () => {
    const receipt = await work.file();
    const { folio } = receipt;
    const seen = async () => {
      const { deadlines } = ok(await work.asReporter(receipt, 'GET', 'case'));
      return deadlines.map(({ metric, dueOn, met }) => `${metric} ${dueOn} ${met}`);
    };
    const rest = ['first_response 2026-11-25 null', 'resolution 2027-02-08 null'];
    expect(await seen()).toEqual(['acknowledgement 2026-11-13 null', 'triage 2026-11-13 null', ...rest]);
    await work.triage(folio);
    expect(await seen()).toEqual(['acknowledgement 2026-11-13 true', 'triage 2026-11-13 true', ...rest]);
    // Due and not yet done is not met, also before a sweep has come by.
    moveTo(h, '2027-02-09T16:00:00Z');
    expect((await seen()).slice(2)).toEqual([
      'first_response 2026-11-25 false',
      'resolution 2027-02-08 false',
    ]);
    await work.close(folio, 'inadmissible', DESK);
    expect((await seen()).slice(2)).toEqual([
      'first_response 2026-11-25 false',
      'resolution 2027-02-08 false',
    ]);
    // Reopened at the instant of its end: what tells the rounds apart is no time.
    ok(await work.post(AUDITOR, folio, 'reopening', { reason: 'Se cerró por error.' }));
    const reopened = (await work.deadlines(folio)).find(({ stage }) => stage === 'on_time')!;
    expect((await seen()).slice(2)).toEqual([
      'first_response 2026-11-25 false',
      `resolution ${reopened.dueOn} null`,
    ]);
    await work.close(folio, 'inadmissible', DESK);
    expect((await seen()).slice(2)).toEqual([
      'first_response 2026-11-25 false',
      `resolution ${reopened.dueOn} true`,
    ]);
  });

  it('breaches nothing any more, nor does a late message of the reporter', async () => {
    const resolved = await work.bring('resolved');
    moveTo(h, '2026-11-24T16:00:00Z');
    ok(await work.asReporter(resolved, 'POST', 'messages', { text: 'Gracias.' }));
    moveTo(h, '2027-06-01T16:00:00Z');
    await h.sweep();
    expect(await recorded(resolved.folio)).toEqual([]);
    expect((await work.read(resolved.folio)).status).toBe('closed');
  });
});

describe('notices', () => {
  beforeEach(start);
  afterEach(stop);

  it('go to the head of the area; of an area without a head to the desk; a warning to who works the case as well', async () => {
    const headed = await work.bring('under_investigation');
    const headless = await work.file({ category: 'BAD_SERVICE' });
    expect(headless.area.code).toBe(OTHER_AREA);
    moveTo(h, '2026-11-23T16:00:00Z');
    await sweep();
    expect(await told(HEAD, headed.folio)).toEqual(['deadline_warning first_response']);
    expect(await told(INVESTIGATOR, headed.folio)).toEqual(['deadline_warning first_response']);
    moveTo(h, '2026-11-26T16:00:00Z');
    await sweep();
    expect(await told(HEAD, headed.folio)).toEqual([
      'deadline_breached first_response',
      'deadline_warning first_response',
    ]);
    expect(await told(INVESTIGATOR, headed.folio)).toEqual(['deadline_warning first_response']);
    expect(await told(DESK, headless.folio)).toEqual([
      'deadline_breached acknowledgement',
      'deadline_breached first_response',
      'deadline_breached triage',
      'deadline_warning first_response',
    ]);
    expect(await told(HEAD, headless.folio)).toEqual([]);
    for (const email of [AUDITOR, ADMIN, OTHER_INVESTIGATOR, 'mesa@acolman.demo'])
      expect(await notices(email)).toEqual([]);
  });

  it('follow the case to the area it lies in when time runs out', async () => {
    const { folio } = await work.bring('assigned');
    await work.transfer(folio, OTHER_AREA);
    moveTo(h, '2026-11-26T06:00:00Z');
    await sweep();
    expect(await told(HEAD, folio)).toEqual([]);
    expect(await told(DESK, folio)).toEqual(['deadline_breached first_response']);
  });

  it('do not go to a head who was deactivated', async () => {
    await h.sql('owner', 'update accounts set active = false where email = $1', [HEAD]);
    const { folio } = await work.file();
    moveTo(h, AFTER_THREE_DAYS);
    await sweep();
    expect(await told(DESK, folio)).toHaveLength(2);
    expect(
      await h.sql(
        'owner',
        'select 1 from notices n join accounts a on a.id = n.account_id where a.email = $1',
        [HEAD],
      ),
    ).toEqual([]);
  });

  it('are listed newest first in pages, filtered by unread, marked as read once', async () => {
    for (let n = 0; n < 3; n++) await work.file();
    moveTo(h, '2026-11-12T16:00:00Z');
    await sweep();
    moveTo(h, AFTER_THREE_DAYS);
    await sweep();
    const all = await notices(HEAD);
    expect(all).toHaveLength(12);
    expect(all.map(({ at }) => at)).toEqual([...all.map(({ at }) => at)].sort().reverse());
    expect(all[0]).toEqual({
      id: expect.any(String),
      kind: 'deadline_breached',
      kindLabel: 'Plazo vencido',
      folio: expect.stringMatching(/^CNV-/),
      metric: expect.any(String),
      metricLabel: expect.any(String),
      approval: null,
      account: null,
      at: '2026-11-14T00:00:00-06:00',
      readAt: null,
      summary: expect.stringMatching(/^Venció el plazo de [\p{L} ]+ del caso CNV-.*\.$/u),
    });

    const paged: string[] = [];
    let cursor: string | null = null;
    do {
      type Page = { items: Notice[]; nextCursor: string | null };
      const page: Page = ok(
        await h.as<Page>(HEAD, 'GET', `/notifications?limit=5${cursor ? `&cursor=${cursor}` : ''}`),
      );
      paged.push(...page.items.map(({ id }) => id));
      cursor = page.nextCursor;
    } while (cursor);
    expect(paged).toEqual(all.map(({ id }) => id));

    const [first] = all;
    const read = (email: string) => h.as<{ code: string }>(email, 'POST', `/notifications/${first!.id}/read`);
    expect((await read(HEAD)).status).toBe(204);
    moveTo(h, '2026-11-14T06:05:00Z');
    expect((await read(HEAD)).status).toBe(204);
    expect((await notices(HEAD)).find(({ id }) => id === first!.id)?.readAt).toBe(
      '2026-11-14T00:00:00-06:00',
    );
    expect((await notices(HEAD, '&unread=true')).map(({ id }) => id)).toEqual(
      paged.filter((id) => id !== first!.id),
    );
    expect(await notices(HEAD, '&unread=false')).toHaveLength(12);
  });

  it('are everybody’s own: nobody reads or marks those of others', async () => {
    await work.file();
    moveTo(h, AFTER_THREE_DAYS);
    await sweep();
    const [notice] = await notices(HEAD);
    for (const email of [DESK, AUDITOR, INVESTIGATOR, 'titular@acolman.demo']) {
      expect(await notices(email)).toEqual([]);
      const refused = await h.as<{ code: string }>(email, 'POST', `/notifications/${notice!.id}/read`);
      expect([refused.status, refused.body.code]).toEqual([404, 'NOTICE_NOT_FOUND']);
    }
    expect((await notices(HEAD, '&unread=true')).map(({ id }) => id)).toContain(notice!.id);
    expect((await h.call('GET', '/notifications')).status).toBe(401);
  });

  it('refuse what is no query of theirs, forged cursors included', async () => {
    const forged = (instant: string) =>
      `cursor=${encodeCursor('notices', [instant, '01234567-89ab-4def-8123-456789abcdef'])}`;
    for (const query of [
      'unread=yes',
      'limit=101',
      'cursor=x',
      // Days and texts that `Date.parse` takes and PostgreSQL does not.
      forged('Nov 10 2026 (x)'),
      forged('2026-02-31T00:00:00.000Z'),
      forged('0000-01-01T00:00:00.000Z'),
    ])
      expect([query, (await h.as(HEAD, 'GET', `/notifications?${query}`)).status]).toEqual([query, 400]);
  });

  it('leave out a case that left the reach of its reader', async () => {
    const { folio } = await work.file();
    moveTo(h, AFTER_THREE_DAYS);
    await sweep();
    expect(await told(HEAD, folio)).toHaveLength(2);
    await work.triage(folio, { area: OTHER_AREA });
    expect(await told(HEAD, folio)).toEqual([]);
  });
});
