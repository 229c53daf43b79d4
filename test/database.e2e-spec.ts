import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { ENTITIES } from '../src/app/entities.js';
import { system } from '../src/platform/actor.js';
import { Database } from '../src/platform/database/database.js';
import { sqlStateOf, violates } from '../src/platform/database/sql-state.js';
import type { Tx } from '../src/platform/database/tx.js';
import { CaseRow } from '../src/work/cases/case.entities.js';
import { IntakeService } from '../src/work/intake/intake.service.js';
import { asSuperuser, databaseUrl, Harness } from './setup/harness.js';
import { standInPooler } from './support/pooler.js';

let h: Harness;
let institutionId: string;
beforeAll(async () => {
  h = await Harness.start();
  institutionId = (
    await h.sql<{ id: string }>('owner', `select id from institutions where code = 'CONAVI-DEMO'`)
  )[0]!.id;
});
afterAll(() => h.stop());

const series = `insert into expediente_counters (institution_id, series, last) values ($1, $2, 1)`;
const stored = async (name: string): Promise<number> =>
  (await h.sql('owner', 'select 1 from expediente_counters where series = $1', [name])).length;
const inTransaction = <T>(work: (tx: Tx) => Promise<T>, database = h.database): Promise<T> =>
  database.tx(system('test', institutionId), work);

describe('a transaction whose statements travel together', () => {
  it('works them in the order of the calls', async () => {
    const rows = await inTransaction(async (tx) => {
      const answers = await Promise.all([
        tx.query(series, [institutionId, 'together']),
        tx.prepared<{ last: number }>('select last from expediente_counters where series = $1', ['together']),
        tx.query(`update expediente_counters set last = 7 where series = $1`, ['together']),
        tx.prepared<{ last: number }>('select last from expediente_counters where series = $1', ['together']),
      ]);
      return [answers[1], answers[3]].flat();
    });
    expect(rows.map(({ last }) => last)).toEqual([1, 7]);
  });

  it('fails with its first failure, not with what that did to the statements behind', async () => {
    const failing = inTransaction((tx) =>
      Promise.all([
        tx.query(series, [institutionId, 'twice']),
        // Hears of its failure later than the statement behind it.
        Promise.all([Promise.all([tx.query(series, [institutionId, 'twice'])])]),
        tx.query('select 1'),
      ]),
    );
    const error = await failing.catch((caught: unknown) => caught);
    expect([sqlStateOf(error), violates(error, 'expediente_counters_pkey')]).toEqual(['23505', true]);
    expect(await stored('twice')).toBe(0);
  });

  it('is not committed by one that TypeORM opens inside of it', async () => {
    const failing = inTransaction(async (tx) => {
      await tx.query(series, [institutionId, 'outer']);
      await tx.manager.transaction((inner) => inner.query(series, [institutionId, 'inner']));
      throw new Error('after the inner one');
    });
    await expect(failing).rejects.toThrow('after the inner one');
    expect([await stored('outer'), await stored('inner')]).toEqual([0, 0]);
  });

  it('takes no statement of a step that a failure left behind', async () => {
    let late: Promise<unknown> = Promise.resolve();
    const failing = inTransaction(async (tx) => {
      const slow = async (): Promise<void> => {
        await delay(100);
        await tx.query(series, [institutionId, 'late']);
      };
      late = slow().catch((error: Error) => error.message);
      await Promise.all([late, tx.query('select 1 / 0')]);
    });
    expect(sqlStateOf(await failing.catch((caught: unknown) => caught))).toBe('22012');
    expect(await late).toBe('this transaction is over');
    expect(await stored('late')).toBe(0);
  });
});

