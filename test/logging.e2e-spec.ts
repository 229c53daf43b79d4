import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { connect } from 'node:net';
import { Sweeper } from '../src/platform/jobs/sweeper.js';
import { Log } from '../src/platform/logging.js';
import { asSuperuser, Harness } from './setup/harness.js';
import { fetched } from './support/calls.js';
import { servedRoutes } from './support/served-routes.js';

let h: Harness;
let log: Log;
const lines: string[] = [];
type Line = Record<string, unknown>;
const told = (): Line[] => lines.map((line) => JSON.parse(line) as Line);

beforeEach(async () => {
  log = new Log('trace', { write: (line: string) => void lines.push(line) });
  h = await Harness.start({ log });
  log.start(h.clock);
  await h.token('mesa@conavi.demo');
  lines.length = 0;
});
afterEach(async () => {
  log.end();
  await h.stop();
});

const at = (instant: string): void => {
  h.clock.set(new Date(instant));
  log.writeDue(h.clock.now());
};
/** The log between two acts of staff, whose lines have their times. */
const between = async (act: () => Promise<unknown>): Promise<Line[]> => {
  lines.length = 0;
  await h.as('mesa@conavi.demo', 'GET', '/cases');
  await act();
  await h.as('mesa@conavi.demo', 'GET', '/cases');
  const all = told();
  expect([all[0]!.route, all.at(-1)!.route]).toEqual(['/api/v1/cases', '/api/v1/cases']);
  return all.slice(1, -1);
};
/** A request as its bytes, as no well-behaved client would send it. @returns the status */
const raw = (target: string, method = 'GET'): Promise<number> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(h.url);
    const socket = connect(Number(port), hostname, () =>
      socket.write(`${method} ${target} HTTP/1.1\r\nHost: ${hostname}\r\nConnection: close\r\n\r\n`),
    );
    let text = '';
    socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
    socket.on('end', () => resolve(Number(text.split(' ')[1])));
    socket.on('error', reject);
  });
const ruin = (sql: string) => asSuperuser((client) => client.query(sql), h.databaseName);

describe('whose a route is', () => {
  it('is declared with it: of reporters are filing, following, calls, the messenger, and what a form reads before', async () => {
    const unlogged: string[] = [];
    for (const route of servedRoutes(h.app)) {
      const [method, path] = route.split(' ') as [string, string];
      lines.length = 0;
      await h.call(method, `/${path.replace(/\{\w+\}/g, 'x')}`);
      if (told().length === 0 && !/^\/(health|metrics)/.test(path))
        unlogged.push(route.replace('/api/v1', ''));
    }
    const lists =
      'areas categories channels entries events faults metrics modes moves municipalities outcomes priorities roles statuses';
    expect(unlogged.sort()).toEqual(
      [
        'GET /',
        'GET /docs',
        'GET /docs/{file}',
        'GET /openapi.json',
        'GET /openapi.yaml',
        'GET /channels/whatsapp/webhook',
        'POST /channels/whatsapp/webhook',
        'POST /reports',
        'POST /tracking/sessions',
        'POST /tracking/access-code',
        'POST /tracking/external-reference',
        'GET /tracking/case',
        'POST /tracking/evidence',
        'POST /tracking/messages',
        'POST /uploads',
        'HEAD /uploads/{id}',
        'PATCH /uploads/{id}',
        'DELETE /uploads/{id}',
        'POST /tracking/information-requests/{id}/answer',
        'GET /catalogs/phone-script',
        'POST /phone/calls',
        'GET /phone/calls/{number}',
        'PUT /phone/calls/{number}/draft',
        'POST /phone/calls/{number}/report',
        'POST /phone/calls/{number}/end',
        'POST /phone/follow-up',
        'DELETE /phone/follow-up',
        'POST /phone/follow-up/answers',
        'POST /phone/follow-up/messages',
        'POST /phone/follow-up/access-code',
        'POST /ivr/menu',
        'POST /ivr/folio',
        'POST /ivr/reports',
        'POST /ivr/sessions',
        'POST /ivr/state',
        'POST /ivr/messages',
        'POST /ivr/answers',
        'POST /ivr/access-code',
        'GET /public/institutions',
        'GET /public/privacy-notice',
        ...lists.split(' ').map((list) => `GET /public/catalogs/${list}`),
      ].sort(),
    );
  });
});

