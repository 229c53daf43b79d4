import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { cellsDigest } from '../src/insight/transparency/cells-digest.js';
import { drawCells, noiseKey } from '../src/insight/transparency/noise.js';
import { cellLabel } from '../src/insight/transparency/release-domain.js';
import { SECRETS } from './setup/constants.js';
import { asSuperuser, databaseUrl, Harness } from './setup/harness.js';
import { openTrail } from './support/audit-book.js';
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

/**
 * The noise taken off again, cells above zero only. It works for whoever has the master key and knows the
 * exact table, and so proves that these very counts were published.
 */
async function withoutNoise(period: string): Promise<Record<string, number>> {
  const cells = (await frozenCells(h, conavi)).filter((cell) => cell.period === period);
  const [release] = await h.sql<{ version: number; epsilon: number }>(
    'public',
    'select version, epsilon from stat_releases where institution_id = $1 and period = $2',
    [conavi, period],
  );
  const [domain] = await h.sql<{ categories: string[] }>(
    'public',
    'select categories from stat_domains where institution_id = $1 and version = $2',
    [conavi, release!.version],
  );
  const exact = new Map<string, number>();
  const rows = await h.sql<{ municipality: string | null; code: string | null }>(
    'owner',
    `select c.municipality, k.code from cases c left join categories k on k.id = c.reported_category_id
      where c.institution_id = $1 and to_char(c.figures_on, 'YYYY-MM') = $2`,
    [conavi, period],
  );
  for (const { municipality, code } of rows) {
    const category =
      code === null || domain!.categories.includes(code) ? (code ?? 'not_stated') : 'not_listed';
    const label = `${municipality?.slice(0, 2) ?? 'not_stated'}|${category}`;
    exact.set(label, (exact.get(label) ?? 0) + 1);
  }
  const digest = cellsDigest(cells.map((cell) => ({ ...cell, value: exact.get(cellLabel(cell)) ?? 0 })));
  const scope = { table: 'reports', version: release!.version, institution: conavi, period, digest };
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
      {
        table: 'reports',
        tableLabel: 'Denuncias recibidas',
        period: '2026-08',
        version: 1,
        epsilon: 1,
        publishedOn: '2026-09-01',
      },
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
    expect(await h.run('release-statistics')).toBeGreaterThanOrEqual(0);
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
    const told = (await openTrail(h))
      .filter(({ event }) => event === 'STATS_RELEASED')
      .map((entry) => entry.told.data);
    const cells = (await frozenCells(h, conavi)).filter(({ period }) => period === '2026-08');
    expect(told).toContainEqual({
      table: 'reports',
      period: '2026-08',
      version: 1,
      epsilon: 1,
      cells: cellsDigest(cells),
    });
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
    goTo(h, '2026-11-04T23:00:00-06:00');
    await h.run('release-statistics');
    const before = await periods();
    expect(before.map((line) => line.slice(0, 7))).toEqual(['2026-06', '2026-07', '2026-08', '2026-09']);
    goTo(h, '2026-11-05T00:10:00-06:00');
    const other = await Harness.start({ share: h });
    try {
      await Promise.all([h.run('release-statistics'), other.run('release-statistics')]);
    } finally {
      await other.stop();
    }
    expect(await periods()).toEqual([...before, '2026-10 2026-11-05']);
    expect(await h.run('release-statistics')).toBe(0);
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
});

