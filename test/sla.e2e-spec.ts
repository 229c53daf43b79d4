import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { CatalogsReader } from '../src/foundations/catalogs/catalogs.reader.js';
import { DEFAULT_AREAS, DEFAULT_CATEGORIES } from '../src/foundations/catalogs/default-catalog.js';
import { createInstitution } from '../src/foundations/catalogs/institution-setup.js';
import { ClockMarked } from '../src/foundations/sla/events.js';
import { HeldClocks } from '../src/foundations/sla/held-clocks.js';
import { SlaService } from '../src/foundations/sla/sla.service.js';
import { addTerms } from '../src/foundations/sla/terms-setup.js';
import { system } from '../src/platform/actor.js';
import { Events } from '../src/platform/events.js';
import { databaseUrl, Harness, type Receipt } from './setup/harness.js';
import { StatementLog } from './support/statements.js';

/** Every test moves its clock and ends with its database. */
let h: Harness;
const second: Harness[] = [];
beforeEach(async () => {
  h = await Harness.start();
});
afterEach(async () => {
  for (const other of second.splice(0)) await other.stop();
  await h.stop();
});

interface Term {
  id: string | null;
  metric: string;
  category: string | null;
  businessDays: number;
  source: string;
  inForce: boolean;
}

const terms = async (account = 'admin@conavi.demo'): Promise<Term[]> =>
  (await h.as<{ items: Term[] }>(account, 'GET', '/admin/sla-terms')).body.items;
const setTerm = (body: unknown) => h.as<Term>('admin@conavi.demo', 'POST', '/admin/sla-terms', body);
const dueOn = ({ deadlines }: Pick<Receipt, 'deadlines'>, metric: string) =>
  deadlines.find((deadline) => deadline.metric === metric)?.dueOn;

const moveTo = (instant: string): void => {
  h.clock.set(new Date(instant));
  h.forgetTokens();
};
const stages = async (folio: string): Promise<Record<string, string>> => {
  const path = `/cases/${folio}/deadlines`;
  const { body } = await h.as<{ metric: string; stage: string }[]>('mesa@conavi.demo', 'GET', path);
  return Object.fromEntries(body.map(({ metric, stage }) => [metric, stage]));
};
/** What the sweeps recorded, `metric state warned?`. */
const recorded = async (harness = h): Promise<string[]> => {
  const rows = await harness.sql<{ fact: string }>(
    'owner',
    `select concat_ws(' ', c.folio, k.metric, k.state, case when k.warned_at is null then 'unwarned' else 'warned' end) as fact
       from sla_clocks k join cases c on c.id = k.subject_id order by c.folio, k.metric, k.started_on, k.round`,
  );
  return rows.map(({ fact }) => fact.split(' ').slice(1).join(' '));
};
const told = async (kind: string): Promise<number> => {
  const sql = 'select count(*)::int as n from case_entries where kind = $1';
  return (await h.sql<{ n: number }>('owner', sql, [kind]))[0]!.n;
};

