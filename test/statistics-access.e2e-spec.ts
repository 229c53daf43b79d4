import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { cellsOf, releaseDomain } from '../src/insight/transparency/release-domain.js';
import { Harness } from './setup/harness.js';
import { fixDomains, institutionId, publish } from './support/statistics.js';

let h: Harness;
let conavi: string;

beforeAll(async () => {
  h = await Harness.start({ at: new Date('2026-10-12T16:00:00Z') });
  conavi = await institutionId(h, 'CONAVI-DEMO');
  await fixDomains(h);
  await h.file({ category: 'BRIBERY', municipality: '15002' });
  await h.file({ institution: 'ACOLMAN-DEMO' });
  h.clock.set(new Date('2026-11-03T16:00:00Z'));
  expect((await publish(h, '2026-10')).status).toBe(201);
});
afterAll(() => h.stop());

describe('somebody who holds a login of the database', () => {
  it('with the public one reads the statistics and no other table', async () => {
    const tables = await h.sql<{ name: string }>(
      'owner',
      `select table_name as name from information_schema.tables where table_schema = 'public'`,
    );
    const readable: string[] = [];
    for (const { name } of tables) {
      try {
        await h.sql('public', `select 1 from "${name}" limit 1`);
        readable.push(name);
      } catch (error) {
        expect(String(error)).toMatch(/permission denied/);
      }
    }
    expect(tables.length).toBeGreaterThan(20);
    expect(readable.sort()).toEqual(['stat_cells', 'stat_domains', 'stat_releases']);
    for (const role of ['denuncia_releaser', 'denuncia_app']) {
      await expect(h.sql('public', `set role ${role}`)).rejects.toThrow(/permission denied/);
    }
  });

  it.each(['stat_domains', 'stat_releases', 'stat_cells'])(
    'with the one of the application neither reads nor writes %s, and nobody changes it',
    async (table) => {
      for (const statement of [
        `select 1 from ${table}`,
        `insert into ${table} default values`,
        `update ${table} set institution_id = null`,
        `delete from ${table}`,
        `truncate ${table}`,
      ]) {
        await expect(h.sql('app', statement)).rejects.toThrow(/permission denied/);
      }
      for (const statement of [
        `update ${table} set institution_id = institution_id`,
        `delete from ${table}`,
        `truncate ${table} cascade`,
      ]) {
        await expect(h.sql('owner', statement)).rejects.toThrow(/never changed/);
        await expect(asReleaser(statement)).rejects.toThrow(/permission denied/);
      }
    },
  );

  it('in the releaser role reads the four counted columns of cases, of the own institution, and no content', async () => {
    const columns = await h.sql<{ name: string }>(
      'owner',
      `select c.relname || '.' || a.attname as name from pg_class c join pg_attribute a on a.attrelid = c.oid
        where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and a.attnum > 0 and not a.attisdropped
          and c.relname not like 'stat\\_%' and has_column_privilege('denuncia_releaser', c.oid, a.attnum, 'select')
        order by 1`,
    );
    expect(columns.map(({ name }) => name)).toEqual([
      'cases.figures_on',
      'cases.institution_id',
      'cases.municipality',
      'cases.reported_category_id',
    ]);
    await expect(asReleaser('select content from case_reports')).rejects.toThrow(/permission denied/);
    await expect(asReleaser('select folio from cases')).rejects.toThrow(/permission denied/);
    await expect(
      asReleaser(`select 1 / (count(*) filter (where institution_id <> '${conavi}') = 0)::int from cases`),
    ).resolves.not.toThrow();
  });

  it('in the releaser role inserts nothing by hand, whatever it is', async () => {
    for (const statement of [
      `insert into stat_domains (institution_id, table_name, version, valid_from, created_on, period_kind, level, categories, epsilon)
       values ('${conavi}', 'reports', 2, '2027-01-01', '2026-11-03', 'month', 'federal', '{}', 10)`,
      `insert into stat_releases values ('${conavi}', 'reports', '2026-11', '2026-11-01', '2026-11-30', 1, 1, '2026-12-01')`,
      `insert into stat_cells values ('${conavi}', 'reports', '2026-10', 'other', 'EXTRA', 1)`,
      `insert into stat_cells values ('${conavi}', 'reports', '2026-10', '15', 'not_stated', 1) on conflict do nothing`,
    ])
      await expect(asReleaser(statement)).rejects.toThrow(/permission denied/);
  });
});

/** Another period of the plan, which is over on the day of the tests and not published. */
const PERIOD = '2026-09';
interface Attempt {
  institution: string;
  period: string;
  version: number;
  epsilon: number;
  day: string;
  cells: { territory: string; category: string; value: number }[];
}