describe('what a reporter’s refused request leaves in the log', () => {
  it.each<[string, string, string, unknown, number]>([
    ['a report without its fields', 'POST', '/reports', {}, 400],
    ['broken JSON', 'POST', '/reports', '{', 400],
    ['a body too large', 'POST', '/reports', `"${'x'.repeat(1024 * 1024)}"`, 413],
    [
      'a wrong code',
      'POST',
      '/tracking/sessions',
      { folio: 'CNV-2026-0000-0000-0', accessCode: '1234' },
      401,
    ],
    ['no token', 'GET', '/tracking/case', undefined, 401],
    ['an unsigned webhook', 'POST', '/channels/whatsapp/webhook', {}, 404],
    ['an unknown institution', 'GET', '/public/catalogs/areas?institution=NO', undefined, 404],
  ])(
    '%s: nothing at its place, one count of its code when the day is over',
    async (_name, method, path, body, status) => {
      let answer = { status: 0, body: { code: '' } };
      expect(
        await between(async () => {
          answer = await h.call<{ code: string }>(method, path, { body });
        }),
      ).toEqual([]);
      expect(answer.status).toBe(status);
      await h.call(method, path, { body });

      lines.length = 0;
      at('2026-11-10T23:59:59Z');
      at('2026-11-11T05:59:59Z');
      expect(lines).toEqual([]);
      at('2026-11-11T06:00:00Z');
      expect(told()).toEqual([
        { level: 40, event: 'refused', day: '2026-11-10', code: answer.body.code, count: 2 },
      ]);
    },
  );

  it('is told by the clock and not by the next request, and dropped at the end of the process', async () => {
    await h.call('GET', '/tracking/case');
    lines.length = 0;
    h.clock.set(new Date('2026-11-11T06:00:00Z'));
    // Of staff or of reporters: no request makes the log speak.
    await h.call('GET', '/tracking/case');
    await h.call('GET', '/cases');
    expect(told().map(({ event }) => event)).toEqual(['request']);
    const end = performance.now() + 15_000;
    while (lines.length < 2 && performance.now() < end)
      await new Promise((resolve) => setTimeout(resolve, 100));
    expect(told()[1]).toMatchObject({ event: 'refused', code: 'UNAUTHENTICATED', count: 1 });

    lines.length = 0;
    log.end();
    h.clock.set(new Date('2026-11-13T06:00:00Z'));
    log.writeDue(h.clock.now());
    expect(lines).toEqual([]);
  });

  it('is one sorted list, whatever came first', async () => {
    const acts = [
      () => h.call('GET', '/tracking/case'),
      () => h.call('POST', '/reports', { body: {} }),
      () => h.call('POST', '/tracking/sessions', { body: { folio: 'x', accessCode: 'x' } }),
    ];
    const orders = [];
    for (const [day, order] of [acts, [...acts].reverse()].entries()) {
      for (const act of order) await act();
      lines.length = 0;
      at(`2026-11-${11 + day}T07:00:00Z`);
      orders.push(told().map(({ code }) => code));
    }
    expect(orders[0]).toEqual(['INVALID_REQUEST', 'TRACKING_DENIED', 'UNAUTHENTICATED']);
    expect(orders[1]).toEqual(orders[0]);
  });
});

