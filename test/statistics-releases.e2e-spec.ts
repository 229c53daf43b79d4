import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { drawCells, noiseKey } from '../src/transparency/noise.js';
import { cellLabel } from '../src/transparency/release-domain.js';
import { Releases } from '../src/transparency/releases/releases.service.js';
import { SECRETS } from './setup/constants.js';
import { Harness } from './setup/harness.js';
import { fixDomains, frozenCells, goTo, institutionId, publish, published } from './support/statistics.js';

let h: Harness;
let conavi: string;

beforeAll(async () => {
  h = await Harness.start({ at: new Date('2026-08-11T16:00:00Z') });
  conavi = await institutionId(h, 'CONAVI-DEMO');
  await fixDomains(h);
  await h.file({ category: 'BRIBERY', municipality: '15002' });
  await h.file({ category: 'BRIBERY', municipality: '15033' });
  await h.file({ category: 'WORKS_QUALITY' });
});
afterAll(() => h.stop());

/** What an oversight body that is given the master key sees: the noise taken off again, cells above zero only. */
async function withoutNoise(period: string): Promise<Record<string, number>> {
  const cells = (await frozenCells(h, conavi)).filter((cell) => cell.period === period);
  const [release] = await h.sql<{ version: number; epsilon: number }>(
    'public',
    'select version, epsilon from stat_releases where institution_id = $1 and period = $2',
    [conavi, period],
  );
  const scope = { table: 'reports', version: release!.version, institution: conavi, period };
  const noise = drawCells(noiseKey(SECRETS.statsNoise, scope), release!.epsilon, cells.map(cellLabel));
  const counts = cells.map((cell, i) => [cellLabel(cell), cell.value - noise[i]!] as const);
  return Object.fromEntries(counts.filter(([, count]) => count !== 0));
}

describe('POST /stats/releases', () => {
  it('refuses a period until ten minutes after its last local day', async () => {
    for (const [instant, period] of [
      ['2026-08-31T23:59:59-06:00', '2026-08'],
      ['2026-09-01T00:09:59-06:00', '2026-08'],
      ['2026-09-01T00:09:59-06:00', '2026-09'],
      ['2026-09-01T00:09:59-06:00', '2027-01'],
    ] as const) {
      goTo(h, instant);
      const { status, body } = await publish(h, period);
      expect([status, body.code]).toEqual([409, 'PERIOD_OPEN']);
    }
    goTo(h, '2026-09-01T00:10:00-06:00');
    const { status, body } = await publish(h, '2026-08');
    expect([status, body]).toEqual([
      201,
      { table: 'reports', period: '2026-08', version: 1, epsilon: 1, publishedOn: '2026-09-01' },
    ]);
  });

  it('stores every cell of the domain, count plus the noise of the key, and nothing exact', async () => {
    const cells = await frozenCells(h, conavi);
    const categories = await h.sql<{ n: number }>(
      'owner',
      'select cardinality(categories) as n from stat_domains where institution_id = $1 and version = 1',
      [conavi],
    );
    expect(cells).toHaveLength(33 * (categories[0]!.n + 2));
    expect(await withoutNoise('2026-08')).toEqual({ '15|BRIBERY': 2, 'not_stated|WORKS_QUALITY': 1 });
  });

  it('never publishes twice, and what is out stays as it is', async () => {
    const before = await frozenCells(h, conavi);
    const { status, body } = await publish(h, '2026-08');
    expect([status, body.code]).toEqual([409, 'RELEASE_EXISTS']);
    expect(await h.app.get(Releases).publishDue()).toBeGreaterThanOrEqual(0);
    expect((await frozenCells(h, conavi)).filter(({ period }) => period === '2026-08')).toEqual(before);
  });

  it('lets one of two publishers in two processes win', async () => {
    goTo(h, '2026-10-01T12:00:00-06:00');
    const other = await Harness.start({ share: h });
    try {
      await Promise.all([h, other].map((one) => one.token('transparencia@conavi.demo')));
      const answers = await Promise.all([h, other, h, other].map((one) => publish(one, '2026-09')));
      expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409]);
      expect(answers.filter(({ body }) => body.code === 'RELEASE_EXISTS')).toHaveLength(3);
    } finally {
      await other.stop();
    }
  });

  it.each([
    ['2026-05', 422, 'PERIOD_NOT_COVERED'],
    ['2026-Q2', 422, 'PERIOD_NOT_COVERED'],
    ['2026-13', 400, 'INVALID_PERIOD'],
    ['october', 400, 'INVALID_PERIOD'],
    ['', 400, 'INVALID_REQUEST'],
  ])('answers the period "%s" with %i %s', async (period, status, code) => {
    const answer = await publish(h, period);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
  });

  it('is for the transparency unit only, and writes an audit entry without any count', async () => {
    for (const user of ['titular', 'auditor', 'mesa', 'admin', 'operador']) {
      expect((await publish(h, '2026-07', `${user}@conavi.demo`)).status).toBe(403);
    }
    const entries = await h.sql<{ event: string; actor_kind: string }>(
      'owner',
      `select event, actor_kind from audit_entries where event = 'STATS_RELEASED' and institution_id = $1 and actor_kind = 'staff'`,
      [conavi],
    );
    expect(entries).toHaveLength(2);
  });

  it('counts a call in the period of its registration, also when its day lies in a released one', async () => {
    goTo(h, '2026-10-02T10:00:00-06:00');
    const before = await published(h, '&from=2026-09&to=2026-09&by=category,territory');
    const { status } = await h.as('operador@conavi.demo', 'POST', '/reports', {
      mode: 'anonymous',
      narrative: 'Me pidieron dinero por teléfono.',
      category: 'BRIBERY',
      municipality: '15002',
      call: { startedAt: '2026-09-30T18:00:00-06:00', reason: 'Se cayó el sistema.' },
    });
    expect(status).toBe(201);
    expect(await published(h, '&from=2026-09&to=2026-09&by=category,territory')).toEqual(before);
    goTo(h, '2026-11-01T01:00:00-06:00');
    expect((await publish(h, '2026-10')).status).toBe(201);
    expect(await withoutNoise('2026-10')).toEqual({ '15|BRIBERY': 1 });
  });
});