describe('terms', () => {
  it('are the defaults, marked as proposals, until the institution sets its own', async () => {
    expect(
      (await terms()).map(({ id, metric, businessDays, source }) => [id, metric, businessDays, source]),
    ).toEqual([
      [null, 'acknowledgement', 3, 'propuesta'],
      [null, 'triage', 3, 'propuesta'],
      [null, 'first_response', 10, 'propuesta'],
      [null, 'resolution', 60, 'propuesta'],
    ]);
    await setTerm({ metric: 'triage', businessDays: 5, source: 'ley' });
    const triage = (await terms()).filter(({ metric }) => metric === 'triage');
    expect(triage.map(({ businessDays, inForce }) => [businessDays, inForce])).toEqual([
      [5, true],
      [3, false],
    ]);
    expect((await terms('admin@acolman.demo')).every(({ id }) => id === null)).toBe(true);
  });

  it('apply to reports filed afterwards, the most specific first; clocks that run keep theirs', async () => {
    const before = await h.file({ category: 'FRAUD' });
    await setTerm({ metric: 'triage', businessDays: 4 });
    await setTerm({ metric: 'triage', priority: 'high', businessDays: 2 });
    await setTerm({ metric: 'triage', category: 'FRAUD', businessDays: 1 });
    expect(dueOn(before, 'triage')).toBe('2026-11-13');
    expect(dueOn(await h.file({ category: 'FRAUD' }), 'triage')).toBe('2026-11-11');
    expect(dueOn(await h.file({ category: 'BRIBERY' }), 'triage')).toBe('2026-11-12');
    expect(dueOn(await h.file({ category: 'BAD_SERVICE' }), 'triage')).toBe('2026-11-16');
    const path = `/cases/${before.folio}/deadlines`;
    const { body } = await h.as<Receipt['deadlines']>('mesa@conavi.demo', 'GET', path);
    expect(dueOn({ deadlines: body }, 'triage')).toBe('2026-11-13');
  });

  it('end, are never deleted, and the newer of two decides', async () => {
    const first = await setTerm({ metric: 'triage', businessDays: 9 });
    await setTerm({ metric: 'triage', businessDays: 1 });
    expect(dueOn(await h.file(), 'triage')).toBe('2026-11-11');
    for (const { id } of (await terms()).filter((term) => term.id !== null)) {
      const ended = await h.as<Term>('admin@conavi.demo', 'PATCH', `/admin/sla-terms/${id}`, {
        validTo: '2026-11-09',
      });
      expect([ended.status, ended.body.inForce]).toEqual([200, false]);
    }
    expect(dueOn(await h.file(), 'triage')).toBe('2026-11-13');
    expect((await h.as('admin@conavi.demo', 'DELETE', `/admin/sla-terms/${first.body.id}`)).status).toBe(404);
    const other = await h.as('admin@acolman.demo', 'PATCH', `/admin/sla-terms/${first.body.id}`, {
      validTo: null,
    });
    expect(other.status).toBe(404);
    const audited = await h.sql('owner', `select 1 from audit_entries where event like 'SLA\\_TERM\\_%'`);
    expect(audited).toHaveLength(4);
  });

  it.each([
    ['no metric', { businessDays: 3 }],
    ['no days', { metric: 'triage', businessDays: 0 }],
    ['half a day', { metric: 'triage', businessDays: 1.5 }],
    ['a text', { metric: 'triage', businessDays: '3' }],
    ['a category of nobody', { metric: 'triage', businessDays: 3, category: 'NADA' }],
    ['an unknown source', { metric: 'triage', businessDays: 3, source: 'costumbre' }],
  ])('are refused with %s', async (_, body) => {
    expect((await setTerm(body)).status).toBe(400);
  });

  it('come from a file once, however often it is read', async () => {
    const owner = new pg.Client({ connectionString: databaseUrl(h.databaseName, 'owner') });
    await owner.connect();
    const now = h.clock.now();
    const institution = await createInstitution(owner, {
      code: 'TOLUCA',
      name: 'Toluca',
      prefix: 'TOL',
      kind: 'municipal',
      territory: '15106',
      timeZone: 'America/Mexico_City',
      calendarRule: 'LFT74',
      contactText: 'Llama al 070.',
      demo: false,
      areas: DEFAULT_AREAS.municipal,
      categories: DEFAULT_CATEGORIES.municipal,
      notice: null,
      now,
    });
    const file = [
      { metric: 'triage', businessDays: 2, category: 'FRAUD', priority: null, source: 'ley' },
      { metric: 'resolution', businessDays: 40, category: null, priority: 'high', source: 'propuesta' },
    ] as const;
    const when = { today: '2026-11-10', now };
    expect(await addTerms(owner, institution, file, when)).toBe(2);
    expect(await addTerms(owner, institution, file, when)).toBe(0);
    await owner.end();
    expect(dueOn(await h.file({ institution: 'TOLUCA', category: 'FRAUD' }), 'triage')).toBe('2026-11-12');
  });
});

