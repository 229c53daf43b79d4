import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Duplex } from 'node:stream';
import pg from 'pg';
import { ENTITIES } from '../src/app/entities.js';
import { system } from '../src/platform/actor.js';
import { Database } from '../src/platform/database/database.js';
import { sqlStateOf } from '../src/platform/database/sql-state.js';
import type { Tx } from '../src/platform/database/tx.js';
import { databaseUrl, Harness } from './setup/harness.js';

/** What statements of one flight may do to each other, and to those behind them on the same connection. */
let h: Harness;
let database: Database;
beforeAll(async () => {
  h = await Harness.start();
  const urls = { app: databaseUrl(h.databaseName, 'app'), public: databaseUrl(h.databaseName, 'public') };
  // One connection: each transaction meets what the one before it left.
  database = await Database.connect(urls, ENTITIES, { size: 1, connectTimeout: 5000 });
});
afterAll(async () => {
  await database.close();
  await h.stop();
});

const ACTOR = system('test', '00000000-0000-4000-8000-000000000000');
const tx = <T>(work: (tx: Tx) => Promise<T>): Promise<T> => database.tx(ACTOR, work);
const failure = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'no failure',
    (error: unknown) => sqlStateOf(error) || (error as Error).message,
  );
const QUOTIENT = 'select 12 / $1::int as n';

describe('a statement that the server keeps', () => {
  it('is there although its first execution failed', async () => {
    const text = `${QUOTIENT}, 1 as first`;
    expect(await failure(tx((t) => t.prepared(text, [0])))).toBe('22012');
    for (const by of [3, 4])
      expect(await tx((t) => t.prepared(text, [by]))).toEqual([{ n: 12 / by, first: 1 }]);
  });

  it('is brought again when one before it failed, so that it was never looked at', async () => {
    const text = `${QUOTIENT}, 2 as second`;
    expect(
      await failure(
        tx((t) => Promise.all([t.query('select 1 / 0'), t.prepared(text, [3]), t.prepared(text, [4])])),
      ),
    ).toBe('22012');
    for (const by of [3, 4])
      expect(await tx((t) => t.prepared(text, [by]))).toEqual([{ n: 12 / by, second: 2 }]);
  });

  it('is brought again when the server has forgotten all of them', async () => {
    const text = `${QUOTIENT}, 4 as fourth`;
    await tx((t) => t.prepared(text, [3]));
    const client = await database.pools[0]!.connect();
    await client.query('discard all');
    client.release();
    for (let n = 0; n < 6; n++) await failure(tx((t) => t.prepared(text, [3])));
    expect(await tx((t) => t.prepared(text, [3]))).toEqual([{ n: 4, fourth: 4 }]);
  });

  it('is used twice in the flight that brings it', async () => {
    const text = `${QUOTIENT}, 3 as third`;
    const rows = await tx((t) => Promise.all([3, 4, 6].map((by) => t.prepared<{ n: number }>(text, [by]))));
    expect(rows.flat().map(({ n }) => n)).toEqual([4, 3, 2]);
  });

  it('gives no rows, one and many, and columns of a name that comes again', async () => {
    const text = 'select n, n as n, null::text as nothing from generate_series(1, $1::int) n';
    for (const count of [0, 1, 20_000, 0])
      expect(await tx((t) => t.prepared(text, [count]))).toEqual(
        Array.from({ length: count }, (_, at) => ({ n: at + 1, nothing: null })),
      );
  });
});

describe('values', () => {
  it('come back as they went', async () => {
    const bytes = Buffer.from([0, 1, 254, 255]);
    const at = new Date('2026-03-04T05:06:07.089Z');
    const [row] = await tx((t) =>
      t.query(
        `select $1::bytea as bytes, $2::timestamptz as at, $3::text as text, $4::int[] as numbers,
                $5::boolean as flag, $6::json as json, $7::text as nothing, $8::bigint::text as big`,
        [
          bytes,
          at,
          'ñ\u0000'.slice(0, 1),
          [1, 2, 3],
          true,
          { a: ['é'] },
          undefined,
          12345678901234567890n % 10n ** 18n,
        ],
      ),
    );
    expect(row).toEqual({
      bytes,
      at,
      text: 'ñ',
      numbers: [1, 2, 3],
      flag: true,
      json: { a: ['é'] },
      nothing: null,
      big: '345678901234567890',
    });
  });

  it('that cannot be sent fail their transaction before anything of them is written', async () => {
    const round: Record<string, unknown> = {};
    round.self = round;
    expect(
      await failure(tx((t) => Promise.all([t.query('select 1'), t.query('select $1::json', [round])]))),
    ).toMatch(/circular/i);
    expect(await tx((t) => t.query('select 1 as one'))).toEqual([{ one: 1 }]);
  });

  const OID_OF_MACADDR = 829;
  afterEach(() => pg.types.setTypeParser(OID_OF_MACADDR, (text) => text));
  it('that cannot be read fail their transaction and leave the connection as it was', async () => {
    pg.types.setTypeParser(OID_OF_MACADDR, () => {
      throw new Error('unreadable');
    });
    expect(
      await failure(
        tx((t) => Promise.all([t.query(`select '08:00:2b:01:02:03'::macaddr`), t.query('select 1')])),
      ),
    ).toBe('unreadable');
    expect(await tx((t) => t.query('select 1 as one'))).toEqual([{ one: 1 }]);
  });
});