describe('somebody who publishes as the releaser, past the service', () => {
  let good: Attempt;
  beforeAll(async () => {
    const [{ categories }] = (await h.sql<{ categories: string[] }>(
      'public',
      'select categories from stat_domains where institution_id = $1 and version = 1',
      [conavi],
    )) as [{ categories: string[] }];
    const domain = releaseDomain({ level: 'federal' }, categories);
    const cells = cellsOf(domain).map((cell) => ({ ...cell, value: 3 }));
    good = { institution: conavi, period: PERIOD, version: 1, epsilon: 1, day: '2026-11-03', cells };
  });

  const publishing = ({ institution, period, version, epsilon, day, cells }: Attempt): string =>
    `select publish_release('${institution}', 'reports', '${period}', ${version}, ${epsilon}, '${day}', '${JSON.stringify(cells)}')`;

  const changed: [string, (attempt: Attempt) => Partial<Attempt>, RegExp][] = [
    ['with another ε', () => ({ epsilon: 10 }), /another version or epsilon/],
    ['with a little less noise', () => ({ epsilon: 1.000001 }), /another version or epsilon/],
    ['with another version', () => ({ version: 2 }), /another version or epsilon/],
    ['of a period that is not over', () => ({ period: '2026-11' }), /not over/],
    ['of a future period', () => ({ period: '2027-06' }), /not over/],
    ['of a period before the plan', () => ({ period: '2026-05' }), /no such period/],
    ['of another kind of period', () => ({ period: '2026-Q3' }), /no such period/],
    ['of no period at all', () => ({ period: 'october' }), /no such period/],
    ['of a month that does not exist', () => ({ period: '2026-13' }), /no such period/],
    ['on a day before the period ended', () => ({ day: '2026-09-30' }), /not over/],
    ['with a cell too few', ({ cells }) => ({ cells: cells.slice(1) }), /not the cells of the plan/],
    ['with no cell', () => ({ cells: [] }), /not the cells of the plan/],
    [
      'with a cell too many',
      ({ cells }) => ({ cells: [...cells, { territory: 'other', category: 'BRIBERY', value: 1 }] }),
      /not the cells of the plan/,
    ],
    [
      'with a cell of another category in place of one',
      ({ cells }) => ({ cells: [{ ...cells[0]!, category: 'ALCALDE_X' }, ...cells.slice(1)] }),
      /not the cells of the plan/,
    ],
    [
      'with a cell of another territory in place of one',
      ({ cells }) => ({ cells: [{ ...cells[0]!, territory: '15002' }, ...cells.slice(1)] }),
      /not the cells of the plan/,
    ],
    ['with a cell twice', ({ cells }) => ({ cells: [...cells, cells[0]!] }), /duplicate key/],
    ['what is out already', () => ({ period: '2026-10' }), /duplicate key/],
  ];

  it.each(changed)('is refused %s', async (_, change, reason) => {
    await expect(asReleaser(publishing({ ...good, ...change(good) }))).rejects.toThrow(reason);
    expect(await releases()).toEqual(['2026-10']);
  });

  it('is refused for another institution than that of the transaction, or for none', async () => {
    const aco = await institutionId(h, 'ACOLMAN-DEMO');
    const other = /another institution/;
    await expect(asReleaser(publishing({ ...good, institution: aco }))).rejects.toThrow(other);
    await expect(asReleaser(publishing(good), aco)).rejects.toThrow(other);
    await expect(asReleaser(publishing(good), '')).rejects.toThrow(other);
  });

  it('cannot call the steps behind, nor any of it as the application or the public', async () => {
    const steps = [
      publishing(good).replace('publish_release', 'store_release'),
      `select * from release_cells(null)`,
      `select assert_may_publish('${conavi}', '2026-11-03')`,
      'update clock_policy set free = true',
      `update release_guards set held = null`,
    ];
    for (const step of steps) await expect(asReleaser(step)).rejects.toThrow(/permission denied/);
    for (const login of ['app', 'public'] as const) {
      for (const step of [publishing(good), ...steps])
        await expect(h.sql(login, step)).rejects.toThrow(/permission denied/);
    }
  });

  it('tells no day but that of the server, where the clock is not free', async () => {
    const strict = await Harness.start();
    try {
      await strict.sql('owner', 'update clock_policy set free = false');
      const id = await institutionId(strict, 'CONAVI-DEMO');
      await strict.sql(
        'owner',
        `insert into stat_domains select institution_id, table_name, 2, '2019-01-01', '2018-12-31', period_kind, level, territory, categories, epsilon
           from stat_domains where institution_id = $1`,
        [id],
      );
      for (const [days, reason] of [
        [-2, /another day/],
        [2, /another day/],
        [400, /another day/],
        // The right day; there is no such period.
        [0, /no such period/],
      ] as const) {
        const [day] = await strict.sql<{ on: string }>(
          'owner',
          `select ((now() at time zone 'America/Mexico_City')::date + $1::int)::text as on`,
          [days],
        );
        const call = publishing({ ...good, institution: id, period: '2018-12', day: day!.on });
        await expect(asReleaser(call, id, strict)).rejects.toThrow(reason);
        await expect(
          asReleaser(planning({ version: 3, starts: '2020-01-15', on: day!.on }, id), id, strict),
        ).rejects.toThrow(days === 0 ? /begins with the next period/ : /another day/);
        if (days === 0)
          await asReleaser(
            publishing({ ...good, institution: id, period: '2019-06', version: 2, day: day!.on }),
            id,
            strict,
          );
      }
      expect(await strict.sql('public', 'select period from stat_releases')).toEqual([{ period: '2019-06' }]);
    } finally {
      await strict.stop();
    }
  });

  it('adds no cell to what it has published, in the same transaction either, and publishes once', async () => {
    const late = `insert into stat_cells values ('${conavi}', 'reports', '${PERIOD}', 'other', 'EXTRA', 1)`;
    await expect(asReleaser(`${publishing(good)}; ${late}`)).rejects.toThrow(/permission denied/);
    await expect(asReleaser(`${publishing(good)}; ${publishing(good)}`)).rejects.toThrow(/duplicate key/);
    expect(await releases()).toEqual(['2026-10']);
    await asReleaser(publishing(good));
    expect(await releases()).toEqual(['2026-09', '2026-10']);
    await expect(asReleaser(publishing(good))).rejects.toThrow(/duplicate key/);
  });
});