describe('the sweep of clocks', () => {
  it('warns once and records a breach once, when the last local day is over', async () => {
    const { folio } = await h.file();
    await h.sweep();
    expect([await told('deadline_warning'), await told('deadline_breached')]).toEqual([0, 0]);

    moveTo('2026-11-12T06:00:00Z'); // the second of three business days begins
    await h.sweep();
    await h.sweep();
    expect([await told('deadline_warning'), await told('deadline_breached')]).toEqual([2, 0]);
    expect(await stages(folio)).toMatchObject({
      acknowledgement: 'warning',
      triage: 'warning',
      resolution: 'on_time',
    });

    moveTo('2026-11-14T05:59:59.999Z'); // the last millisecond of the last day
    await h.sweep();
    expect(await told('deadline_breached')).toBe(0);
    moveTo('2026-11-14T06:00:00Z');
    await h.sweep();
    await h.sweep();
    expect(await told('deadline_breached')).toBe(2);
    expect(await stages(folio)).toMatchObject({ acknowledgement: 'overdue', triage: 'overdue' });
    const { body } = await h.as<{ items: { sla: { stage: string; nextDueOn: string } }[] }>(
      'mesa@conavi.demo',
      'GET',
      '/cases',
    );
    expect(body.items[0]?.sla).toMatchObject({ stage: 'breached', nextDueOn: '2026-11-13' });
  });

  it('reads what is due from its index, and nothing of the clocks that only run', async () => {
    for (let n = 0; n < 5; n++) await h.file();
    const log = new StatementLog(h.database.appPool);
    const sent = await log.during(() => h.run('sla'));
    const due = sent.find(
      ({ text, values }) => text.includes('from sla_clocks') && values[2] === '-infinity',
    )!;
    const plan = await h.database.tx(system('sla', String(due.values[0])), async (tx) => {
      await tx.query('set local enable_seqscan = off');
      return tx.query<{ 'QUERY PLAN': string }>(`explain ${due.text}`, due.values);
    });
    const lines = plan.map((row) => row['QUERY PLAN'].trim());
    expect(lines).toContainEqual(expect.stringContaining('Index Scan using sla_clocks_next on sla_clocks'));
    expect(lines).toContainEqual(expect.stringMatching(/^Index Cond: .*CASE WHEN \(warned_at IS NULL\)/));
  });

  it('that slept for weeks records the same breaches as one that ran every day', async () => {
    const asleep = await Harness.start();
    second.push(asleep);
    for (const harness of [h, asleep])
      for (const category of ['FRAUD', 'OTHER']) await harness.file({ category });
    for (let day = 1; day <= 40; day++) {
      moveTo(new Date(Date.UTC(2026, 10, 10 + day, 12)).toISOString());
      await h.run('sla');
    }
    asleep.clock.set(h.clock.now());
    await asleep.run('sla');
    const breaches = (facts: string[]) => facts.map((fact) => fact.replace(/ (un)?warned$/, '')).sort();
    expect(breaches(await recorded(asleep))).toEqual(breaches(await recorded(h)));
    expect(breaches(await recorded(h)).filter((fact) => fact.endsWith('breached'))).toHaveLength(6);
    // What breached without a warning is not warned of afterwards.
    expect((await recorded(asleep)).filter((fact) => fact.includes('breached warned'))).toEqual([]);
  });

  it('tells each breach once, however many workers run it at the same time', async () => {
    const workers = [h, ...(await Promise.all([1, 2].map(() => Harness.start({ share: h }))))];
    second.push(...workers.slice(1));
    for (let n = 0; n < 12; n++) await h.file();
    moveTo('2026-11-14T12:00:00Z');
    const counts = await Promise.all(workers.map((worker) => worker.run('sla')));
    await h.sweep();
    expect(counts.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(24);
    expect(await told('deadline_breached')).toBe(24);
  });

  it('leaves a case alone that somebody works on, and comes back to it', async () => {
    await h.file();
    await h.file();
    moveTo('2026-11-14T12:00:00Z');
    const owner = new pg.Client({ connectionString: databaseUrl(h.databaseName, 'owner') });
    await owner.connect();
    await owner.query('begin');
    await owner.query('select 1 from cases order by folio limit 1 for update');
    expect(await h.run('sla')).toBe(2);
    await owner.query('rollback');
    await owner.end();
    expect(await h.run('sla')).toBe(2);
    expect(await h.run('sla')).toBe(0);
  });

  it('works the other cases when one of them cannot be worked', async () => {
    const [broken, fine] = [await h.file(), await h.file()];
    const id = (folio: string) =>
      h.sql<{ id: string }>('owner', 'select id from cases where folio = $1', [folio]);
    const [{ id: brokenId }] = (await id(broken.folio)) as [{ id: string }];
    h.app.get(Events).on(ClockMarked, (_tx, event) => {
      return event.subjectId === brokenId ? Promise.reject(new Error('cannot be told')) : Promise.resolve();
    });
    moveTo('2026-11-14T12:00:00Z');
    expect(await h.run('sla')).toBe(2);
    expect([(await stages(broken.folio)).triage, (await stages(fine.folio)).triage]).toEqual([
      'overdue',
      'overdue',
    ]);
    expect(await told('deadline_breached')).toBe(2);
  });

  it('warns of a case although more than a turn takes cannot be worked before it', async () => {
    const broken = await Promise.all(Array.from({ length: 101 }, () => h.file()));
    const brokenIds = new Set(
      (
        await h.sql<{ id: string }>('owner', 'select id from cases where folio = any($1)', [
          broken.map(({ folio }) => folio),
        ])
      ).map(({ id }) => id),
    );
    moveTo('2026-11-12T12:00:00Z');
    await h.file();
    h.app.get(Events).on(ClockMarked, (_tx, event) => {
      return brokenIds.has(event.subjectId) ? Promise.reject(new Error('cannot be told')) : Promise.resolve();
    });
    moveTo('2026-11-17T12:00:00Z'); // overdue since the 14th; the new one is due today
    expect(await h.run('sla')).toBe(2);
    expect(await told('deadline_warning')).toBe(2);
  });
});

describe('a clock', () => {
  it('that runs is not started again', async () => {
    const { folio } = await h.file();
    const [row] = await h.sql<{ id: string; institution_id: string }>(
      'owner',
      'select id, institution_id from cases where folio = $1',
      [folio],
    );
    const again = h.database.tx(system('test', row!.institution_id), async (tx) => {
      const { institution } = await h.app.get(CatalogsReader).snapshot(tx, row!.institution_id);
      const subject = { id: row!.id, startedOn: '2026-11-10', categoryId: null, priority: 'normal' as const };
      const sla = h.app.get(SlaService);
      const held = new HeldClocks(
        subject.id,
        await sla.stored(tx, '$1::uuid', subject.id),
        institution.timeZone,
      );
      await sla.restart(tx, held, { institution, subject, metric: 'resolution' });
    });
    await expect(again).rejects.toThrow('a clock that runs cannot restart');
  });

  it('that staff stop late is late although no sweep ran, and is not told by a later one', async () => {
    const { folio } = await h.file();
    moveTo('2026-11-14T06:00:00Z');
    const sent = await h.as('mesa@conavi.demo', 'POST', `/cases/${folio}/messages`, {
      text: 'Recibimos tu denuncia.',
    });
    expect(sent.status).toBe(201);
    expect(await stages(folio)).toMatchObject({
      acknowledgement: 'late',
      triage: 'overdue',
      first_response: 'met',
    });
    expect(await recorded()).toEqual([
      'acknowledgement breached unwarned',
      'first_response met unwarned',
      'resolution running unwarned',
      'triage running unwarned',
    ]);
    expect(await h.run('sla')).toBe(1);
  });

  it('that was stopped in time stays met for ever', async () => {
    const { folio } = await h.file();
    moveTo('2026-11-14T05:59:59Z');
    await h.as('mesa@conavi.demo', 'POST', `/cases/${folio}/messages`, { text: 'Recibimos tu denuncia.' });
    moveTo('2027-11-14T12:00:00Z');
    await h.sweep();
    expect(await stages(folio)).toMatchObject({
      acknowledgement: 'met',
      first_response: 'met',
      triage: 'overdue',
    });
  });

  it('of a call entered late runs from the call and may be overdue at once', async () => {
    const call = { startedAt: '2026-11-03T10:00:00-06:00', reason: 'El sistema estuvo caído.' };
    const { status, body } = await h.as<Receipt>('operador@conavi.demo', 'POST', '/reports', {
      mode: 'anonymous',
      narrative: 'Llamó para contar que le pidieron dinero.',
      call,
    });
    expect([status, dueOn(body, 'acknowledgement')]).toEqual([201, '2026-11-06']);
    expect(await stages(body.folio)).toMatchObject({ acknowledgement: 'overdue', first_response: 'on_time' });
    await h.sweep();
    expect([await told('deadline_warning'), await told('deadline_breached')]).toEqual([0, 2]);
  });

  it('counts a warning, a stop and a breach in the zone of its institution', async () => {
    await h.sql('owner', `update institutions set time_zone = 'America/Tijuana' where code = 'CONAVI-DEMO'`);
    const { folio } = await h.file();
    moveTo('2026-11-14T07:59:59.999Z');
    expect((await stages(folio)).triage).toBe('warning');
    moveTo('2026-11-14T08:00:00Z');
    expect((await stages(folio)).triage).toBe('overdue');
    expect(await h.run('sla')).toBe(2);
  });
});
