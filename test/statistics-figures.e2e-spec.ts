import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { verdict } from '../src/foundations/sla/deadline.js';
import { Harness, type Receipt } from './setup/harness.js';
import { goTo, institutionId, random, someOf } from './support/statistics.js';

type Row = Record<string, string | number | null>;
interface Figures {
  filteredBy: string;
  from: string | null;
  to: string;
  scope: string;
  rows: Row[];
  total: number;
  code?: string;
}
interface Deadlines {
  rows: (Row & { metric: string; met: number; breached: number; running: number; overdue: number })[];
}

const AUDITOR = 'auditor@conavi.demo';
const HEAD = 'titular@conavi.demo';
const TRANSPARENCY = 'transparencia@conavi.demo';

let h: Harness;
let inOic: Receipt[];

beforeAll(async () => {
  h = await Harness.start({ at: new Date('2026-10-06T16:00:00Z') });
  inOic = [
    await h.file({ category: 'BRIBERY', municipality: '15002' }),
    await h.file({ category: 'BRIBERY', municipality: '09014' }),
  ];
  await h.file({ category: 'WORKS_QUALITY', municipality: '15002' });
  await h.file({ narrative: 'Algo raro pasa en la oficina.' });
  await h.file({ institution: 'ACOLMAN-DEMO', category: 'BRIBERY' });
  goTo(h, '2026-11-03T16:00:00Z');
  await h.file({ category: 'BRIBERY' });
  const call = { startedAt: '2026-10-30T12:00:00-06:00', reason: 'Se cayó el sistema.' };
  await h.as('operador@conavi.demo', 'POST', '/reports', {
    mode: 'anonymous',
    narrative: 'Me pidieron dinero por teléfono.',
    category: 'WORKS_QUALITY',
    call,
  });
  goTo(h, '2026-11-04T16:00:00Z');
});
afterAll(() => h.stop());

async function figures(email: string, query = ''): Promise<Figures> {
  const { status, body } = await h.as<Figures>(email, 'GET', `/stats/cases${query}`);
  expect(status).toBe(200);
  return body;
}