describe('a flight', () => {
  it('keeps its place before and behind statements that TypeORM sends', async () => {
    const seen = await tx(async (t) => {
      const found: unknown[] = [];
      for (const value of ['one', 'two']) {
        t.later(t.query(`select set_config('app.test', $1, true)`, [value]));
        found.push(await t.manager.query(`select current_setting('app.test') as is`));
      }
      return found;
    });
    expect(seen).toEqual([[{ is: 'one' }], [{ is: 'two' }]]);
  });

  it('fails as a whole when its connection is cut, and the next one gets another', async () => {
    const mine = 'select pg_terminate_backend(pg_backend_pid())';
    const owner = databaseUrl(h.databaseName, 'owner');
    const other = await Database.connect({ app: owner, public: owner }, ENTITIES, {
      size: 1,
      connectTimeout: 5000,
    });
    try {
      const cut = other.tx(ACTOR, (t) =>
        Promise.all([t.query(mine), t.query('select 1'), t.query('select 2')]),
      );
      expect(await failure(cut)).toMatch(/57P01|terminated/);
      expect(await other.tx(ACTOR, (t) => t.query('select 1 as one'))).toEqual([{ one: 1 }]);
    } finally {
      await other.close();
    }
  });

  it.each([
    [
      'the work throws beside a statement that fails',
      async (t: Tx) => {
        t.later(t.query('select 1 / 0'));
        throw new Error('the work');
      },
    ],
    [
      'a value cannot be sent beside a statement that fails',
      (t: Tx) => {
        const round: Record<string, unknown> = {};
        round.self = round;
        return Promise.all([t.query('select 1 / 0'), t.query('select $1::json', [round])]);
      },
    ],
  ])('leaves no transaction open when %s', async (_, work: (t: Tx) => Promise<unknown>) => {
    expect(await failure(tx(work))).not.toBe('no failure');
    // The same connection, outside of any transaction and in one.
    expect(await database.definer('auth_channel_key', [Buffer.alloc(32)])).toEqual([]);
    expect(await tx((t) => t.query('select 1 as one'))).toEqual([{ one: 1 }]);
  });

  it('carries the commit, too', async () => {
    const [pool] = database.pools;
    const client = await pool!.connect();
    const { stream } = (client as unknown as { connection: { stream: Duplex } }).connection;
    const writes = jest.spyOn(stream, 'write');
    client.release();
    await tx(async (t) => t.later(t.query('select 1')));
    expect(writes).toHaveBeenCalledTimes(1);
    writes.mockRestore();
  });

  it('that failed keeps no time limit over those behind it', async () => {
    const limited = (url: string): string => {
      const changed = new URL(url);
      changed.searchParams.set('query_timeout', '700');
      return changed.toString();
    };
    const urls = {
      app: limited(databaseUrl(h.databaseName, 'app')),
      public: limited(databaseUrl(h.databaseName, 'public')),
    };
    const other = await Database.connect(urls, ENTITIES, { size: 1, connectTimeout: 5000 });
    try {
      expect(await failure(other.tx(ACTOR, (t) => t.query('select 1 / 0')))).toBe('22012');
      const later = other.tx(ACTOR, async (t) => {
        for (let n = 0; n < 5; n++) await t.query('select pg_sleep(0.2)');
        return t.query('select 1 as one');
      });
      expect(await later).toEqual([{ one: 1 }]);
    } finally {
      await other.close();
    }
  });

  it('is not committed when a statement before the commit failed unseen', async () => {
    const series = `insert into expediente_counters (institution_id, series, last)
                    select id, 'unseen', 1 from institutions where code = 'CONAVI-DEMO'`;
    const [institution] = await h.sql<{ id: string }>(
      'owner',
      `select id from institutions where code = 'CONAVI-DEMO'`,
    );
    const work = database.tx(system('test', institution!.id), async (t) => {
      t.later(t.query(series));
      t.later(t.query('select 1 / 0'));
    });
    expect(await failure(work)).toBe('22012');
    expect(await h.sql('owner', `select 1 from expediente_counters where series = 'unseen'`)).toEqual([]);
    expect(await tx((t) => t.query('select 1 as one'))).toEqual([{ one: 1 }]);
  });
});