describe('the worker', () => {
  it('publishes what nobody published, oldest first, from the fifth of the following month on, once', async () => {
    const aco = await institutionId(h, 'ACOLMAN-DEMO');
    const periods = async () =>
      (
        await h.sql<{ period: string; published_on: string }>(
          'public',
          'select period, published_on::text from stat_releases where institution_id = $1 order by published_on, period',
          [aco],
        )
      ).map((row) => `${row.period} ${row.published_on}`);
    const releases = h.app.get(Releases);
    goTo(h, '2026-11-04T23:00:00-06:00');
    await releases.publishDue();
    const before = await periods();
    expect(before.map((line) => line.slice(0, 7))).toEqual(['2026-06', '2026-07', '2026-08', '2026-09']);
    goTo(h, '2026-11-05T00:10:00-06:00');
    const other = await Harness.start({ share: h });
    try {
      await Promise.all([releases.publishDue(), other.app.get(Releases).publishDue()]);
    } finally {
      await other.stop();
    }
    expect(await periods()).toEqual([...before, '2026-10 2026-11-05']);
    expect(await releases.publishDue()).toBe(0);
    expect(await frozenCells(h, aco)).toHaveLength(5 * 3 * (await domainSize(aco)));
  });
});

async function domainSize(institution: string): Promise<number> {
  const [row] = await h.sql<{ n: number }>(
    'owner',
    'select cardinality(categories) + 2 as n from stat_domains where institution_id = $1 and version = 1',
    [institution],
  );
  return row!.n;
}

describe('the domain', () => {
  it('takes a category added during a period from the next one on, and counts it as not listed until then', async () => {
    goTo(h, '2026-11-10T10:00:00-06:00');
    const added = await h.as('admin@conavi.demo', 'POST', '/admin/categories', {
      code: 'NEW_FAULT',
      label: 'Falta nueva',
      labelEn: 'New fault',
      description: 'Una falta que nadie había previsto.',
    });
    expect(added.status).toBe(201);
    await h.file({ category: 'NEW_FAULT', municipality: '09014' });
    await h.sweep();
    goTo(h, '2026-12-01T09:00:00-06:00');
    await h.file({ category: 'NEW_FAULT', municipality: '09014' });
    await publish(h, '2026-11');
    expect(await withoutNoise('2026-11')).toEqual({ '09|not_listed': 1 });
    goTo(h, '2027-01-01T09:00:00-06:00');
    expect((await publish(h, '2026-12')).body.version).toBe(2);
    expect(await withoutNoise('2026-12')).toEqual({ '09|NEW_FAULT': 1 });
  });

  it('is fixed before its period starts: the releaser can add none for a period under way', async () => {
    const insert = (validFrom: string) =>
      h.sql(
        'app',
        `begin; set local role denuncia_releaser; select set_config('app.institution', '${conavi}', true);
         insert into stat_domains (institution_id, table_name, version, valid_from, created_on, period_kind, level, categories, epsilon)
         values ('${conavi}', 'reports', 99, '${validFrom}', '2027-01-01', 'month', 'federal', '{}', 1); rollback`,
      );
    await expect(insert('2027-01-01')).rejects.toThrow(/row-level security/);
    await expect(insert('2027-02-01')).resolves.not.toThrow();
  });
});
