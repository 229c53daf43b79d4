import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import { privacyStatement } from '../src/insight/transparency/margins.js';
import { noiseMargin } from '../src/insight/transparency/noise-margin.js';
import { Harness, type Receipt } from './setup/harness.js';
import { fetched } from './support/calls.js';
import {
  fixDomains,
  frozenCells,
  goTo,
  institutionId,
  publish,
  published,
  random,
  someOf,
  type Cell,
} from './support/statistics.js';

const REPORTS = '/public/stats/reports?institution=CONAVI-DEMO';
const PERIODS = ['2026-08', '2026-09', '2026-10'];

let h: Harness;
let conavi: string;
let cells: Cell[];
let first: Receipt;

beforeAll(async () => {
  h = await Harness.start({ at: new Date('2026-08-11T16:00:00Z') });
  conavi = await institutionId(h, 'CONAVI-DEMO');
  await fixDomains(h);
  first = await h.file({ category: 'BRIBERY', municipality: '15002' });
  for (const [month, municipality] of ['15002', '09014', '20067'].entries()) {
    goTo(h, `2026-${String(month + 8).padStart(2, '0')}-12T16:00:00Z`);
    for (const category of ['BRIBERY', 'WORKS_QUALITY', undefined]) await h.file({ category, municipality });
  }
  goTo(h, '2026-11-03T16:00:00Z');
  for (const period of PERIODS) expect((await publish(h, period)).status).toBe(201);
  cells = await frozenCells(h, conavi);
});
afterAll(() => h.stop());

const sum = (some: readonly Cell[]): number => some.reduce((total, { value }) => total + value, 0);

