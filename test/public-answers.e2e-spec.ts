import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { connect } from 'node:net';
import { gunzipSync, gzipSync } from 'node:zlib';
import { request } from 'node:http';
import pg from 'pg';
import { CHANNEL_KEY } from './setup/constants.js';
import { asSuperuser, Harness } from './setup/harness.js';
import { StatementLog } from './support/statements.js';
import { institutionId } from './support/statistics.js';
import { Bot, somebody } from './support/whatsapp-bot.js';
import { say } from './support/whatsapp/say.js';
import { fetched } from './support/calls.js';
import { until } from './support/until.js';
import { setTimeout as pass } from 'node:timers/promises';

/** Somebody who reads public figures so often, or such large ones, that nobody can report. */
const YEARS = 5;
const TERRITORIES = 33;
const CATEGORIES = 12;

let bot: Bot;
let h: Harness;
beforeAll(async () => {
  bot = await Bot.start();
  h = bot.harness;
  await asSuperuser((client) => fillReleases(client), h.databaseName);
});
afterAll(() => bot.stop());

/** Five years of months of a federal institution. */
async function fillReleases(client: pg.Client): Promise<void> {
  const id = await institutionId(h, 'CONAVI-DEMO');
  await client.query('set session_replication_role = replica');
  await client.query(
    `insert into stat_releases (institution_id, table_name, period, version, epsilon, first_day, last_day, published_on)
     select $1, 'reports', to_char(day, 'YYYY-MM'), 1, 1, day, day + interval '1 month' - interval '1 day', day + interval '1 month 5 days'
       from generate_series(date '2020-01-01', date '2020-01-01' + interval '${YEARS} years - 1 month', interval '1 month') day`,
    [id],
  );
  await client.query(
    `insert into stat_cells (institution_id, table_name, period, territory, category, value)
     select institution_id, table_name, period, lpad(t::text, 2, '0'), 'C' || c, t + c
       from stat_releases, generate_series(1, ${TERRITORIES}) t, generate_series(1, ${CATEGORIES}) c
      where institution_id = $1`,
    [id],
  );
}

interface Raw {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: Buffer;
}

/** Without a client that unpacks by itself. */
async function raw(path: string, headers: Record<string, string> = {}): Promise<Raw> {
  const sent = request(`${h.url}${path.startsWith('//') ? path.slice(1) : `/api/v1${path}`}`, { headers });
  sent.end();
  const [response] = (await once(sent, 'response')) as [import('node:http').IncomingMessage];
  const parts: Buffer[] = [];
  for await (const part of response) parts.push(part as Buffer);
  return { status: response.statusCode!, headers: response.headers, body: Buffer.concat(parts) };
}

/** Sends all of them at once over one connection, as HTTP/1.1 allows, and waits for the answers. */
async function pipelined(count: number, path: (n: number) => string, headers = ''): Promise<string> {
  const { port } = new URL(h.url);
  const socket = connect(Number(port), '127.0.0.1');
  const last = `GET ${path(count)} HTTP/1.1\r\nHost: x\r\n${headers}Connection: close\r\n\r\n`;
  const before = Array.from(
    { length: count - 1 },
    (_, n) => `GET ${path(n)} HTTP/1.1\r\nHost: x\r\n${headers}\r\n`,
  );
  socket.write(before.join('') + last);
  const parts: Buffer[] = [];
  for await (const part of socket) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
}

const REPORT = {
  institution: 'CONAVI-DEMO',
  mode: 'anonymous',
  narrative: 'Me pidieron dinero en la ventanilla para inscribirme.',
};