describe('GET /stats/cases', () => {
  it('counts exactly, by the day of reception and not of registration', async () => {
    const byMonth = await figures(AUDITOR, '?by=period,channel');
    expect(byMonth.rows).toEqual([
      { period: '2026-10', channel: 'phone', channelLabel: 'Teléfono', count: 1 },
      { period: '2026-10', channel: 'web', channelLabel: 'Internet', count: 4 },
      { period: '2026-11', channel: 'web', channelLabel: 'Internet', count: 1 },
    ]);
    expect(byMonth).toMatchObject({
      total: 6,
      filteredBy: 'receivedOn',
      from: null,
      to: '2026-11-03',
      scope: 'institution',
    });
    const october = await figures(AUDITOR, '?from=2026-10-01&to=2026-10-31');
    expect([october.total, october.from, october.to]).toEqual([5, '2026-10-01', '2026-10-31']);
    expect(october.rows).toEqual([{ count: 5 }]);
  });

  it('gives codes with names, and null where a case says nothing', async () => {
    const { rows } = await figures(AUDITOR, '?by=municipality,category&to=2026-10-29');
    expect(rows).toContainEqual({
      municipality: '15002',
      municipalityLabel: 'Acolman',
      category: 'BRIBERY',
      categoryLabel: expect.any(String),
      count: 1,
    });
    expect(rows.at(-1)).toMatchObject({ municipality: null });
    const english = await h.as<Figures>(AUDITOR, 'GET', '/stats/cases?by=status', undefined, {
      'Accept-Language': 'en',
    });
    expect(english.body.rows).toEqual([{ status: 'received', statusLabel: 'Received', count: 6 }]);
  });

  it('shows a head the own areas, auditor and transparency the institution, nobody another institution', async () => {
    const areas = (await figures(AUDITOR, '?by=area')).rows;
    const oic = areas.find(({ area }) => area === 'OIC')!;
    const head = await figures(HEAD, '?by=area');
    expect([head.rows, head.scope]).toEqual([[oic], 'areas']);
    expect(areas.length).toBeGreaterThan(1);
    expect(await figures(TRANSPARENCY, '?by=area')).toEqual(await figures(AUDITOR, '?by=area'));
    expect((await figures('transparencia@acolman.demo')).total).toBe(1);
  });

  it('adds up to the total for any grouping', async () => {
    const dimensions = [
      'status',
      'category',
      'area',
      'channel',
      'priority',
      'municipality',
      'outcome',
      'period',
    ];
    const next = random(1);
    for (let i = 0; i < 20; i++) {
      const by = someOf(dimensions, next);
      const { rows, total } = await figures(AUDITOR, `?by=${by.join(',')}`);
      expect([rows.reduce((sum, { count }) => sum + Number(count), 0), total]).toEqual([6, 6]);
      expect(new Set(rows.map((row) => by.map((dimension) => row[dimension]).join('|'))).size).toBe(
        rows.length,
      );
    }
  });

  it('is for head, auditor and transparency only', async () => {
    for (const user of ['operador', 'mesa', 'investigador', 'admin']) {
      expect((await h.as(`${user}@conavi.demo`, 'GET', '/stats/cases')).status).toBe(403);
      expect((await h.as(`${user}@conavi.demo`, 'GET', '/stats/sla')).status).toBe(403);
    }
    expect((await h.call('GET', '/stats/cases')).status).toBe(401);
  });

  it.each(['by=folio', 'by=status&by=nope', 'from=2026-13-01', 'from=2026-11-01&to=2026-10-01', 'x=1'])(
    'refuses %s with 400',
    async (query) => {
      const { status, body } = await h.as<{ code: string }>(AUDITOR, 'GET', `/stats/cases?${query}`);
      expect([status, body.code]).toEqual([400, 'INVALID_REQUEST']);
    },
  );

  it('writes one audit entry per read, as the person who asked', async () => {
    const entries = () =>
      h.sql<{ n: number; account_id: string }>(
        'owner',
        `select count(*)::int as n from audit_entries e join accounts a on a.id = e.account_id
          where e.event = 'STATS_READ' and e.actor_kind = 'staff' and a.email = $1`,
        [TRANSPARENCY],
      );
    const [before] = await entries();
    await figures(TRANSPARENCY, '?by=area');
    await h.as(TRANSPARENCY, 'GET', '/stats/sla');
    const [after] = await entries();
    expect(after!.n - before!.n).toBe(2);
  });

  it('refuses a table with more rows than a person reads', async () => {
    const id = await institutionId(h, 'ACOLMAN-DEMO');
    await h.sql(
      'owner',
      `insert into cases (id, institution_id, area_id, folio, status, channel, priority, municipality, received_on, registered_on, urgency, next_due_on)
       select gen_random_uuid(), $1, (select id from areas where institution_id = $1 limit 1), 'ACO-TEST-' || n, 'received', 'web', 'normal',
              lpad(n::text, 5, '0'), '2026-01-15', '2026-01-15', 2, '9999-12-31' from generate_series(1, 10001) n`,
      [id],
    );
    const refused = await h.as<Figures>('auditor@acolman.demo', 'GET', '/stats/cases?by=municipality');
    expect([refused.status, refused.body.code]).toEqual([422, 'TOO_MANY_ROWS']);
    expect((await figures('auditor@acolman.demo', '?by=period')).total).toBe(10_002);
    // Nobody filed them: the daily verification would find each of them broken.
    await h.sql('owner', `delete from cases where folio like 'ACO-TEST-%'`);
  });
});