describe('GET /public/stats', () => {
  it('lists what is published, with its ε and day', async () => {
    const { body, headers } = await h.call<unknown[]>(
      'GET',
      '/public/stats/releases?institution=CONAVI-DEMO',
    );
    expect(body).toEqual(
      PERIODS.map((period) => ({
        table: 'reports',
        tableLabel: 'Denuncias recibidas',
        period,
        version: 1,
        epsilon: 1,
        publishedOn: '2026-11-03',
      })),
    );
    expect(headers.get('cache-control')).toBe('public, max-age=300');
    expect(headers.get('access-control-allow-origin')).toBe('*');
    expect(headers.get('etag')).toMatch(/^W\/"[\w-]{22}"$/);
  });

  it('answers sums with margin, privacy statement and names in the language asked for', async () => {
    const { body } = await h.call<Awaited<ReturnType<typeof published>>>(
      'GET',
      `${REPORTS}&by=territory,category`,
      {
        headers: { 'Accept-Language': 'en' },
      },
    );
    expect(body).toMatchObject({
      institution: 'CONAVI-DEMO',
      table: 'reports',
      unit: 'reports',
      privacy: { epsilon: 1, statement: privacyStatement(1).en },
      periods: PERIODS,
    });
    expect(body.rows.find((row) => row.territory === '15' && row.category === 'BRIBERY')).toMatchObject({
      territoryLabel: 'México',
      categoryLabel: 'Bribery',
      margin: 5,
      periodCount: 3,
    });
    expect(
      body.rows.find((row) => row.territory === 'not_stated' && row.category === 'not_listed'),
    ).toMatchObject({
      territoryLabel: 'Not stated',
      categoryLabel: 'Category added later',
    });
    expect((await published(h, '')).privacy.statement).toBe(privacyStatement(1).es);
  });

  it('keeps negative sums, so that rows add up, and clamps only what is shown', async () => {
    const { rows, total } = await published(h, '&by=category,territory,period');
    expect(rows).toHaveLength(cells.length);
    expect(rows.some(({ value }) => value < 0)).toBe(true);
    expect(rows.reduce((all, { value }) => all + value, 0)).toBe(total!.value);
    for (const { value, margin, display, belowMargin } of rows) {
      expect([display, belowMargin]).toEqual(value < margin ? ['< margen', true] : [String(value), false]);
    }
  });

  it('shows the plan: what each period publishes, fixed before', async () => {
    const { body, headers } = await h.call<Record<string, unknown>[]>(
      'GET',
      '/public/stats/plan?institution=ACOLMAN-DEMO',
    );
    expect(body).toEqual([
      {
        table: 'reports',
        tableLabel: 'Denuncias recibidas',
        version: 1,
        validFrom: '2026-06-01',
        createdOn: '2026-06-02',
        periodKind: 'month',
        periodKindLabel: 'Mes',
        level: 'municipal',
        levelLabel: 'Municipal',
        territory: expect.stringMatching(/^15\d{3}$/),
        territoryLabel: 'Acolman',
        categories: expect.arrayContaining(['BRIBERY']),
        epsilon: 1,
      },
    ]);
    expect(headers.get('cache-control')).toBe('public, max-age=300');
    expect((await h.call('GET', '/public/stats/plan?institution=NOBODY')).status).toBe(404);
  });

  it('says how many periods each sum spans, in JSON and in a CSV that does not tell them apart', async () => {
    const wide = await published(h, '&by=category&from=2026-09');
    expect([...wide.rows, wide.total!].map(({ periodCount }) => periodCount)).toEqual(
      Array.from({ length: wide.rows.length + 1 }, () => 2),
    );
    const { body } = await h.call<string>('GET', `${REPORTS}&by=category&from=2026-09&format=csv`);
    expect(body.split('\r\n')[0]).toBe('category,category_label,value,low,high,margin,period_count,epsilon');
    expect(parse<Record<string, string>>(body, { columns: true }).map((row) => row.period_count)).toEqual(
      wide.rows.map(() => '2'),
    );
  });

  it('gives whole margins that depend on the number of cells only', async () => {
    const { rows, total } = await published(h, '&by=territory,category,period');
    expect(new Set(rows.map(({ margin }) => margin))).toEqual(new Set([3]));
    expect(total!.margin).toBe(noiseMargin(new Map([[1, cells.length]])));
  });

  it('sums the released periods of a span given by months or quarters, and says which', async () => {
    expect((await published(h, '&from=2026-Q4')).periods).toEqual(['2026-10']);
    expect((await published(h, '&from=2026-01&to=2026-Q3')).periods).toEqual(['2026-08', '2026-09']);
    const none = await published(h, '&from=2026-11&by=period');
    expect(none).toMatchObject({ periods: [], rows: [], total: null, privacy: { epsilon: 1 } });
    const other = await h.call('GET', '/public/stats/reports?institution=ACOLMAN-DEMO');
    expect(other.body).toMatchObject({ periods: [], rows: [], total: null });
  });

  it.each([
    ['institution=NOBODY', 404, 'INSTITUTION_UNKNOWN'],
    ['institution=CONAVI-DEMO&from=2026-99', 400, 'INVALID_PERIOD'],
    ['institution=CONAVI-DEMO&from=2026-10&to=2026-09', 400, 'INVALID_REQUEST'],
    ['institution=CONAVI-DEMO&by=status', 400, 'INVALID_REQUEST'],
    ['institution=CONAVI-DEMO&category=NADA', 400, 'INVALID_REQUEST'],
    ['institution=CONAVI-DEMO&category=FRAUD,NADA', 400, 'INVALID_REQUEST'],
    ['institution=CONAVI-DEMO&territory=33', 400, 'INVALID_REQUEST'],
    ['institution=CONAVI-DEMO&territory=15,99999', 400, 'INVALID_REQUEST'],
    ['institution=CONAVI-DEMO&format=xml', 400, 'INVALID_REQUEST'],
    ['institution=CONAVI-DEMO&area=OIC', 400, 'INVALID_REQUEST'],
    ['', 400, 'INVALID_REQUEST'],
  ])('answers ?%s with %i %s, uncached', async (query, status, code) => {
    const answer = await h.call<{ code: string }>('GET', `/public/stats/reports?${query}`);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
    expect(answer.headers.get('cache-control')).toBe('no-store');
  });

  it('gives the same figures as CSV: header row, no totals, privacy statement linked', async () => {
    const json = await published(h, '&by=category,period&category=BRIBERY,not_stated');
    const { body, headers } = await h.call<string>(
      'GET',
      `${REPORTS}&by=category,period&category=BRIBERY,not_stated&format=csv`,
    );
    expect(headers.get('content-type')).toBe('text/csv; charset=utf-8; header=present');
    expect(headers.get('content-disposition')).toBe(
      'attachment; filename="CONAVI-DEMO_reports_2026-08_2026-10.csv"',
    );
    expect(body.split('\r\n')[0]).toBe(
      'category,category_label,period,value,low,high,margin,period_count,epsilon',
    );
    const lines = parse<Record<string, string>>(body, { columns: true, record_delimiter: '\r\n' });
    expect(
      lines.map((line) => [line.category, line.period, Number(line.value), Number(line.margin)]),
    ).toEqual(json.rows.map((row) => [row.category, row.period, row.value, row.margin]));
    for (const line of lines) {
      const [value, low, high, margin] = [line.value, line.low, line.high, line.margin].map(Number) as [
        number,
        number,
        number,
        number,
      ];
      expect([low, high, line.period_count]).toEqual([
        Math.max(0, value - margin),
        Math.max(0, value + margin),
        '1',
      ]);
    }
    // Relative, so that it stays below the path of a proxy.
    const link = /^<(\?[^>]+)>; rel="describedby"/.exec(headers.get('link') ?? '')![1]!;
    expect((await h.call('GET', `/public/stats/reports${link}`)).body).toEqual(json);
  });
});