describe('cheap reads', () => {
  it.each([
    ['of one catalogue', () => '/api/v1/public/institutions'],
    ['of a list of 2,500 municipalities', () => '/api/v1/public/catalogs/municipalities'],
    [
      'of institutions that do not exist',
      (n: number) => `/api/v1/public/catalogs/areas?institution=NADIE-${n}`,
    ],
    ['of what was published', () => '/api/v1/public/stats/releases?institution=CONAVI-DEMO'],
    [
      'of figures that nobody asked for before',
      (n: number) =>
        `/api/v1/public/stats/reports?institution=CONAVI-DEMO&from=2020-${String(1 + (n % 12)).padStart(2, '0')}&territory=0${1 + (n % 9)}`,
    ],
  ])('%s cost the database a few looks, however many come at once', async (_, path) => {
    const { publicPool } = h.database as unknown as { publicPool: pg.Pool };
    const logs = [...h.database.pools, publicPool].map((pool) => new StatementLog(pool));
    const read = async (): Promise<void> => {
      const answers = await Promise.all([pipelined(300, path), pipelined(300, path)]);
      for (const answer of answers) expect(answer.match(/HTTP\/1\.1 (200|404) /g)).toHaveLength(300);
    };
    const reading = read();
    const sent = await Promise.all(logs.map((log) => log.during(() => reading)));
    // A look is a few statements, and memory is looked up again every second.
    expect(sent.flat().length).toBeLessThan(120);
  });

  it.each(['/openapi.json', '/openapi.yaml'])(
    'of the API’s document (%s) write it once for all, and send it again only when it changed',
    async (path) => {
      const first = await fetched(h.url + path);
      const answer = await Promise.all([pipelined(50, () => path), pipelined(50, () => path)]);
      for (const text of answer) expect(text.match(/HTTP\/1\.1 200 /g)).toHaveLength(50);
      const etag = first.headers.get('etag')!;
      const plain = (await first.text()).length;
      const again = await fetched(h.url + path, { headers: { 'If-None-Match': etag } });
      expect([again.status, await again.text()]).toEqual([304, '']);
      const packed = await fetched(h.url + path, { headers: { 'Accept-Encoding': 'gzip' } });
      expect([packed.headers.get('content-encoding'), (await packed.text()).length]).toEqual(['gzip', plain]);
    },
  );

  it('sent over one connection at once are worked one after the other, in their order', async () => {
    const token = await h.token('operador@conavi.demo');
    const { appPool } = h.database;
    const held = await Promise.all(Array.from({ length: appPool.options.max }, () => appPool.connect()));
    const paths = ['/api/v1/auth/me', '/api/v1/nothing'];
    const answer = pipelined(40, (n) => paths[n % 2]!, `Authorization: Bearer ${token}\r\n`);
    try {
      await until(
        async () => appPool.waitingCount,
        (waiting) => waiting > 0,
      );
      await pass(200);
      // The others wait for the one before them, and not for a connection.
      expect(appPool.waitingCount).toBe(1);
    } finally {
      for (const client of held) client.release();
    }
    const statuses = [...(await answer).matchAll(/HTTP\/1\.1 (\d+) /g)].map(([, status]) => status);
    expect(statuses).toEqual(Array.from({ length: 40 }, (_, n) => (n % 2 && n < 39 ? '404' : '200')));
  });

  it('of the readiness open one connection to the database, however many ask', async () => {
    let most = 0;
    await asSuperuser(async (client) => {
      const asking = Promise.all(Array.from({ length: 20 }, () => pipelined(30, () => '/health/ready')));
      let over = false;
      void asking.finally(() => (over = true));
      while (!over) {
        const { rows } = await client.query<{ n: number }>(
          `select count(*)::int as n from pg_stat_activity
            where application_name = 'denuncia-abierta-probe' and datname = $1`,
          [h.databaseName],
        );
        most = Math.max(most, rows[0]!.n);
      }
      for (const answer of await asking) expect(answer.match(/HTTP\/1\.1 200 /g)).toHaveLength(30);
    });
    // The one before may still be saying farewell.
    expect(most).toBeLessThanOrEqual(3);
  });

  it('cannot take the connections of intake: web, channel, phone and WhatsApp go on while readers hold all others', async () => {
    const operator = await h.token('operador@conavi.demo');
    const [general] = h.database.pools;
    const held = await Promise.all(Array.from({ length: general!.options.max }, () => general!.connect()));
    const impatient = AbortSignal.timeout(300);
    try {
      const reader = fetched(`${h.url}/api/v1/cases`, {
        headers: { Authorization: `Bearer ${operator}` },
        signal: impatient,
      });
      await expect(reader).rejects.toThrow();
      const { institution: _, ...body } = REPORT;
      const key = { 'Idempotency-Key': 'una-clave-larga-para-repetir-1' };
      const answers = [
        await h.call('POST', '/reports', { body: REPORT }),
        await h.call('POST', '/reports', { body: REPORT, headers: key }),
        await h.call('POST', '/reports', { body: REPORT, headers: key }),
        await h.call('POST', '/reports', { body, key: `${CHANNEL_KEY}-cnv-web` }),
        await h.call('POST', '/reports', { body, token: operator }),
      ];
      expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201, 201]);
      expect((await bot.graph.say(bot.webhook, somebody(), say.text('hola'))).status).toBe(200);
    } finally {
      for (const client of held) client.release();
    }
  });
});

describe('a large figure', () => {
  const by = '/public/stats/reports?institution=CONAVI-DEMO&by=category,territory,period';

  it('of more rows than an answer holds is refused with what to do; a year is answered', async () => {
    const { status, body } = await h.call<{ code: string; detail: string }>('GET', by);
    expect([status, body.code]).toEqual([422, 'TOO_MANY_ROWS']);
    expect(body.detail).toMatch(/Acorta las fechas/);
    expect((await h.call<{ code: string }>('GET', `${by}&format=csv`)).body.code).toBe('TOO_MANY_ROWS');
    const year = await h.call<{ rows: { value: number }[]; total: { value: number } }>(
      'GET',
      `${by}&from=2021-01&to=2021-12`,
    );
    expect(year.body.rows).toHaveLength(12 * TERRITORIES * CATEGORIES);
    expect(year.body.rows.reduce((sum, { value }) => sum + value, 0)).toBe(year.body.total.value);
  });
});