interface Version {
  version: number;
  starts: string;
  on: string;
  categories: string;
}

const planning = (
  { version = 2, starts = '2026-12-01', on = '2026-11-03', categories = `'{}'` }: Partial<Version>,
  institution = conavi,
): string =>
  `select fix_release_plan('${institution}', 'reports', ${version}, '${starts}', '${on}', (${categories})::text[])`;

describe('somebody who fixes the plan as the releaser, past the service', () => {
  const inForce = (): string => `(array['${codes.join("','")}'])`;
  let codes: string[];
  beforeAll(async () => {
    await h.sql(
      'owner',
      `insert into categories (id, institution_id, code, short_code, label_es, label_en, description, priority, valid_from)
       values (gen_random_uuid(), $1, 'NEW_FAULT', 'NUE', 'Nueva', 'New', 'Nueva.', 'normal', '2026-11-02')`,
      [conavi],
    );
    const all = await h.sql<{ code: string }>(
      'owner',
      `select code from categories where institution_id = $1 order by code collate "C"`,
      [conavi],
    );
    codes = all.map(({ code }) => code);
  });

  const wrong: [string, () => Partial<Version>, RegExp][] = [
    ['a version that exists', () => ({ version: 1 }), /not the next version/],
    ['a version that skips one', () => ({ version: 3 }), /not the next version/],
    ['the present period', () => ({ starts: '2026-11-01' }), /begins with the next period/],
    ['a period that is over', () => ({ starts: '2026-10-01' }), /begins with the next period/],
    ['a day within a period', () => ({ starts: '2026-12-15' }), /begins with the next period/],
    [
      'a period far ahead, which would block every change',
      () => ({ starts: '2099-01-01' }),
      /begins with the next period/,
    ],
    ['no categories', () => ({ categories: `'{}'` }), /categories of the catalogue/],
    ['a category too few', () => ({ categories: `${inForce()}[2:]` }), /categories of the catalogue/],
    [
      'a category of its own',
      () => ({ categories: `${inForce()} || 'ALCALDE_X'::text` }),
      /categories of the catalogue/,
    ],
  ];

  it.each(wrong)('is refused %s', async (_, change, reason) => {
    await expect(asReleaser(planning({ categories: inForce(), ...change() }))).rejects.toThrow(reason);
  });

  it('is refused for another institution, and where nothing changed', async () => {
    const aco = await institutionId(h, 'ACOLMAN-DEMO');
    await expect(asReleaser(planning({ categories: inForce() }, aco))).rejects.toThrow(/another institution/);
    const [row] = await h.sql<{ categories: string[] }>(
      'public',
      'select categories from stat_domains where institution_id = $1',
      [aco],
    );
    const same = `'{${row!.categories.join(',')}}'`;
    await expect(asReleaser(planning({ categories: same }, aco), aco)).rejects.toThrow(
      /other ones than the version before/,
    );
  });

  it('gets what the catalogue says, under the ε and the kind of period of the version before', async () => {
    await asReleaser(planning({ categories: inForce() }));
    const [row] = await h.sql<Record<string, unknown>>(
      'public',
      `select version, valid_from::text, created_on::text, period_kind, level, territory, epsilon, 'NEW_FAULT' = any (categories) as new
         from stat_domains where institution_id = $1 order by version desc limit 1`,
      [conavi],
    );
    expect(row).toEqual({
      version: 2,
      valid_from: '2026-12-01',
      created_on: '2026-11-03',
      period_kind: 'month',
      level: 'federal',
      territory: null,
      epsilon: 1,
      new: true,
    });
  });
});

async function releases(): Promise<string[]> {
  const rows = await h.sql<{ period: string }>(
    'public',
    'select period from stat_releases where institution_id = $1 order by period',
    [conavi],
  );
  return rows.map(({ period }) => period);
}

function asReleaser(statement: string, institution = conavi, harness = h): Promise<unknown> {
  return harness.sql(
    'app',
    `begin; set local role denuncia_releaser; select set_config('app.institution', '${institution}', true); ${statement}; commit`,
  );
}