describe('a CSV of public figures', () => {
  const raw = async (query: string, headers: Record<string, string> = {}) => {
    const answer = await fetched(`${h.url}/api/v1${REPORTS}&${query}`, { headers });
    return { headers: answer.headers, bytes: Buffer.from(await answer.arrayBuffer()) };
  };
  const marked = ({ bytes }: { bytes: Buffer }): boolean =>
    bytes.subarray(0, 3).equals(Buffer.from('\ufeff'));
  const variesByAccept = ({ headers }: { headers: Headers }): boolean =>
    headers.get('vary')!.split(', ').includes('Accept');
  const BROWSER = { Accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' };
  const CSV = 'by=territory&format=csv';

  it('carries a byte order mark for Excel when asked to, or when a browser opens it', async () => {
    const answers = [
      await raw(CSV),
      await raw(CSV, BROWSER),
      await raw(CSV, { Accept: '*/*' }),
      await raw(`${CSV}&bom=1`),
      await raw(`${CSV}&bom=1`, BROWSER),
      await raw(`${CSV}&bom=0`),
      await raw(`${CSV}&bom=0`, BROWSER),
    ] as const;
    expect(answers.map(marked)).toEqual([false, true, false, true, true, false, false]);
    // Apart from the mark all are the same bytes, of UTF-8.
    const texts = answers.map(({ bytes }) => new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    expect(new Set(texts).size).toBe(1);
    expect(texts[0]).toContain('México');
    // Caches must tell them apart, by header and by tag.
    expect(answers.map(variesByAccept)).toEqual([true, true, true, false, false, false, false]);
    const tags = answers.map(({ headers }) => headers.get('etag'));
    expect([tags[0] === tags[1], tags[0] === tags[2]]).toEqual([false, true]);
  });

  it('never marks JSON, and knows two values only', async () => {
    const json = await raw('by=territory&bom=1', BROWSER);
    expect([marked(json), variesByAccept(json)]).toEqual([false, false]);
    expect((await h.call('GET', `${REPORTS}&format=csv&bom=yes`)).status).toBe(400);
  });

  it('keeps the zeros of keys, and names institution, table and periods in the name of its file', async () => {
    const { bytes, headers } = await raw(`${CSV}&from=2026-09&to=2026-10`);
    expect(bytes.toString()).toContain('\r\n"01",Aguascalientes,');
    expect(headers.get('content-disposition')).toBe(
      'attachment; filename="CONAVI-DEMO_reports_2026-09_2026-10.csv"',
    );
    const name = async (query: string) => (await raw(`${CSV}&${query}`)).headers.get('content-disposition');
    expect(await name('from=2026-10')).toBe('attachment; filename="CONAVI-DEMO_reports_2026-10.csv"');
    expect(await name('from=2030-01')).toBe('attachment; filename="CONAVI-DEMO_reports_none.csv"');
  });

  it('lets a page of any origin read the name, and links its JSON without the mark', async () => {
    const { headers } = await raw(`${CSV}&bom=1`, { Origin: 'https://tablero.example' });
    expect(headers.get('access-control-expose-headers')).toContain('Content-Disposition');
    expect(headers.get('link')).not.toContain('bom');
  });
});

describe('an attacker', () => {
  it('gets for any filter exactly the sum of frozen cells, and nothing finer', async () => {
    const territories = [...new Set(cells.map(({ territory }) => territory))];
    const categories = [...new Set(cells.map(({ category }) => category))];
    const next = random(2);
    for (let i = 0; i < 200; i++) {
      const by = someOf(['category', 'territory', 'period'] as const, next);
      const chosen = {
        territory: someOf(territories, next),
        category: someOf(categories, next),
        from: PERIODS[Math.floor(next() * 3)]!,
      };
      const lists = (['territory', 'category'] as const).filter((name) => chosen[name].length > 0);
      const query = lists.map((name) => `&${name}=${chosen[name].join(',')}`).join('');
      const { rows, total, periods } = await published(h, `&by=${by.join(',')}&from=${chosen.from}${query}`);
      const selected = cells.filter(
        (cell) => cell.period >= chosen.from && lists.every((name) => chosen[name].includes(cell[name])),
      );
      expect(periods).toEqual(PERIODS.filter((period) => period >= chosen.from));
      expect(total!.value).toBe(sum(selected));
      expect(rows.reduce((all, { value }) => all + value, 0)).toBe(total!.value);
      for (const row of rows) {
        const own = selected.filter((cell) => by.every((dimension) => cell[dimension] === row[dimension]));
        expect(row.value).toBe(sum(own));
      }
    }
  });

  it('who files into a released period, or waits for triage to change a category, sees no answer move', async () => {
    const before = await published(h, '&by=category,territory,period');
    await h.as('operador@conavi.demo', 'POST', '/reports', {
      mode: 'anonymous',
      narrative: 'Me pidieron dinero por teléfono.',
      category: 'BRIBERY',
      municipality: '15002',
      call: { startedAt: '2026-10-31T12:00:00-06:00', reason: 'Se cayó el sistema.' },
    });
    const triaged = await h.as('mesa@conavi.demo', 'POST', `/cases/${first.folio}/triage`, {
      category: 'WORKS_QUALITY',
      reason: 'Es de obra.',
    });
    expect(triaged.status).toBe(200);
    expect((await publish(h, '2026-08')).status).toBe(409);
    expect(await published(h, '&by=category,territory,period')).toEqual(before);
  });

  it('sees the same bytes and headers on every public route before and after five anonymous reports', async () => {
    const routes = await publicRoutes();
    expect(routes.length).toBeGreaterThan(10);
    const before = await snapshot(routes);
    for (let i = 0; i < 5; i++) await h.file({ category: 'BRIBERY', municipality: '15002' });
    expect(await snapshot(routes)).toEqual(before);
  });
});

interface Operation {
  'x-permission'?: string;
  parameters?: { name: string; in: string; required?: boolean }[];
}

/** Every GET that needs no credential, as the OpenAPI document knows them, and the routes outside of it. */
async function publicRoutes(): Promise<string[]> {
  const { body } = await h.call<{ paths: Record<string, { get?: Operation }> }>('GET', '//openapi.json');
  const documented = Object.entries(body.paths)
    .filter(([, { get }]) => get?.['x-permission'] === 'public')
    .map(([path, { get }]) => {
      const institution = get!.parameters?.some(({ name }) => name === 'institution');
      return `/${path}${institution ? '?institution=CONAVI-DEMO' : ''}`;
    });
  return [
    ...documented,
    `/${'/api/v1'}${REPORTS}&by=category,territory,period`,
    `/${'/api/v1'}${REPORTS}&by=period&format=csv`,
    ...[
      '//health/live',
      '//health/ready',
      '//metrics',
      '//openapi.json',
      '//docs',
      '//api/v1/public/unknown',
    ],
  ];
}

/** Status, headers and body of each, without the date and the random request id. */
async function snapshot(routes: readonly string[]): Promise<Record<string, unknown>> {
  const answers: Record<string, unknown> = {};
  for (const route of routes) {
    const { status, headers, body } = await h.call<unknown>('GET', route);
    const { date: _date, ...kept } = Object.fromEntries(headers.entries());
    const { requestId, ...rest } = (typeof body === 'object' && !Array.isArray(body) ? body : { body }) as {
      requestId?: string;
    };
    if (requestId !== undefined)
      expect(requestId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-/);
    answers[route] = { status, headers: kept, body: rest };
  }
  return answers;
}