describe('an answer of a public route', () => {
  it('is not sent again to who has it, in whichever language and form', async () => {
    for (const path of [
      '/public/catalogs/municipalities?institution=CONAVI-DEMO',
      '/public/institutions',
      '/public/stats/reports?institution=CONAVI-DEMO&by=period&format=csv',
    ]) {
      const first = await raw(path);
      const etag = first.headers.etag as string;
      for (const known of [etag, `"other", ${etag}`, etag.replace('W/', ''), '*']) {
        const again = await raw(path, { 'If-None-Match': known });
        expect([again.status, again.body.length, again.headers.etag]).toEqual([304, 0, etag]);
        expect(again.headers['cache-control']).toBe('public, max-age=300');
      }
      expect((await raw(path, { 'If-None-Match': '"another"' })).status).toBe(200);
    }
    const spanish = await raw('/public/catalogs/statuses');
    const english = await raw('/public/catalogs/statuses', {
      'Accept-Language': 'en',
      'If-None-Match': spanish.headers.etag as string,
    });
    expect(english.status).toBe(200);
  });

  it('is compressed for who reads that, when it is long enough; refusals of compression are heard', async () => {
    const path = '/public/catalogs/municipalities?state=20';
    const plain = await raw(path);
    expect(plain.headers['content-encoding']).toBeUndefined();
    for (const accepted of ['gzip', 'br, gzip;q=0.5', '*']) {
      const packed = await raw(path, { 'Accept-Encoding': accepted });
      expect(packed.headers['content-encoding']).toBe('gzip');
      expect(packed.headers.vary).toMatch(/Accept-Language.*Accept-Encoding/);
      expect(gunzipSync(packed.body).equals(plain.body)).toBe(true);
      expect(Number(packed.headers['content-length'])).toBe(packed.body.length);
    }
    for (const refused of ['br', 'identity', 'gzip;q=0', '*;q=0.1, gzip;q=0, identity']) {
      const { status, headers } = await raw(path, { 'Accept-Encoding': refused });
      expect([status, headers['content-encoding']]).toEqual([200, undefined]);
    }
    expect((await raw('/public/institutions', { 'Accept-Encoding': 'gzip' })).body.length).toBeLessThan(1024);
    expect(
      (await raw('/public/catalogs/areas?institution=NADIE', { 'Accept-Encoding': 'gzip' })).status,
    ).toBe(404);
  });

  it('shows what an administrator changed with the next request', async () => {
    const name = async (): Promise<string> =>
      (await h.call<{ name: string }[]>('GET', '/public/institutions')).body.map((one) => one.name).join();
    for (const changed of ['Comisión de Vivienda, uno', 'Comisión de Vivienda, dos']) {
      await name();
      await h.as('admin@conavi.demo', 'PATCH', '/admin/institution', { name: changed });
      expect(await name()).toContain(changed);
    }
  });
});

describe('an answer that is not public', () => {
  it('never leaves compressed, however long: its length would tell of secrets beside a stranger’s text', async () => {
    const receipt = await h.file({ narrative: 'Piden dinero. '.repeat(300) });
    const track = await h.trackingToken(receipt);
    const desk = await h.token('mesa@conavi.demo');
    for (const [path, token] of [
      ['/tracking/case', track],
      [`/cases/${receipt.folio}`, desk],
      ['/cases', desk],
    ] as const) {
      const { status, headers, body } = await raw(path, {
        Authorization: `Bearer ${token}`,
        'Accept-Encoding': 'gzip',
      });
      expect([status, headers['content-encoding'], headers['cache-control']]).toEqual([
        200,
        undefined,
        'no-store',
      ]);
      expect(body.length).toBeGreaterThan(500);
    }
  });
});

describe('a compressed request body', () => {
  it.each(['gzip', 'br', 'deflate', 'GZIP', 'gzip, identity'])(
    'in %s is refused with what to do, and nothing is stored',
    async (encoding) => {
      const count = async () =>
        (await h.sql<{ n: string }>('owner', 'select count(*) as n from cases'))[0]!.n;
      const before = await count();
      const response = await fetched(`${h.url}/api/v1/reports`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', 'Content-Encoding': encoding },
        body: gzipSync(JSON.stringify(REPORT)),
      });
      const body = (await response.json()) as { code: string; detail: string };
      expect([response.status, body.code, body.detail]).toEqual([
        415,
        'UNSUPPORTED_MEDIA_TYPE',
        'Manda el cuerpo sin comprimir: quita Content-Encoding.',
      ]);
      expect(await count()).toBe(before);
    },
  );

  it('said to be as it is, is one', async () => {
    const response = await h.call('POST', '/reports', {
      body: REPORT,
      headers: { 'Content-Encoding': 'identity' },
    });
    expect(response.status).toBe(201);
  });
});