describe('the bare address', () => {
  it('leaves no line, neither when it is asked nor on the hour: whoever looks for where to report begins there', async () => {
    expect(
      await between(async () => {
        expect(await raw('/')).toBe(200);
        // As a browser, which is led to the page of the API and reads its files.
        const browser = { headers: { Accept: 'text/html' }, redirect: 'manual' } as const;
        expect((await fetched(`${h.url}/`, browser)).headers.get('location')).toBe('docs');
        for (const path of ['/docs', '/docs/page.js', '/docs/', '/openapi.json', '/openapi.yaml'])
          expect([path, (await fetched(h.url + path)).status]).toEqual([path, 200]);
      }),
    ).toEqual([]);
    lines.length = 0;
    at('2026-11-10T17:00:00Z');
    expect(told()).toEqual([]);
  });
});

describe('a path that leads nowhere', () => {
  it.each([
    ['/report', 'GET'],
    ['//api/v1/reports', 'GET'],
    ['/api/v1//reports', 'POST'],
    ['/API/V1/REPORTS', 'POST'],
    ['/api/v1/Reports', 'POST'],
    ['http://denuncias.example.mx/api/v1/reports', 'GET'],
    ['/api/v1/reports.', 'POST'],
    ['/api/v1/reports;x', 'POST'],
    ['/api/v1/tracking/CNV-2026-7K3M-Q9TX-4', 'GET'],
    ['/api/v1/tracking/case', 'DELETE'],
    ['/api/v1/reports', 'PUT'],
    ['/api/v1/cases', 'DELETE'],
    ['/api/v2/reports', 'GET'],
    ['/', 'POST'],
    ['*', 'GET'],
    ['/%F0', 'GET'],
  ])(
    '%s by %s leaves no line at its place, and on the hour a count of all at most',
    async (target, method) => {
      let status = 0;
      expect(
        await between(async () => {
          status = await raw(target, method);
        }),
      ).toEqual([]);
      expect([400, 404]).toContain(status);
      await raw('/nada');
      lines.length = 0;
      at('2026-11-10T16:59:59Z');
      expect(lines).toEqual([]);
      at('2026-11-10T17:00:00Z');
      // One that the server cannot read at all is not even counted.
      const count = target === '/%F0' ? 1 : 2;
      expect(told()).toEqual([{ level: 40, event: 'unmatched-routes', day: '2026-11-10', count }]);
    },
  );
});

describe('a fault on the way of a report', () => {
  const body = {
    institution: 'CONAVI-DEMO',
    mode: 'anonymous',
    narrative: 'Me pidieron dinero en la ventanilla.',
  };

  it('leaves nothing at its place, and on the hour what an operator needs and a count', async () => {
    await ruin(
      `create function broken() returns trigger language plpgsql as $$ begin raise exception 'no' using errcode = 'P0042'; end $$;
       create trigger broken before insert on case_entries for each row execute function broken();`,
    );
    expect(await between(() => h.call('POST', '/reports', { body }))).toEqual([]);
    expect((await h.call('POST', '/reports', { body })).status).toBe(500);
    lines.length = 0;
    at('2026-11-10T17:00:00Z');
    expect(told()).toEqual([
      {
        level: 50,
        event: 'unexpected-error',
        day: '2026-11-10',
        errorName: 'error',
        sqlState: 'P0042',
        where: expect.stringContaining('at '),
        count: 2,
      },
    ]);
  });

  it('that lies with the database is told on the hour as well', async () => {
    await ruin(
      `create function broken() returns trigger language plpgsql as $$ begin raise exception 'no' using errcode = '53300'; end $$;
       create trigger broken before insert on case_entries for each row execute function broken();`,
    );
    expect(await between(() => h.call('POST', '/reports', { body }))).toEqual([]);
    lines.length = 0;
    at('2026-11-10T17:00:00Z');
    expect(told()).toEqual([
      { level: 40, event: 'reporters-not-served', day: '2026-11-10', code: 'UNAVAILABLE', count: 1 },
    ]);
  });

  it('is written at an orderly end', async () => {
    await ruin(
      `create function broken() returns trigger language plpgsql as $$ begin raise exception 'no'; end $$;
       create trigger broken before insert on case_entries for each row execute function broken();`,
    );
    await h.call('POST', '/reports', { body });
    await h.call('GET', '/tracking/case');
    lines.length = 0;
    log.end();
    expect(told().map(({ event }) => event)).toEqual(['unexpected-error']);
  });

  it('in a route of staff keeps time, route and request id', async () => {
    await h.token('admin@conavi.demo');
    await ruin('alter table calendar_closures rename to lost');
    lines.length = 0;
    const { status } = await h.as('admin@conavi.demo', 'GET', '/admin/calendars');
    await ruin('alter table lost rename to calendar_closures');
    expect(status).toBe(500);
    const fault = told().find(({ event }) => event === 'unexpected-error');
    expect(fault).toMatchObject({
      route: '/api/v1/admin/calendars',
      time: expect.stringMatching(/^\d{4}-/),
      requestId: expect.any(String),
    });
  });
});