describe('what is counted', () => {
  it('is the category at registration, whatever the desk says until the day of publication', async () => {
    goTo(h, '2027-01-12T10:00:00-06:00');
    const receipt = await h.file({ category: 'BRIBERY', municipality: '15002' });
    const triaged = await h.as('mesa@conavi.demo', 'POST', `/cases/${receipt.folio}/triage`, {
      category: 'WORKS_QUALITY',
      reason: 'Es de obra.',
    });
    expect(triaged.status).toBe(200);
    await expect(h.sql('app', `update cases set reported_category_id = null`)).rejects.toThrow(
      /permission denied/,
    );
    goTo(h, '2027-02-01T01:00:00-06:00');
    expect((await publish(h, '2027-01')).status).toBe(201);
    expect(await withoutNoise('2027-01')).toEqual({ '15|BRIBERY': 1 });
  });

  it('of a report registered in a month that is out, by a clock that is behind, is in the next month', async () => {
    goTo(h, '2027-01-31T23:59:50-06:00');
    const { folio, receivedOn } = await h.file({ category: 'BRIBERY', municipality: '09014' });
    expect(receivedOn).toBe('2027-01-31');
    expect(await daysOf(folio)).toEqual({ registered: '2027-01-31', figures: '2027-02-01' });
    goTo(h, '2027-03-01T01:00:00-06:00');
    expect((await publish(h, '2027-02')).status).toBe(201);
    expect(await withoutNoise('2027-02')).toEqual({ '09|BRIBERY': 1 });
  });

  it('holds a report that is being written while its month is published: the release waits for it', async () => {
    goTo(h, '2027-03-12T10:00:00-06:00');
    const { folio } = await h.file({ category: 'BRIBERY', municipality: '20067' });
    goTo(h, '2027-04-01T01:00:00-06:00');
    await h.token('transparencia@conavi.demo');
    const writer = await openOwner();
    try {
      await writer.query('begin');
      await writer.query(copyOf(folio), [folio]);
      const publishing = publish(h, '2027-03');
      await until(async () => (await waitingForCases()) === 1);
      await writer.query('commit');
      expect((await publishing).status).toBe(201);
    } finally {
      await writer.end();
    }
    expect(await withoutNoise('2027-03')).toEqual({ '20|BRIBERY': 2 });
  });

  it('keeps no reporter waiting for a transaction that hangs: the release gives up after seconds and can be repeated', async () => {
    goTo(h, '2027-04-12T10:00:00-06:00');
    const { folio } = await h.file({ category: 'BRIBERY', municipality: '20067' });
    goTo(h, '2027-05-01T01:00:00-06:00');
    await h.token('transparencia@conavi.demo');
    const writer = await openOwner();
    try {
      await writer.query('begin');
      await writer.query(copyOf(folio), [folio]);
      const publishing = publish(h, '2027-04');
      await until(async () => (await waitingForCases()) === 1);
      // Waits behind the release, and no longer than it.
      const filed = h.file({ category: 'BRIBERY', municipality: '20067' });
      const { status, body } = await publishing;
      expect([status, body.code]).toEqual([503, 'UNAVAILABLE']);
      expect((await filed).status).toBe('received');
      await writer.query('rollback');
    } finally {
      await writer.end();
    }
    expect((await publish(h, '2027-04')).status).toBe(201);
    expect(await withoutNoise('2027-04')).toEqual({ '20|BRIBERY': 1 });
  });

  it('of a report cannot be lost in a month that came out before its commit: it is refused, and runs again', async () => {
    goTo(h, '2027-05-12T10:00:00-06:00');
    const { folio } = await h.file({ category: 'BRIBERY', municipality: '20067' });
    // A hand of the owner that takes no lock.
    const writer = await openOwner();
    try {
      await writer.query('begin');
      await writer.query(copyOf(folio), [folio]);
      await h.sql(
        'owner',
        `insert into stat_releases select $1, 'reports', '2027-05', '2027-05-01', '2027-05-31', max(version), 1, '2027-06-01'
           from stat_domains where institution_id = $1`,
        [conavi],
      );
      await expect(writer.query('commit')).rejects.toThrow(/published meanwhile/);
    } finally {
      await writer.end();
    }
    // The very first row falls into the month that is out, as if it came out behind it; the next tries do
    // not.
    await asOwnerOfTheServer(
      `create sequence tries;
       create function falls_behind() returns trigger language plpgsql security definer as $$
       begin
         if nextval('public.tries') = 1 then new.figures_on := new.registered_on; end if;
         return new;
       end $$;
       create trigger z_falls_behind before insert on cases for each row execute function falls_behind()`,
    );
    try {
      const receipts = await Promise.all(
        Array.from({ length: 5 }, () => h.file({ category: 'BRIBERY', municipality: '20067' })),
      );
      expect(new Set(receipts.map((receipt) => receipt.folio)).size).toBe(5);
      for (const receipt of receipts)
        expect(await daysOf(receipt.folio)).toEqual({ registered: '2027-05-12', figures: '2027-06-01' });
      const [stored] = await h.sql<{ n: number }>(
        'owner',
        `select count(*)::int as n from cases where registered_on = '2027-05-12'`,
      );
      expect(stored!.n).toBe(6);
    } finally {
      await asOwnerOfTheServer(
        'drop trigger z_falls_behind on cases; drop function falls_behind(); drop sequence tries',
      );
    }
  });
});

async function daysOf(folio: string): Promise<Record<string, string>> {
  const [row] = await h.sql<Record<string, string>>(
    'owner',
    'select registered_on::text as registered, figures_on::text as figures from cases where folio = $1',
    [folio],
  );
  return row!;
}

function asOwnerOfTheServer(sql: string): Promise<unknown> {
  return asSuperuser((client) => client.query(sql), h.databaseName);
}

async function openOwner(): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: databaseUrl(h.databaseName, 'owner') });
  await client.connect();
  return client;
}

/** Another report like the one with this folio. */
function copyOf(folio: string): string {
  return `insert into cases (id, institution_id, area_id, folio, status, channel, category_id, priority, municipality, received_on,
            registered_on, urgency, next_due_on)
          select gen_random_uuid(), institution_id, area_id, '${folio}-COPY', status, channel, category_id, priority, municipality,
            received_on, registered_on, urgency, next_due_on from cases where folio = $1`;
}

/** How many sessions wait for the lock of a release on `cases`. */
async function waitingForCases(): Promise<number> {
  // No login of the service may look at locks.
  const { rows } = await asSuperuser(
    (client) =>
      client.query<{ n: number }>(
        `select count(*)::int as n from pg_locks where relation = 'cases'::regclass and mode = 'ShareLock' and not granted`,
      ),
    h.databaseName,
  );
  return rows[0]!.n;
}

async function until(done: () => Promise<boolean>): Promise<void> {
  while (!(await done())) await new Promise((resolve) => setTimeout(resolve, 20));
}