describe('a transaction one of whose statements failed', () => {
  it.each([
    ['and the failure was swallowed', (tx: Tx) => tx.query('select 1 / 0').catch(() => undefined)],
    ['and nobody waited for its answer', (tx: Tx) => void tx.query('select 1 / 0').catch(() => undefined)],
  ])('is never told as done: %s', async (_, fail) => {
    const failing = inTransaction(async (tx) => {
      await tx.query(series, [institutionId, 'swallowed']);
      await fail(tx);
      return 'done';
    });
    expect(sqlStateOf(await failing.catch((caught: unknown) => caught))).toBe('22012');
    expect(await stored('swallowed')).toBe(0);
  });

  it.each([
    ['before anything is sent', async () => Promise.reject(new Error('no seal'))],
    [
      'deep inside, beside statements that are good',
      async (tx: Tx) => {
        const seal = async (): Promise<void> => {
          throw new Error('no seal');
        };
        const step = async (): Promise<unknown> => Promise.all([tx.query('select 1'), seal()]);
        await Promise.all([tx.query(series, [institutionId, 'unsealed too']), step()]);
      },
    ],
  ])(
    'is never told as done when the program itself fails: %s',
    async (_, step: (tx: Tx) => Promise<unknown>) => {
      const failing = inTransaction(async (tx) => {
        tx.later(tx.query(series, [institutionId, 'unsealed']));
        tx.later(step(tx));
        return 'done';
      });
      await expect(failing).rejects.toThrow('no seal');
      expect([await stored('unsealed'), await stored('unsealed too')]).toEqual([0, 0]);
    },
  );

  it('is not told as done when a step sends its statement too late', async () => {
    const failing = inTransaction(async (tx) => {
      const slow = async (): Promise<void> => {
        await tx.query('select 1');
        await tx.query(series, [institutionId, 'too late']);
      };
      tx.later(slow());
      return 'done';
    });
    await expect(failing).rejects.toThrow('this transaction is over');
    expect(await stored('too late')).toBe(0);
  });

  it('is one that changes a row which is not there', async () => {
    const failing = inTransaction(async (tx) => {
      await tx.query(series, [institutionId, 'no row']);
      tx.later(tx.change(CaseRow, { id: randomUUID() }, { version: 2 }));
      return 'done';
    });
    expect(sqlStateOf(await failing.catch((caught: unknown) => caught))).toBe('22012');
    expect(await stored('no row')).toBe(0);
  });

  it('gives its manager to nobody afterwards', async () => {
    let kept: Tx | undefined;
    await inTransaction(async (tx) => void (kept = tx));
    expect(() => kept!.manager).toThrow('this transaction is over');
  });
});

describe('prepared statements', () => {
  const closing: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });
  const connect = async (app: string): Promise<Database> => {
    const urls = { app, public: databaseUrl(h.databaseName, 'public') };
    const database = await Database.connect(urls, ENTITIES, { size: 1, connectTimeout: 5000 });
    closing.push(() => database.close());
    return database;
  };
  const kept = (database: Database): Promise<number> =>
    inTransaction(async (tx) => {
      await tx.prepared('select 41 + $1::int', [1]);
      const [row] = await tx.query<{ n: number }>('select count(*)::int as n from pg_prepared_statements');
      return row!.n;
    }, database);

  it('stay with a connection of its own', async () => {
    const database = await connect(databaseUrl(h.databaseName, 'app'));
    await kept(database);
    const first = await kept(database);
    expect(first).toBeGreaterThan(0);
    expect(await kept(database)).toBe(first);
  });

  it('are never left in a pooler, where the next transaction may meet another server process', async () => {
    const pooler = await standInPooler(databaseUrl(h.databaseName, 'app'));
    closing.push(() => pooler.close());
    expect(await kept(await connect(pooler.url))).toBe(0);
  });
});