describe('what works after a reporter’s act', () => {
  const fail = (sweep: string, error = new Error('x')): void => h.app.get(Sweeper).failed(sweep, error);

  it('is declared so: all sweeps of a messenger, the hardening of codes, the clocks, uploads, files and calls', () => {
    h.app.get(Sweeper).start(
      async () => undefined,
      async () => false,
    );
    const health = h.app.get(Sweeper).health();
    const secret = health.filter(({ failing }) => failing === undefined).map(({ name }) => name);
    const named = health
      .map(({ name }) => name)
      .filter((name) => /^(whatsapp|harden|sla|end-uploads|prepare|phone)/.test(name));
    expect(secret.sort()).toEqual(named.sort());
    expect(secret).toHaveLength(17);
  });

  it.each([
    ['a warning of a messenger', () => log.warning('whatsapp-unknown', { code: 'x', day: '2026-11-10' })],
    ['a fault of a messenger', () => log.faultWithoutTime('whatsapp-event-failed', new Error('x'))],
    ['a failed sweep of a messenger', () => fail('whatsapp-talk')],
    ['the hardening of a fresh code', () => fail('harden-access-codes')],
    ['the clocks of a late call', () => fail('sla')],
    ['the turn of those clocks', () => fail('sla', new Error('a turn of an institution'))],
    ['one case of them', () => fail('sla', new Error('one row alone'))],
    ['whatever has a day in place of a time', () => log.warning('anything', { day: '2026-11-10' })],
  ])('%s is told on the hour, without time', async (_name, act) => {
    // From one place in the program: a fault elsewhere is another line.
    const twice = async (): Promise<void> => [1, 2].forEach(() => act());
    expect(await between(twice)).toEqual([]);
    lines.length = 0;
    at('2026-11-10T17:00:00Z');
    const [line, ...others] = told();
    expect([line!.count, line!.day, 'time' in line!, others]).toEqual([2, '2026-11-10', false, []]);
  });

  it('is told so when a real sweep fails right after a report', async () => {
    await ruin('revoke update (digest) on case_access_codes from denuncia_app');
    await h.file();
    h.app.get(Sweeper).start(async () => undefined);
    const end = performance.now() + 15_000;
    const failed = (): Line[] => told().filter(({ sweep }) => sweep === 'harden-access-codes');
    while (failed().length === 0 && performance.now() < end) {
      await new Promise((resolve) => setTimeout(resolve, 300));
      expect(failed()).toEqual([]);
      h.clock.set(new Date(h.clock.now().getTime() + 3_600_000));
      log.writeDue(h.clock.now());
    }
    expect(failed()[0]).toMatchObject({ event: 'sweep-failed', sqlState: '42501', count: 1 });
    expect('time' in failed()[0]!).toBe(false);
  });

  it('leaves the lines of other duties at their place', () => {
    fail('release-statistics');
    log.warning('anything');
    expect(told().map(({ time }) => typeof time)).toEqual(['string', 'string']);
  });
});