describe('GET /stats/sla', () => {
  const of = (body: Deadlines, metric: string) => body.rows.find((row) => row.metric === metric)!;

  it('decides by timestamps before any sweep has marked a breach, and leaves running ones out of compliance', async () => {
    await h.as('mesa@conavi.demo', 'POST', `/cases/${inOic[0]!.folio}/triage`, {
      reason: 'Confirmo a tiempo.',
    });
    const { body } = await h.as<Deadlines>(AUDITOR, 'GET', '/stats/sla?by=metric&to=2026-10-06');
    // Four cases of October 6, due on the 9th: nobody acted, except on one, a month late.
    expect(of(body, 'acknowledgement')).toEqual({
      metric: 'acknowledgement',
      metricLabel: 'Acuse',
      met: 0,
      breached: 4,
      running: 0,
      overdue: 3,
      compliance: 0,
    });
    expect(of(body, 'resolution')).toEqual({
      metric: 'resolution',
      metricLabel: 'Resolución',
      met: 0,
      breached: 0,
      running: 4,
      overdue: 0,
      compliance: null,
    });
    const marked = await h.sql<{ n: number }>(
      'owner',
      `select count(*)::int as n from sla_clocks where state = 'breached' and stopped_at is null and metric = 'acknowledgement'`,
    );
    expect(marked[0]!.n).toBe(0);
    await h.sweep();
    expect((await h.as<Deadlines>(AUDITOR, 'GET', '/stats/sla?to=2026-10-06')).body).toMatchObject({
      rows: body.rows,
    });
  });

  it('counts a deadline kept on its last day as met, and one of yesterday as running until the day after it is due', async () => {
    goTo(h, '2026-11-05T16:00:00Z');
    const [kept, late] = [await h.file({ category: 'BRIBERY' }), await h.file({ category: 'BRIBERY' })];
    const due = kept.deadlines.find(({ metric }) => metric === 'triage')!.dueOn;
    expect(late.deadlines.find(({ metric }) => metric === 'triage')!.dueOn).toBe(due);
    const triage = async () =>
      of((await h.as<Deadlines>(AUDITOR, 'GET', '/stats/sla?from=2026-11-05')).body, 'triage');
    goTo(h, `${due}T23:59:59-06:00`);
    await h.as('mesa@conavi.demo', 'POST', `/cases/${kept.folio}/triage`, {
      reason: 'En el último segundo.',
    });
    expect(await triage()).toMatchObject({ met: 1, breached: 0, running: 1, overdue: 0, compliance: 1 });
    goTo(h, new Date(h.clock.now().getTime() + 1000).toISOString());
    expect(await triage()).toMatchObject({ met: 1, breached: 1, running: 0, overdue: 1, compliance: 0.5 });
  });

  it('agrees with the rule that decides single clocks, clock by clock', async () => {
    const clocks = await h.sql<{ metric: string; due: string; stopped_at: Date | null; state: string }>(
      'owner',
      `select k.metric, k.due_on::text as due, k.stopped_at, k.state from sla_clocks k where k.institution_id = $1`,
      [await institutionId(h, 'CONAVI-DEMO')],
    );
    const tallies = new Map<string, Record<string, number>>();
    for (const { metric, due, stopped_at, state } of clocks) {
      const decided = verdict({
        dueOn: due,
        timeZone: 'America/Mexico_City',
        stoppedAt: stopped_at,
        cancelled: state === 'cancelled',
        now: h.clock.now(),
      });
      const tally = tallies.get(metric) ?? { met: 0, breached: 0, running: 0 };
      tallies.set(metric, { ...tally, [decided]: (tally[decided] ?? 0) + 1 });
    }
    const { body } = await h.as<Deadlines>(AUDITOR, 'GET', '/stats/sla');
    expect(
      body.rows.map(({ metric, met, breached, running }) => [metric, { met, breached, running }]),
    ).toEqual(body.rows.map(({ metric }) => [metric, tallies.get(metric)]));
    expect(tallies.size).toBe(4);
  });

  it('is scoped like the cases and agrees with them', async () => {
    const head = await h.as<Deadlines>(HEAD, 'GET', '/stats/sla?by=area,category,period');
    expect(new Set(head.body.rows.map(({ area }) => area))).toEqual(new Set(['OIC']));
    const whole = await h.as<Deadlines>(TRANSPARENCY, 'GET', '/stats/sla?by=area');
    const cases = await figures(TRANSPARENCY, '?by=area');
    for (const { area, count } of cases.rows) {
      const row = whole.body.rows.find((one) => one.area === area && one.metric === 'resolution')!;
      expect(row.met + row.breached + row.running).toBe(count);
    }
  });
});

