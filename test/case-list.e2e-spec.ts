import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { encodeCursor } from '../src/platform/http/paging.js';
import {
  ADMIN,
  AREA,
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
import { CHANNEL_KEY } from './setup/constants.js';
import { databaseUrl, Harness, type Receipt } from './setup/harness.js';
import { StatementLog } from './support/statements.js';

interface Item {
  folio: string;
  expediente: string | null;
  status: string;
  area: { code: string };
  category: { code: string } | null;
  priority: string;
  municipality: string | null;
  channel: string;
  receivedOn: string;
  assignee: { name: string } | null;
  sla: { stage: string; nextDueOn: string | null };
  version: number;
}
interface Page {
  items: Item[];
  nextCursor: string | null;
  code: string;
}

let h: Harness;
const list = (query = '', email = AUDITOR) => h.as<Page>(email, 'GET', `/cases?${query}`);
const folios = async (query = '', email = AUDITOR): Promise<string[]> =>
  ok(await list(query, email)).items.map(({ folio }) => folio);
/** Every item of every page. */
async function everything(query: string, email = AUDITOR, between = async () => {}): Promise<Item[]> {
  const items: Item[] = [];
  let cursor: string | null = null;
  do {
    const page: Page = ok(await list(`${query}${cursor ? `&cursor=${cursor}` : ''}`, email));
    items.push(...page.items);
    cursor = page.nextCursor;
    if (cursor) await between();
  } while (cursor);
  return items;
}

describe('the list', () => {
  /** By what each of them is; see `beforeAll`. */
  const cases: Record<string, Receipt> = {};
  const nameOf = (folio: string) => Object.entries(cases).find(([, receipt]) => receipt.folio === folio)?.[0];
  const names = async (query: string, email = AUDITOR): Promise<(string | undefined)[]> =>
    (await folios(query, email)).map(nameOf);

  beforeAll(async () => {
    h = await Harness.start({ at: new Date('2026-11-03T16:00:00Z') });
    const work = new CaseWork(h);
    cases.late = await work.file({ category: 'SUBSIDY_DIVERSION', municipality: '15002' });
    moveTo(h, '2026-11-09T16:00:00Z');
    cases.warned = await work.file({ category: 'BAD_SERVICE', municipality: '09015' });
    moveTo(h, '2026-11-11T16:00:00Z');
    cases.investigated = await work.bring('under_investigation', { category: 'BRIBERY' });
    cases.triaged = await work.bring('in_triage', { category: 'WORKS_QUALITY' });
    cases.closed = await work.bring('closed');
    const report = { mode: 'anonymous', narrative: 'Me contaron por teléfono lo que pasó ayer.' };
    cases.called = ok(
      await h.call<Receipt>('POST', '/reports', { key: `${CHANNEL_KEY}-cnv-phone`, body: report }),
    );
    await h.file({ institution: 'ACOLMAN-DEMO' });
    await h.sweep();
  });
  afterAll(() => h.stop());

  it.each([
    ['nothing', '', 'late warned triaged called investigated closed'],
    ['status', 'status=under_investigation', 'investigated'],
    ['several states', 'status=received,closed', 'late warned called closed'],
    ['category', 'category=BRIBERY', 'investigated'],
    ['a category of nobody', 'category=HARASSMENT', ''],
    ['area', `area=${OTHER_AREA}`, 'late warned'],
    ['an area of nobody', 'area=JURIDICO', ''],
    ['municipality', 'municipality=15002', 'late'],
    ['channel', 'channel=phone', 'called'],
    ['priority', 'priority=high&status=closed', 'closed'],
    ['nobody as assignee', 'assignee=none&status=received', 'late warned called'],
    ['breaches', 'sla=breached', 'late'],
    ['breaches by the word of a single clock', 'sla=overdue', 'late'],
    ['warnings', 'sla=warning', 'warned'],
    ['ended cases, as the list calls them', 'sla=ended', 'closed'],
    ['clocks on time, ended cases left out', 'sla=on_time', 'triaged called investigated'],
    ['received from', 'receivedFrom=2026-11-09&sla=warning', 'warned'],
    ['received to', 'receivedTo=2026-11-09', 'late warned'],
    ['received on one day', 'receivedFrom=2026-11-09&receivedTo=2026-11-09', 'warned'],
    ['two conditions that exclude each other', 'sla=breached&channel=phone', ''],
  ])('filters by %s', async (_name, query, expected) => {
    // Equally urgent cases of one day stand in the order of their ids, which are random.
    const sorted = (text: (string | undefined)[]) => [...text].sort().join(' ');
    expect(sorted(await names(query))).toBe(sorted(expected.split(' ').filter(Boolean)));
  });

  it('filters by assignee: me, or an account', async () => {
    expect(await names('assignee=me', INVESTIGATOR)).toEqual(['investigated']);
    expect(await names('assignee=me', DESK)).toEqual(['triaged']);
    const { body: investigator } = await h.as<{ id: string }>(INVESTIGATOR, 'GET', '/auth/me');
    expect(await names(`assignee=${investigator.id}`, DESK)).toEqual(['investigated']);
  });

  it('puts breaches first, then warnings, then what falls due next, ended cases last', async () => {
    const items = ok(await list()).items;
    expect(items.map(({ sla }) => sla.stage)).toEqual([
      'breached',
      'warning',
      'on_time',
      'on_time',
      'on_time',
      'ended',
    ]);
    const due = items.slice(0, 5).map(({ sla }) => sla.nextDueOn!);
    expect(due.slice(2)).toEqual(due.slice(2).sort());
    expect([items[0]?.folio, items.at(-1)?.folio].map((folio) => nameOf(folio!))).toEqual(['late', 'closed']);
    expect(items.at(-1)?.sla).toEqual({ stage: 'ended', stageLabel: 'Terminado', nextDueOn: null });
  });

  it('takes each place that it shows as a filter that gives the cases shown there', async () => {
    const items = ok(await list()).items;
    for (const place of new Set(items.map(({ sla }) => sla.stage))) {
      const there = items.filter(({ sla }) => sla.stage === place).map(({ folio }) => folio);
      expect([place, await folios(`sla=${place}`)]).toEqual([place, there]);
    }
    const { folio } = cases.late!;
    const { body } = await h.as<{ deadlines: { stage: string }[] }>(AUDITOR, 'GET', `/cases/${folio}`);
    expect(body.deadlines.map(({ stage }) => stage)).toContain('overdue');
  });

  it('sorts by the day of receipt in both directions', async () => {
    const newest = await everything('sort=newest&limit=2');
    const days = newest.map(({ receivedOn }) => receivedOn);
    expect(days).toEqual([...days].sort().reverse());
    const oldest = await everything('sort=oldest&limit=2');
    expect(oldest.map(({ folio }) => folio)).toEqual(newest.map(({ folio }) => folio).reverse());
    expect(nameOf(oldest[0]!.folio)).toBe('late');
  });

  it('shows place, people and clocks of a case, no content', async () => {
    const [item] = ok(await list('status=under_investigation')).items;
    expect(item).toEqual({
      folio: cases.investigated!.folio,
      expediente: 'OIC/COH/0001/2026',
      status: 'under_investigation',
      statusLabel: 'En investigación',
      area: { code: AREA, label: 'Órgano Interno de Control' },
      category: { code: 'BRIBERY', label: 'Soborno o mordida' },
      priority: 'high',
      priorityLabel: 'Alta',
      municipality: null,
      municipalityLabel: null,
      channel: 'web',
      channelLabel: 'Internet',
      receivedOn: '2026-11-11',
      assignee: { id: expect.any(String), name: 'Investigación (demostración)', active: true },
      awaitingAnswer: false,
      awaitsVoice: false,
      sla: { stage: 'on_time', stageLabel: 'En tiempo', nextDueOn: '2026-11-26' },
      version: 3,
    });
  });

  it('shows an area user the own areas only, whatever is asked for', async () => {
    expect((await names('', OTHER_INVESTIGATOR)).sort()).toEqual(['late', 'warned']);
    for (const email of [INVESTIGATOR, HEAD]) {
      expect((await names('', email)).sort()).toEqual(['closed', 'investigated']);
      expect(await names(`area=${OTHER_AREA}`, email)).toEqual([]);
      expect(await names(`q=${cases.late!.folio}`, email)).toEqual([]);
    }
    for (const email of [OPERATOR, ADMIN, 'transparencia@conavi.demo'])
      expect((await list('', email)).status).toBe(403);
    expect((await folios('', 'mesa@acolman.demo')).length).toBe(1);
  });

  it('serves somebody with two areas both, merged in one order', async () => {
    await h.sql(
      'owner',
      `insert into account_areas select a.id, r.id from accounts a, areas r
        where a.email = $1 and r.code = $2 and r.institution_id = a.institution_id`,
      [OTHER_INVESTIGATOR, AREA],
    );
    const items = await everything('limit=1', OTHER_INVESTIGATOR);
    expect(items.map(({ folio }) => nameOf(folio))).toEqual(['late', 'warned', 'investigated', 'closed']);
    await h.sql(
      'owner',
      `delete from account_areas where area_id in (select id from areas where code = $2)
        and account_id = (select id from accounts where email = $1)`,
      [OTHER_INVESTIGATOR, AREA],
    );
  });

  it('finds a folio as people type it, whole or its beginning', async () => {
    const { folio } = cases.investigated!;
    for (const typed of [
      folio,
      folio.toLowerCase(),
      folio.replaceAll('-', ''),
      folio.replaceAll('-', ' ').toLowerCase(),
      ` ${folio} `,
      folio.slice(0, -1),
      folio.slice(0, 13),
      folio.slice(0, 12),
      folio.slice(0, 10).replaceAll('-', '').toLowerCase(),
    ]) {
      expect([typed, await folios(`q=${encodeURIComponent(typed)}&status=under_investigation`)]).toEqual([
        typed,
        [folio],
      ]);
    }
    expect((await folios('q=CNV-2026')).length).toBe(6);
    expect((await folios('q=cnv')).length).toBe(6);
    expect(await folios('q=ACO')).toEqual([]);
  });

  it('finds an expediente, whole or its beginning', async () => {
    const { folio } = cases.investigated!;
    for (const typed of [
      'OIC/COH/0001/2026',
      'OIC/COH/',
      'OIC',
      ' OIC/COH',
      'oic/coh/0001/2026',
      'Oic/Coh',
      'oic',
    ]) {
      expect(await folios(`q=${encodeURIComponent(typed)}`)).toEqual([folio]);
    }
    for (const typed of ['COH', 'coh', 'OIC/COH/0002', 'oic/coh/0002', 'OIC/COH/0001/2030']) {
      expect(await folios(`q=${encodeURIComponent(typed)}`)).toEqual([]);
    }
  });

  it('finds an expediente whose template has small letters, however it is typed', async () => {
    const { folio } = cases.investigated!;
    const rename = (expediente: string) =>
      h.sql('owner', 'update cases set expediente = $2 where folio = $1', [folio, expediente]);
    await rename('Exp. oic/0001/2026');
    for (const typed of ['Exp. oic/0001/2026', 'EXP. OIC/0001', 'exp. Oic']) {
      expect([typed, await folios(`q=${encodeURIComponent(typed)}`)]).toEqual([typed, [folio]]);
    }
    await rename('OIC/COH/0001/2026');
  });

  it.each([
    'Juan Pérez',
    'hola mundo',
    'mordida en la ventanilla',
    'ana@ejemplo.mx',
    '5512345678',
    '%',
    '_',
    "OIC' or '1'='1",
    '\\',
    '2026-7K3M',
    'CNV-2026-7K3M-Q9TX-5',
    'CNV-20261-7K3M-Q9TX-44',
    'OIC/BRIBERY/x',
    'OIC/BRIBERY/0001/20267',
    '\ufffd',
  ])('refuses to look for %j, which no folio and no expediente begins with', async (typed) => {
    const answer = await list(`q=${encodeURIComponent(typed)}`);
    expect([answer.status, (answer.body as unknown as { errors: unknown }).errors]).toEqual([
      400,
      [{ field: 'q', code: 'FORMAT', message: expect.stringContaining('No es un folio ni un expediente') }],
    ]);
  });

  it.each([
    ['receivedTo', 'BEFORE_FROM', 'receivedFrom=2026-11-10&receivedTo=2026-11-09'],
    ['category', 'UNKNOWN_VALUE', 'category=NADA'],
    ['area', 'UNKNOWN_VALUE', 'area=NADA'],
    ['municipality', 'UNKNOWN_VALUE', 'municipality=99999'],
    ['assignee', 'UNKNOWN_VALUE', 'assignee=01234567-89ab-4def-8123-456789abcdef'],
  ])('refuses a %s that nothing can match: %s', async (field, code, query) => {
    const answer = await list(query);
    expect([answer.status, (answer.body as unknown as { errors: unknown }).errors]).toEqual([
      400,
      [{ field, code, message: expect.any(String) }],
    ]);
  });

  it.each([
    'limit=0',
    'limit=101',
    'limit=-1',
    'limit=1.5',
    'limit=x',
    'sort=folio',
    'status=open',
    'channel=fax',
    'priority=3',
    'assignee=mesa@conavi.demo',
    'sla=late',
    'receivedFrom=2026-13-01',
    'receivedTo=10/11/2026',
    'municipality=1500',
    'q=%00',
    `q=${'x'.repeat(61)}`,
    'awaitingAnswer=yes',
    'awaitingAnswer=',
    'awaitsVoice=1',
    'page=2',
    'category=a&category=b',
  ])('refuses ?%s with 400', async (query) => {
    expect((await list(query)).status).toBe(400);
  });

  const id = '01234567-89ab-4def-8123-456789abcdef';
  it.each([
    ['garbage', 'urgency', 'x'],
    ['base64 of nothing', 'urgency', ''.padEnd(8, 'A')],
    ['another order', 'urgency', encodeCursor('newest', ['2026-11-10', id])],
    ['another list', 'urgency', encodeCursor('notices', ['2026-11-10T00:00:00.000Z', id])],
    ['too few values', 'urgency', encodeCursor('urgency', [1, '2026-11-10'])],
    ['too many values', 'urgency', encodeCursor('urgency', [1, '2026-11-10', id, 1])],
    ['a text for a number', 'urgency', encodeCursor('urgency', ['1', '2026-11-10', id])],
    ['half a number', 'urgency', encodeCursor('urgency', [0.5, '2026-11-10', id])],
    ['a number beyond any integer', 'urgency', encodeCursor('urgency', [9e12, '2026-11-10', id])],
    ['a day that does not exist', 'newest', encodeCursor('newest', ['2026-02-30', id])],
    ['infinity as a day', 'newest', encodeCursor('newest', ['infinity', id])],
    ['SQL for an id', 'newest', encodeCursor('newest', ['2026-11-10', "' or true --"])],
    ['NUL', 'newest', encodeCursor('newest', ['2026-11-10', '\0'])],
    ['an object', 'urgency', Buffer.from('{"0":"urgency"}').toString('base64url')],
    ['a page deep into nesting', 'urgency', Buffer.from('['.repeat(300)).toString('base64url')],
    ['600 characters', 'urgency', 'A'.repeat(600)],
  ])('refuses a cursor with %s', async (_name, sort, cursor) => {
    const { status, body } = await list(`sort=${sort}&cursor=${cursor}`);
    expect([status, body.code]).toEqual([400, 'INVALID_REQUEST']);
  });

  it('takes a forged cursor with possible values as a place without rows behind it', async () => {
    expect(await folios(`cursor=${encodeCursor('urgency', [40_000, '2026-11-10', id])}`)).toEqual([]);
  });

  it('writes one audit entry for a page, with filter and count, of no case', async () => {
    const count = async () =>
      (
        await h.sql<{ n: number }>(
          'owner',
          `select count(*)::int as n from audit_entries where event = 'CASES_LISTED' and case_id is null`,
        )
      )[0]!.n;
    const before = await count();
    await list('limit=100');
    expect(await count()).toBe(before + 1);
  });
});

describe('pages', () => {
  beforeAll(async () => {
    h = await Harness.start();
  });
  afterAll(() => h.stop());

  it.each(['urgency', 'newest', 'oldest'])(
    'sorted by %s show each case that was there exactly once, also while new ones arrive',
    async (sort) => {
      const there: string[] = [];
      for (let n = 0; n < 13; n++) there.push((await h.file()).folio);
      const seen = await everything(`sort=${sort}&limit=3`, AUDITOR, async () => {
        await h.file();
      });
      const shown = seen.map(({ folio }) => folio);
      expect(new Set(shown).size).toBe(shown.length);
      expect(shown).toEqual(expect.arrayContaining(there));
    },
  );

  it('end without a cursor, also when the last page is full', async () => {
    const all = await everything('limit=100');
    const page = ok(await list(`limit=${all.length}`));
    expect([page.items.length, page.nextCursor]).toEqual([all.length, null]);
    expect(all.length).toBeLessThan(100);
  });
});

describe('20,000 cases', () => {
  const ROWS = 20_000;
  beforeAll(async () => {
    h = await Harness.start();
    // OTHER_AREA, the last by code, holds one case in a hundred. Cases only, without content: what a list
    // reads. A multiplication by an odd number shuffles without repeats.
    await h.sql(
      'owner',
      `insert into cases (id, institution_id, area_id, folio, status, channel, priority, received_on, registered_on,
                          urgency, next_due_on, expediente, awaiting_answer, awaits_voice)
       select gen_random_uuid(), i.id, (array_agg(a.id order by a.code))[case when n % 100 = 1 then 5 else 1 + n % 4 end],
              i.prefix || '-2026-' || substr(mark, 1, 4) || '-' || substr(mark, 5, 4) || '-0',
              case when n % 3 = 0 then 'closed' else 'received' end, 'web', 'normal', day, day,
              case when n % 3 = 0 then 3 else (n / 7) % 3 end,
              case when n % 3 = 0 then date '9999-12-31' else day + 60 end,
              case when n % 2 = 0 then 'OIC/FRAUD/' || lpad(n::text, 6, '0') || '/2026' end,
              n % 97 = 5, n % 499 = 7
         from generate_series(1, ${ROWS}) n
         cross join lateral (select upper(lpad(to_hex((n::bigint * 2654435761) % 4294967296), 8, '0')) as mark,
                                    date '2026-01-01' + n % 300 as day) m
         join institutions i on i.code = case when n % 10 = 0 then 'ACOLMAN-DEMO' else 'CONAVI-DEMO' end
         join areas a on a.institution_id = i.id
        group by n, i.id, i.prefix, m.mark, m.day`,
    );
    await h.sql('owner', 'analyze cases');
  });
  afterAll(() => h.stop());

  interface Plan {
    'Node Type': string;
    'Index Name'?: string;
    'Relation Name'?: string;
    'Actual Rows': number;
    'Actual Loops': number;
    'Rows Removed by Filter'?: number;
    Plans?: Plan[];
  }
  const nodes = (plan: Plan): Plan[] => [plan, ...(plan.Plans ?? []).flatMap(nodes)];

  /** The statement on cases that a request really sends, explained again under the scope it ran in. */
  async function plansOf(
    email: string,
    act: () => Promise<unknown>,
    of: (text: string) => boolean = (text) => text.includes('from cases'),
  ): Promise<Plan[]> {
    await h.token(email);
    const sent = await new StatementLog(h.database.appPool).during(act);
    const statements = sent.filter(({ text }) => of(text));
    expect(statements).toHaveLength(1);
    const scope = sent.find(({ text }) => text.includes(`set_config('app.areas'`))!;

    const client = new pg.Client({ connectionString: databaseUrl(h.databaseName, 'app') });
    await client.connect();
    try {
      const plans: Plan[] = [];
      await client.query('begin');
      await client.query(scope.text, scope.values);
      // A scan that nothing forbids must not be the cheaper way either.
      await client.query('set local enable_seqscan = on');
      for (const { text, values } of statements) {
        type Explained = { 'QUERY PLAN': { Plan: Plan }[] };
        const { rows } = await client.query<Explained>(`explain (analyze, format json) ${text}`, values);
        plans.push(...nodes(rows[0]!['QUERY PLAN'][0]!.Plan));
      }
      await client.query('rollback');
      return plans;
    } finally {
      await client.end();
    }
  }

  const last = async (query: string): Promise<{ day: string; due: string; urgency: number; id: string }> =>
    (
      await h.sql<{ day: string; due: string; urgency: number; id: string }>(
        'owner',
        `select received_on::text as day, next_due_on::text as due, urgency, id from cases
          where folio like 'CNV%' order by ${query} offset 12000 limit 1`,
      )
    )[0]!;

  it.each([
    ['the first page', async () => '', DESK, /^cases_by_urgency$/],
    [
      'a page 12,000 rows on',
      async () => {
        const { urgency, due, id } = await last('urgency, next_due_on, id');
        return `cursor=${encodeCursor('urgency', [urgency, due, id])}`;
      },
      DESK,
      /^cases_by_urgency$/,
    ],
    [
      'a page 12,000 rows on of the newest first',
      async () => {
        const { day, id } = await last('received_on desc, id desc');
        return `sort=newest&cursor=${encodeCursor('newest', [day, id])}`;
      },
      AUDITOR,
      /^cases_by_(received|status)$/,
    ],
    ['a folio', async () => `q=${await someFolio()}`, DESK, /^cases_(folio_key|expediente)$/],
    [
      'the beginning of a folio',
      async () => `q=${(await someFolio()).slice(0, 13)}`,
      DESK,
      /^cases_(folio_key|expediente)$/,
    ],
    ['an expediente', async () => 'q=OIC/FRAUD/000102', DESK, /^cases_(folio_key|expediente)$/],
    [
      'an expediente in small letters',
      async () => 'q=oic/fraud/000102',
      DESK,
      /^cases_(folio_key|expediente)$/,
    ],
    ['what waits for an answer', async () => 'awaitingAnswer=true', DESK, /^cases_awaiting_answer$/],
    [
      'what waits for an answer in one area',
      async () => 'awaitingAnswer=true',
      HEAD,
      /^cases_by_area_awaiting_answer$/,
    ],
    [
      'the newest that wait for an answer',
      async () => 'awaitingAnswer=true&sort=newest',
      AUDITOR,
      /awaiting_answer$/,
    ],
    ['what waits for a voice', async () => 'awaitsVoice=true', DESK, /^cases_awaits_voice$/],
    [
      'what waits for a voice in one area',
      async () => 'awaitsVoice=true',
      HEAD,
      /^cases_by_area_awaits_voice$/,
    ],
    ['what waits in a small area', async () => 'awaitingAnswer=true', OTHER_INVESTIGATOR, /^cases_by_area_/],
    ['the list of one area', async () => '', INVESTIGATOR, /^cases_by_area_urgency$/],
    ['the newest of one area', async () => 'sort=newest', INVESTIGATOR, /^cases_by_area_received$/],
    ['an area chosen by the desk', async () => `area=${AREA}`, DESK, /^cases_by_area_urgency$/],
    [
      'the breaches of an area',
      async () => 'sla=breached&status=received,closed',
      HEAD,
      /^cases_by_(area_)?urgency$/,
    ],
    ['a small area', async () => '', OTHER_INVESTIGATOR, /^cases_by_area_urgency$/],
    ['the oldest of a small area', async () => 'sort=oldest', OTHER_INVESTIGATOR, /^cases_by_area_received$/],
    [
      'the breaches of a small area',
      async () => 'sla=breached',
      OTHER_INVESTIGATOR,
      /^cases_by_area_urgency$/,
    ],
  ])('%s costs what it shows: an index, no scan or sort of the whole', async (_name, query, email, index) => {
    const asked = await query();
    const plans = await plansOf(email, async () => {
      expect(ok(await list(asked, email)).items.length).toBeGreaterThan(0);
    });
    const onCases = plans.filter(
      (node) => node['Relation Name'] === 'cases' || node['Index Name']?.startsWith('cases'),
    );
    expect(onCases.length).toBeGreaterThan(0);
    for (const node of onCases) {
      expect(node['Node Type']).not.toBe('Seq Scan');
      if (node['Index Name']) expect(node['Index Name']).toMatch(index);
    }
    // What any node handled, sorts included: a page and its filter, never the table.
    const handled = plans.map(
      (node) => node['Actual Rows'] * node['Actual Loops'] + (node['Rows Removed by Filter'] ?? 0),
    );
    expect(Math.max(...handled)).toBeLessThan(ROWS / 50);
  });

  it('the next expediente sees by an index whether its number was given, whatever the number of cases', async () => {
    const work = new CaseWork(h);
    const { folio } = await work.file();
    await work.triage(folio);
    const plans = await plansOf(
      INVESTIGATOR,
      () => work.investigate(folio),
      (text) => text.includes('expediente_search ='),
    );
    expect(plans.map((node) => node['Node Type'])).not.toContain('Seq Scan');
    // The number, and the case that takes it.
    const indexes = plans.map((node) => node['Index Name']).filter((name) => name !== undefined);
    expect([...new Set(indexes)].sort()).toEqual(['cases_expediente', 'cases_pkey']);
    expect(
      Math.max(...plans.map((node) => node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0))),
    ).toBeLessThan(2);
  });

  async function someFolio(): Promise<string> {
    const sql = `select folio from cases where folio like 'CNV%' order by id limit 1`;
    return (await h.sql<{ folio: string }>('owner', sql))[0]!.folio;
  }
});