describe('the server’s compiler, which plans without whole tables would start with every statement', () => {
  it('is off in the sessions of every run-time login', async () => {
    const { rows } = await asSuperuser((client) =>
      client.query<{ name: string }>(
        `select rolname as name from pg_roles where 'jit=off' = any (rolconfig) order by rolname`,
      ),
    );
    expect(rows.map(({ name }) => name)).toEqual(['denuncia_app', 'denuncia_jobs', 'denuncia_public_reader']);
  });

  it('is off in a transaction also under a login that was made before', async () => {
    const setting = `alter role denuncia_app in database ${h.databaseName}`;
    await asSuperuser((client) => client.query(`${setting} set jit = on`));
    const database = await Database.connect(
      { app: databaseUrl(h.databaseName, 'app'), public: databaseUrl(h.databaseName, 'public') },
      ENTITIES,
      { size: 2, connectTimeout: 5000 },
    );
    try {
      expect((await database.appPool.query('show jit')).rows).toEqual([{ jit: 'on' }]);
      expect(await inTransaction((tx) => tx.query('show jit'), database)).toEqual([{ jit: 'off' }]);
    } finally {
      await database.close();
      await asSuperuser((client) => client.query(`${setting} reset jit`));
    }
  });
});

describe('the check that a written row belongs to a visible case', () => {
  const CHILDREN = ['case_keys', 'case_reports', 'case_entries', 'information_requests', 'sla_clocks'];
  const BY_ID = [expect.stringMatching(/^->\s+Index Scan using cases_pkey on cases /)];
  const looksAtCases = (plan: { 'QUERY PLAN': string }[]): string[] =>
    plan.map((row) => row['QUERY PLAN'].trim()).filter((line) => / on cases /.test(line));
  const insertInto = (table: string): string =>
    `insert into ${table} select * from json_populate_recordset(null::${table}, $1::json)`;

  it.each(CHILDREN)(
    'looks the case of %s up by its id, also in a database without statistics yet',
    async (table) => {
      const plan = await inTransaction(async (tx) => {
        await tx.readWholeTables();
        return tx.query<{ 'QUERY PLAN': string }>(`explain ${insertInto(table)}`, ['[]']);
      });
      expect(looksAtCases(plan)).toEqual(BY_ID);
    },
  );

  it.each(CHILDREN)(
    'keeps a plan for %s by id although it was made while all cases fitted on a page',
    async (table) => {
      for (let n = 0; n < 3; n++) await h.file();
      await h.sql('owner', 'analyze cases');
      const plan = await inTransaction(async (tx) => {
        await tx.query(`prepare written (json) as ${insertInto(table)}`);
        for (let n = 0; n < 6; n++) await tx.query(`execute written ('[]')`);
        const kept = await tx.query<{ 'QUERY PLAN': string }>(`explain execute written ('[]')`);
        await tx.query('deallocate written');
        return kept;
      });
      expect(looksAtCases(plan)).toEqual(BY_ID);
    },
  );

  /**
   * Not only the sizes at which all looks cost the same: with a few hundred cases of one day the index by
   * institution, which keeps equal keys once, is lower than the primary key. Kept plans serve until the next
   * ANALYZE.
   */
  it('reads what a report needs and no more, whatever the number of cases when a connection made its plans', async () => {
    const counting: { planned: number; connection: Database }[] = [];
    await h.sql('owner', 'alter table cases set (autovacuum_enabled = false)');
    // The service itself may not watch.
    await asSuperuser(
      (superuser) =>
        superuser.query(`
          create function cases_read_here() returns integer language sql security definer as $$
            select sum(pg_stat_get_xact_tuples_returned(indexrelid))::int from pg_index where indrelid = 'public.cases'::regclass $$`),
      h.databaseName,
    );
    try {
      for (const planned of [10, 100, 200, 300, 400, 500, 700, 1000]) {
        await fillUpTo(planned);
        const connection = await oneConnection();
        counting.push({ planned, connection });
        for (let n = 0; n < 6; n++) await casesReadByAReport(connection);
      }
      await fillUpTo(6000);
      const read: [number, number][] = [];
      for (const { planned, connection } of counting)
        read.push([planned, await casesReadByAReport(connection)]);
      expect(read.filter(([, rows]) => rows > 30)).toEqual([]);
    } finally {
      for (const { connection } of counting) await connection.close();
      await asSuperuser((superuser) => superuser.query('drop function cases_read_here()'), h.databaseName);
      await h.sql('owner', 'alter table cases reset (autovacuum_enabled)');
    }
  });

  /** Cases of one day, as a burst leaves them. */
  const fillUpTo = (size: number): Promise<unknown> =>
    h.sql(
      'owner',
      `insert into cases (id, institution_id, area_id, folio, status, channel, priority, received_on, registered_on, urgency, next_due_on)
       select gen_random_uuid(), i.id, i.fallback_area_id, i.prefix || '-PLAN-' || n, 'received', 'web', 'normal', '2026-11-10',
              '2026-11-10', 2, '2026-12-01'
         from institutions i, generate_series((select count(*)::int from cases), $2::int - 1) n where i.id = $1`,
      [institutionId, size],
    );

  const oneConnection = (): Promise<Database> =>
    Database.connect(
      { app: databaseUrl(h.databaseName, 'app'), public: databaseUrl(h.databaseName, 'public') },
      ENTITIES,
      { size: 1, connectTimeout: 5000 },
    );

  /**
   * Rows of `cases` that its indexes gave while one report was taken in, checks at the commit included.
   * Nothing is kept.
   */
  async function casesReadByAReport(connection: Database): Promise<number> {
    let rows = 0;
    const over = new Error('enough seen');
    const taken = connection.tx(system('intake', institutionId), async (tx) => {
      const soFar = async (): Promise<number> =>
        (await tx.query<{ rows: number }>('select cases_read_here() as rows'))[0]!.rows;
      const before = await soFar();
      const report = { mode: 'anonymous' as const, narrative: 'Reporte de prueba, que no se guarda.' };
      const submission = { report, channel: 'web' as const, actor: { kind: 'nobody' as const } };
      await h.app.get(IntakeService).receiveStep(tx, institutionId, [submission]);
      await tx.query('set constraints all immediate');
      rows = (await soFar()) - before;
      throw over;
    });
    await expect(taken).rejects.toBe(over);
    return rows;
  }

  it('refuses rows below a case of another institution, and a clock that names another institution', async () => {
    const other = await h.file({ institution: 'ACOLMAN-DEMO' });
    const own = await h.file();
    const idOf = async (folio: string): Promise<string> =>
      (await h.sql<{ id: string }>('owner', 'select id from cases where folio = $1', [folio]))[0]!.id;
    const [theirs, ours] = [await idOf(other.folio), await idOf(own.folio)];
    const [acolman] = await h.sql<{ id: string }>(
      'owner',
      `select id from institutions where code = 'ACOLMAN-DEMO'`,
    );
    const clock = (subject: string, institution: string): Promise<unknown> =>
      inTransaction((tx) =>
        tx.query(
          `insert into sla_clocks (subject_id, metric, round, institution_id, business_days, source, started_on, warn_on, due_on, state)
           values ($1, 'resolution', 2, $2, 1, 'ley', '2026-11-10', '2026-11-10', '2026-11-11', 'running')`,
          [subject, institution],
        ),
      );
    const entry = inTransaction((tx) =>
      tx.query(
        `insert into case_entries (id, case_id, case_seq, kind, author, visible, day)
         values (gen_random_uuid(), $1, 9, 'note', 'system', false, '2026-11-10')`,
        [theirs],
      ),
    );
    for (const refused of [
      entry,
      clock(theirs, institutionId),
      clock(theirs, acolman!.id),
      clock(ours, acolman!.id),
    ]) {
      expect(sqlStateOf(await refused.catch((caught: unknown) => caught))).toBe('42501');
    }
    await expect(clock(ours, institutionId)).resolves.toEqual([]);
  });
});