describe('an account that sees no case and asks every minute', () => {
  const everything = async (): Promise<unknown> => ({
    cases: await figures(
      TRANSPARENCY,
      '?by=status,category,area,channel,priority,municipality,outcome,period',
    ),
    future: await figures(TRANSPARENCY, '?from=2026-01-01&to=2027-12-31&by=status'),
    total: (await figures(TRANSPARENCY)).total,
    deadlines: (await h.as(TRANSPARENCY, 'GET', '/stats/sla?by=area,category,period')).body,
  });

  it('sees no number move on the day on which a report, a call or an answer comes in, and all of them the day after', async () => {
    goTo(h, '2026-12-01T16:00:00Z');
    const receipts = [await h.file({ category: 'BRIBERY' }), await h.file({ category: 'WORKS_QUALITY' })];
    goTo(h, '2026-12-02T16:00:00Z');
    for (const { folio } of receipts) {
      await h.as('mesa@conavi.demo', 'POST', `/cases/${folio}/triage`, { reason: 'Confirmo.' });
      await h.as('mesa@conavi.demo', 'POST', `/cases/${folio}/information-requests`, {
        question: '¿En qué oficina ocurrió?',
        businessDays: 5,
      });
    }
    goTo(h, '2026-12-03T16:00:00Z');
    const before = await everything();
    await h.file({ category: 'BRIBERY', municipality: '15002' });
    expect(await everything()).toEqual(before);
    // Dated back: its day of reception, and some of its deadlines, lie in the past.
    const called = await h.as('operador@conavi.demo', 'POST', '/reports', {
      mode: 'anonymous',
      narrative: 'Me pidieron dinero por teléfono.',
      category: 'BRIBERY',
      call: { startedAt: '2026-11-10T12:00:00-06:00', reason: 'Se cayó el sistema.' },
    });
    expect(called.status).toBe(201);
    expect(await everything()).toEqual(before);
    await answer(receipts[0]!);
    await h.call('POST', '/tracking/messages', {
      token: await h.trackingToken(receipts[1]!),
      body: { text: 'Recordé otra cosa.' },
    });
    expect(await everything()).toEqual(before);
    await h.sweep();
    expect(await everything()).toEqual(before);
    const { total } = await figures(TRANSPARENCY);
    goTo(h, '2026-12-04T00:00:00-06:00');
    expect((await figures(TRANSPARENCY)).total).toBe(total + 2);
  });

  it('finds what waits for a reporter in the state to which it returns, while an auditor sees that it waits', async () => {
    const states = async (email: string) =>
      (await figures(email, '?by=status')).rows.map(({ status }) => status);
    expect(await states(TRANSPARENCY)).not.toContain('awaiting_reporter');
    expect(await states(AUDITOR)).toContain('awaiting_reporter');
    expect((await figures(TRANSPARENCY)).total).toBe((await figures(AUDITOR)).total);
  });

  it('is answered the last day that was counted: yesterday where the institution is', async () => {
    // Already the next day by UTC.
    goTo(h, '2026-12-08T20:00:00-06:00');
    for (const query of ['', '?to=2026-12-08', '?to=2027-01-31', '?from=2026-12-08'])
      expect([query, (await figures(TRANSPARENCY, query)).to]).toEqual([query, '2026-12-07']);
    expect((await figures(TRANSPARENCY, '?from=2026-12-08')).total).toBe(0);
    expect((await figures(HEAD, '?to=2026-12-06')).to).toBe('2026-12-06');
  });

  async function answer(receipt: Receipt): Promise<void> {
    const token = await h.trackingToken(receipt);
    const { body } = await h.call<{ informationRequests: { id: string }[] }>('GET', '/tracking/case', {
      token,
    });
    const path = `/tracking/information-requests/${body.informationRequests[0]!.id}/answer`;
    expect((await h.call('POST', path, { token, body: { text: 'En la ventanilla tres.' } })).status).toBe(
      204,
    );
  }
});
